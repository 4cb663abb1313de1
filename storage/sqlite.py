"""SQLite: its file, its lock, its connections. Everything that only this engine needs stands here and in `writer`."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.belonging import give_to_owner
from storage.driver import dbapi
from storage.errors import Unusable
from storage.numbers import CountedNumbers
from storage.writer import GroupWriter

T = TypeVar("T")

READERS: Final = 4
OLDEST: Final = (3, 35, 0)
"""The first one with RETURNING."""
_FULL: Final = 2
_BUSY_MS: Final = 10_000
_WRITING: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # FAST would leave long texts on free pages; only what frees pages writes more
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA wal_autocheckpoint = 8000",  # 32 MB: a page that many commits change is copied into the file once
)
_READING: Final = (
    "PRAGMA query_only = ON",
    f"PRAGMA busy_timeout = {_BUSY_MS}",
    "PRAGMA wal_autocheckpoint = 0",  # only the writer checkpoints: two at once is what the WAL-reset bug needs
)


class SqliteDatabase:
    """`storage.engines.Database` in one file.

    Raises:
        Unusable: *url* names memory instead of a file.
    """

    engine = "sqlite"

    def __init__(self, url: URL) -> None:
        self.path = path_of(url)

    @property
    def place(self) -> str:
        """The path."""
        return str(self.path)

    def lock(self) -> "FileLock":
        """Keep other processes from writing."""
        return FileLock(self.path)

    def exists(self) -> bool:
        """Whether there is a file."""
        try:
            return self.path.exists()
        except OSError as error:
            raise Unusable(
                f"The database {self.path} cannot be looked at: {error.strerror}. Run this as the bot's user, or as "
                "root."
            ) from error

    def make(self) -> None:
        """Make the file; what residents wrote is for nobody else on the machine."""
        if not self.path.exists():
            self.path.touch(mode=0o600)
            give_to_owner(self.path)

    def queue(self, connection: Connection) -> None:
        """Nothing: the transaction has the write lock already."""

    def tidy(self) -> None:
        """Write the file anew without its free pages, and empty the log of changes beside it."""
        engine = self.writing()
        try:
            with engine.connect() as connection:
                raw: Any = connection.connection.driver_connection
                raw.execute("VACUUM")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            engine.dispose()

    def writing(self) -> Engine:
        """For the one writer."""
        return writing_engine(self.path, create=False)

    def looking(self) -> Engine:
        """For whoever is not in an event loop."""
        return looking_engine(self.path)

    def keeping(self) -> None:
        """None: one process writes."""

    def writer(self) -> tuple[GroupWriter, CountedNumbers]:
        """One thread that commits groups; numbers are counted in the transaction itself."""
        return GroupWriter(self.writing()), CountedNumbers()

    def reader(self) -> "AsyncReader":
        """Beside the writer, through aiosqlite."""
        return AsyncReader(reading_engine(self.path))


class AsyncReader:
    """`storage.engines.Reader` over connections of SQLAlchemy's asyncio bridge."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Run *question* in a transaction of its own."""
        async with self._engine.connect() as connection:
            return await connection.run_sync(question)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._engine.dispose()


def path_of(url: URL) -> Path:
    """The absolute path of the database file that *url* names.

    Raises:
        Unusable: it names memory instead of a file.
    """
    name = url.database or ""
    if name in {"", ":memory:"} or name.startswith("file:"):
        raise Unusable("The database must be a file: one in memory forgets everything and shares its transactions.")
    return Path(name).absolute()


def writing_engine(path: Path, *, create: bool = True) -> Engine:
    """Connections that write: every transaction takes the write lock when it begins.

    Args:
        path: The database file.
        create: Make the file when there is none; otherwise connecting fails.
    """
    engine = create_engine(
        _url("sqlite", path, "rwc" if create else "rw"),
        module=dbapi,
        poolclass=NullPool,
        connect_args={"check_same_thread": False},
    )
    _prepare(engine, _WRITING, "BEGIN IMMEDIATE")
    return engine


def looking_engine(path: Path) -> Engine:
    """Connections that can only read, for whoever is not in an event loop."""
    engine = create_engine(_url("sqlite", path, "ro"), module=dbapi, poolclass=NullPool)
    _prepare(engine, _READING, "BEGIN")
    return engine


def reading_engine(path: Path) -> AsyncEngine:
    """Connections that can only read, each seeing one moment per transaction; they never wait for the writer."""
    engine = create_async_engine(
        _url("sqlite+aiosqlite", path, "ro"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=READERS,
        max_overflow=0,
    )
    _prepare(engine.sync_engine, _READING, "BEGIN")
    return engine


def _url(driver: str, path: Path, mode: str) -> URL:
    return URL.create(driver, database=f"file:{quote(str(path))}", query={"mode": mode, "uri": "true"})


def _prepare(engine: Engine, pragmas: tuple[str, ...], begin: str) -> None:
    """Take transactions out of the driver's hands: it would begin none before a SELECT and lose updates silently."""

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()
        if pragmas is _WRITING:
            _prove(connection)

    @event.listens_for(engine, "begin")
    def _begun(connection: Any) -> None:
        connection.exec_driver_sql(begin)


def _prove(connection: Any) -> None:
    """See that what is committed stays, whatever the file lies on and whoever built this SQLite."""
    if dbapi.sqlite_version_info < OLDEST:
        raise Unusable(f"SQLite {dbapi.sqlite_version} is too old; install the package pysqlite3, or a newer Python.")
    mode, full = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous"))
    if (mode, full) != ("wal", _FULL):
        raise Unusable(
            f"The database would not survive a power cut here (journal {mode}, synchronous {full}). Keep it on a local "
            "disk: a network folder can't do it."
        )


class FileLock:
    """The right to write a database, for one process at a time; the system takes it back when the process dies.

    It is a lock on an empty file beside the database, because SQLite's own locks last only for a transaction. The file
    stays when the lock is given back.

    Raises:
        Unusable: another process has it, or the folder cannot be written.
    """

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            mend = " Run it as the bot's user, or as root." if isinstance(error, PermissionError) else ""
            raise Unusable(
                f"The folder of the database, {database.parent}, cannot be written: {error.strerror}.{mend}"
            ) from error
        give_to_owner(path)
        try:
            _lock(self._file)
        except OSError as error:
            os.close(self._file)
            raise Unusable(
                f"The database {database} is in use: another huying writes it. Stop that one first."
            ) from error

    def release(self) -> None:
        """Give it back."""
        os.close(self._file)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
