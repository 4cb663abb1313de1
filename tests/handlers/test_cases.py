"""/mine, /case, adding and withdrawing."""

from handlers._kit.case_presses import CasePressed, WithdrawPressed
from handlers.cases.presses import WithdrawConfirmed
from routing.model import Status
from tests.handlers.cast import LAMP, NOISE, card_of, claimed, filed, zh
from tests.town import Town


async def test_mine_lists_what_i_reported_newest_first(town: Town) -> None:
    await filed(town)
    await filed(town, NOISE)
    await filed(town, LAMP, by=town.zhou)
    await town.wang.writes_privately("/mine")

    page = town.last(town.wang)
    assert [text.split()[1] for text in town.buttons(page)] == ["#2", "#1"]
    await town.wang.presses(page, town.buttons(page)[1])
    assert town.last(town.wang)["text"].startswith("#1 · ")
    await town.wang.writes("/mine")
    assert town.last(town.group)["text"] == zh("mine.private")


async def test_case_shows_to_each_what_they_may_see(town: Town) -> None:
    card = await filed(town, f"{LAMP}，电话13812345678")
    await town.wang.writes_privately("/case 1")
    assert "13812345678" in town.last(town.wang)["text"]
    await town.li.writes_privately("/case #1")
    assert "上报人：王小满" in town.last(town.li)["text"]
    await town.emma.writes("/case 1")
    assert town.last(town.group)["text"] == zh("card.here", number=1, status=zh("status.offered"))
    assert town.last(town.group)["reply_to_message"]["message_id"] == card["message_id"]
    await town.emma.starts()
    await town.emma.writes_privately("/case 1")
    shown = town.last(town.emma)["text"]
    assert "13812345678" not in shown
    assert "王小满" not in shown


async def test_nobody_learns_of_a_case_that_is_none_of_theirs(town: Town) -> None:
    await town.wang.writes("/report 举报村干部收红包，不作为")
    await filed(town, NOISE)
    for number in (1, 99):
        await town.zhou.writes(f"/case {number}")
        assert town.last(town.group)["text"] == zh("refusal.no_such_case")
    await town.neighbour.writes("/case 2")
    assert town.last(town.second_group)["text"] == zh("refusal.no_such_case")
    await town.neighbour.starts()
    await town.neighbour.presses(town.last(town.neighbour), CasePressed((await town.case(2)).id), forged=True)
    assert town.toast(town.neighbour) == zh("refusal.no_such_case")
    await town.zhou.writes("/case abc")
    assert town.last(town.group)["text"] == zh("case.how")


async def test_the_reporter_adds_something_and_the_holder_hears_it(town: Town) -> None:
    await claimed(town)
    await town.wang.presses(card_of(town, town.wang), "补充")
    await town.wang.writes_privately("昨晚到两点")

    assert town.last(town.wang)["text"] == zh("case.added", number=1)
    assert zh("tell.more", number=1, more="昨晚到两点") in town.said(town.li)


async def test_withdrawing_asks_once_more_and_only_the_reporter(town: Town) -> None:
    card = await filed(town)
    case = (await town.case()).id
    await town.zhou.presses(card, WithdrawPressed(case), forged=True)
    assert town.toast(town.zhou) == zh("refusal.not_yours")
    await town.zhou.presses(card, WithdrawConfirmed(case), forged=True)
    assert (await town.case()).status is Status.OFFERED

    await town.wang.presses(card_of(town, town.wang), "撤回")
    await town.wang.presses(town.last(town.wang), "保持不变")
    assert (await town.case()).status is Status.OFFERED
    await town.wang.presses(card_of(town, town.wang), "撤回")
    sure = town.last(town.wang)
    await town.wang.presses(sure, "撤回")
    assert (await town.case()).status is Status.WITHDRAWN
    assert town.now_of(town.wang, sure)["text"] == zh("case.withdrawn", number=1)
    assert town.buttons(town.now_of(town.wang, card)) == ["📄 详情"]
