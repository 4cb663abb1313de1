"""并单: two reports of the same trouble go on as one, in one grid, and the resident hears under which number."""

from handlers._kit.case_presses import MergePressed
from handlers.merge.presses import MergeIntoPressed
from routing.model import CaseId, Status
from tests.handlers.cast import NOISE, card_at, card_of, claimed, filed, zh
from tests.town import Message, Town


async def _twice(town: Town) -> Message:
    """Wang and Zhou report the same; Chen looks Zhou's up at the desk and begins to merge."""
    await claimed(town)
    await filed(town, "2号楼下半夜施工，噪声大", by=town.zhou)
    await filed(town, "3号楼楼道灯坏了", by=town.emma)
    await town.chen.writes("/case 2")
    await town.chen.presses(card_at(town, town.community_desk, 2), "并单")
    return town.last(town.community_desk)


async def test_a_repetition_goes_on_as_the_first_case(town: Town) -> None:
    panel = await _twice(town)
    assert [line.split()[0] for line in town.buttons(panel)[:2]] == ["#1", "#3"]  # its own class first
    await town.chen.presses(panel, town.buttons(panel)[0])

    merged, first = await town.case(2), await town.case(1)
    assert (merged.status, merged.merged_into) == (Status.MERGED, first.id)
    assert (first.status, first.me_too) == (Status.CLAIMED, 1)
    assert town.now_of(town.chen, panel)["text"] == zh("merge.done_into", number=2, into=1)
    assert any(zh("tell.merged", number=2, into=1) in text for text in town.said(town.group))
    assert "已并单" in card_at(town, town.group, 2)["text"]


async def test_whoever_reported_what_was_merged_is_the_neighbour_that_is_counted_once(town: Town) -> None:
    panel = await _twice(town)
    await town.chen.presses(panel, town.buttons(panel)[0])

    assert "邻居也遇到 · 周**" in card_of(town, town.li)["text"]
    await town.zhou.presses(card_at(town, town.group, 1), "我也遇到")
    assert town.toast(town.zhou) == zh("refusal.already_done")
    assert (await town.case(1)).me_too == 1


async def test_whoever_reported_what_was_merged_hears_how_the_other_case_ends(town: Town) -> None:
    await town.zhou.starts()
    panel = await _twice(town)
    await town.chen.presses(panel, town.buttons(panel)[0])
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("已劝导停工")
    told = town.last(town.zhou)
    assert told["text"] == zh("tell.outcome", number=2, into=1, outcome="已劝导停工")
    assert not town.buttons(told)  # only the reporter rates (law 9)
    await town.wang.presses(town.last(town.wang), "不满意")

    assert zh("tell.reopened_follower", number=2, into=1) in town.said(town.zhou)


async def test_whoever_reported_what_was_merged_hears_that_the_other_case_was_taken_back(town: Town) -> None:
    await town.zhou.starts()
    panel = await _twice(town)
    await town.chen.presses(panel, town.buttons(panel)[0])
    await town.wang.presses(card_of(town, town.wang), "撤回")
    await town.wang.presses(town.last(town.wang), "撤回")

    assert zh("tell.withdrawn_follower", number=2, into=1) in town.said(town.zhou)


async def test_the_other_case_is_named_by_its_number(town: Town) -> None:
    panel = await _twice(town)
    await town.chen.presses(panel, "输入编号")
    assert town.last(town.chen)["text"] == zh("ask.merge", number=2, matter="施工扰民")
    for wrong, said in (("那件噪声的", "no_such_case"), ("#99", "no_such_case"), ("2", "same_case")):
        await town.chen.writes_privately(wrong)
        assert town.last(town.chen)["text"] == zh(f"refusal.{said}")
    await town.chen.writes_privately("#1 就是这件")

    assert town.last(town.chen)["text"] == zh("merge.done", number=2)
    assert (await town.case(2)).status is Status.MERGED


async def test_cases_of_two_grids_stay_apart(town: Town) -> None:
    panel = await _twice(town)
    await filed(town, NOISE, by=town.zhou)
    await town.neighbour.writes(f"/report {NOISE}")
    foreign, case = await town.case(5), await town.case(2)
    assert foreign.grid != case.grid
    await town.chen.presses(panel, MergeIntoPressed(case.id, foreign.id), forged=True)
    assert town.toast(town.chen) == zh("refusal.same_case")
    await town.chen.presses(panel, MergeIntoPressed(case.id, case.id), forged=True)
    assert town.toast(town.chen) == zh("refusal.same_case")
    await town.chen.presses(panel, MergeIntoPressed(case.id, CaseId(7)), forged=True)
    assert town.toast(town.chen) == zh("refusal.no_such_case")

    assert (await town.case(2)).status is Status.OFFERED


async def test_nothing_is_merged_into_what_is_finished_or_secret(town: Town) -> None:
    panel = await _twice(town)
    await town.wang.writes_privately("/report 举报有人在地下室赌博")
    secret, case = await town.case(4), await town.case(2)
    assert secret.confidential
    await town.chen.presses(panel, MergeIntoPressed(case.id, secret.id), forged=True)
    assert town.toast(town.chen) == zh("refusal.same_case")
    first = await town.case(1)
    await town.chen.presses(panel, MergeIntoPressed(case.id, (await town.case(3)).id), forged=True)
    assert (await town.case(2)).status is Status.MERGED
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "并单")
    await town.chen.presses(town.last(town.community_desk), MergeIntoPressed(first.id, case.id), forged=True)

    assert town.toast(town.chen) == zh("refusal.same_case")
    assert (await town.case(1)).status is Status.CLAIMED


async def test_a_grid_worker_merges_nothing(town: Town) -> None:
    await _twice(town)
    await town.li.presses(card_of(town, town.li), MergePressed((await town.case(2)).id), forged=True)

    assert town.toast(town.li) == zh("refusal.not_yours")
