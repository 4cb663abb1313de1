"""拆分: parts go to other units, the whole waits for them, and residents see one case and one answer."""

from handlers._kit.case_presses import DropPartPressed, SplitPressed
from handlers.split.presses import PartToPressed
from routing.model import Case, Status, UnitCode
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed, filed, zh
from tests.town import CITY, GRID, Message, Persona, Town

POWER = UnitCode("370001001902")
WORDS = "请断开2号楼的临时用电"


def _officer(town: Town, unit: UnitCode) -> Persona:
    return Persona(town, town.sample.staff(unit)[0], town.sample.chats[unit])


async def _panel(town: Town) -> Message:
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "拆分")
    return town.last(town.community_desk)


async def _split(town: Town) -> Case:
    """The community gives a part of the grid's case to the power station; the part."""
    panel = await _panel(town)
    await town.chen.presses(panel, "示范供电所")
    await town.chen.writes_privately(WORDS)
    return await town.case(2)


async def test_a_part_goes_to_its_unit_with_its_words_and_its_own_clock(town: Town) -> None:
    panel = await _panel(town)
    assert {"春风二网格", "示范执法中队", "示范供电所"} <= set(town.buttons(panel))
    await town.chen.presses(panel, "示范供电所")
    assert "示范供电所" in town.now_of(town.chen, panel)["text"]
    await town.chen.writes_privately(WORDS)

    whole, part = await town.case(1), await town.case(2)
    assert (part.parent, part.unit, part.status, part.reporter) == (whole.id, POWER, Status.OFFERED, None)
    assert part.due_at is not None
    assert (whole.status, whole.unit) == (Status.CLAIMED, GRID)
    assert town.last(town.chen)["text"] == zh("split.done", number=2, unit="示范供电所")
    desk = card_at(town, town.sample.chats[POWER], 2)
    assert WORDS in desk["text"]
    assert zh("card.part_of", number=1) in desk["text"]
    assert "#2 示范供电所" in card_of(town, town.li)["text"]


async def test_residents_see_one_case_and_read_who_is_at_it(town: Town) -> None:
    await _split(town)

    assert any(zh("tell.split_reporter", number=1, parts="示范供电所") in text for text in town.said(town.wang))
    for seen in (card_at(town, town.group)["text"], card_of(town, town.wang)["text"]):
        assert "示范供电所" in seen
        assert WORDS not in seen
    assert not any(text.startswith("#2") for text in (*town.said(town.group), *town.said(town.wang)))
    await town.wang.writes("/case 2")
    assert town.last(town.group)["text"] == zh("refusal.no_such_case")


async def test_the_whole_closes_only_when_its_parts_are_closed(town: Town) -> None:
    await _split(town)
    await town.li.presses(card_of(town, town.li), "办结")
    assert town.toast(town.li) == zh("refusal.parts_open", count=1)
    officer = _officer(town, POWER)
    await officer.starts()
    await officer.presses(card_at(town, officer.home, 2), "接单")
    await officer.presses(card_at(town, officer.home, 2), "办结")
    await officer.writes_privately("已断电")

    assert (await town.case(2)).status is Status.ARCHIVED  # nobody rates a part: the whole will be rated
    assert zh("tell.part_done", number=1, part=2, assist="示范供电所") in town.said(town.li)
    assert "#2 示范供电所：已归档" in card_of(town, town.li)["text"]
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("已处理")
    assert (await town.case(1)).status is Status.AWAITING_RATING


async def test_a_part_that_is_no_longer_wanted_is_dropped_by_whoever_has_the_whole(town: Town) -> None:
    part = await _split(town)
    officer = _officer(town, POWER)
    await officer.presses(card_at(town, officer.home, 2), DropPartPressed(part.id), forged=True)
    assert town.toast(officer) == zh("refusal.not_yours")
    await town.chen.writes("/case 2")
    await town.chen.presses(card_at(town, town.community_desk, 2), "取消分办")
    await town.chen.presses(town.last(town.community_desk), "取消这一部分")

    assert (await town.case(2)).status is Status.WITHDRAWN
    assert zh("tell.part_gone", number=1, part=2, assist="示范供电所") in town.said(town.li)


async def test_a_case_that_is_taken_back_takes_its_parts_along(town: Town) -> None:
    await _split(town)
    await town.wang.presses(card_of(town, town.wang), "撤回")
    await town.wang.presses(town.last(town.wang), "撤回")

    assert ((await town.case(1)).status, (await town.case(2)).status) == (Status.WITHDRAWN, Status.WITHDRAWN)
    assert await town.read(_clocks, await town.case(2)) == 0


async def test_what_waits_for_parts_is_neither_refused_nor_merged(town: Town) -> None:
    await _split(town)
    await town.chen.presses(card_at(town, town.community_desk), "不予受理")
    await town.chen.presses(town.last(town.community_desk), zh("refuse_reason.outside_duty"))
    assert town.toast(town.chen) == zh("refusal.parts_open", count=1)

    assert (await town.case(1)).status is Status.CLAIMED


async def test_nobody_gives_parts_to_units_beyond_their_reach(town: Town) -> None:
    panel = await _panel(town)
    case = (await town.case()).id
    await town.chen.presses(panel, PartToPressed(case, UnitCode(CITY)), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_below")
    await town.wang.presses(card_at(town, town.group), SplitPressed(case), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")
    await town.li.presses(card_of(town, town.li), SplitPressed(case), forged=True)  # a grid has nobody below
    assert town.toast(town.li) == zh("refusal.nobody_for_part")

    await filed(town)
    assert await town.cases() == 2


def _clocks(stores: Stores, case: Case) -> int:
    return len(stores.timers.of(case.id))
