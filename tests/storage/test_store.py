"""Transactions: groups, savepoints, stale reads, readers, crashes."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from routing.refusals import NotYours, Stale
from storage.errors import Closed, is_trouble
from storage.store import Store
from storage.stores import Stores
from storage.writer import MOST_RUNS
from tests.databases import POSTGRESQL
from tests.storage.conftest import Opener, a_case


def value(stores: Stores) -> int:
    """A counter read without counting."""
    return int(stores.notebook.setting("value") or 0)


def add_one(stores: Stores) -> int:
    """A read-modify-write that loses updates wherever a transaction begins too late."""
    stores.notebook.set_setting("value", str(value(stores) + 1))
    return value(stores)


async def test_twenty_at_once_lose_no_update(store: Store) -> None:
    results = await asyncio.gather(*(store.work(add_one) for _ in range(20)))

    assert sorted(results) == list(range(1, 21))
    assert await store.read(value) == 20


async def test_whoever_waits_for_the_database_in_vain_may_blame_it_and_what_was_asked_is_done(store: Store) -> None:
    answered = threading.Event()

    def slow(stores: Stores) -> None:
        answered.wait(20)
        add_one(stores)

    with pytest.raises(TimeoutError) as waited:
        async with asyncio.timeout(0.01):
            await store.work(slow)
    answered.set()
    assert is_trouble(waited.value)
    async with asyncio.timeout(20):
        while await store.read(value) == 0:
            pass

    with pytest.raises(TimeoutError) as idled:
        async with asyncio.timeout(0.01):
            await asyncio.Event().wait()
    assert not is_trouble(idled.value)


async def test_a_failed_work_leaves_no_trace_and_its_neighbours_stay(store: Store) -> None:
    def fail(stores: Stores) -> None:
        add_one(stores)
        raise NotYours(by="Li")

    results = await asyncio.gather(
        *(store.work(fail if n % 3 == 1 else add_one) for n in range(9)), return_exceptions=True
    )

    assert [type(result) for result in results] == [int, NotYours, int] * 3
    assert await store.read(value) == 6


async def test_a_constraint_that_is_broken_undoes_its_own_work_only(store: Store) -> None:
    def double(stores: Stores) -> None:
        add_one(stores)
        stores.cases.add(a_case())

    results = await asyncio.gather(*(store.work(double) for _ in range(3)), return_exceptions=True)

    assert sorted(type(result).__name__ for result in results) == ["IntegrityError", "IntegrityError", "NoneType"]
    assert await store.read(value) == 1


async def test_nobody_is_answered_before_the_commit(store: Store) -> None:
    busy, go_on = threading.Event(), threading.Event()

    def hold(_stores: Stores) -> None:
        busy.set()
        go_on.wait()

    first = asyncio.create_task(store.work(add_one))
    second = asyncio.create_task(store.work(hold))
    await asyncio.to_thread(busy.wait)
    seen = await store.read(value)
    assert first.done() == (seen == 1), "the first is answered exactly if it can be read"
    go_on.set()
    await asyncio.gather(first, second)
    assert await store.read(value) == 1


async def test_what_was_stale_is_run_again_from_the_start(store: Store) -> None:
    runs: list[int] = []

    def stale_twice(stores: Stores) -> int:
        runs.append(add_one(stores))
        if len(runs) < 3:
            raise Stale(case=a_case().id)
        return runs[-1]

    assert await store.work(stale_twice) == 1
    assert runs == [1, 1, 1], "each run begins where the transaction began"


async def test_what_stays_stale_is_given_up(store: Store) -> None:
    runs: list[int] = []

    def stale(_stores: Stores) -> None:
        runs.append(1)
        raise Stale(case=a_case().id)

    with pytest.raises(Stale):
        await store.work(stale)
    assert len(runs) == MOST_RUNS


@pytest.mark.parametrize("error", [StopIteration, KeyboardInterrupt, asyncio.CancelledError])
async def test_even_the_strangest_exception_reaches_its_caller_and_nobody_else(
    store: Store, error: type[BaseException]
) -> None:
    def odd(_stores: Stores) -> None:
        raise error

    with pytest.raises(RuntimeError if error is StopIteration else error):
        await store.work(odd)
    assert await store.work(add_one) == 1


async def test_closing_finishes_what_was_brought_and_refuses_the_rest(opened: Opener, url: str) -> None:
    store = await opened()
    waiting = [asyncio.create_task(store.work(add_one)) for _ in range(50)]
    await asyncio.sleep(0)
    await store.close()

    assert sorted(await asyncio.gather(*waiting)) == list(range(1, 51))
    with pytest.raises(Closed):
        await store.work(add_one)
    again = await opened(url=url)
    assert await again.read(value) == 50


async def test_a_reader_sees_one_moment_and_does_not_wait_for_the_writer(store: Store) -> None:
    busy, go_on = threading.Event(), threading.Event()

    def hold(stores: Stores) -> None:
        add_one(stores)
        busy.set()
        go_on.wait()

    held = asyncio.create_task(store.work(hold))
    await asyncio.to_thread(busy.wait)
    assert await store.read(value) == 0
    go_on.set()
    await held
    assert await store.read(value) == 1


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError, match=r"read-?only"):
        await store.read(add_one)


async def test_two_cities_in_one_file_never_see_each_other(opened: Opener, tmp_path: Path) -> None:
    first = await opened(city="a")
    await first.work(lambda s: s.cases.add(a_case()))
    await first.work(add_one)
    await first.close()
    second = await opened(city="b")

    assert await second.read(value) == 0
    await second.work(lambda s: s.cases.add(a_case()))
    assert await second.work(lambda s: s.cases.next_number()) == 1


async def test_numbers_keep_rising_when_the_clock_was_put_back(opened: Opener) -> None:
    first = await opened()
    far = 2**62
    await first.work(lambda s: s.cases.add(a_case(id=far)))
    await first.close()
    second = await opened()

    assert await second.read(lambda s: s.ids.new()) > far


CRASH = """
import asyncio, os, sys
from storage.store import Store
from tests.storage.conftest import CALENDAR, CATALOGUE, NOON, POLICY
from tests.storage.test_store import add_one

async def main():
    store = await Store.open(sys.argv[1], policy=POLICY, calendar=CALENDAR, catalogue=CATALOGUE, migrate=True)
    await asyncio.gather(*(store.work(add_one) for _ in range(7)))
    def die(stores):
        add_one(stores)
        os._exit(9)
    await asyncio.gather(store.work(die), store.work(add_one))

asyncio.run(main())
"""


@pytest.mark.crash
async def test_after_a_crash_what_was_answered_is_there_and_nothing_half(opened: Opener, url: str, engine: str) -> None:
    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", CRASH, url], cwd=Path(__file__).parents[2], capture_output=True
    )
    assert died.returncode == 9, died.stderr.decode()

    store = await opened(migrate=False)

    there = await store.read(value)
    assert there in ({7, 8} if engine == POSTGRESQL else {7}), "unanswered works share a COMMIT, or have their own"
    assert await store.work(add_one) == there + 1
