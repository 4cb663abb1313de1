"""The database as the rest of the program sees it: works that write, questions that read."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.policy import Policy
from routing.ports import Ids
from storage import resealing, schema
from storage.engines import Database, Lock, Reader, database_at
from storage.errors import UNANSWERED, Closed, Fenced, SchemaError, Unusable, has_no_room
from storage.ids import ClockIds
from storage.leases import Lease, Leases
from storage.neighbours import own_name
from storage.numbers import CountedNumbers
from storage.sealing import Ring
from storage.stores import Setting, Stores
from storage.tables import broadcasts, cases, chats, outbox, people, words
from storage.tenure import Tenure
from storage.watching import Nobody, Watch
from storage.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class Store:
    """One database for one city, with a writer and readers beside it. Made by `open`, ended by `close`."""

    def __init__(
        self, setting: Setting, writer: Writer | None, reader: Reader, lock: Lock | None, tenure: Tenure | None = None
    ) -> None:
        self._setting, self._writer, self._reader, self._lock = setting, writer, reader, lock
        self._tenure = tenure
        self._watch: Watch = Nobody()
        self._unanswered: dict[object, float] = {}

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        policy: Policy,
        calendar: Calendar,
        catalogue: Catalogue,
        city: str = "local",
        ids: Ids | None = None,
        clock: Callable[[], datetime] = _now,
        migrate: bool = False,
        read_only: bool = False,
        ring: Ring | None = None,
    ) -> "Store":
        """Open the database at *url*.

        Args:
            url: As in ``HUYING_DATABASE_URL``: ``sqlite+aiosqlite:///huying.db`` or ``postgresql://…``.
            policy: The rules in force, for the use-cases.
            calendar: Its working days.
            catalogue: What reports can be about.
            city: Whose rows; several cities may share a database and never see each other.
            ids: Makes numbers; by default from the clock, and above every number stored.
            clock: Since when a promise waits; aware UTC.
            migrate: Bring the schema to the program's version first.
            read_only: Only `read` will be called: allowed while another process writes.
            ring: The keys for personal fields; an empty database is sealed with them from now on.

        Raises:
            Unusable: it cannot be opened or written, or another process writes it and the engine bears one only; or
                its key is another one.
            SchemaError: its schema is not the program's.
        """
        database = database_at(url)
        async with AsyncExitStack() as undo:
            lock = None if read_only else await asyncio.to_thread(database.lock)
            if lock is not None:
                undo.callback(lock.release)
            fitting = await asyncio.to_thread(_look, database, migrate, read_only, city, ring)
            writer, numbers = (None, CountedNumbers()) if read_only else database.writer()
            tenure = None
            if writer is not None:
                undo.push_async_callback(writer.close)
                tenure = await _enter(database, writer, city)
            if tenure is not None:
                undo.push_async_callback(tenure.end)
            reader = database.reader()
            undo.push_async_callback(reader.close)
            last = await reader.ask(partial(_largest_id, city=city))
            undo.pop_all()
        made = ids or ClockIds(tenure.lease.node if tenure else 0, after=last)
        setting = Setting(city, policy, calendar, catalogue, made, clock, numbers, fitting)
        return cls(setting, writer, reader, lock, tenure)

    async def work(self, use_case: Callable[Concatenate[Stores, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run *use_case* over all stores in one transaction; return what it returned, after the commit.

        It may run more than once (when what it read was stale), so it has no effect but through the stores. It runs in
        another thread and must not keep the stores.

        Raises:
            Closed: the store is closed or read-only.
            Fenced: another program has taken over.
            Exception: whatever *use_case* raised; it left no trace then.
        """
        return await self._run(lambda stores: use_case(stores, *args, **kwargs), first=False)

    async def take_in(self, use_case: Callable[Concatenate[Stores, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """As `work`, ahead of the works that wait: for what has to be kept before somebody is told that it came.

        Raises:
            Closed: the store is closed or read-only.
            Fenced: another program has taken over.
            Exception: whatever *use_case* raised; it left no trace then.
        """
        return await self._run(lambda stores: use_case(stores, *args, **kwargs), first=True)

    async def _run(self, use_case: Callable[[Stores], T], *, first: bool) -> T:
        if self._writer is None:
            raise Closed

        stores: Stores | None = None

        def work(connection: Connection) -> T:
            nonlocal stores
            stores = Stores(connection, self._setting)
            if self._tenure is not None:
                stores.leases.check(self._tenure.lease)
            return use_case(stores)

        try:
            with self._waiting():
                result = await self._writer.run(work, first=first)
        except Exception as error:
            if has_no_room(error):
                self._watch.no_room()
            if isinstance(error, Fenced) and self._tenure is not None:
                self._tenure.fenced()
            raise
        if stores is not None:
            self._tell(stores)
        return result

    def watch(self, watch: Watch) -> None:
        """Tell *watch* of every work from now on."""
        self._watch = watch
        if self._writer is not None:
            self._writer.watch = watch

    @property
    def ring(self) -> Ring | None:
        """With what personal fields are sealed; ``None`` where they stand in the clear."""
        return self._setting.ring

    @property
    def tenure(self) -> Tenure | None:
        """This program's time beside others; ``None`` where no other one can write."""
        return self._tenure

    async def read(self, question: Callable[Concatenate[Stores, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask *question* of one moment of the database; it sees what was committed before the call."""

        def ask(connection: Connection) -> T:
            return question(Stores(connection, self._setting), *args, **kwargs)

        begun = time.monotonic()
        with self._waiting():
            answer = await self._reader.ask(ask)
        self._watch.asked(time.monotonic() - begun)
        return answer

    @property
    def unanswered_s(self) -> float:
        """For how long the oldest work or question that somebody waits for has had no answer; 0 without any."""
        now = time.monotonic()
        return now - min(self._unanswered.values(), default=now)

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        call = object()
        self._unanswered[call] = time.monotonic()
        try:
            yield
        except asyncio.CancelledError as error:  # of whoever waits for so long only; what it asked for goes on
            error.add_note(UNANSWERED)
            raise
        finally:
            del self._unanswered[call]

    def _tell(self, stores: Stores) -> None:
        """Say what a work did, now that it is committed."""
        moves, receipts, dropped = stores.happened
        if moves or receipts or dropped:
            self._watch.happened(moves, receipts, dropped)

    async def close(self) -> None:
        """Finish the works that were brought, then let go of the database. A second call changes nothing."""
        await self._reader.close()
        if self._writer is not None:
            await self._writer.close()
        if self._tenure is not None:
            await self._tenure.end()
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def _look(database: Database, migrate: bool, read_only: bool, city: str, ring: Ring | None) -> Ring | None:
    """Check the schema, after bringing it up to date if that is wanted; returns the keys that fit."""
    if migrate and not read_only:
        schema.upgrade(database)
    if not database.exists():
        raise SchemaError(f"There is no database at {database.place} yet. Run `huying migrate`.")
    engine = database.looking() if read_only else database.writing()
    try:
        with engine.connect() as connection, connection.begin():
            schema.check(connection)
            mark = resealing.mark_of(connection, city)
            if mark is None and ring is not None and not read_only:
                _begin_to_seal(connection, city, ring, database.place)
                return ring
            return resealing.agreed(ring, mark, database.place)
    except DBAPIError as error:
        raise Unusable(f"The database {database.place} cannot be opened: {error.orig}.") from error
    finally:
        engine.dispose()


def _begin_to_seal(connection: Connection, city: str, ring: Ring, place: str) -> None:
    if resealing.has_words(connection, city):
        raise Unusable(
            f"What people wrote stands in the clear in the database {place}. Stop every program that uses it, make a "
            "backup, and run `huying key rotate`: it is sealed then."
        )
    resealing.mark(connection, city, ring)


async def _enter(database: Database, writer: Writer, city: str) -> Tenure | None:
    """Begin to write beside others, where there may be others."""
    engine = database.keeping()
    if engine is None:
        return None

    def enter(connection: Connection) -> Lease:
        leases = Leases(connection, city)
        return leases.enter(own_name(), leases.now())

    return Tenure(engine, city, await writer.run(enter))


def _largest_id(connection: Connection, city: str) -> int:
    """No number may be given twice, even when the clock was put back, or another program's was ahead of it."""
    tables = (cases, words, outbox, people, chats, broadcasts)
    largest = (connection.scalar(select(func.max(table.c.id)).where(table.c.city_id == city)) for table in tables)
    return max((number or 0 for number in largest), default=0)
