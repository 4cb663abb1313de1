"""Which schema a database has, which one the program needs, and the way from one to the other.

Alembic is loaded for going that way only: a bot that finds what it needs never does, and is up sooner without it.
"""

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from storage.engines import Database, database_at
from storage.errors import SchemaError, Unusable

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER: Final = Path(__file__).with_name("migrations")
_STEP: Final = re.compile(r'^revision = "(\w+)"\ndown_revision = (?:"(\w+)"|None)$', re.MULTILINE)


def config() -> "Config":
    """Alembic's configuration; the connection is handed over in ``attributes["connection"]``."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    made.set_main_option("path_separator", "os")
    return made


def head() -> str:
    """The revision that this program needs."""
    if not known():
        raise SchemaError("The program has come without its migrations; install it anew.")
    return known()[-1]


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; ``None`` for one without tables."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return revision


def current(url: str) -> str | None:
    """The revision of the database at *url*; ``None`` when there is none or it is empty.

    Raises:
        Unusable: *url* names nothing that can be a database.
    """
    database = database_at(url)
    if not database.exists():
        return None
    engine = database.looking()
    try:
        with engine.connect() as connection:
            return revision_of(connection)
    finally:
        engine.dispose()


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at *url* to *revision*, in one transaction; a new file is made when there is none.

    Raises:
        Unusable: another process has the database open, or it cannot be written.
        SchemaError: a newer program has migrated it.
    """
    database = database_at(url)
    lock = database.lock()
    try:
        upgrade(database, revision)
    finally:
        if lock is not None:
            lock.release()


def upgrade(database: Database, revision: str = "head") -> None:
    """`migrate` for whoever has the lock already; an older *revision* goes back."""
    database.make()
    engine = database.writing()
    try:
        with engine.begin() as connection:
            database.queue(connection)
            found = revision_of(connection)
            refuse_newer(found)
            if revision == "head" and found == head():
                return
            from alembic import command

            made = config()
            made.attributes["connection"] = connection
            (command.downgrade if _is_older(revision, found) else command.upgrade)(made, revision)
    except DBAPIError as error:
        raise Unusable(f"The database {database.place} cannot be migrated: {error.orig}.") from error
    finally:
        engine.dispose()


def check(connection: Connection) -> None:
    """Refuse a database whose schema is not the one that this program needs.

    Raises:
        SchemaError: the sentence says what to do.
    """
    found = revision_of(connection)
    refuse_newer(found)
    if found != head():
        raise SchemaError("The database has no tables yet, or older ones. Run `huying migrate`.")


def refuse_newer(revision: str | None) -> None:
    """Raise `SchemaError` for a revision that this program does not know."""
    if revision is not None and revision not in known():
        raise SchemaError(
            f"The database has been migrated by a newer huying (schema {revision}). Install that version, or restore a"
            " backup made before."
        )


def _is_older(wanted: str, found: str | None) -> bool:
    """Whether *wanted* lies behind what the database has."""
    order = ["base", *known()]
    return found is not None and wanted in order and order.index(wanted) < order.index(found)


@cache
def known() -> tuple[str, ...]:
    """Every revision that this program has, oldest first."""
    texts = (path.read_text(encoding="utf-8") for path in sorted((_FOLDER / "versions").glob("*.py")))
    after = {step[2]: step[1] for step in map(_STEP.search, texts) if step is not None}
    chain: list[str] = []
    while (revision := after.get(chain[-1] if chain else None)) is not None:
        chain.append(revision)
    return tuple(chain)


__all__ = [
    "SchemaError",
    "Unusable",
    "check",
    "config",
    "current",
    "head",
    "known",
    "migrate",
    "refuse_newer",
    "revision_of",
    "upgrade",
]
