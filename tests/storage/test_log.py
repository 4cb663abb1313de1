from datetime import timedelta

from routing.events import Claimed, Dispatched, Event, Filed, Resolved
from routing.model import CaseId, PersonId, Status, UnitCode
from storage.log import broken_at, held, latest, replayed
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import NOON, lift

CASE = CaseId(1)
HOUR = timedelta(hours=1)
LIFE: list[tuple[Event, dict[str, object]]] = [
    (Filed(at=NOON, by=PersonId(5)), {"status": Status.RECEIVED, "unit": UnitCode("g1"), "version": 1}),
    (
        Dispatched(at=NOON + HOUR, to=UnitCode("g2"), rule="r", policy="p"),
        {"status": Status.OFFERED, "unit": UnitCode("g2"), "version": 2},
    ),
    (Claimed(at=NOON + 3 * HOUR, by=PersonId(6)), {"status": Status.CLAIMED, "holder": PersonId(6), "version": 3}),
]


async def _live(store: Store) -> None:
    def live(stores: Stores) -> None:
        for event, change in LIFE:
            stores.log.append(CASE, event, change)
        stores.log.append(CaseId(2), LIFE[0][0], LIFE[0][1])

    await store.work(live)


async def test_the_log_tells_what_happened_and_rebuilds_the_case(store: Store) -> None:
    await _live(store)
    entries = await store.read(lambda s: s.log.of(CASE))

    assert [(entry.seq, entry.event, entry.change) for entry in entries] == [
        (seq, event, change) for seq, (event, change) in enumerate(LIFE, start=1)
    ]
    assert replayed(entries) == {
        "status": Status.CLAIMED, "unit": "g2", "holder": 6, "version": 3,
    }  # fmt: skip


async def test_appending_answers_with_the_line_as_it_will_be_read(store: Store) -> None:
    written = await store.work(lambda s: s.log.append(CASE, *LIFE[0]))

    assert await store.read(lambda s: s.log.of(CASE)) == [written]


async def test_an_untouched_chain_is_whole_and_every_touch_shows(store: Store) -> None:
    await _live(store)
    assert await store.read(lambda s: broken_at(CASE, s.log.lines(CASE))) is None

    def touched(stores: Stores, sql: str) -> int | None:
        stores.connection.exec_driver_sql("SAVEPOINT touch")
        lift(stores)
        stores.connection.exec_driver_sql(sql)
        broken = broken_at(CASE, stores.log.lines(CASE))
        stores.connection.exec_driver_sql("ROLLBACK TO touch")
        return broken

    touches = {
        "UPDATE log SET data = replace(data, '\"by\":5', '\"by\":6') WHERE case_id = 1 AND seq = 1": 1,
        "UPDATE log SET change = '{}' WHERE case_id = 1 AND seq = 2": 2,
        "UPDATE log SET data = '{}' WHERE case_id = 1 AND seq = 2": 2,
        "UPDATE log SET data = '[]' WHERE case_id = 1 AND seq = 3": 3,
        "UPDATE log SET event = 'Released' WHERE case_id = 1 AND seq = 3": 3,
        "UPDATE log SET hash = upper(hash) WHERE case_id = 1 AND seq = 1": 1,
        "DELETE FROM log WHERE case_id = 1 AND seq = 2": 3,
        "DELETE FROM log WHERE case_id = 1 AND seq = 1": 2,
        "DELETE FROM log WHERE case_id = 2": None,
    }
    assert {sql: await store.work(touched, sql) for sql in touches} == touches


async def test_the_chain_of_one_case_says_nothing_of_another(store: Store) -> None:
    await _live(store)
    first, other = await store.read(lambda s: (s.log.of(CASE)[0], s.log.of(CaseId(2))[0]))

    assert first.event == other.event
    assert first.hash != other.hash


async def test_the_hours_of_the_units_sum_to_the_age(store: Store) -> None:
    await _live(store)
    await store.work(lambda s: s.log.append(CASE, Resolved(at=NOON + 4 * HOUR), {"unit": UnitCode("g1")}))
    entries = await store.read(lambda s: s.log.of(CASE))

    assert held(entries, NOON + 5 * HOUR) == {"g1": 2 * 3600.0, "g2": 3 * 3600.0}


async def test_what_a_clock_that_was_set_back_goes_through_again_is_counted_once(store: Store) -> None:
    await _live(store)
    to_g1 = Dispatched(at=NOON - 24 * HOUR, to=UnitCode("g1"), rule="r", policy="p")
    await store.work(lambda s: s.log.append(CASE, to_g1, {"unit": UnitCode("g1")}))
    entries = await store.read(lambda s: s.log.of(CASE))

    assert held(entries, NOON + 5 * HOUR) == {"g1": 3 * 3600.0, "g2": 2 * 3600.0}
    assert held(entries, NOON - 20 * HOUR) == {"g1": 3600.0, "g2": 2 * 3600.0}
    assert latest(entries, NOON - 20 * HOUR) == NOON + 3 * HOUR
    assert latest(entries, NOON + 5 * HOUR) == NOON + 5 * HOUR
