"""Which SQLite this process uses. Imported before anything that could import another one.

The SQLite that comes with many Pythons (3.7.0 to 3.51.2) can corrupt a database when two connections write or
checkpoint the same WAL at once (sqlite.org/wal.html#walresetbug). The ``pysqlite3`` wheel brings a newer one. It takes
the place of ``sqlite3`` in `sys.modules`, because aiosqlite and SQLAlchemy import it by that name.

Two copies of SQLite in one process must never open the same file: each would drop the other's POSIX locks when it
closes its own handle. So whoever imported ``aiosqlite`` with the other copy beforehand is refused here, loudly. For the
same reason nothing else in this process may open the database file, not even to look at its first bytes.
"""

import importlib
import sys
from typing import Any, Final


def _choose() -> Any:
    try:
        chosen = importlib.import_module("pysqlite3")
    except ImportError:
        return importlib.import_module("sqlite3")
    sys.modules["sqlite3"] = chosen
    sys.modules["sqlite3.dbapi2"] = importlib.import_module("pysqlite3.dbapi2")
    return chosen


sqlite: Final[Any] = _choose()
"""The DB-API module; typed loosely because the wheel carries no types."""
dbapi: Final[Any] = sys.modules["sqlite3.dbapi2"]
"""What SQLAlchemy is given as ``module=``."""
version: Final[str] = sqlite.sqlite_version

if importlib.import_module("aiosqlite.core").sqlite3 is not sqlite:
    raise ImportError("aiosqlite was imported before `storage` and holds another SQLite; import `storage` first")
