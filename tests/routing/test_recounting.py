"""A year's notice is loaded: what was provisional becomes firm, once, and whoever is concerned hears where it moves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from routing import recounting
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.effects import Tell, Whom
from routing.events import Claimed, ExtensionAsked, ExtensionRuled, Recounted, Resumed, Suspended
from routing.lifecycle import step
from routing.model import Case, Status, TimerKind
from routing.policy import Policy
from storage.store import Store
from tests.routing.village import CHEN, LI, Village, village
from tests.routing.world import START, facts, fresh

FIXED = '"2027-01-01", "2027-05-01..2027-05-02", "2027-10-01..2027-10-03"'
LATER = f'holidays = ["2027-01-04..2027-01-06", {FIXED}]\n'
SOONER = f'holidays = [{FIXED}]\nworkdays = ["2027-01-02", "2027-01-03"]\n'
NEW_YEARS_EVE = datetime(2026, 12, 31, 2, 0, tzinfo=UTC)  # 10:00 in the village


@asynccontextmanager
async def _with_notice(folder: Path, before: Village, notice: str) -> AsyncIterator[Village]:
    """The same village, started again with the notice."""
    file = folder / "2027.toml"
    file.write_text(notice, "utf-8")
    store = await Store.open(
        before.url,
        policy=replace(Policy.load(), quiet=None),
        calendar=Calendar.load(extra=file),
        catalogue=Catalogue.load(),
    )
    try:
        yield Village(store, before.people, before.now)
    finally:
        await store.close()


async def _recount(town: Village) -> None:
    after = await town.work(recounting.some, town.now, limit=1)
    while after is not None:
        after = await town.work(recounting.some, town.now, after, limit=1)


def _day(case: Case) -> date:
    assert case.due_at is not None
    return Calendar.load().local(case.due_at).date()


async def test_guessed_deadlines_move_and_become_firm_once_and_people_hear(tmp_path: Path) -> None:
    async with village(tmp_path) as before:
        before.now = NEW_YEARS_EVE
        case = await before.files()
        await before.claims(case)
        waiting = await before.files()
        held = await before.case(case)
        assert held.provisional
    async with _with_notice(tmp_path, before, LATER) as town:
        assert await town.store.read(recounting.wanted)
        await _recount(town)

        moved = await town.case(case)
        assert (moved.provisional, moved.overdue) == (False, False)
        assert (_day(held), _day(moved)) == (date(2027, 1, 5), date(2027, 1, 8))
        assert (await town.timers(case))[TimerKind.HANDLE].due_at == moved.due_at
        assert (await town.told("tell.recounted"))[0] == LI
        assert not (await town.case(waiting)).provisional
        assert not await town.store.read(recounting.wanted)
        await _recount(town)
        assert (await town.events(case)).count(Recounted.__name__) == 1


async def test_a_deadline_never_moves_to_before_what_was_told(tmp_path: Path) -> None:
    async with village(tmp_path) as before:
        before.now = NEW_YEARS_EVE
        case = await before.files()
        told = await before.case(case)
    async with _with_notice(tmp_path, before, SOONER) as town:
        await _recount(town)
        firm = await town.case(case)

        assert (firm.due_at, firm.provisional) == (told.due_at, False)
        assert await town.told("tell.recounted") == []


async def test_extensions_and_pauses_are_counted_with_it(tmp_path: Path) -> None:
    async with village(tmp_path) as before:
        before.now = NEW_YEARS_EVE
        longer, parked = await before.files(), await before.files()
        for one in (longer, parked):
            await before.moves(one, Claimed, LI)
        await before.moves(longer, ExtensionAsked, LI)
        await before.moves(longer, ExtensionRuled, CHEN, approve=True)
        await before.moves(parked, Suspended, CHEN, until=before.now + timedelta(days=30))
        before.now += timedelta(days=2)
        told = [await before.case(one) for one in (longer, parked)]
    async with _with_notice(tmp_path, before, LATER) as town:
        await _recount(town)
        extended, rested = await town.case(longer), await town.case(parked)

        assert (_day(told[0]), _day(extended)) == (date(2027, 1, 7), date(2027, 1, 12))
        assert (rested.status, _day(rested)) == (Status.SUSPENDED, date(2027, 1, 8))
        assert (await town.timers(parked))[TimerKind.HANDLE].next_at is None, "it rests on"
        await town.moves(parked, Resumed, CHEN)
        assert _day(await town.case(parked)) == date(2027, 1, 10)


@pytest.mark.parametrize("notice", [LATER, SOONER])
async def test_what_touches_no_new_year_is_left_alone(tmp_path: Path, notice: str) -> None:
    async with village(tmp_path) as before:
        case = await before.files()
    async with _with_notice(tmp_path, before, notice) as town:
        await _recount(town)

        assert Recounted.__name__ not in await town.events(case)


def test_the_reporter_hears_of_a_date_that_moves_and_of_no_other() -> None:
    case = fresh(status=Status.OFFERED, due_at=START + timedelta(days=3), provisional=True)
    for days, told in ((5, [Whom.ROSTER, Whom.REPORTER]), (3, []), (1, [])):
        made = step(case, Recounted(at=START, due_at=START + timedelta(days=days), provisional=False), facts(case))
        assert [effect.whom for effect in made.effects if isinstance(effect, Tell)] == told
        assert made.case.due_at == START + timedelta(days=max(days, 3))
        assert not made.case.provisional
