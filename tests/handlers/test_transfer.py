"""转办: to the unit of the same rank whose it is; not for ever, and not by those who were told to keep it."""

from dataclasses import replace
from datetime import datetime

from handlers._kit.case_presses import TransferPressed
from handlers.transfer.presses import PassToPressed
from routing import desk
from routing.model import CaseId, Status, UnitCode
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed, offers, zh
from tests.town import CITY, COMMUNITY, GRID, SECOND_GRID, Message, Town

OTHER_COMMUNITY = UnitCode("370001001002")


async def _at_community(town: Town) -> Message:
    """A case that Li sent up; its card at the community's desk."""
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "上报")
    await town.li.writes_privately("网格解决不了")
    return card_at(town, town.community_desk)


async def test_a_community_passes_a_case_to_another_one(town: Town) -> None:
    card = await _at_community(town)
    await town.chen.presses(card, "转办")
    panel = town.last(town.community_desk)
    assert town.buttons(panel) == ["秋实社区", "取消"]
    await town.chen.presses(panel, "秋实社区")

    case = await town.case()
    assert (case.status, case.unit, case.handovers) == (Status.OFFERED, OTHER_COMMUNITY, 1)
    assert town.now_of(town.chen, panel)["text"] == zh("transfer.done", number=1, unit="秋实社区")
    assert any("已转到秋实社区" in text for text in town.said(town.wang))
    assert "✋ 接单" in town.buttons(card_at(town, town.sample.chats[OTHER_COMMUNITY]))


async def test_whoever_stands_above_moves_a_case_between_grids(town: Town) -> None:
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "转办")
    await town.chen.presses(town.last(town.community_desk), "春风二网格")

    assert (await town.case()).unit == SECOND_GRID


async def test_it_goes_to_units_of_the_same_rank_only(town: Town) -> None:
    card = await _at_community(town)
    case = (await town.case()).id
    await town.chen.presses(card, "转办")
    panel = town.last(town.community_desk)
    for code in (GRID, COMMUNITY, UnitCode("nowhere")):
        await town.chen.presses(panel, PassToPressed(case, UnitCode(code)), forged=True)
        assert town.toast(town.chen) == zh("refusal.not_beside")
    await town.li.presses(card_of(town, town.li), TransferPressed(case), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")


async def test_after_two_transfers_no_unit_passes_it_on_and_the_level_above_settles_whose_it_is(town: Town) -> None:
    card = await _at_community(town)
    case = (await town.case()).id
    await town.chen.presses(card, "转办")
    await town.chen.presses(town.last(town.community_desk), "秋实社区")
    await town.sun.writes("/case 1")
    await town.sun.presses(card_at(town, town.street_desk), "转办")
    await town.sun.presses(town.last(town.street_desk), "春风社区")
    assert not await offers(town, town.chen, card_at(town, town.community_desk), "转办")
    await town.chen.presses(card, TransferPressed(case), forged=True)
    assert town.toast(town.chen) == zh("refusal.too_many_hand_overs")

    await town.chen.presses(card_at(town, town.community_desk), "退回")
    await town.chen.presses(town.last(town.community_desk), zh("return_reason.wrong_area"))
    await town.chen.presses(town.last(town.community_desk), "秋实社区")
    await town.chen.writes_privately("这条路归秋实社区")
    assert (await town.case()).rulers == (CITY,), "the street, which passed it here, has had its say"
    await town.he.presses(card_at(town, town.city_desk), "同意")
    await town.he.presses(town.last(town.city_desk), "秋实社区")
    settled = await town.case()
    assert (settled.unit, settled.designated, settled.handovers) == (OTHER_COMMUNITY, True, 3)


async def test_the_top_has_nobody_beside_it(town: Town) -> None:
    await _at_community(town)
    await town.chen.presses(card_at(town, town.community_desk), "上报")
    await town.chen.writes_privately("社区解决不了")
    card, case = card_at(town, town.street_desk), (await town.case()).id
    assert await offers(town, town.sun, card, "上报")
    assert not await offers(town, town.sun, card, "转办")
    await town.sun.presses(card, TransferPressed(case), forged=True)

    assert town.toast(town.sun) == zh("refusal.not_beside")


async def test_a_unit_whose_only_neighbour_must_stay_out_is_not_offered_to_pass_it_on(town: Town) -> None:
    card = await _at_community(town)
    assert await offers(town, town.chen, card, "转办")
    await town.work(_accuse, (await town.case()).id, town.now)
    await town.quiet()

    assert not await offers(town, town.chen, card, "转办")


def _accuse(stores: Stores, case: CaseId, at: datetime) -> None:
    stores.cases.save(replace(stores.cases.get(case), accused=(OTHER_COMMUNITY,)))
    desk.refresh(stores, [case], at)
