"""PostgreSQL: its connections. Everything that only this engine needs stands here, in `pool` and in `numbers`."""

from collections.abc import Mapping
from typing import Any, Final

import psycopg
from psycopg.types.string import StrDumper
from sqlalchemy import URL, Connection, Engine, NullPool, Pool, QueuePool, create_engine, event, text

from storage.errors import Unusable
from storage.numbers import DrawnNumbers
from storage.part import HOLDS
from storage.patience import ALERT, PatientConnection
from storage.pool import PoolReader, PoolWriter

WRITERS: Final = 4
READERS: Final = 4
_MIGRATING: Final = 0x6875_7969  # a number of ours among the advisory locks of the database
_OPTIONS: Final = {"application_name": "huying", **ALERT}
_HASTY: Final = {**_OPTIONS, "connect_timeout": "3", "tcp_user_timeout": "4000"}
"""For signs of life: whoever waits longer for one has lost its lease."""
WORK_S: Final = 15.0
"""So long a statement of a work may take (ten seconds of it for locks); then its connection is given up."""
QUESTION_S: Final = 60.0
SIGN_S: Final = 3.0
_SESSION: Final = ("SET lock_timeout = '10s'",)
_WORKS: Final = ("SET idle_in_transaction_session_timeout = '6s'",)
"""A program that was stopped in the middle of a work holds its lease and its rows no longer than a lease lasts."""
_LONG: Final = ("SET idle_in_transaction_session_timeout = '60s'",)
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

    def tidy(self) -> None:
        """Nothing: the server's own vacuum and its administrator see to that."""

    def writing(self) -> Engine:
        """For one thread, each statement seeing what is committed: migrations, copies."""
        return self._engine("READ COMMITTED", NullPool, _LONG)

    def looking(self) -> Engine:
        """For one thread; each transaction sees one moment."""
        return self._engine("REPEATABLE READ", NullPool, _LONG, reads=True)

    def queue(self, connection: Connection) -> None:
        """Wait for whoever is migrating, until the end of the transaction."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})

    def keeping(self) -> Engine:
        """One connection, beside the line of the works."""
        return self._engine("READ COMMITTED", QueuePool, _WORKS, patience_s=SIGN_S, options=_HASTY)

    def writer(self) -> tuple[PoolWriter, DrawnNumbers]:
        """A few threads, each with its connection; numbers are drawn apart, so that filings do not wait."""
        numbers = DrawnNumbers(self._engine("AUTOCOMMIT", QueuePool, _UNFLUSHED, patience_s=WORK_S))
        engine = self._engine("REPEATABLE READ", QueuePool, _WORKS, patience_s=WORK_S)
        return PoolWriter(engine, numbers, WRITERS), numbers

    def reader(self) -> PoolReader:
        """Likewise, for what cannot write."""
        engine = self._engine("REPEATABLE READ", QueuePool, _LONG, reads=True, patience_s=QUESTION_S)
        return PoolReader(engine, READERS)

    def _engine(
        self,
        isolation: Any,
        pool: type[Pool],
        session: tuple[str, ...] = (),
        *,
        reads: bool = False,
        patience_s: float | None = None,
        options: Mapping[str, str] = _OPTIONS,
    ) -> Engine:
        options = {name: value for name, value in options.items() if name not in self._url.query}
        sized = {"pool_size": max(WRITERS + 1, READERS), "max_overflow": 0} if pool is QueuePool else {}
        engine = create_engine(
            self._url,
            isolation_level=isolation,
            poolclass=pool,
            connect_args=options,
            execution_options={HOLDS: not reads},
            **sized,
        )

        @event.listens_for(engine, "do_connect")
        def _connect(_dialect: Any, _record: Any, _args: Any, arguments: Any) -> PatientConnection:
            connection = PatientConnection.connect(**arguments)
            connection.patience_s = patience_s
            return connection

        @event.listens_for(engine, "connect")
        def _connected(connection: psycopg.Connection[Any], _record: Any) -> None:
            connection.adapters.register_dumper(str, _Dumper)
            before, connection.autocommit = connection.autocommit, True
            for statement in (*_SESSION, *session):
                connection.execute(statement)
            connection.autocommit = before
            connection.read_only = True if reads else None

        return engine
