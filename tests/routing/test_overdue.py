"""What nobody settles: published at a multiple of its limit, and taken a level up where the policy says so."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.export import export_bulletin
from bot.cli.stats import figures_of
from routing import boards, clocks
from routing.calendar import Calendar
from routing.events import DeadlinePassed, Escalated, Fault
from routing.model import CaseId, Status, TimerKind, UnitCode
from routing.overdue import Overdue
from routing.policy import Policy
from routing.records import Notice
from storage.stores import Stores
from tests.routing.village import CHEN, COMMUNITY, GRID, LI, MONDAY, Village, village

CALENDAR = Calendar.load()
BOTH = replace(Policy.load(), overdue=Overdue(bulletin_at=2.0, escalate_at=3.0))


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    """Bulletin at twice the limit, a level up at three times; the grid has two working days, and it is Monday."""
    opened: AbstractAsyncContextManager[Village] = village(tmp_path, overdue=BOTH.overdue)
    async with opened as running:
        yield running


async def _notices(town: Village) -> list[tuple[Fault, UnitCode]]:
    def question(stores: Stores) -> list[tuple[Fault, UnitCode]]:
        units = [unit.code for unit in stores.units.all()]
        return [(one.fault, one.unit) for one in stores.bulletin.of(units, MONDAY, 100)]

    return await town.store.read(question)


async def _hourly(town: Village, days: int) -> None:
    for _ in range(days * 24):
        await town.passes(hours=1)


async def test_a_claim_that_nobody_makes_and_a_solution_that_nobody_gives_come_onto_the_bulletin_once(
    town: Village,
) -> None:
    await town.files()
    await town.passes(hours=4)
    assert await _notices(town) == []
    await town.passes(hours=4)
    assert await _notices(town) == [(Fault.UNANSWERED, GRID)]
    await town.passes(days=1)
    assert await _notices(town) == [(Fault.UNANSWERED, GRID)]
    await _hourly(town, 3)

    assert await _notices(town) == [(Fault.LATE, GRID), (Fault.UNANSWERED, GRID)]
    assert await town.told("tell.bulletin_late") == [1001, 1002, -201]


async def test_what_is_done_in_time_is_named_nowhere(town: Village) -> None:
    case = await town.files()
    await town.claims(case)
    await town.passes(hours=3)
    await town.resolves(case)
    await _hourly(town, 3)

    assert await _notices(town) == []


async def test_a_case_that_stays_unsolved_goes_up_one_level_by_rule_with_fresh_clocks(town: Village) -> None:
    case = await town.files()
    await town.claims(case)
    await _hourly(town, 6)
    now = await town.case(case)
    entries = await town.store.read(lambda stores: stores.log.of(case.id))

    (up,) = [entry.event for entry in entries if isinstance(entry.event, Escalated)]
    assert (up.by, up.rule, up.policy) == (None, "overdue:3", BOTH.stamp)
    assert up.at == MONDAY + timedelta(days=6)
    assert (now.unit, now.status, now.holder, now.overdue) == (COMMUNITY, Status.OFFERED, None, False)
    assert now.rule == "overdue:3"
    assert now.due_at is not None
    assert now.due_at > up.at
    assert await town.told("tell.escalated_by_clock") == [CHEN, -201]


async def test_at_the_top_nothing_goes_higher_and_it_keeps_ringing(town: Village) -> None:
    case = await town.files(grid=GRID, unit=GRID)
    for _ in range(60):
        await town.passes(days=1)
    now = await town.case(case)

    assert now.open
    assert (await town.store.read(lambda stores: stores.units.above(now.unit))) is None
    assert (await town.timers(case))[TimerKind.HANDLE].next_at is not None


async def test_after_a_long_downtime_both_happen_at_once_and_the_right_unit_is_named(town: Village) -> None:
    case = await town.files()
    await town.claims(case, LI)
    await town.passes(days=20)

    assert (await town.case(case)).unit == COMMUNITY
    assert (Fault.LATE, GRID) in await _notices(town)
    assert (Fault.LATE, COMMUNITY) not in await _notices(town)


async def test_desks_figures_and_exports_show_the_bulletin(town: Village) -> None:
    case = await town.files()
    await town.passes(hours=8)

    shown = await town.store.read(lambda stores: boards.bulletin(stores, COMMUNITY, town.now))
    assert [(notice.fault, one.id) for notice, one in shown] == [(Fault.UNANSWERED, case.id)]
    assert (await town.store.read(figures_of))["bulletin"] == 1
    exported = await town.store.read(export_bulletin, "csv")
    assert exported.splitlines()[1].startswith(f"{case.number},unanswered,{GRID},")


async def test_the_bulletin_takes_a_debt_once(town: Village) -> None:
    notice = Notice(CaseId(1), Fault.ABSENT, GRID, MONDAY, MONDAY)
    assert await town.work(lambda stores: stores.bulletin.enter(notice))
    assert not await town.work(lambda stores: stores.bulletin.enter(replace(notice, entered_at=town.now)))


def _rings(policy: Policy, kind: TimerKind, days: int) -> list[tuple[float, str, list[float]]]:
    """Hours, name and multiples of every ring of a clock of ten hours that nobody answers."""
    timer = clocks.armed(policy, CaseId(1), kind, MONDAY, MONDAY + timedelta(hours=10))
    rings = []
    while timer.next_at is not None and timer.next_at <= MONDAY + timedelta(days=days):
        now: datetime = timer.next_at
        after, ring = clocks.rung(policy, CALENDAR, timer, now)
        rings.append(((now - MONDAY) / timedelta(hours=1), ring, list(clocks.reached(policy, timer, after))))
        timer = after
    return rings


def test_every_part_and_multiple_of_a_limit_rings_once_and_in_order() -> None:
    assert _rings(BOTH, TimerKind.HANDLE, 2) == [
        (5, "reminder", []),
        (8, "reminder", []),
        (10, "deadline", []),
        (20, "late", [2.0]),
        (30, "late", [3.0]),
    ]
    assert [(hours, ring) for hours, ring, _ in _rings(BOTH, TimerKind.REVIEW, 2)][-2:] == [
        (20, "late"),
        (44, "repeat"),
    ]
    assert [ring for _, ring, _ in _rings(BOTH, TimerKind.RATE, 3)] == ["reminder", "deadline", "repeat", "repeat"]


def test_rings_that_were_missed_fall_together_and_lose_no_multiple() -> None:
    timer = clocks.armed(BOTH, CaseId(1), TimerKind.HANDLE, MONDAY, MONDAY + timedelta(hours=10))
    late = MONDAY + timedelta(hours=31)
    after, ring = clocks.rung(BOTH, CALENDAR, timer, late)

    assert (ring, list(clocks.reached(BOTH, timer, after))) == ("deadline", [2.0, 3.0])
    assert after.next_at is not None
    assert after.next_at > late


def test_a_deadline_that_passed_is_the_first_multiple() -> None:
    assert DeadlinePassed(at=MONDAY, kind=TimerKind.HANDLE).times == 1
