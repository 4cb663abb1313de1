"""What may only be added to: the log, who read what, and the receipts of erasures."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from routing import residents
from routing.model import CaseId, PersonId, Post, UnitCode, WordsKind
from routing.records import ErasureReason, Reading, ReadingKind
from storage import schema
from storage.audit import findings
from storage.erasures import broken_at
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import NOON, Opener, lift
from tests.storage.test_audit import a_history

NOW = datetime.now(UTC)


def a_life(stores: Stores) -> None:
    """A log, a reading of today, one of last year, and two receipts."""
    a_history(stores)
    for number, at in ((1, NOW), (2, NOW - timedelta(days=184))):
        reading = Reading(number, at, PersonId(2), UnitCode("g1"), Post.OBSERVER, CaseId(1), ReadingKind.CASE, "督查")
        stores.readings.add(reading)
    stores.erasures.add(NOON, ErasureReason.ASKED, PersonId(77), {"people": 1, "words": 2, "drafts": 0})
    stores.erasures.add(NOON, ErasureReason.EXPIRED, None, {"words": 9})


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log SET change = '{}'",
        "DELETE FROM log",
        "UPDATE readings SET reason = ''",
        "DELETE FROM readings WHERE id = 1",
        "UPDATE erasures SET person = NULL",
        "DELETE FROM erasures",
        "DELETE FROM erasures WHERE seq = 2",
    ],
)
async def test_what_was_written_down_can_neither_be_changed_nor_taken_out(store: Store, statement: str) -> None:
    await store.work(a_life)

    with pytest.raises(DBAPIError, match=r"only be added to|are kept"):
        await store.work(lambda s: s.connection.exec_driver_sql(statement).rowcount)


async def test_a_whole_table_cannot_be_emptied_at_once(store: Store, engine: str) -> None:
    await store.work(a_life)
    empty = "TRUNCATE log" if engine == "postgresql" else "DELETE FROM log"

    with pytest.raises(DBAPIError, match="only be added to"):
        await store.work(lambda s: s.connection.exec_driver_sql(empty).rowcount)


async def test_who_read_what_may_go_after_half_a_year(store: Store) -> None:
    await store.work(a_life)

    gone = await store.work(lambda s: s.connection.exec_driver_sql("DELETE FROM readings WHERE id = 2").rowcount)

    assert gone == 1


async def test_receipts_are_a_chain_in_which_every_touch_shows(store: Store) -> None:
    await store.work(a_life)
    receipts = await store.read(lambda s: s.erasures.all())

    assert [(one.seq, dict(one.rows)) for one in receipts] == [(1, {"people": 1, "words": 2}), (2, {"words": 9})]
    assert broken_at(receipts) is None
    assert broken_at(receipts[1:]) == 2

    def touched(stores: Stores) -> int | None:
        lift(stores)
        stores.connection.exec_driver_sql("UPDATE erasures SET person = 78 WHERE seq = 1")
        return broken_at(stores.erasures.all())

    assert await store.work(touched) == 1


async def test_the_audit_tells_of_a_guard_that_is_gone(store: Store) -> None:
    await store.work(a_life)
    await store.work(lift)

    found = await store.read(lambda s: [one.detail for one in findings(s, NOON) if one.law == "guard"])

    assert len(found) == 3


async def test_whoever_was_erased_leaves_a_receipt_and_nothing_else(store: Store) -> None:
    def forget(stores: Stores) -> tuple[PersonId, str]:
        a_history(stores)
        resident = stores.people.meet(1, "住户", "zh").id
        return resident, residents.forget(stores, resident, NOON, withdraw=False).code

    resident, code = await store.work(forget)
    receipts = await store.read(lambda s: s.erasures.all())

    assert [(one.person, one.code, one.why) for one in receipts] == [(resident, code, ErasureReason.ASKED)]
    assert receipts[0].rows["words"] == 3
    assert await store.read(lambda s: s.erasures.left_of(resident)) == {}
    assert await _laws(store) == []


async def test_what_could_not_be_handled_of_somebody_goes_with_them(store: Store) -> None:
    updates = {
        1: b'{"update_id": 1, "message": {"from": {"id": 1}, "text": "..."}}',
        2: b'{"update_id": 2, "message_reaction": {"user": {"id": 1}}}',
        3: b'{"update_id": 3, "message": {"from": {"id": 2}, "reply_to_message": {"from": {"id": 1}}}}',
        4: b"no update",
        5: b"[]",
        6: b'{"update_id": 6, "message": {"from": 1}, "poll": null}',
    }

    def forget(stores: Stores) -> Mapping[str, int]:
        a_history(stores)
        for number, raw in updates.items():
            stores.inbox.receive(42, number, "chat", raw, NOON)
            stores.inbox.failed(42, number, "KeyError", NOON, for_good=True)
        resident = stores.people.meet(1, "住户", "zh").id
        return residents.forget(stores, resident, NOON, withdraw=False).rows

    assert (await store.work(forget))["inbox"] == 2
    assert [one.update_id for one in await store.read(lambda s: s.inbox.aside())] == [3, 4, 5, 6]


async def test_the_audit_finds_what_an_erasure_left(store: Store) -> None:
    def leave(stores: Stores) -> None:
        fresh, _, _ = a_history(stores)
        resident = stores.people.meet(1, "住户", "zh").id
        residents.forget(stores, resident, NOON, withdraw=False)
        stores.words.put(fresh, WordsKind.MORE, resident, NOON, "漏了")

    await store.work(leave)

    assert await _laws(store) == ["erased"]


async def test_a_broken_chain_of_receipts_is_found(store: Store) -> None:
    def break_(stores: Stores) -> Any:
        a_life(stores)
        lift(stores)
        return stores.connection.exec_driver_sql("UPDATE erasures SET hash = 'x' WHERE seq = 2").rowcount

    assert await store.work(break_) == 1
    assert "receipt" in await _laws(store)


async def _laws(store: Store) -> list[str]:
    return await store.read(lambda s: [one.law for one in findings(s, NOON)])


async def test_the_guards_are_put_back_with_the_tables(opened: Opener, url: str) -> None:
    await asyncio.to_thread(schema.migrate, url)
    await asyncio.to_thread(schema.migrate, url, "0007")
    store = await opened()

    assert await _laws(store) == []
