"""What stands in the database, for tests of what must not change it."""

from collections.abc import Mapping
from typing import Final

from storage.stores import Stores
from storage.tables import metadata

TRUTH: Final = ("cases", "log", "words", "timers", "appointments", "members", "chats", "units")
"""The tables that say what is the case; the others say what is still to be done or was told."""
Ledger = Mapping[str, list[str]]


def everything(stores: Stores) -> Ledger:
    """Every row of every table but the signs of life, which come from beside the works."""
    return ledger(stores, *(metadata.tables.keys() - {"leases"}))


def truth(stores: Stores) -> Ledger:
    """Every row that says what is the case."""
    return ledger(stores, *TRUTH)


def ledger(stores: Stores, *tables: str) -> Ledger:
    """Every row of these tables."""
    run = stores.connection.exec_driver_sql
    return {table: sorted(repr(tuple(row)) for row in run(f"SELECT * FROM {table}")) for table in tables}  # noqa: S608 - names of our own tables
