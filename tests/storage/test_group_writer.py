"""The one writer thread of SQLite: groups, a bounded line, a database that gives up."""

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from storage import driver
from storage.errors import Closed, GroupLost
from storage.line import FEW
from storage.sqlite import writing_engine
from storage.store import Store
from storage.stores import Stores
from storage.writer import GROUP, LINE, GroupWriter
from tests.databases import SQLITE
from tests.storage.test_store import add_one, value


@pytest.fixture
def engine() -> str:
    return SQLITE


async def test_works_that_wait_together_share_a_commit(store: Store) -> None:
    commits = await _commits_of(store, works=GROUP + 10)

    assert commits == 3, "one for the work that held them up, one full group, one for the rest"


def _watched(writer: GroupWriter) -> list[int]:
    """The sizes of the groups that are committed from now on."""
    sizes: list[int] = []
    commit = writer._commit

    def watched(connection: Any, group: Any) -> None:
        sizes.append(len(group))
        commit(connection, group)

    writer._commit = watched  # type: ignore[method-assign]  # watched from outside
    return sizes


async def _commits_of(store: Store, works: int) -> int:
    """How many commits *works* need that come while the writer is busy with another one."""
    writer = store._writer
    assert isinstance(writer, GroupWriter)
    busy, go_on = threading.Event(), threading.Event()
    groups = _watched(writer)

    def hold(_stores: Stores) -> None:
        busy.set()
        go_on.wait()

    held = asyncio.create_task(store.work(hold))
    await asyncio.to_thread(busy.wait)
    waiting = [asyncio.create_task(store.work(add_one)) for _ in range(works)]
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(held, *waiting)
    return len(groups)


async def test_a_commit_that_fails_is_the_error_of_its_whole_group(store: Store) -> None:
    def fill(stores: Stores) -> None:
        stores.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        stores.connection.exec_driver_sql("CREATE TABLE parent (id INTEGER PRIMARY KEY)")
        stores.connection.exec_driver_sql(
            "CREATE TABLE child (parent INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED)"
        )

    def orphan(stores: Stores) -> None:
        stores.connection.exec_driver_sql("INSERT INTO child VALUES (404)")  # noticed by the COMMIT only

    await store.work(fill)
    writer = store._writer
    assert isinstance(writer, GroupWriter)
    groups = _watched(writer)

    results = await asyncio.gather(store.work(add_one), store.work(orphan), return_exceptions=True)

    shared = len(groups) == 1
    assert isinstance(results[1], IntegrityError)
    assert isinstance(results[0], IntegrityError) == shared
    assert await store.read(value) == (0 if shared else 1)
    assert await store.work(add_one) == (1 if shared else 2), "and the writer goes on"


async def test_when_the_engine_undoes_everything_nobody_is_told_it_worked(store: Store) -> None:
    def full(stores: Stores) -> None:
        stores.connection.exec_driver_sql("ROLLBACK")  # what a full disk makes SQLite do
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    with pytest.raises(GroupLost):
        await store.work(full)
    assert await store.work(add_one) == 1


async def test_the_line_is_bounded(store: Store) -> None:
    writer = store._writer
    assert isinstance(writer, GroupWriter)
    busy, go_on = threading.Event(), threading.Event()

    def hold(_stores: Stores) -> None:
        busy.set()
        go_on.wait()

    held = asyncio.create_task(store.work(hold))
    await asyncio.to_thread(busy.wait)
    waiting = [asyncio.create_task(store.work(add_one)) for _ in range(LINE + 100)]
    await asyncio.sleep(0)
    assert len(writer._line) == LINE - 1
    go_on.set()
    await asyncio.gather(held, *waiting)
    assert await store.read(value) == LINE + 100


async def test_it_says_which_sqlite_it_uses_and_that_it_is_durable(store: Store) -> None:
    def pragmas(stores: Stores) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [stores.connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    assert (
        await store.read(lambda s: s.connection.exec_driver_sql("SELECT sqlite_version()").scalar()) == driver.version
    )
    assert await store.work(pragmas) == ["wal", 2, 1]


def test_a_writer_that_cannot_open_its_file_refuses_instead_of_hanging(tmp_path: Path) -> None:
    async def main() -> None:
        writer = GroupWriter(writing_engine(tmp_path / "nowhere" / "town.db"))
        with pytest.raises(Closed):
            await writer.run(lambda _connection: None)
        await writer.close()

    threads: list[object] = []
    threading.excepthook, usual = lambda args: threads.append(args.exc_type), threading.excepthook
    try:
        asyncio.run(main())
    finally:
        threading.excepthook = usual
    assert threads == [OperationalError]


async def test_what_is_taken_in_goes_before_the_works_that_wait(store: Store) -> None:
    busy, go_on = threading.Event(), threading.Event()
    seen: list[int] = []

    def hold(_stores: Stores) -> None:
        busy.set()
        go_on.wait()

    held = asyncio.create_task(store.work(hold))
    await asyncio.to_thread(busy.wait)
    waiting = [asyncio.create_task(store.work(add_one)) for _ in range(LINE + 100)]
    await asyncio.sleep(0)
    taken = asyncio.create_task(store.take_in(lambda stores: seen.append(value(stores))))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(held, taken, *waiting)

    assert seen == [0], "even where the line of the works is full"
    assert await store.read(value) == LINE + 100


async def test_a_group_makes_way_for_what_is_taken_in_and_loses_no_work(store: Store) -> None:
    writer = store._writer
    assert isinstance(writer, GroupWriter)
    busy, go_on = threading.Event(), threading.Event()
    groups, seen = _watched(writer), []

    def hold(_stores: Stores) -> None:
        busy.set()
        go_on.wait()

    held = [asyncio.create_task(store.work(work)) for work in (lambda _stores: None, hold)]
    waiting = [asyncio.create_task(store.work(add_one)) for _ in range(GROUP * 2)]
    await asyncio.to_thread(busy.wait)
    taken = asyncio.create_task(store.take_in(lambda stores: seen.append(value(stores))))
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(taken, *held, *waiting)

    assert seen[0] <= FEW, "the group in which somebody stood still has ended early"
    assert groups[-1] <= GROUP
    assert await store.read(value) == GROUP * 2


async def test_a_caller_that_leaves_the_line_takes_its_work_along(store: Store) -> None:
    busy, go_on = threading.Event(), threading.Event()

    def hold(_stores: Stores) -> None:
        busy.set()
        go_on.wait()

    held = asyncio.create_task(store.work(hold))
    await asyncio.to_thread(busy.wait)
    leaving = asyncio.create_task(store.work(add_one))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    go_on.set()
    await held

    assert await store.work(add_one) == 1
