"""The sheet of a month: both sides of a whistle, and the same figures whatever comes after; on both engines."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.cli.stats import figures_of
from bot.rehearsal.levels import by_level
from routing import desk, months
from routing.calendar import Calendar
from routing.events import (
    AssistDone,
    CheckedIn,
    Dispatched,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    Noted,
    NoteKind,
    Whistled,
)
from routing.model import CaseId, Rating, Status
from routing.months import FIGURES, Month, Sheets
from routing.records import History, Step
from storage.stores import Stores
from tests.routing.cities import PLUMBER, TOP_DESK, WATER, at, city
from tests.routing.village import CHEN, COMMUNITY, GRID, LI, Village, village

pytestmark = pytest.mark.usefixtures("engine")
MOMENT = timedelta(microseconds=1)
Rows = dict[tuple[str, str], dict[str, Any]]


async def sheet(town: Village, until: datetime | None = None, only: Month | None = None) -> Rows:
    """The rows until then (until now), by month and unit."""
    found = await town.store.read(lambda stores: list(months.rows(stores, until or town.now + MOMENT, only)))
    return {(row["month"], row["unit"]): row for row in found}


def some(row: Mapping[str, Any], *names: str) -> tuple[int, ...]:
    """Those figures of a row."""
    return tuple(row[name] for name in names)


async def test_both_sides_of_a_whistle_are_counted(tmp_path: Path) -> None:
    async with city(tmp_path, "dongying", "2026-11-23 09:00") as town:
        for punctual in (True, False):
            case = await town.claims(await town.files(matter="L01"), LI)
            await town.moves(case, Whistled, CHEN, units=(WATER,), place="East gate", meet_at=town.now)
            await town.passes(hours=1 if punctual else 3)
            await town.moves(case, CheckedIn, PLUMBER, assist=WATER)
            await town.moves(case, AssistDone, PLUMBER, assist=WATER)

        found = await sheet(town)

    called = some(found["2026-11", WATER], "whistles", "called", "in_time", "absent", "came_late", "came")
    assert called == (0, 2, 1, 1, 1, 0), "who came after the time was absent when it was up, and late when they came"
    assert some(found["2026-11", COMMUNITY], "whistles", "called") == (2, 0)
    assert some(found["2026-11", GRID], "came", "claimed", "joint", "whistles") == (2, 2, 2, 0)


async def test_more_time_and_ratings_stand_where_they_happened(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        case = await town.claims(await town.files())
        await town.moves(case, ExtensionAsked, LI)
        await town.moves(case, ExtensionRuled, CHEN, approve=True)
        await town.rates(await town.resolves(case), Rating.NOT_SATISFIED)

        found = await sheet(town)

    grid = found["2026-11", GRID]
    assert some(grid, "extended", "solved", "on_time", "reopened") == (1, 1, 1, 1)
    assert some(grid, "rated_first", "satisfied_first", "rated_final", "satisfied_final") == (1, 0, 1, 0)
    assert some(found["2026-11", COMMUNITY], "came", "solved") == (1, 0)


async def test_praise_is_counted_as_praise_and_neither_as_late_nor_as_a_rating(tmp_path: Path) -> None:
    async with village(tmp_path, "zhaoyuan") as town:
        thanks, more = [await town.files(matter="L92", kind="praise") for _ in range(2)]
        for _ in range(3):
            await town.passes(days=2)
        late = await town.store.read(figures_of)
        await town.rates(await town.resolves(await town.claims(thanks)), Rating.SATISFIED)
        await town.resolves(await town.claims(more))
        await town.passes(days=40)

        found = await sheet(town)
        figures = await town.store.read(figures_of)
        unrated = await town.case(more)
        levels = await town.store.read(by_level, town.now)

    assert some(late, "filed", "open", "praise", "overdue", "bulletin") == (2, 2, 2, 0, 0)
    assert (unrated.status, unrated.calling, unrated.calls) == (Status.ARCHIVED, None, 0), "nobody called about thanks"
    assert some(figures, "filed", "archived", "praise", "rated", "unrated", "bulletin") == (2, 2, 2, 0, 0, 0)
    assert (figures["satisfied_first"], figures["satisfied_final"]) == (None, None)
    assert levels["levels"]["grid"]["rated"] == 0
    grid = found["2026-11", GRID]
    assert some(grid, "came", "praise", "solved", "late", "on_time", "rated_first", "rated_final") == (
        2,
        2,
        2,
        0,
        0,
        0,
        0,
    )


async def test_how_often_staff_chose_another_class_stands_beside_what_came(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        thanks, _right, edited = [await town.files(matter="L92", kind="praise") for _ in range(3)]
        for matter in ("L02", "L01"):
            thanks = await town.moves(thanks, Noted, LI, kind=NoteKind.CORRECTION, matter=matter)
        by_rule = Noted(at=town.now, kind=NoteKind.CORRECTION, matter="L90")
        edited = await town.work(desk.move, edited.id, by_rule)
        await town.moves(thanks, Noted, LI, kind=NoteKind.NOTE)
        await town.passes(days=2)
        await town.resolves(await town.claims(thanks))

        found = await sheet(town)

    assert (thanks.kind, edited.kind) == ("help", "enquiry")
    assert some(found["2026-11", GRID], "came", "praise", "corrected", "late") == (3, 3, 1, 1)


async def test_the_sheet_of_a_month_stays_as_it_was_whatever_comes_after(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        november = months.month_of(town.store._setting.calendar, town.now)
        case = await town.claims(await town.files())
        ended = await town.rates(await town.resolves(await town.claims(await town.files())), Rating.SATISFIED)
        await town.passes(days=10)
        before = await sheet(town, november.ends, november)
        await town.rates(await town.resolves(case), Rating.FAIR)

        after = await sheet(town, november.ends, november)
        december = await sheet(town, only=months.month_of(town.store._setting.calendar, town.now))

    assert {month for month, _ in before} == {"2026-11"}
    assert after == before
    held = round((november.ends - case.filed_at).total_seconds())
    assert sum(row["held_s"] for row in before.values()) == held, "the other one ended as soon as it began"
    assert ended.number == 2
    assert some(december["2026-12", GRID], "came", "solved", "rated_final") == (0, 1, 1)


async def test_the_desks_at_the_top_get_the_sheet_once_a_month(tmp_path: Path) -> None:
    async with city(tmp_path, "dongying", "2026-11-23 09:00") as town:
        await town.files()
        told = [await town.work(months.announce, town.now)]
        town.now = at("2026-12-01 00:10")
        told += [await town.work(months.announce, town.now) for _ in range(2)]
        town.now += timedelta(days=31)
        told.append(await town.work(months.announce, town.now))

        promised = await town.store.read(_promised)

    assert told == [False, True, False, True], "in October nobody had a case"
    assert promised == [TOP_DESK, TOP_DESK]


def _promised(stores: Stores) -> list[int]:
    rows = stores.connection.exec_driver_sql("SELECT chat FROM outbox WHERE view = 'month_sheet' ORDER BY id")
    return [stores.chats.get(row[0]).telegram_id for row in rows]


def test_a_figure_has_one_name() -> None:
    assert len(set(FIGURES)) == len(FIGURES)


def test_what_a_clock_that_was_set_back_goes_through_again_is_counted_once() -> None:
    noon, hour = datetime(2026, 11, 23, 4, tzinfo=UTC), timedelta(hours=1)
    units = (("a", 0), ("b", 5), ("a", 2), ("b", 7))
    steps = [Step(Dispatched, noon + hours * hour, {"unit": unit}, _never) for unit, hours in units]
    sheets = Sheets(Calendar.load(), noon + 99 * hour)
    sheets.add(History(CaseId(1), noon + 6 * hour, steps))

    held_h = {unit: row["held_s"] / 3600 for (_, unit), row in sheets.counts.items() if unit}
    assert held_h == {"a": 5 + 2, "b": 0}


def _never() -> Event:
    raise AssertionError("nobody asks for it")
