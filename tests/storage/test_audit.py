"""A sound town has no findings; every planted damage is found."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from routing import desk
from routing.events import Claimed, Escalated, Resolved, Withdrawn
from routing.model import (
    Appointment,
    Case,
    CaseId,
    ChatId,
    ChatKind,
    ChatState,
    PersonId,
    Post,
    TimerKind,
    Unit,
    UnitCode,
    UnitKind,
    WordsId,
    WordsKind,
)
from routing.ports import Promise
from storage.audit import findings
from storage.outbox import _RECORD
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON, a_case, a_chat, lift

GRID = UnitCode("g1")
NOW = NOON + timedelta(hours=2)
LEVELS = ("city", "street", "community", "grid")


def a_town(stores: Stores) -> tuple[PersonId, PersonId]:
    above = None
    for level in LEVELS:
        code = GRID if level == "grid" else UnitCode(level)
        stores.units.put(Unit(code, level, level, above, UnitKind.BASIC if code == GRID else UnitKind.OFFICE))
        above = code
    resident, worker = stores.people.meet(1, "住户", "zh"), stores.people.meet(2, "网格员", "zh")
    stores.people.appoint(Appointment(worker.id, GRID, Post.WORKER, "网格员"))
    stores.chats.bind(a_chat(stores), ChatKind.RESIDENTS, GRID)
    return resident.id, worker.id


def a_filed(stores: Stores, reporter: PersonId) -> Case:
    case = a_case(stores.cases.next_number(), id=CaseId(stores.ids.new()), reporter=reporter)
    stores.words.put(case.id, WordsKind.REPORT, reporter, NOON, "灯坏了")
    return desk.file(stores, case, NOON, rule="test")


def a_history(stores: Stores) -> tuple[CaseId, CaseId, CaseId]:
    """An open case, a withdrawn one, and one that has been worked on."""
    resident, worker = a_town(stores)
    fresh, gone, worked = (a_filed(stores, resident) for _ in range(3))
    desk.move(stores, gone.id, Withdrawn(at=NOON + MINUTE, by=resident))
    desk.move(stores, worked.id, Claimed(at=NOON + MINUTE, by=worker))
    note = stores.words.put(worked.id, WordsKind.SOLUTION, worker, NOON, "修好了")
    desk.move(stores, worked.id, Resolved(at=NOON + 2 * MINUTE, by=worker, photos=1, words=note))
    stores.inbox.receive(7, 1, "chat:1", b"{}", NOON)
    return fresh.id, gone.id, worked.id


async def _laws(store: Store, now: datetime = NOW) -> list[tuple[str, CaseId | None]]:
    return await store.read(lambda s: [(found.law, found.case) for found in findings(s, now)])


async def test_a_sound_town_has_no_findings(store: Store) -> None:
    await store.work(a_history)

    assert await store.read(lambda s: list(findings(s, NOW))) == []


async def test_an_empty_database_has_no_findings(store: Store) -> None:
    assert await _laws(store) == []


DAMAGES: list[tuple[str, str, int | None]] = [
    ("status", "UPDATE cases SET status = 'lost' WHERE id = {fresh}", 0),
    ("row", "UPDATE cases SET place = '{{}}}}' WHERE id = {fresh}", 0),
    ("row", "UPDATE cases SET rating_first = 'splendid' WHERE id = {worked}", 2),
    ("conflict", "UPDATE cases SET accused = '[\"' || unit || '\"]' WHERE id = {fresh}", 0),
    ("deadline", "DELETE FROM timers WHERE case_id = {fresh}", 0),
    ("deadline", "UPDATE timers SET next_at = NULL, paused_at = 1 WHERE case_id = {fresh}", 0),
    (
        "ended",
        "INSERT INTO timers (city_id, case_id, kind, unit, started_at, due_at, step)"
        " VALUES ('local', {gone}, 'handle', '', 1, 2, 0)",
        1,
    ),
    ("chain", "UPDATE log SET hash = 'x' WHERE case_id = {worked} AND seq = 3", 2),
    ("chain", "UPDATE log SET event = 'Vanished' WHERE case_id = {worked} AND seq = 3", 2),
    ("filed", "DELETE FROM log WHERE case_id = {fresh} AND seq = 1", 0),
    ("filed", """UPDATE log SET event = 'Filed', data = '{{"at":"2026-11-20T04:00:00+00:00"}}' WHERE seq = 2""", 0),
    ("replay", "UPDATE cases SET me_too = 9 WHERE id = {worked}", 2),
    ("replay", "DELETE FROM log WHERE case_id = {gone} AND seq = 3", 1),
    ("age", "UPDATE cases SET filed_at = filed_at - 1000000 WHERE id = {gone}", 1),
    ("number", "UPDATE cases SET number = 1", None),
    ("orphan", "UPDATE log SET case_id = 5 WHERE case_id = {gone}", 5),
    ("orphan", "UPDATE timers SET case_id = 5 WHERE case_id = {fresh} AND kind = 'handle'", 5),
    ("poison", "UPDATE inbox SET state = 'poison'", None),
    ("unit", "UPDATE units SET parent = '404' WHERE parent IS NOT NULL", None),
    ("unit", "UPDATE units SET parent = code WHERE parent IS NULL", None),
    ("row", "UPDATE units SET buildings = 'none'", None),
    (
        "row",
        "INSERT INTO erasures (city_id, seq, at, why, rows, hash) VALUES ('local', 1, 1, 'asked', '{{', 'x')",
        None,
    ),
    ("row", "INSERT INTO bulletin VALUES ('local', {worked}, 'lateness', 'u', 1, 2)", None),
    ("clock", "UPDATE timers SET due_at = 9000000000000000000 WHERE case_id = {fresh}", 0),
]


@pytest.mark.parametrize(("law", "damage", "where"), DAMAGES, ids=lambda value: str(value)[:40])
async def test_planted_damage_is_found(store: Store, law: str, damage: str, where: int | None) -> None:
    ids = await store.work(a_history)
    sql = damage.format(fresh=ids[0], gone=ids[1], worked=ids[2])

    def harm(stores: Stores) -> int:
        lift(stores)
        stores.connection.exec_driver_sql("DROP INDEX uq_cases_number")
        return stores.connection.exec_driver_sql(sql).rowcount

    assert await store.work(harm) > 0
    found = await _laws(store)

    expected = ids[where] if where is not None and where < 3 else where
    assert (law, expected) in found


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=300)])
async def test_a_clock_that_is_set_back_makes_no_damage_and_hides_none(store: Store, back: timedelta) -> None:
    def history(stores: Stores) -> tuple[CaseId, CaseId]:
        resident, worker = a_town(stores)
        ended, up = (a_filed(stores, resident) for _ in range(2))
        for case in (ended, up):
            desk.move(stores, case.id, Claimed(at=NOON + 30 * MINUTE, by=worker))
        desk.move(stores, up.id, Escalated(at=NOON + 31 * MINUTE - back, by=worker, words=_why(stores, up.id, worker)))
        desk.move(stores, ended.id, Withdrawn(at=NOON + 32 * MINUTE - back, by=resident))
        return ended.id, up.id

    ids = await store.work(history)
    for now in (NOON + 33 * MINUTE - back, NOW):
        assert await _laws(store, now) == []

    await store.work(_older)
    assert {("age", case) for case in ids} <= set(await _laws(store))


def _why(stores: Stores, case: CaseId, worker: PersonId) -> WordsId:
    return stores.words.put(case, WordsKind.REASON, worker, NOON, "管不了")


def _older(stores: Stores) -> None:
    lift(stores)
    stores.connection.exec_driver_sql("UPDATE cases SET filed_at = filed_at - 1000000")


async def test_a_holder_or_unit_that_is_gone_is_found(store: Store) -> None:
    def history(stores: Stores) -> tuple[CaseId, PersonId]:
        resident, worker = a_town(stores)
        case = a_filed(stores, resident)
        desk.move(stores, case.id, Claimed(at=NOON + MINUTE, by=worker))
        return case.id, worker

    case, worker = await store.work(history)
    assert await _laws(store) == []

    await store.work(lambda s: s.people.erase(worker, NOON))
    assert await _laws(store) == [("holder", case)]

    await store.work(lambda s: s.connection.exec_driver_sql("DELETE FROM units").rowcount)
    assert await _laws(store) == [("holder", case), ("holder", case), ("unit", case)]


async def test_a_paused_clock_beside_one_that_rings_is_sound(store: Store) -> None:
    fresh, *_ = await store.work(a_history)

    def pause(stores: Stores) -> int:
        sql = "UPDATE timers SET next_at = NULL WHERE kind = 'handle' AND case_id = "
        return stores.connection.exec_driver_sql(f"{sql}{fresh}").rowcount

    assert await store.work(pause) == 1
    assert any(timer.kind is not TimerKind.HANDLE for timer in await store.read(lambda s: s.timers.of(fresh)))
    assert await _laws(store) == []


async def test_a_message_forgotten_in_flight_is_found_after_a_minute(store: Store) -> None:
    def send(stores: Stores) -> None:
        chat = stores.chats.meet(8, 1, ChatKind.PRIVATE, "", ChatState.OK).id
        stores.outbox.promise(Promise("k", chat, "tell"))
        (heads,) = stores.sending.ready_heads(8, NOON, 9).values()
        stores.sending.start([head.id for head in heads], NOON)

    await store.work(send)

    assert await _laws(store, NOON + MINUTE) == []
    assert await _laws(store, NOON + MINUTE + timedelta(seconds=1)) == [("sending", None)]


async def test_a_message_that_carries_two_things_is_found(store: Store) -> None:
    def harm(stores: Stores) -> None:
        stores.connection.exec_driver_sql("DROP INDEX uq_carriers_message")
        for carrier in ("case:1", "case:2"):
            values: dict[str, Any] = {"carrier": carrier, "chat": ChatId(1), "message_id": 5}
            stores.outbox._put(_RECORD, values)

    await store.work(harm)
    assert await _laws(store) == [("carrier", None)]
