"""The triggers that let some tables only be added to, and the look whether they are there.

They are made by the migrations. They hold off a mistake and an application that was taken over; whoever administers
the database can drop them, which the audit tells, and so does the chain of hashes.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, text

GUARDED: Final = ("log", "readings", "erasures")
_EVENTS: Final = {"sqlite": ("update", "delete"), "postgresql": ("update", "delete", "truncate")}
_THERE: Final = {
    "sqlite": text("SELECT name FROM sqlite_master WHERE type = 'trigger'"),
    "postgresql": text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')"),
}


def guards(engine: str) -> list[tuple[str, str]]:
    """Table and trigger of every guard that an engine must have."""
    return [(table, f"{table}_no_{event}") for table in GUARDED for event in _EVENTS[engine]]


def missing(connection: Connection) -> Sequence[str]:
    """The tables of which a guard is not there or switched off, in the order of `GUARDED`."""
    engine = connection.dialect.name
    there = set(connection.execute(_THERE[engine]).scalars())
    return list(dict.fromkeys(table for table, trigger in guards(engine) if trigger not in there))
