"""Compare ways to write to PostgreSQL: `python -m tests.benchmarks.servers [URL]`. Takes about two minutes.

Every unit of work is a whole life as the town knows it: filed, claimed, resolved, rated, each step one transaction with
its log line, its clocks and its promises. Without a URL a server is started that does not wait for the disk. Read the
ratios, not the numbers: Python and the server share the machine.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from importlib.util import find_spec
from itertools import cycle
from pathlib import Path
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, QueuePool, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from routing import desk
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.events import Claimed, Rated, Resolved
from routing.model import PersonId, Rating
from routing.policy import Policy
from storage import prepared
from storage.engines import database_at
from storage.numbers import DrawnNumbers
from storage.pool import PoolWriter
from storage.postgres import PostgresDatabase
from storage.store import Store
from storage.watching import Nobody, Watch
from tests import postgres
from tests.routing.village import LI, MONDAY, WANG, ZHANG, ZHOU, _file, _settle

SECONDS: Final = 5.0
WARM: Final = 10
CALLERS: Final = 16
WAYS: Final = (
    ("psycopg", "SERIALIZABLE", 1),
    ("psycopg", "SERIALIZABLE", 4),
    ("psycopg", "REPEATABLE READ", 1),
    ("psycopg", "REPEATABLE READ", 2),
    ("psycopg", "REPEATABLE READ", 4),
    ("psycopg", "REPEATABLE READ", 8),
    ("psycopg_async", "REPEATABLE READ", 1),
    ("psycopg_async", "REPEATABLE READ", 4),
    ("asyncpg", "REPEATABLE READ", 1),
    ("asyncpg", "REPEATABLE READ", 4),
)
T = TypeVar("T")


class BridgedWriter:
    """What `PoolWriter` does, over a driver of the event loop: each work in a greenlet on it."""

    def __init__(self, engine: AsyncEngine, numbers: DrawnNumbers) -> None:
        self._engine, self._numbers = engine, numbers
        self.watch: Watch = Nobody()

    async def run(self, job: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run *job*, again when somebody came between; nothing waits here, so nothing goes *first*."""
        del first
        while True:
            try:
                async with self._engine.begin() as connection:
                    result = await connection.run_sync(job)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in {"40001", "40P01", "23505"}:
                    raise
            else:
                self._numbers.spent()
                return result

    async def close(self) -> None:
        """Let go of the connections."""
        await self._engine.dispose()
        self._numbers.close()


async def live(driver: str, isolation: str, connections: int, url: str) -> dict[str, float]:
    """Lives per second of one process, milliseconds of its CPU for each, and transactions begun for each committed."""
    store = await Store.open(url, policy=Policy.load(), calendar=Calendar.load(), catalogue=Catalogue.load())
    people = await store.work(_settle, (WANG, ZHOU, LI, ZHANG))
    if store._writer is None:
        raise RuntimeError("the store is open for reading only")
    await store._writer.close()
    found = database_at(url)
    if not isinstance(found, PostgresDatabase):
        raise TypeError(url)
    numbers = DrawnNumbers(found._engine("AUTOCOMMIT", QueuePool))
    if driver == "psycopg":
        engine = found._engine(isolation, QueuePool)
        store._writer, watched = PoolWriter(engine, numbers, connections), engine
    else:
        bridge = create_async_engine(
            found._url.set(drivername=f"postgresql+{driver}"),
            isolation_level=isolation,
            pool_size=connections,
            max_overflow=0,
        )
        store._writer, watched = BridgedWriter(bridge, numbers), bridge.sync_engine
    prepared._READY.clear()  # the forms of another driver's parameters
    store._setting = type(store._setting)(**{**_fields(store._setting), "numbers": numbers})
    for _ in range(WARM):
        with suppress(DBAPIError):
            await _life(store, people, WANG)
    begun, lock = [0], threading.Lock()

    @event.listens_for(watched, "begin")
    def _begun(_connection: Any) -> None:
        with lock:
            begun[0] += 1

    figures = await _measure(lambda reporter: _life(store, people, reporter))
    await store.close()
    return {**figures, "runs": begun[0] / (figures.pop("count") * 4)}


def _fields(setting: Any) -> dict[str, Any]:
    return {name: getattr(setting, name) for name in setting.__slots__}


async def _life(store: Store, people: dict[int, PersonId], reporter: int) -> None:
    worker = people[LI]
    case = await store.work(_file, people[reporter], MONDAY, {})
    await store.work(desk.move, case.id, Claimed(at=MONDAY, by=worker))
    await store.work(desk.move, case.id, Resolved(at=MONDAY, by=worker, photos=1))
    await store.work(desk.move, case.id, Rated(at=MONDAY, by=people[reporter], rating=Rating.SATISFIED))


async def _measure(live_once: Callable[[int], Coroutine[Any, Any, None]]) -> dict[str, float]:
    count, lost, reporters = 0, 0, cycle((WANG, ZHOU))
    begun, cpu = time.perf_counter(), time.process_time()

    async def call() -> None:
        nonlocal count, lost
        while time.perf_counter() < begun + SECONDS:
            try:
                await live_once(next(reporters))
                count += 1
            except DBAPIError:  # the others stayed in the way
                lost += 1

    await asyncio.gather(*(call() for _ in range(CALLERS)))
    took_s = time.perf_counter() - begun
    return {"per_s": count / took_s, "cpu_ms": (time.process_time() - cpu) / count * 1000, "count": count, "lost": lost}


def compare(url: str | None) -> None:
    """Measure every way, with one process and with two at once, and print a table."""
    say = sys.stdout.write
    say(f"{'':36}{'one process':>32}{'two processes':>32}\n")
    for way in WAYS:
        if find_spec(way[0].removesuffix("_async")) is None:
            say(f"{way[0]} is not installed\n")
            continue
        cells = []
        for processes in (1, 2):
            target = url or postgres.new_database()
            found = _in_processes([*map(str, way), target], processes)
            rate = sum(one["per_s"] for one in found)
            cpu_ms, runs = (sum(one[name] for one in found) / processes for name in ("cpu_ms", "runs"))
            lost = sum(one["lost"] for one in found)
            cells.append(f"{rate:>8.1f}/s {cpu_ms:>6.1f} ms {runs:>6.2f} runs {lost:>3.0f} lost")
        say(f"{way[0]}, {way[1]}, {way[2]} connections".ljust(44) + "    ".join(cells) + "\n")


def _in_processes(way: Sequence[str], processes: int) -> list[dict[str, float]]:
    command = [sys.executable, "-m", __spec__.name if __spec__ else __name__, "--one", *way]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) for _ in range(processes)
    ]
    return [json.loads(one.communicate()[0].splitlines()[-1]) for one in running]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--one", nargs=4)
    parser.add_argument("url", nargs="?")
    chosen = parser.parse_args()
    if chosen.one:
        driver, isolation, connections, target = chosen.one
        sys.stdout.write(json.dumps(asyncio.run(live(driver, isolation, int(connections), target))) + "\n")
    else:
        compare(chosen.url)
