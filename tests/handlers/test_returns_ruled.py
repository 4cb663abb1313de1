"""退回 of what was sent down several levels: whoever dispatched it rules, and nobody in between."""

from handlers._kit.case_presses import ReturnAccepted
from handlers.desks.presses import BelowPressed
from handlers.returns.ruling import TakerPressed
from routing.model import Status, UnitCode
from tests.handlers.cast import card_at, card_of, claimed, offers, zh
from tests.handlers.test_split import POWER
from tests.town import CITY, COMMUNITY, GRID, SECOND_GRID, STREET, Message, Persona, Town

SENTENCE = "这栋楼归一网格管"


async def _sent_down(town: Town) -> None:
    """A case that the street dispatched straight to the second grid, where Zhao claims it."""
    await town.zhao.starts()
    await claimed(town)
    await town.sun.writes("/case 1")
    await town.sun.presses(card_at(town, town.street_desk), "派单")
    panel = town.last(town.street_desk)
    await town.sun.presses(panel, BelowPressed((await town.case()).id, UnitCode(COMMUNITY), 0))
    panel = town.now_of(town.sun, panel)
    await town.sun.presses(panel, "春风二网格")
    await town.zhao.presses(card_of(town, town.zhao), "接单")


async def _asked(town: Town) -> Message:
    """Zhao asks to return it; the card at the street's desk."""
    await _sent_down(town)
    await town.zhao.presses(card_of(town, town.zhao), "退回")
    await town.zhao.presses(town.last(town.zhao), zh("return_reason.wrong_area"))
    await town.zhao.presses(town.last(town.zhao), "春风一网格")
    await town.zhao.writes_privately(SENTENCE)
    return card_at(town, town.street_desk)


async def test_the_street_that_dispatched_it_straight_to_the_grid_rules_and_gives_it_to_another_one(town: Town) -> None:
    card = await _asked(town)
    assert ((await town.case()).dispatcher, (await town.case()).rulers) == (STREET, (STREET,))
    assert town.last(town.zhao)["text"] == zh("returns.asked", number=1, unit="春风二网格", ruler="示范街道")
    assert any(SENTENCE in text for text in town.said(town.street_desk))
    assert not any(SENTENCE in text for text in town.said(town.community_desk))
    assert town.buttons(card)[:2] == ["👍 同意", "👎 驳回"]
    await town.sun.presses(card, "同意")
    panel = town.last(town.street_desk)
    assert {"春风一网格", "示范街道", "春风社区", "秋实社区"} <= set(town.buttons(panel))
    assert "春风二网格" not in town.buttons(panel)
    await town.sun.presses(panel, "春风一网格")

    case = await town.case()
    assert (case.status, case.unit, case.dispatcher, case.handovers) == (Status.OFFERED, GRID, STREET, 1)


async def test_the_level_in_between_has_no_say_in_it_until_it_is_late(town: Town) -> None:
    await _asked(town)
    case = (await town.case()).id
    await town.chen.writes("/case 1")
    here = card_at(town, town.community_desk)
    assert not await offers(town, town.chen, here, "同意")
    await town.chen.presses(here, ReturnAccepted(case), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_yours")
    await town.chen.presses(here, TakerPressed(case, UnitCode(GRID)), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_yours")

    await town.he.starts()
    await town.he.writes("/case 1")
    above = card_at(town, town.city_desk)
    assert not await offers(town, town.he, above, "同意")
    await town.passes(hours=9)
    assert (await town.case()).rulers == (STREET, CITY)
    assert zh("tell.ruling_overdue_above", number=1, unit="春风二网格") in town.said(town.city_desk)
    assert zh("tell.return_unruled", number=1) in town.said(town.street_desk)
    assert not await offers(town, town.chen, here, "同意"), "it is the level above the street that joins, not below"
    await town.he.presses(card_at(town, town.city_desk), "驳回")
    await town.he.writes_privately("这栋楼就在二网格")
    assert ((await town.case()).unit, (await town.case()).designated) == (SECOND_GRID, True)


async def test_the_desk_that_dispatched_it_has_it_in_its_list_to_rule_on(town: Town) -> None:
    await _asked(town)
    await town.sun.writes("/desk")
    assert "待审核裁定 1" in town.last(town.street_desk)["text"]
    await town.chen.writes("/desk")
    assert "待审核裁定 1" not in town.last(town.community_desk)["text"]


async def test_a_part_that_a_department_returns_is_ruled_on_by_who_cut_it_off(town: Town) -> None:
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "拆分")
    await town.chen.presses(town.last(town.community_desk), "示范供电所")
    await town.chen.writes_privately("请断开2号楼的临时用电")
    office = town.sample.chats[POWER]
    officer = Persona(town, town.sample.staff(POWER)[0], office)
    await officer.starts()
    await officer.presses(card_at(town, office, 2), "退回")
    await officer.presses(town.last(office), zh("return_reason.not_our_duty"))
    await officer.presses(town.last(office), "示范执法中队")
    await officer.writes_privately("用电检查归执法")

    assert (await town.case(2)).rulers == (COMMUNITY,)
    await town.chen.writes("/desk")
    assert "待审核裁定 1" in town.last(town.community_desk)["text"]
    await town.chen.presses(card_at(town, town.community_desk, 2), "同意")
    panel = town.last(town.community_desk)
    assert {"示范执法中队", "春风社区", "春风一网格"} <= set(town.buttons(panel))
    await town.chen.presses(panel, "示范执法中队")
    part = await town.case(2)
    assert (part.unit, part.dispatcher, part.status) == ("370001001901", COMMUNITY, Status.OFFERED)
