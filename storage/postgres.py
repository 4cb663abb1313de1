"""PostgreSQL: its connections. Everything that only this engine needs stands here, in `pool` and in `numbers`."""

from typing import Any, Final

import psycopg
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Connection, Engine, NullPool, Pool, QueuePool, create_engine, event, text

from storage.errors import Unusable
from storage.numbers import DrawnNumbers
from storage.part import HOLDS
from storage.pool import PoolReader, PoolWriter

WRITERS: Final = 4
READERS: Final = 4
_MIGRATING: Final = 0x6875_7969  # a number of ours among the advisory locks of the database
_OPTIONS: Final = {
    "application_name": "huying",
    "connect_timeout": "10",
    "keepalives_idle": "15",
    "keepalives_interval": "5",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
"""A server that vanished is noticed within half a minute; what the URL says is stronger."""
_SESSION: Final = ("SET lock_timeout = '10s'", "SET idle_in_transaction_session_timeout = '20s'")
_UNFLUSHED: Final = ("SET synchronous_commit = off",)
"""For numbers only: the COMMIT of the case that bears one flushes it too."""


class _Dumper(StrDumper):
    """Texts as they are, but for the one character that PostgreSQL has no room for."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd") if "\0" in obj else obj)


class PostgresDatabase:
    """`storage.engines.Database` on a server; the database itself is made by the server's administrator."""

    engine = "postgresql"

    def __init__(self, url: URL) -> None:
        if not url.database:
            raise Unusable(
                "The database URL names no database; write for instance postgresql://user:password@host/name."
            )
        self._url = url.set(drivername="postgresql+psycopg")

    @property
    def place(self) -> str:
        """Host and name."""
        host = self._url.host or self._url.query.get("host", "localhost")
        return f"{self._url.database} on {host}"

    def lock(self) -> None:
        """Nothing: the server bears many writers; each of them has a lease."""

    def exists(self) -> bool:
        """A server is believed to be there until it is asked."""
        return True

    def make(self) -> None:
        """Nothing: the program may have no right to."""

    def writing(self) -> Engine:
        """For one thread, each statement seeing what is committed: migrations, copies."""
        return self._engine("READ COMMITTED", NullPool)

    def looking(self) -> Engine:
        """For one thread; each transaction sees one moment."""
        return self._engine("REPEATABLE READ", NullPool, reads=True)

    def queue(self, connection: Connection) -> None:
        """Wait for whoever is migrating, until the end of the transaction."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})

    def keeping(self) -> Engine:
        """One connection, beside the line of the works."""
        return self._engine("READ COMMITTED", QueuePool)

    def writer(self) -> tuple[PoolWriter, DrawnNumbers]:
        """A few threads, each with its connection; numbers are drawn apart, so that filings do not wait."""
        numbers = DrawnNumbers(self._engine("AUTOCOMMIT", QueuePool, _UNFLUSHED))
        return PoolWriter(self._engine("REPEATABLE READ", QueuePool), numbers, WRITERS), numbers

    def reader(self) -> PoolReader:
        """Likewise, for what cannot write."""
        return PoolReader(self._engine("REPEATABLE READ", QueuePool, reads=True), READERS)

    def _engine(
        self, isolation: Any, pool: type[Pool], session: tuple[str, ...] = (), *, reads: bool = False
    ) -> Engine:
        options = {name: value for name, value in _OPTIONS.items() if name not in self._url.query}
        sized = {"pool_size": max(WRITERS, READERS), "max_overflow": 0} if pool is QueuePool else {}
        engine = create_engine(
            self._url,
            isolation_level=isolation,
            poolclass=pool,
            connect_args=options,
            execution_options={HOLDS: not reads},
            **sized,
        )

        @event.listens_for(engine, "connect")
        def _connected(connection: psycopg.Connection[Any], _record: Any) -> None:
            connection.adapters.register_dumper(str, _Dumper)
            before, connection.autocommit = connection.autocommit, True
            for statement in (*_SESSION, *session):
                connection.execute(statement)
            connection.autocommit = before
            connection.read_only = True if reads else None

        return engine
