"""The one writer thread of an embedded database: works wait in a line, and many of them share one COMMIT.

Why: every commit waits for the disk, SQLAlchemy's asyncio bridge costs a hop between threads for each statement, and
two writers of one SQLite file wait for each other. One thread with a synchronous connection has none of these; a group
of works costs one flush. See ``docs/decisions/0002-one-writer-thread.md``.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, Engine

from routing.refusals import Stale
from storage.errors import Closed, GroupLost
from storage.line import Line
from storage.watching import Nobody, Watch

T = TypeVar("T")
Job = Callable[[Connection], Any]

GROUP: Final = 64
"""So many works share a COMMIT at most: one more waits no longer than these take, some 20 ms."""
LINE: Final = 1024
"""So many works may wait in a lane; whoever brings another waits before it gets in."""
MOST_RUNS: Final = 5
"""So often a work is run when what it read was stale."""


class Writer(Protocol):
    """Runs works in transactions. An engine with many writers may keep a pool behind the same methods."""

    watch: Watch

    async def run(self, job: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run *job* in a transaction; return after the commit, or raise what it raised and leave no trace.

        What is to be done *first* does not wait behind everything else.
        """
        ...

    async def close(self) -> None:
        """Finish what was brought, then refuse."""
        ...


class _Work:
    """One job on its way through the thread, and what became of it."""

    __slots__ = ("error", "future", "job", "result")

    def __init__(self, job: Job, future: asyncio.Future[Any]) -> None:
        self.job, self.future = job, future
        self.result: Any = None
        self.error: BaseException | None = None

    def deliver(self) -> None:
        """Wake the caller; one that was cancelled meanwhile has gone."""
        if self.future.done():
            return
        if isinstance(self.error, StopIteration):  # a future cannot carry one
            self.error = RuntimeError("a work raised StopIteration")
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class GroupWriter:
    """A `Writer` over one connection in one thread.

    A work is a plain function over the connection. It runs in its own savepoint: its exception undoes it alone and
    reaches its caller; `Stale` runs it again. A caller that is cancelled while its work waits takes it out of the line;
    one that is cancelled later does not undo it.

    Args:
        engine: Its transactions must begin with the write lock, and it must allow use from another thread.
    """

    def __init__(self, engine: Engine) -> None:
        self.watch: Watch = Nobody()
        self._engine = engine
        self._line: Line[_Work] = Line()
        self._room = {first: asyncio.Semaphore(LINE) for first in (True, False)}
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._ended = self._loop.create_future()
        self._thread = threading.Thread(target=self._serve, name="writer", daemon=True)
        self._thread.start()

    async def run(self, job: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run *job*, in the lane that goes *first* or in the usual one; return after the COMMIT that holds it.

        Raises:
            Closed: the writer is closed, or stopped because its database cannot be opened.
            GroupLost: the engine undid everything that shared the COMMIT.
        """
        async with self._room[first]:
            if self._closed:
                raise Closed
            work = _Work(job, self._loop.create_future())
            self._line.put(work, first=first)
            result: T = await work.future
            return result

    async def close(self) -> None:
        """Finish what waits in the line, then end the thread. A second call changes nothing."""
        if not self._closed:
            self._closed = True
            self._line.end()
        await asyncio.shield(self._ended)
        self._thread.join()

    def _serve(self) -> None:
        try:
            with self._engine.connect() as connection:
                while self._line.wait():
                    self._commit(connection, self._line.group(GROUP))
        finally:
            self._engine.dispose()
            with suppress(RuntimeError):  # the loop is closed, nobody waits
                self._loop.call_soon_threadsafe(self._end)

    def _commit(self, connection: Connection, group: list[_Work]) -> None:
        wanted = [work for work in group if not work.future.cancelled()]
        begun = time.monotonic()
        try:
            with connection.begin():
                for done, work in enumerate(wanted):
                    if self._line.hurries(done):
                        self._line.put_back(wanted[done:])
                        del wanted[done:]
                        break
                    _run_apart(connection, work)
            self.watch.committed(len(wanted), time.monotonic() - begun)
        except BaseException as error:  # noqa: BLE001 - it belongs to every caller of the group
            self.watch.undone(len(wanted))
            for work in wanted:
                work.error = work.error or error
            _roll_back(connection)
        with suppress(RuntimeError):  # the loop is closed, nobody waits
            self._loop.call_soon_threadsafe(_deliver, wanted)

    def _end(self) -> None:
        self._closed = True
        self._ended.set_result(None)
        while group := self._line.group(GROUP):
            for work in group:
                work.error = Closed()
                work.deliver()


def _roll_back(connection: Connection) -> None:
    """End what a failed COMMIT has left open; SQLAlchemy takes the transaction for over then."""
    driver = connection.connection.driver_connection
    with suppress(Exception):  # then the next BEGIN fails, and its callers are told
        if driver is not None and driver.in_transaction:
            driver.rollback()


def _deliver(group: list[_Work]) -> None:
    for work in group:
        work.deliver()


def _run_apart(connection: Connection, work: _Work) -> None:
    """Run a work in a savepoint of its own, again while what it read is stale."""
    for run in range(1, MOST_RUNS + 1):
        connection.exec_driver_sql("SAVEPOINT work")
        try:
            work.result = work.job(connection)
        except BaseException as error:  # noqa: BLE001 - it belongs to the caller
            _undo(connection, error)
            if isinstance(error, Stale) and run < MOST_RUNS:
                continue
            work.error = error
        else:
            connection.exec_driver_sql("RELEASE work")
        return


def _undo(connection: Connection, error: BaseException) -> None:
    """Go back to the savepoint; some failures of the disk have undone the whole transaction already."""
    driver = connection.connection.driver_connection
    if driver is None or not driver.in_transaction:
        raise GroupLost("the engine undid the transaction") from error
    connection.exec_driver_sql("ROLLBACK TO work")
    connection.exec_driver_sql("RELEASE work")
