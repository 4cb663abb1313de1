"""The database file: its schema, its soundness, whether it can be written."""

import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.checks.finding import Finding, failure, ok
from storage import schema
from storage.errors import Unusable
from storage.sqlite import looking_engine, path_of


def database(url: str) -> Iterator[Finding]:
    """Look at the database of *url* without changing it; a large one takes as long as reading it.

    The last finding is a failure when nothing can be asked of it.
    """
    try:
        path = path_of(url)
        current = schema.current(url)
    except (Unusable, SQLAlchemyError) as error:
        yield failure(
            "database",
            f"The database cannot be read: {_reason(error)}",
            "Mend HUYING_DATABASE_URL, or restore a backup.",
        )
        return
    yield writable(path)
    if current is not None:
        yield soundness(_quick_check(path))
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
    return failure("database", f"{place} cannot be written.", "Give the program's user write permission there.")


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
