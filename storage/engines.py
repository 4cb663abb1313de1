"""What the store needs of a database engine; `sqlite` and `postgres` give it, each in its own way."""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import Unusable
from storage.writer import Writer

T = TypeVar("T")


class Lock(Protocol):
    """The right to write, until it is given back."""

    def release(self) -> None:
        """Give it back."""
        ...


class Reader(Protocol):
    """Answers questions, each of one moment of the database, beside the writers."""

    async def ask(self, question: Callable[[Connection], T]) -> T:
        """Run *question* in a transaction that cannot write."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...


class NumberStore(Protocol):
    """Gives public numbers: consecutive ones, and what a failed work took is given again."""

    def next(self, connection: Connection, city: str) -> int:
        """The next number of the city, for the work that runs over *connection*."""
        ...

    def several(self, connection: Connection, city: str, count: int) -> list[int]:
        """The next *count* numbers, the smallest first."""
        ...

    def unused(self, connection: Connection, city: str, numbers: Sequence[int]) -> None:
        """Take back the largest of those that this work was given: nobody has them."""
        ...


class Database(Protocol):
    """A database that a URL names. Nothing is opened before it is asked for."""

    @property
    def place(self) -> str:
        """How a sentence for the operator names it; without a password."""
        ...

    @property
    def engine(self) -> str:
        """SQLAlchemy's name of the engine."""
        ...

    def lock(self) -> Lock | None:
        """Keep other writers out, where the engine bears one only; ``None`` where it bears more.

        Raises:
            Unusable: there is one already, or the place cannot be written.
        """
        ...

    def exists(self) -> bool:
        """Whether there is something to connect to; a server is believed to be there.

        Raises:
            Unusable: this user may not look.
        """
        ...

    def make(self) -> None:
        """Make the place for an empty database when there is none, where that is the program's business."""
        ...

    def queue(self, connection: Connection) -> None:
        """Wait, within the transaction of *connection*, until nobody else migrates."""
        ...

    def tidy(self) -> None:
        """Leave nothing behind of what was overwritten or deleted, as far as that is the program's business.

        Nobody else may use the database meanwhile.
        """
        ...

    def writing(self) -> Engine:
        """Connections that write, for one thread at a time; disposed of by the caller."""
        ...

    def looking(self) -> Engine:
        """Connections that can only read."""
        ...

    def keeping(self) -> Engine | None:
        """Connections for the leases of programs that write beside one another; ``None`` where only one may."""
        ...

    def writer(self) -> tuple[Writer, NumberStore]:
        """What runs works, and where they get public numbers; called within the event loop."""
        ...

    def reader(self) -> Reader:
        """Answers questions; called within the event loop."""
        ...


def database_at(url: str) -> Database:
    """The database that *url* names, as in ``HUYING_DATABASE_URL``.

    Raises:
        Unusable: it cannot be read, or names an engine that this program has not.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Unusable(
            "The database URL cannot be read; write for instance sqlite+aiosqlite:///huying.db or "
            "postgresql://user:password@host/name."
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            from storage.sqlite import SqliteDatabase

            return SqliteDatabase(parsed)
        case "postgresql":
            from storage.postgres import PostgresDatabase  # with its driver, for whoever needs it

            return PostgresDatabase(parsed)
        case engine:
            raise Unusable(f"This program has no engine for {engine} databases, only for SQLite and PostgreSQL.")
