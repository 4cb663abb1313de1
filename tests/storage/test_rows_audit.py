"""Every law that is a row of its own is asked: clocks, the bulletin, duty, what is said together, readings, units."""

from datetime import timedelta

import pytest

from routing import desk, readings
from routing.events import Claimed, DeadlinePassed
from routing.model import Appointment, Case, CaseId, ChatId, Post, TimerKind, UnitCode
from routing.records import Line, Shift
from storage.audit import findings
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON, lift
from tests.storage.test_audit import GRID, NOW, a_filed, a_town

LATER = NOON + 10 * MINUTE
Rows = list[tuple[str, CaseId | None]]


def a_late_case(stores: Stores) -> Case:
    """Claimed, late enough for the bulletin, read by an observer, and somebody is on duty."""
    resident, worker = a_town(stores)
    case = a_filed(stores, resident)
    desk.move(stores, case.id, Claimed(at=NOON + MINUTE, by=worker))
    twice = stores.policy.overdue.bulletin_at
    assert twice is not None
    late = DeadlinePassed(at=LATER, kind=TimerKind.HANDLE, times=twice)
    desk.move(stores, case.id, late)
    watcher = stores.people.meet(4, "纪检", "zh").id
    stores.people.appoint(Appointment(watcher, UnitCode("city"), Post.OBSERVER, "纪检"))
    readings.observe(stores, case.id, watcher, "核查", LATER)
    stores.shifts.put(Shift(GRID, worker, NOON, NOON + timedelta(days=1), NOON + timedelta(days=1)))
    return stores.cases.get(case.id)


async def _broken(store: Store) -> Rows:
    return await store.read(lambda s: [(found.law, found.case) for found in findings(s, NOW)])


async def test_a_late_case_with_all_its_rows_is_sound(store: Store) -> None:
    await store.work(a_late_case)

    assert await _broken(store) == []


DAMAGE = [
    ("clock", "DELETE FROM timers WHERE kind = 'handle'"),
    ("clock", "DELETE FROM timers WHERE kind = 'silence'"),
    ("clock", "UPDATE timers SET due_at = due_at + 1000000 WHERE kind = 'handle'"),
    ("bulletin", "UPDATE bulletin SET case_id = 5"),
    ("bulletin", "UPDATE bulletin SET unit = 'nowhere'"),
    ("bulletin", "UPDATE bulletin SET fault = 'unanswered'"),
    ("bulletin", "UPDATE bulletin SET entered_at = entered_at + 1"),
    ("bulletin", "UPDATE bulletin SET since_at = entered_at"),
    ("duty", "UPDATE shifts SET unit = 'nowhere'"),
    ("duty", "UPDATE shifts SET ring_at = NULL"),
    ("duty", "UPDATE shifts SET ring_at = ring_at - 1"),
    ("duty", "UPDATE shifts SET ends_at = starts_at, ring_at = starts_at"),
    ("reading", "UPDATE readings SET reason = ' '"),
    ("orphan", "UPDATE readings SET case_id = 5"),
    ("orphan", "UPDATE words SET case_id = 5"),
    ("unit", "UPDATE cases SET grid = 'nowhere'"),
]


@pytest.mark.parametrize(("law", "damage"), DAMAGE, ids=lambda value: str(value)[:50])
async def test_planted_damage_is_found(store: Store, law: str, damage: str) -> None:
    await store.work(a_late_case)

    def plant(stores: Stores) -> int:
        lift(stores)
        return stores.connection.exec_driver_sql(damage).rowcount

    assert await store.work(plant) > 0
    assert law in {found for found, _ in await _broken(store)}


async def test_two_duties_of_one_person_at_once_are_found(store: Store) -> None:
    def twice(stores: Stores) -> None:
        case = a_late_case(stores)
        assert case.holder is not None
        start = NOON + timedelta(hours=3)
        stores.shifts.put(Shift(GRID, case.holder, start, start + timedelta(hours=9), start))

    await store.work(twice)
    assert await _broken(store) == [("duty", None)]


async def test_a_sentence_that_nobody_will_say_is_found(store: Store) -> None:
    def unsaid(stores: Stores) -> CaseId:
        case = a_late_case(stores)
        stores.summaries.keep(Line("night:2026-11-24", ChatId(1), case.id, "tell.reminder", {}, LATER))
        return case.id

    case = await store.work(unsaid)
    assert await _broken(store) == [("summary", case)]
