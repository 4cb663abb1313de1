"""Compare ways to write one SQLite file durably: `python -m tests.benchmarks.writer`. Takes about half a minute.

Every unit of work is three inserts and one update through SQLAlchemy Core, with WAL and synchronous=FULL. Read the
ratios, not the numbers: other work on the machine moves all of them.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    MetaData,
    QueuePool,
    Table,
    Text,
    bindparam,
    create_engine,
    event,
    insert,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage import driver
from storage.sqlite import reading_engine, writing_engine
from storage.writer import GroupWriter

SECONDS: Final = 1.5
WAITING: Final = (1, 8, 32)
metadata: Final = MetaData()
ROWS: Final = [
    Table(
        name,
        metadata,
        Column("city_id", Text, primary_key=True),
        Column("id", BigInteger, primary_key=True, autoincrement=False),
        Column("body", Text),
        Column("n", Integer),
    )
    for name in ("inbox", "log", "outbox", "cases")
]
INSERTS: Final = [insert(table) for table in ROWS[:3]]
CASES: Final = ROWS[3]
UPDATE: Final = update(CASES).where(CASES.c.city_id == bindparam("city"), CASES.c.id == 1).values(n=CASES.c.n + 1)
QUESTION: Final = select(CASES).where(CASES.c.city_id == bindparam("city"), CASES.c.id == 1)
NUMBERS: Final = count(1)

Unit = Callable[[], Awaitable[Any]]


def _unit(connection: Connection) -> None:
    row = {"city_id": "x", "id": next(NUMBERS), "body": "b" * 200, "n": 0}
    for statement in INSERTS:
        connection.execute(statement, row)
    connection.execute(UPDATE, {"city": "x"})


def _ask(connection: Connection) -> None:
    for _ in range(5):
        connection.execute(QUESTION, {"city": "x"}).all()


def _async_writer(path: Path) -> AsyncEngine:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{path}", poolclass=AsyncAdaptedQueuePool, pool_size=1, max_overflow=0
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "busy_timeout = 10000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


async def _per_second(unit: Unit, waiting: int) -> tuple[float, float]:
    """Units per second, and milliseconds of CPU for each, with *waiting* callers at once."""
    end, done = time.perf_counter() + SECONDS, 0

    async def call() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await unit()
            done += 1

    started, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(call() for _ in range(waiting)))
    return done / (time.perf_counter() - started), (time.process_time() - cpu) / done * 1000


async def _table(title: str, ways: dict[str, Unit]) -> None:
    out = sys.stdout.write
    out(f"\n{title}\n{'':44}" + "".join(f"{f'{n} waiting':>22}" for n in WAITING) + "\n")
    for name, unit in ways.items():
        figures = [await _per_second(unit, waiting) for waiting in WAITING]
        out(f"{name:44}" + "".join(f"{rate:>10.0f}/s {cpu:>6.2f} ms" for rate, cpu in figures) + "\n")


async def measure(folder: Path) -> None:
    """Write and read a throw-away database in *folder* every way and print a table for each."""
    path = folder / "bench.db"
    engine = writing_engine(path)
    with engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(CASES), {"city_id": "x", "id": 1, "body": "", "n": 0})
    engine.dispose()
    slow, writer = _async_writer(path), GroupWriter(writing_engine(path))
    readers = reading_engine(path)
    direct = create_engine(f"sqlite:///{path}", module=driver.dbapi, poolclass=QueuePool, pool_size=4)

    async def by_await() -> None:
        async with slow.begin() as connection:
            row = {"city_id": "x", "id": next(NUMBERS), "body": "b" * 200, "n": 0}
            for statement in INSERTS:
                await connection.execute(statement, row)
            await connection.execute(UPDATE, {"city": "x"})

    async def by_run_sync() -> None:
        async with slow.begin() as connection:
            await connection.run_sync(_unit)

    async def ask_bridge() -> None:
        async with readers.connect() as connection:
            await connection.run_sync(_ask)

    def ask_directly() -> None:
        with direct.connect() as connection:
            _ask(connection)

    sys.stdout.write(f"SQLite {driver.version}; units per second, and CPU for each\n")
    writes: dict[str, Unit] = {
        "aiosqlite, await each statement": by_await,
        "aiosqlite, one function in run_sync": by_run_sync,
        "one writer thread, shared commits": lambda: writer.run(_unit),
    }
    await _table("Writing: three inserts and an update, durable", writes)
    reads: dict[str, Unit] = {
        "aiosqlite, one function in run_sync": ask_bridge,
        "a thread, one function, pooled connection": lambda: asyncio.to_thread(ask_directly),
    }
    await _table("Reading: five rows by key", reads)
    await slow.dispose()
    await readers.dispose()
    direct.dispose()
    await writer.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        asyncio.run(measure(Path(name)))
