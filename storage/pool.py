"""Works and questions on a few threads, each with a synchronous connection: for an engine that bears many writers.

Every work is a transaction of its own that sees one moment (REPEATABLE READ). Two of them that change the same row
cannot both be right about what they saw: the engine refuses the later one, and it is run again from its start. Why not
SERIALIZABLE stands in ``docs/decisions/0006-postgresql-by-psycopg-on-threads.md``.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from routing.refusals import Stale
from storage.errors import Closed, CommitUnknown
from storage.numbers import NUMBER_KEY, DrawnNumbers
from storage.watching import Nobody, Watch
from storage.writer import LINE

T = TypeVar("T")

MOST_RUNS: Final = 20
"""So often a work is run when others got in its way; whatever still fails then has another reason."""
FEW_RUNS: Final = 5
"""So often a work is run when the reason may be its own, or a server that is not there."""
AGAIN_S: Final = 30.0
"""So long after its first run nothing is run again: locks and dead links take their time, and somebody waits."""
_FIRST_PAUSE_S: Final = 0.002
_LONGEST_PAUSE_S: Final = 0.25
_IN_THE_WAY: Final = frozenset({"40001", "40P01", "55P03"})
"""Could not serialize, deadlock, lock not available: whoever comes again may get through."""
_TAKEN: Final = "23505"
"""A unique key is taken: by somebody who came between, or in earnest, which another run shows."""


class PoolWriter:
    """A `storage.writer.Writer` with some connections.

    Args:
        engine: Its transactions are REPEATABLE READ.
        numbers: Is told what became of the numbers that a work drew.
        threads: So many works run at once; one more thread is kept for what goes first.
    """

    def __init__(self, engine: Engine, numbers: DrawnNumbers, threads: int) -> None:
        self.watch: Watch = Nobody()
        self._engine, self._numbers = engine, numbers
        self._threads = {
            True: ThreadPoolExecutor(1, thread_name_prefix="first"),
            False: ThreadPoolExecutor(threads, thread_name_prefix="writer"),
        }
        self._room = {first: asyncio.Semaphore(LINE) for first in self._threads}
        self._closed = threading.Event()
        self._breath = threading.Event()  # never set: closing must not take the pauses between runs away

    async def run(self, job: Callable[[Connection], T], *, first: bool = False) -> T:
        """Run *job*, on the thread for what goes *first* or on the others; return after the COMMIT.

        Raises:
            Closed: the writer is closed.
            CommitUnknown: the connection broke during the COMMIT.
            sqlalchemy.exc.DBAPIError: the database is away, or others stayed in the way.
        """
        async with self._room[first]:
            if self._closed.is_set():
                raise Closed
            return await asyncio.get_running_loop().run_in_executor(self._threads[first], self._work, job)

    async def close(self) -> None:
        """Finish what was brought, then let go of the connections. A second call changes nothing."""
        self._closed.set()
        for threads in self._threads.values():
            await asyncio.to_thread(threads.shutdown)
        self._engine.dispose()
        self._numbers.close()

    def _work(self, job: Callable[[Connection], T]) -> T:
        """Run *job* until it is committed, or fails for a reason of its own."""
        run, begun = 1, time.monotonic()
        while True:
            try:
                return self._once(job)
            except (Stale, DBAPIError) as error:
                if run >= _runs_for(error) or _too_late(begun):
                    raise
            except StopIteration as error:  # a future cannot carry one
                raise RuntimeError("a work raised StopIteration") from error
            self._breath.wait(random.uniform(0, min(_FIRST_PAUSE_S * 2**run, _LONGEST_PAUSE_S)))  # noqa: S311 - spreads load
            run += 1

    def _once(self, job: Callable[[Connection], T]) -> T:
        """Run *job* in one transaction; what it drew is given back unless it was, or may have been, committed."""
        try:
            with self._engine.connect() as connection:
                begun = time.monotonic()
                transaction = connection.begin()
                result = job(connection)
                try:
                    transaction.commit()
                except DBAPIError as error:
                    if error.connection_invalidated:
                        self._numbers.spent()
                        raise CommitUnknown from error
                    raise
                self._numbers.spent()
                self.watch.committed(1, time.monotonic() - begun)
                return result
        except DBAPIError as error:
            self.watch.undone(1)
            if _key_taken(error) == NUMBER_KEY:
                self._numbers.mend()
            raise
        finally:
            self._numbers.give_back()


class PoolReader:
    """A `storage.engines.Reader` with some connections that cannot write."""

    def __init__(self, engine: Engine, threads: int) -> None:
        self._engine = engine
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="reader")

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Run *question* in a transaction of its own."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._ask, question)

    async def close(self) -> None:
        """Answer what was asked, then let go of the connections."""
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()

    def _ask(self, question: Callable[[Connection], T]) -> T:
        run, begun = 1, time.monotonic()
        while True:
            try:
                with self._engine.connect() as connection, connection.begin():
                    return question(connection)
            except DBAPIError as error:
                if not error.connection_invalidated or run >= FEW_RUNS or _too_late(begun):
                    raise
            run += 1


def _too_late(begun: float) -> bool:
    """Whether what first ran then is not run again."""
    return time.monotonic() - begun >= AGAIN_S


def _runs_for(error: Stale | DBAPIError) -> int:
    """How often a work is run at most that fails like that."""
    if isinstance(error, Stale) or error.connection_invalidated:
        return FEW_RUNS
    if getattr(error.orig, "sqlstate", None) in _IN_THE_WAY:
        return MOST_RUNS
    return FEW_RUNS if _key_taken(error) else 1


def _key_taken(error: DBAPIError) -> str | None:
    """The unique key that was taken, if that is what is wrong."""
    if getattr(error.orig, "sqlstate", None) != _TAKEN:
        return None
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or "unknown"
