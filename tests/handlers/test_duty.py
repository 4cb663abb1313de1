"""值班: at night the one on duty is rung and named, and whoever comes gets the list of what is open."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from routing import boards
from routing.model import UnitCode
from routing.records import Shift
from storage.stores import Stores
from tests.handlers.cast import NOISE, card_at, card_of, claimed, filed, zh
from tests.town import GRID, MONDAY, Persona, Town, town_in

STARTS, ENDS = MONDAY + timedelta(hours=8, minutes=30), MONDAY + timedelta(days=1)
"""From the evening to the morning."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, whose people sleep, but for Zhang: she is on duty tonight. It is Monday, nine o'clock."""
    async with town_in(tmp_path, quiet_hours="on") as running:
        await running.work(_roster, running.zhang.id, STARTS, ENDS)
        yield running


def _roster(stores: Stores, telegram_id: int, starts: datetime, ends: datetime) -> None:
    person = stores.people.meet(telegram_id, "", None).id
    stores.shifts.put(Shift(UnitCode(GRID), person, starts, ends, starts))


def _lists(town: Town, who: Persona) -> list[str]:
    return [text for text in town.said(who) if text.startswith(("🌙 春风", "☀️"))]


async def test_at_two_in_the_morning_the_one_on_duty_is_asked_and_named(town: Town) -> None:
    await town.passes(hours=17)
    before = len(town.said(town.li))
    await filed(town)

    assert "现在值班：张" in card_at(town, town.group)["text"]
    assert "接单" in str(town.buttons(card_of(town, town.zhang)))
    assert len(town.said(town.li)) == before
    await town.zhang.presses(card_of(town, town.zhang), "详情")
    assert any("值班人员" in text for text in town.said(town.zhang))


async def test_contacts_name_who_is_on_duty(town: Town) -> None:
    await town.wang.writes("/contacts")
    assert "现在值班" not in town.last(town.group)["text"]
    await town.passes(hours=12)
    await town.wang.writes("/contacts")

    assert "现在值班：张" in town.last(town.group)["text"]


async def test_each_hand_over_lists_every_open_case_once(town: Town) -> None:
    await claimed(town, NOISE)
    await filed(town)
    await town.passes(hours=9)
    (evening,) = _lists(town, town.zhang)
    assert evening.count("#1 ") == evening.count("#2 ") == 1
    assert zh("duty.open", count=2) in evening
    await town.passes(hours=15)

    assert len(_lists(town, town.zhang)) == 2
    (morning,) = _lists(town, town.li)
    assert morning.count("#1 ") == morning.count("#2 ") == 1


async def test_a_list_that_does_not_name_everything_says_so(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "MOST", 1)
    await claimed(town, NOISE)
    await filed(town)
    await town.passes(hours=9)
    (evening,) = _lists(town, town.zhang)

    assert zh("duty.open", count=1) in evening
    assert zh("list.full", most=1) in evening
