"""R24 in small: presses of outsiders, forged data and old buttons change nothing, stop nothing and are all answered."""

import random
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from typing import Any, get_type_hints

import pytest

from handlers._kit import presses
from handlers._kit.case_presses import ClaimPressed, DetailsPressed, MeTooPressed, MinePressed, TodoPressed
from handlers._kit.panels import PanelClosed
from handlers._kit.presses import encode
from handlers.claim.classes import GroupPressed
from handlers.desks.presses import BelowPressed
from routing.model import CaseId, UnitCode
from storage.stores import Stores
from tests.handlers.cast import NOISE, card_of, claimed, filed, resolved, zh
from tests.promises.ledger import ledger, truth
from tests.town import STREET, Message, Persona, Town

pytestmark = pytest.mark.usefixtures("straight")
OPEN_TO_ALL = frozenset({MeTooPressed})
"""What a neighbour may press under somebody else's case."""
AT_ONCE = 25
"""Presses before those that were made are waited for: an answer that comes after ten seconds is not given."""
JUNK = (
    "x", ":", "claim", "claim:", "claim:-1", "claim:1:2", "claim:zzzzzzzzzzzzz", "claim:１", "claim:0x1", "nope:1",
    "rate:1:delighted", "rate::", "rate:1:satisfied:1", "CLAIM:1", "claim :1", "claim:1\n", "claim:' OR 1=1", "请" * 21,
    "a:" * 32, "__class__", "claim:nan", "claim:1e3", "\x00", "handto:1", "handto:1:1:1", "nvm:1",
)  # fmt: skip


async def some_cases(town: Town) -> tuple[Message, list[CaseId]]:
    """A card, and four cases of the first grid, one in each stage; their numbers, and one that nobody has."""
    await resolved(town)
    await town.wang.presses(card_of(town, town.wang), "满意")
    await resolved(town, by=town.emma)
    await claimed(town, by=town.emma)
    card = await filed(town, NOISE, town.emma)
    known: list[CaseId] = [case.id for case in await town.read(_all)]
    return card, [*known, CaseId(known[0] + 1)]


async def test_whatever_an_outsider_presses_under_whatever_case_changes_nothing(town: Town) -> None:
    card, cases = await some_cases(town)
    stranger = Persona(town, town.sandbox.add_person("陌生人", language_code="zh"), town.group)
    await stranger.joins(town.group)
    before, answered = await town.read(truth), town.sandbox.tally["answercallbackquery"]
    carried, shown = await town.read(ledger, "carriers"), town.messages(town.group)
    forged = [data for case in cases for data in _forgeries(case)]
    random.Random(5).shuffle(forged)

    for who in (stranger, town.zhou, town.neighbour):
        if who is town.neighbour:
            await who.joins(town.group)
        for number, data in enumerate(forged, 1):
            await _press(who, card["message_id"], data)
            if number % AT_ONCE == 0:
                await town.quiet()
    await town.quiet()

    assert await town.read(truth) == before
    assert await town.read(lambda stores: stores.inbox.poisoned()) == []
    assert set(carried["carriers"]) <= set((await town.read(ledger, "carriers"))["carriers"])
    assert town.messages(town.group)[: len(shown)] == shown, "no message of the bot was wiped or defaced"
    assert town.sandbox.tally["answercallbackquery"] - answered == 3 * len(forged)
    assert len(forged) > 100


@pytest.mark.parametrize("where", ["a card", "a plain answer"])
async def test_made_up_data_neither_wipes_a_message_nor_makes_it_the_card_of_another_case(
    town: Town, where: str
) -> None:
    card = await filed(town)
    elsewhere = town.answer_to(
        await town.neighbour.writes(f"/report {NOISE}", chat=town.second_group), town.second_group
    )
    other = (await town.case(2)).id
    helped = town.answer_to(await town.wang.writes("/help"))
    target = card if where == "a card" else helped
    before = town.now_of(town.zhou, target)

    for payload in (DetailsPressed(other), ClaimPressed(other), PanelClosed(), MinePressed(0), TodoPressed(0)):
        await town.zhou.presses(target, payload, forged=True)

    assert town.now_of(town.zhou, target) == before
    assert target["message_id"] in [message["message_id"] for message in town.messages(town.group)]
    assert elsewhere["message_id"] in [message["message_id"] for message in town.messages(town.second_group)]
    assert not any("#2" in text for text in town.said(town.group))


async def test_data_that_no_button_carries_is_answered_as_an_old_button_and_nothing_else(town: Town) -> None:
    card = await filed(town)
    before = await town.read(truth)

    for data in JUNK:
        await _press(town.li, card["message_id"], data)
    await town.quiet()

    assert await town.read(truth) == before
    assert await town.read(lambda stores: stores.inbox.poisoned()) == []
    answers = [toast["text"] for toast in town.sandbox.toasts if toast["to"] == town.li.id]
    assert set(answers) <= {zh("refusal.stale_button"), zh("refusal.no_such_case"), zh("ask.over")}
    assert len(answers) == len(JUNK)


async def test_buttons_of_earlier_days_change_nothing_any_more(town: Town) -> None:
    card = await filed(town)
    old = [button["callback_data"] for row in card["reply_markup"]["inline_keyboard"] for button in row]
    worked = await claimed(town, by=town.zhou)
    old += [button["callback_data"] for row in worked["reply_markup"]["inline_keyboard"] for button in row]
    await town.li.presses(card, "接单")
    await town.li.presses(town.now_of(town.li, card), "办结")
    await town.li.sends_photo("换了新灯泡", privately=True)
    await town.wang.presses(card_of(town, town.wang), "满意")
    before = await town.read(truth)

    for who in (town.wang, town.zhang, town.zhou):
        for data in old:
            if not data.startswith("metoo"):
                await _press(who, card["message_id"], data)
    await town.quiet()

    assert await town.read(truth) == before


async def _press(who: Persona, message: int, data: str) -> None:
    await who.acts("press", chat=who._town.group.id, message=message, data=data, forged=True)


def _forgeries(case: CaseId) -> Iterator[str]:
    """A press of every kind that the program knows, about that case."""
    for cls in presses._PAYLOADS.values():
        if cls not in OPEN_TO_ALL and cls.__module__.startswith("handlers"):
            hints = get_type_hints(cls)
            yield encode(cls(*(_value(hints[field.name], case) for field in fields(cls))))


def _value(kind: Any, case: CaseId) -> object:
    kind = getattr(kind, "__supertype__", kind)
    if kind is int:
        return case
    return next(iter(kind)) if issubclass(kind, StrEnum) else "x"


def _all(stores: Stores) -> list[Any]:
    rows = stores.connection.exec_driver_sql("SELECT id FROM cases ORDER BY number").scalars()
    return [stores.cases.get(CaseId(row)) for row in rows]


async def test_a_panel_of_ones_own_shows_no_case_of_others(town: Town) -> None:
    await filed(town)
    case = (await town.case()).id
    await town.zhou.starts()
    await town.zhou.writes_privately("/mine")
    panel = town.last(town.zhou)

    for turned in (GroupPressed(case, "", 0), BelowPressed(case, UnitCode(STREET), 0)):
        await town.zhou.presses(panel, turned, forged=True)

        assert town.toast(town.zhou) == zh("refusal.not_yours")
    assert town.now_of(town.zhou, panel)["text"] == panel["text"]
