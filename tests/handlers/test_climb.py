"""上报: one level up with a reason, each level on its own clock, and nobody above the top."""

from handlers._kit.case_presses import EscalatePressed, SkipPressed
from handlers.climb.presses import SkipToPressed
from routing.events import Escalated
from routing.model import CaseId, Status, Timer, TimerKind, UnitCode
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed, filed, zh
from tests.town import CITY, COMMUNITY, SECOND_GRID, STREET, Town

REASON = "要社区协调物业，网格里解决不了"


async def test_what_the_grid_cannot_solve_goes_to_the_community_with_the_reason(town: Town) -> None:
    await claimed(town)
    before = await town.case()
    await town.passes(hours=3)
    await town.li.presses(card_of(town, town.li), "上报")
    assert town.last(town.li)["text"] == zh("ask.escalate", number=1, matter="施工扰民")
    await town.li.writes_privately(REASON)

    case = await town.case()
    assert (case.status, case.unit, case.holder) == (Status.OFFERED, COMMUNITY, None)
    assert case.due_at is not None
    assert before.due_at is not None
    assert case.due_at > before.due_at  # the community's own clock, begun now
    assert town.last(town.li)["text"] == zh("climb.escalated", number=1, unit="春风社区")
    assert await town.read(_reason, case.id) == REASON

    card = card_at(town, town.community_desk)
    assert {"✋ 接单", "📤 派单", "⬆️ 上报"} <= set(town.buttons(card))
    assert "✋ 接单" not in town.buttons(card_of(town, town.li))
    assert any(REASON in text for text in town.said(town.chen))
    assert any("已上报到春风社区" in text for text in town.said(town.wang))
    assert REASON not in " ".join([*town.said(town.wang), *town.said(town.group)])
    assert "春风社区" in card_at(town, town.group)["text"]


async def test_a_case_climbs_to_the_top_and_no_further(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "上报")
    await town.li.writes_privately(REASON)
    await town.chen.presses(card_at(town, town.community_desk), "上报")  # a leader need not claim it first
    await town.chen.writes_privately("超出社区职责")
    assert (await town.case()).unit == STREET
    await town.sun.presses(card_at(town, town.street_desk), "接单")
    await town.sun.presses(card_at(town, town.street_desk), "上报")
    await town.sun.writes_privately("需要市里协调")

    case = await town.case()
    assert (case.status, case.unit) == (Status.OFFERED, CITY)
    assert {timer.kind for timer in await town.read(_timers, case.id)} >= {TimerKind.HANDLE, TimerKind.RESPOND}
    card = card_at(town, town.city_desk)
    assert not [text for text in town.buttons(card) if "上报" in text]
    await town.he.presses(card, EscalatePressed(case.id), forged=True)
    assert town.toast(town.he) == zh("refusal.nothing_above")
    assert (await town.case()).unit == CITY


async def test_whoever_sent_it_up_still_reads_what_they_sent(town: Town) -> None:
    await claimed(town, by=town.wang)
    await town.li.presses(card_of(town, town.li), "上报")
    await town.li.writes_privately(REASON)
    await town.chen.presses(card_at(town, town.community_desk), "接单")
    await town.chen.presses(card_at(town, town.community_desk), "上报")
    await town.chen.writes_privately("超出社区职责")
    assert (await town.case()).unit == STREET

    assert REASON in card_of(town, town.chen)["text"]
    await town.chen.writes_privately("/case 1")
    assert REASON in town.last(town.chen)["text"]
    assert not {"✋ 接单", "📤 派单", "⬆️ 上报"} & set(town.buttons(town.last(town.chen)))


async def test_only_the_holder_or_the_head_of_the_unit_sends_it_up(town: Town) -> None:
    card = await filed(town)
    case = (await town.case()).id
    await town.li.presses(card, EscalatePressed(case), forged=True)  # not claimed yet
    assert town.toast(town.li) == zh("refusal.not_yours")
    await town.li.presses(card, "接单")
    await town.wang.presses(card, EscalatePressed(case), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")
    assert "⬆️ 上报" not in town.buttons(town.now_of(town.wang, card))


async def test_an_answer_that_comes_too_late_moves_nothing(town: Town) -> None:
    await claimed(town)
    card = card_of(town, town.li)
    await town.li.presses(card, "上报")
    await town.li.presses(card, "放回待接")
    await town.li.writes_privately(REASON)

    case = await town.case()
    assert (case.status, case.unit) == (Status.OFFERED, case.grid)
    assert town.last(town.li)["text"] == zh("ask.too_late", number=1, status=zh("status.offered"))


async def test_the_question_survives_a_restart(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "上报")
    await town.restart()
    await town.li.writes_privately(REASON)

    assert (await town.case()).unit == COMMUNITY


async def test_a_leader_skips_a_level_with_a_reason_and_those_between_do_not_get_it(town: Town) -> None:
    await _at_community(town)
    card = card_at(town, town.community_desk)
    await town.chen.presses(card, "越级上报")
    panel = town.last(town.community_desk)
    assert town.buttons(panel)[:-1] == ["样例市"]  # the street is the next level: no skipping
    await town.chen.presses(panel, "样例市")
    await town.chen.writes_privately("涉及跨区管网，街道无权协调")

    case = await town.case()
    assert (case.status, case.unit) == (Status.OFFERED, CITY)
    event = await town.read(lambda stores: stores.log.of(case.id)[-1].event)
    assert isinstance(event, Escalated)
    assert (event.skip_to, event.unit) == (CITY, COMMUNITY)
    assert any("已上报到样例市" in text for text in town.said(town.wang))


async def test_nobody_skips_a_level_without_the_right(town: Town) -> None:
    await claimed(town)
    case = (await town.case()).id
    assert not any("越级" in text for text in town.buttons(card_of(town, town.li)))
    await town.li.presses(card_of(town, town.li), SkipPressed(case), forged=True)
    assert town.toast(town.li) == zh("refusal.no_skipping")
    await town.li.presses(card_of(town, town.li), SkipToPressed(case, UnitCode(CITY)), forged=True)
    assert town.toast(town.li) == zh("refusal.no_skipping")
    await town.li.presses(card_of(town, town.li), SkipToPressed(case, UnitCode(SECOND_GRID)), forged=True)
    assert town.toast(town.li) == zh("refusal.not_above")

    assert (await town.case()).unit == (await town.case()).grid


async def test_what_the_level_below_did_stands_on_every_card_above(town: Town) -> None:
    await _at_community(town)
    assert zh("card.record", unit="春风一网格", text=REASON) in card_at(town, town.community_desk)["text"]
    assert REASON not in card_at(town, town.group)["text"]


async def _at_community(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "上报")
    await town.li.writes_privately(REASON)


def _reason(stores: Stores, case: CaseId) -> str:
    event = stores.log.of(case)[-1].event
    assert isinstance(event, Escalated)
    words = stores.words.get(event.words) if event.words is not None else None
    return words.text if words else ""


def _timers(stores: Stores, case: CaseId) -> list[Timer]:
    return list(stores.timers.of(case))
