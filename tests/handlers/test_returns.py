"""退回 and its ruling: a listed reason, a proposed owner, a sentence, and the level above decides."""

from handlers._kit.case_presses import ReturnAccepted, ReturnPressed
from handlers.returns.asking_back import ReturnToPressed
from handlers.returns.ruling import TakerPressed
from routing.model import RulingKind, Status, UnitCode
from tests.handlers.cast import card_at, card_of, claimed, offers, zh
from tests.town import CITY, COMMUNITY, GRID, SECOND_GRID, Message, Town

SENTENCE = "这栋楼归二网格管"


async def _asked(town: Town, unit: str = "春风二网格") -> Message:
    """Li asks to return the case; its card at the community's desk."""
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "退回")
    await town.li.presses(town.last(town.li), zh("return_reason.wrong_area"))
    await town.li.presses(town.last(town.li), unit)
    await town.li.writes_privately(SENTENCE)
    return card_at(town, town.community_desk)


async def test_a_return_names_a_reason_and_an_owner_and_waits_for_the_level_above(town: Town) -> None:
    card = await _asked(town)

    case = await town.case()
    assert (case.status, case.unit, case.ruling, case.proposed) == (
        Status.CLAIMED,
        GRID,
        RulingKind.RETURN,
        SECOND_GRID,
    )
    assert town.last(town.li)["text"] == zh("returns.asked", number=1, unit="春风一网格", ruler="春风社区")
    assert town.buttons(card)[:2] == ["👍 同意", "👎 驳回"]
    assert zh("return_reason.wrong_area") in card["text"]
    assert "建议交春风二网格" in card["text"]
    assert any(SENTENCE in text for text in town.said(town.community_desk))
    assert SENTENCE not in " ".join([*town.said(town.group), *town.said(town.wang)])
    assert "申请退单" in card_of(town, town.li)["text"]
    assert "⏪ 退回" not in town.buttons(card_of(town, town.li))


async def test_the_unit_proposed_gets_it_when_the_level_above_agrees(town: Town) -> None:
    card = await _asked(town)
    await town.chen.presses(card, "同意")
    panel = town.last(town.community_desk)
    assert town.buttons(panel)[:2] == ["春风二网格", "春风社区"]
    assert "春风一网格" not in town.buttons(panel)
    await town.chen.presses(panel, "春风二网格")

    case = await town.case()
    assert (case.status, case.unit, case.ruling, case.handovers) == (Status.OFFERED, SECOND_GRID, None, 1)
    assert town.now_of(town.chen, panel)["text"] == zh("returns.given", number=1, unit="春风二网格")
    assert any("已转到春风二网格" in text for text in town.said(town.wang))


async def test_the_level_above_may_keep_what_nobody_below_should_do(town: Town) -> None:
    card = await _asked(town, zh("returns.unknown"))
    assert zh("card.nobody_proposed") in card["text"]
    await town.chen.presses(card, "同意")
    await town.chen.presses(town.last(town.community_desk), "春风社区")

    assert (await town.case()).unit == COMMUNITY
    assert "✋ 接单" in town.buttons(card_at(town, town.community_desk))


async def test_a_refused_return_stays_and_is_designated(town: Town) -> None:
    card = await _asked(town)
    await town.chen.presses(card, "驳回")
    await town.chen.writes_privately("这栋楼就在一网格")

    case = await town.case()
    assert (case.status, case.unit, case.designated) == (Status.OFFERED, GRID, True)
    assert any(text.startswith(zh("tell.return_refused", number=1, unit="春风一网格")) for text in town.said(town.li))
    assert "这栋楼就在一网格" in card_of(town, town.li)["text"]
    await town.li.presses(card_of(town, town.li), "接单")
    assert not await offers(town, town.li, card_of(town, town.li), "退回")
    await town.li.presses(card_of(town, town.li), ReturnPressed(case.id), forged=True)
    assert town.toast(town.li) == zh("refusal.designated")


async def test_a_unit_returns_a_case_soon_or_not_at_all(town: Town) -> None:
    await claimed(town)
    await town.passes(hours=9)
    await town.li.presses(card_of(town, town.li), "退回")

    assert town.toast(town.li) == zh("refusal.return_too_late")


async def test_a_unit_returns_a_case_once(town: Town) -> None:
    card = await _asked(town)
    case = (await town.case()).id
    await town.li.presses(card_of(town, town.li), ReturnPressed(case), forged=True)
    assert town.toast(town.li) == zh("refusal.ruling_pending")

    await town.chen.presses(card, "同意")
    await town.chen.presses(town.last(town.community_desk), "春风社区")
    await town.chen.presses(card_at(town, town.community_desk), "派单")
    await town.chen.presses(town.last(town.community_desk), "春风一网格")
    await town.li.presses(card_of(town, town.li), "接单")
    assert not await offers(town, town.li, card_of(town, town.li), "退回")
    await town.li.presses(card_of(town, town.li), ReturnPressed(case), forged=True)
    assert town.toast(town.li) == zh("refusal.returned_once")


async def test_nobody_rules_on_their_own_return_or_beyond_their_reach(town: Town) -> None:
    card = await _asked(town)
    case = (await town.case()).id
    await town.li.presses(card_of(town, town.li), ReturnAccepted(case), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")
    await town.li.presses(card_of(town, town.li), TakerPressed(case, UnitCode(SECOND_GRID)), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")
    await town.chen.presses(card, TakerPressed(case, UnitCode(CITY)), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_below")
    await town.chen.presses(card, TakerPressed(case, UnitCode(GRID)), forged=True)
    assert town.toast(town.chen) == zh("refusal.not_below")
    assert (await town.case()).ruling is RulingKind.RETURN


async def test_a_forged_owner_is_not_proposed(town: Town) -> None:
    await claimed(town)
    case = (await town.case()).id
    await town.li.presses(card_of(town, town.li), "退回")
    press = ReturnToPressed(case, 0, UnitCode(CITY))
    await town.li.presses(town.last(town.li), press, forged=True)
    await town.li.writes_privately(SENTENCE)

    assert town.last(town.li)["text"] == zh("refusal.not_below")
    await town.li.presses(card_of(town, town.li), "退回")
    await town.li.presses(town.last(town.li), ReturnToPressed(case, 99, UnitCode(CITY)), forged=True)
    assert town.toast(town.li) == zh("refusal.stale_button")
    assert (await town.case()).ruling is None
