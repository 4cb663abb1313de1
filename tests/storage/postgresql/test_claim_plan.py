"""What programs ask again and again goes by indexes, however much is stored: the plans of PostgreSQL say so."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from storage.store import Store
from storage.stores import Stores
from tests import databases
from tests.storage.conftest import NOON

DONE, WAITING = 20_000, 2_000


def _fill(stores: Stores) -> None:
    rows = (
        "INSERT INTO inbox (city_id, bot, update_id, queue, raw, received_at, state, attempts, finished_at) "
        "SELECT 'local', 7, n, '7:' || n % 300, 'x'::bytea, n, CAST(:state AS text), 0, CAST(:finished AS bigint) "
        "FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) n"
    )
    run = stores.connection.execute
    run(text(rows), {"state": "done", "finished": 1, "first": 1, "last": DONE})
    run(text(rows), {"state": "pending", "finished": None, "first": DONE + 1, "last": DONE + WAITING})
    for table in ("inbox", "holdings", "leases"):
        run(text(f"ANALYZE {table}"))


def _plans(stores: Stores, ask: Callable[[], Any]) -> list[str]:
    """The plan of every question that *ask* puts, each made anew as the engine makes it for these values."""
    asked: list[tuple[str, Any]] = []
    with databases.watching(lambda sql, values: asked.append((sql, values))):
        ask()
    reads = [(sql, values) for sql, values in asked if sql.startswith(("SELECT", "UPDATE", "DELETE"))]
    cursor = stores.connection.connection.cursor()
    found = []
    for sql, values in reads:
        cursor.execute(f"EXPLAIN {sql}", values)
        found.append("\n".join(row[0] for row in cursor.fetchall()))
    return found


async def test_taking_chats_reads_what_waits_and_never_the_whole_inbox(store: Store) -> None:
    await store.work(_fill)
    assert store.tenure is not None
    lease = store.tenure.lease

    def plans(stores: Stores) -> list[str]:
        return _plans(stores, lambda: stores.leases.take(lease, [7], 16, 20))

    found = [plan for plan in await store.work(plans) if "inbox" in plan]

    assert len(found) == 2, "which chats are free, and the first updates of each"
    assert all("Seq Scan on inbox" not in plan for plan in found), "\n".join(found)
    assert "ix_inbox_pending" in found[0]
    assert "LockRows" in found[0]


async def test_two_that_take_at_once_pass_over_each_other_s_rows(store: Store) -> None:
    await store.work(_fill)
    assert store.tenure is not None
    one = store.tenure.lease
    other = await store.work(lambda stores: stores.leases.enter("other", NOON))

    def both(stores: Stores) -> tuple[set[str], set[str]]:
        first = {row.queue for row in stores.leases.take(one, [7], 16, 20)}
        second = {row.queue for row in stores.leases.take(other, [7], 16, 20)}
        return first, second

    first, second = await store.work(both)
    assert (len(first), len(second)) == (16, 16)
    assert not first & second
