"""The database of a simulated program: a real SQLite file, its works run in their turn, its troubles drawn."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import TYPE_CHECKING, Any, Final, TypeVar
from unittest.mock import patch

from sqlalchemy import Connection, Engine, event

from storage import driver
from storage.errors import Closed
from storage.line import Line
from storage.numbers import CountedNumbers
from storage.sqlite import SqliteDatabase, looking_engine
from storage.writer import GROUP, LINE, GroupWriter, _Work
from tests.simulation.loop import LIFE, Crashed, Life

if TYPE_CHECKING:
    from tests.simulation.world import World

T = TypeVar("T")
Fact = tuple[object, ...]
STATEMENT_S: Final = 0.002
STALL_S: Final = 1.5


class Disk:
    """What goes wrong with statements and commits, and when the program dies at one."""

    def __init__(self, world: "World", rng: Random) -> None:
        self._world, self._rng = world, rng
        self.statements = self.commits = self.faults = 0
        self.opened: list[Any] = []
        self.locked = False
        self.happening: list[Fact] = []
        """Clocks that rang, and updates that had their effects, in the transaction under way."""
        self.happened: Counter[Fact] = Counter()
        """The same for good."""
        self._kept = 0

    def pause_s(self) -> float:
        """How long a transaction waits for its turn."""
        stalls = self._world.stormy and self._rng.random() < 0.01
        return self._rng.expovariate(1 / (STALL_S if stalls else STATEMENT_S))

    def before(self, life: Life | None, sql: str) -> None:
        """A statement is about to run; a COMMIT is one too."""
        if life is None:
            return
        if life.dead:
            raise Crashed
        self.statements += 1
        if sql.startswith("SAVEPOINT"):
            self._kept = len(self.happening)
        elif sql.startswith("ROLLBACK TO"):
            del self.happening[self._kept :]
        self._world.fuse.statement(life, sql)
        rate = self._world.weather.statements
        if rate and self._rng.random() < rate and not sql.startswith(("ROLLBACK", "RELEASE", "PRAGMA")):
            self.faults += 1
            self._world.note("statement fails", sql.partition(" ")[0])
            raise driver.sqlite.OperationalError("disk I/O error")

    def committing(self, life: Life | None, commit: Callable[[], None]) -> None:
        """Commit, unless that fails; or fail although it was done, as when a server's answer is lost."""
        if life is None:
            commit()
            return
        self.before(life, "COMMIT")
        lost = bool(self._world.weather.commits) and self._rng.random() < self._world.weather.commits
        commit()
        self.happened.update(self.happening)
        self.happening.clear()
        self.commits += 1
        self._world.note("commit")
        self._world.fuse.committed(life)
        if lost:
            self.faults += 1
            self._world.note("commit in doubt")
            raise driver.sqlite.OperationalError("server closed the connection unexpectedly")

    def left_behind(self) -> None:
        """A life has ended: what it had open is closed, and what it had not committed is gone."""
        for connection in self.opened:
            with suppress(driver.sqlite.Error):
                connection.close()
        self.opened.clear()
        self.happening.clear()
        self.locked = False

    @contextmanager
    def mounted(self) -> Iterator[None]:
        """Let every store that is opened meanwhile be on this disk."""

        def lock(_database: SqliteDatabase) -> _Lock:
            return _Lock(self)

        def writer(database: SqliteDatabase) -> tuple[GroupWriter, CountedNumbers]:
            return TurnWriter(self._watched(database.writing()), self), CountedNumbers()

        def reader(database: SqliteDatabase) -> TurnReader:
            return TurnReader(self._watched(looking_engine(database.path)), self)

        with patch.multiple(SqliteDatabase, lock=lock, writer=writer, reader=reader):
            yield

    def _watched(self, engine: Engine) -> Engine:
        @event.listens_for(engine, "do_connect")
        def _connecting(_dialect: Any, _record: Any, _args: Any, options: dict[str, Any]) -> None:
            options["factory"] = _connection_of(self, LIFE.get())

        return engine


class _Lock:
    """One program at a time, as the file's lock holds it."""

    def __init__(self, disk: Disk) -> None:
        assert not disk.locked, "two programs write one file"
        self._disk = disk
        disk.locked = True

    def release(self) -> None:
        self._disk.locked = False


class TurnWriter(GroupWriter):
    """The writer of groups without its thread: it commits when its turn in the loop comes."""

    def __init__(self, engine: Engine, disk: Disk) -> None:
        self._engine, self._disk = engine, disk
        self._line: Line[_Work] = Line()
        self._room = {first: asyncio.Semaphore(LINE) for first in (True, False)}
        self._loop = asyncio.get_running_loop()
        self._closed = self._due = False
        self._ended = self._loop.create_future()
        self._connection: Connection | None = None

    async def run(self, job: Callable[[Connection], T], *, first: bool = False) -> T:
        async with self._room[first]:
            if self._closed:
                raise Closed
            work = _Work(job, self._loop.create_future())
            self._line.put(work, first=first)
            self._stir()
            result: T = await work.future
            return result

    async def close(self) -> None:
        self._closed = True
        while len(self._line):
            self._turn()
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()

    def _stir(self) -> None:
        if not self._due:
            self._due = True
            self._loop.call_later(self._disk.pause_s(), self._turn)

    def _turn(self) -> None:
        self._due = False
        group = self._line.group(GROUP)
        if not group:
            return
        if self._connection is None:
            self._connection = self._engine.connect()
        self._commit(self._connection, group)
        if len(self._line):
            self._stir()


class TurnReader:
    """Questions, each answered at one step."""

    def __init__(self, engine: Engine, disk: Disk) -> None:
        self._engine, self._disk = engine, disk
        self._connection: Connection | None = None

    async def ask(self, question: Callable[[Connection], T]) -> T:
        await asyncio.sleep(self._disk.pause_s())
        if self._connection is None or self._connection.closed:
            self._connection = self._engine.connect()
        with self._connection.begin():
            return question(self._connection)

    async def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._engine.dispose()


def _connection_of(disk: Disk, life: Life | None) -> Callable[..., Any]:
    class Watched(driver.sqlite.Cursor):  # type: ignore[misc]  # the driver carries no types
        def execute(self, sql: str, *args: Any) -> Any:
            disk.before(life, sql)
            return super().execute(sql, *args)

        def executemany(self, sql: str, *args: Any) -> Any:
            disk.before(life, sql)
            return super().executemany(sql, *args)

    class Connected(driver.sqlite.Connection):  # type: ignore[misc]
        def cursor(self, factory: Any = Watched) -> Any:
            return super().cursor(factory)

        def commit(self) -> None:
            disk.committing(life, super().commit)

        def rollback(self) -> None:
            disk.happening.clear()
            super().rollback()

    def connect(*args: Any, **options: Any) -> Any:
        connection = Connected(*args, **options)
        disk.opened.append(connection)
        return connection

    return connect
