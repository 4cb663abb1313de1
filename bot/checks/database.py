"""The database: its schema, its soundness, whether it can be written, whether a server keeps what it was given."""

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.checks.finding import OTHER_USER, Finding, Level, failure, ok, warning
from storage import schema
from storage.backup import stamp_of
from storage.engines import Database, database_at
from storage.errors import Unusable
from storage.sqlite import SqliteDatabase, looking_engine

OLDEST_SERVER: Final = 14
FULL: Final = 2
STALE_HOURS: Final = 26
DURABLE: Final = ("fsync", "full_page_writes", "synchronous_commit")


def database(url: str) -> Iterator[Finding]:
    """Look at the database of *url* without changing it; a large one takes as long as reading it.

    The last finding is a failure when nothing can be asked of it.
    """
    found: Database | None = None
    try:
        found = database_at(url)
        current = schema.current(url)
        shown = server_shown(found) if found.engine == "postgresql" else {}
    except (Unusable, SQLAlchemyError) as error:
        closed = isinstance(error.__cause__, PermissionError) or _closed(found)
        mend = OTHER_USER if closed else "Mend HUYING_DATABASE_URL, start the server, or restore a backup."
        yield failure("database", f"The database cannot be read: {_reason(error)}", mend)
        return
    if isinstance(found, SqliteDatabase):
        yield writable(found.path)
        if current is not None:
            yield soundness(_quick_check(found.path))
            yield flushed(_synchronous(found))
            yield backed_up(_last_backup(found.path), time.time())
    else:
        yield server(found.place, shown)
        yield durable(shown)
    yield version(current, schema.head())


def version(current: str | None, head: str) -> Finding:
    """Whether the schema is the program's; revisions are compared by name."""
    if current == head:
        return ok("schema", f"The schema is at {head}.")
    if current is None:
        return failure("schema", "The database has no tables yet.", "Run `huying migrate`.")
    return failure(
        "schema",
        f"The schema is at {current}, and this program needs {head}.",
        "Run `huying migrate`; if that refuses, a newer Huying has been here: install that one.",
    )


def writable(path: Path) -> Finding:
    """Whether the file and its folder can be written; SQLite needs both."""
    place = path if path.exists() else path.parent
    if all(os.access(each, os.W_OK) for each in (place, path.parent)):
        return ok("database", f"{path} can be written.")
    return failure("database", f"{place} cannot be written.", OTHER_USER)


def _closed(found: Database | None) -> bool:
    """Whether there is a file that this user may not read, or not write: SQLite needs both to look at all."""
    if not isinstance(found, SqliteDatabase) or not os.access(found.path, os.F_OK):
        return False
    return not os.access(found.path, os.R_OK) or writable(found.path).level is Level.FAILURE


def server(place: str, shown: Mapping[str, str]) -> Finding:
    """Whether the server is new enough and the database can hold every letter; *shown* by name of the setting."""
    version, encoding = shown["server_version"], shown["server_encoding"]
    says = f"{place} is PostgreSQL {version}, with texts in {encoding}."
    if int(version.partition(".")[0]) < OLDEST_SERVER:
        return failure("database", says, f"Move to a server of version {OLDEST_SERVER} or newer with `huying move`.")
    if encoding != "UTF8":
        return failure("database", says, "Make the database anew with ENCODING 'UTF8'.")
    return ok("database", says)


def durable(shown: Mapping[str, str]) -> Finding:
    """Whether what was committed is still there after a power cut."""
    off = [name for name in DURABLE if shown[name] == "off"]
    if not off:
        return ok("durable", "The server writes to the disk before it says that it has.")
    return failure(
        "durable",
        f"The server may lose what it has confirmed: {', '.join(off)} is off.",
        "Turn it on in postgresql.conf and reload the server.",
    )


def flushed(synchronous: int) -> Finding:
    """Whether the connection that writes waits for the disk at each commit; *synchronous* as SQLite numbers it."""
    if synchronous >= FULL:
        return ok("durable", "SQLite writes to the disk before it says that it has.")
    says = f"SQLite does not wait for the disk at a commit (synchronous is {synchronous})."
    return failure("durable", says, f"Install a package of SQLite that honours PRAGMA synchronous = FULL ({FULL}).")


def backed_up(last: float, now: float) -> Finding:
    """Whether there is a fresh backup; seconds since 1970, 0 for none."""
    mend = "Run `huying backup FILE`; docs/deploy/huying-backup.timer does so every hour."
    if not last:
        return warning("backup", "There has been no backup yet.", mend)
    hours = max(0.0, now - last) / 3600
    if hours > STALE_HOURS:
        return warning("backup", f"The last backup is {hours:.0f} hours old.", mend)
    return ok("backup", f"The last backup is {hours:.0f} hours old.")


def _synchronous(found: SqliteDatabase) -> int:
    """What a connection that writes is set to; nothing is written."""
    engine = found.writing()
    try:
        with engine.connect() as connection:
            return int(connection.exec_driver_sql("PRAGMA synchronous").scalar_one())
    finally:
        engine.dispose()


def _last_backup(path: Path) -> float:
    try:
        return stamp_of(path).stat().st_mtime
    except OSError:
        return 0.0


def server_shown(found: Database) -> dict[str, str]:
    """Settings of the server, as ``SHOW`` tells them."""
    engine = found.looking()
    try:
        with engine.connect() as connection:
            names = ("server_version", "server_encoding", *DURABLE)
            return {name: str(connection.exec_driver_sql(f"SHOW {name}").scalar_one()) for name in names}
    finally:
        engine.dispose()


def soundness(said: str) -> Finding:
    """What SQLite's own check said."""
    if said == "ok":
        return ok("integrity", "The database is sound.")
    return failure(
        "integrity", f"The database is damaged: {said}.", "Stop the bot, keep a copy of the file, and restore a backup."
    )


def _quick_check(path: Path) -> str:
    engine = looking_engine(path)
    try:
        with engine.connect() as connection:
            return str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    except SQLAlchemyError as error:
        return _reason(error)
    finally:
        engine.dispose()


def _reason(error: Exception) -> str:
    """The engine's own words, without the statement."""
    return str(getattr(error, "orig", None) or error)
