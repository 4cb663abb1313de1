"""Copies of a database while it is in use, and the way back. A copy is one file, and is checked before it counts."""

from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, update
from sqlalchemy.exc import DatabaseError, OperationalError

from storage import schema
from storage.belonging import give_to_owner
from storage.driver import sqlite
from storage.errors import Unusable
from storage.held_back import HeldBack, hold_back
from storage.sqlite import FileLock, looking_engine, writing_engine
from storage.states import Delivery
from storage.tables import fixed, metadata, outbox, settings

LONG_AGO: Final = "2000-01-01T00:00:00+00:00"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: the revision of its schema and the number of rows by table."""

    revision: str
    rows: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SetAside:
    """What a restore keeps from being sent a second time: so many messages, and these broadcasts."""

    messages: int
    broadcasts: Sequence[HeldBack]


def backup(path: Path, target: Path) -> Copied:
    """Copy the database at *path*, which may be in use, to the new file *target*.

    The copy shows one moment. It is checked (integrity, and the same rows as that moment had) before it gets its name.

    Raises:
        Unusable: there is no database, *target* exists, cannot be written, or is not sound.
    """
    if target.exists():
        raise Unusable(f"{target} exists already; a backup never overwrites anything.")
    part = _part_of(target)
    try:
        before = _copy(path, part)
        copied = verify(part)
        if copied.rows != before:
            raise Unusable(f"The copy of {path} has other rows than the original; nothing was kept.")
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)
    with suppress(OSError):  # the copy is good; whoever watches learns of it a little later
        stamp_of(path).touch(mode=0o600)
        give_to_owner(stamp_of(path))
    return copied


def stamp_of(path: Path) -> Path:
    """An empty file beside the database at *path*; it was changed last when the last backup succeeded."""
    return path.with_name(path.name + ".backed-up")


def verify(path: Path) -> Copied:
    """Check a copy from end to end; takes as long as reading it.

    Raises:
        Unusable: it is no database, an empty one, or damaged.
        SchemaError: a newer program made it.
    """
    if not path.is_file():
        raise Unusable(f"There is no file {path}.")
    engine = looking_engine(path)
    try:
        with engine.connect() as connection:
            problems = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            if problems != ["ok"]:
                raise Unusable(f"{path} is damaged: {problems[0]}.")
            revision = schema.revision_of(connection)
            if revision is None:
                raise Unusable(
                    f"{path} holds nothing of Huying: it is empty, was cut off, or belongs to another program."
                )
            schema.refuse_newer(revision)
            return Copied(revision, _rows(connection.connection.driver_connection))
    except OperationalError as error:  # says nothing of what it holds
        raise Unusable(f"{path} cannot be read here: {error.orig}. Look who may read it, and where it lies.") from error
    except DatabaseError as error:
        raise Unusable(f"{path} is damaged: {error.orig}.") from error
    finally:
        engine.dispose()


def restore(source: Path, path: Path, now: datetime | None = None, *, forget: Sequence[str] = ()) -> SetAside:
    """Put the backup *source* in the place of the database *path*, where there must be none yet.

    What the backup had still to send is set aside, since most of it was sent in the meantime (`quarantine`). Settings
    named in *forget* are set to `LONG_AGO`.

    Raises:
        Unusable: *source* is not sound, *path* holds a database, or another process uses it.
        SchemaError: a newer program made the backup.
    """
    verify(source)
    lock = FileLock(path)
    part = _part_of(path)
    try:
        for there in (path, path.with_name(path.name + "-wal")):
            if there.exists() and there.stat().st_size:
                raise Unusable(f"{there} holds a database already; move it away first, it is never overwritten.")
        _copy(source, part)
        aside = _set_aside(part, now or datetime.now(UTC), forget)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
        lock.release()
    return aside


def quarantine(connection: Connection, now: datetime, forget: Sequence[str] = ()) -> SetAside:
    """Mark every promise not yet sent, of every city, as in doubt with the reason "restored"; hold broadcasts back.

    To be done once, after a copy of an earlier moment was put in the place of a database and before a bot starts on it.
    """
    connection.execute(update(settings).where(settings.c.key.in_(forget)).values(value=LONG_AGO))
    unsent = outbox.c.state.in_(fixed(Delivery.READY, Delivery.SENDING))
    settled = update(outbox).where(unsent).values(state=Delivery.IN_DOUBT, reason="restored", finished_at=now)
    return SetAside(connection.execute(settled).rowcount, hold_back(connection, now))


def _copy(source: Path, target: Path) -> dict[str, int]:
    """Copy one moment of *source* into one file; returns how many rows it had."""
    if not source.is_file():
        raise Unusable(f"There is no database {source}.")
    try:
        with closing(_connect(source, "ro")) as old, closing(_connect(target, "rwc")) as new:
            old.execute("BEGIN")  # the counts and the copy are of the same moment
            rows = _rows(old)
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file instead of three
            return rows
    except sqlite.Error as error:
        raise Unusable(f"{source} cannot be copied to {target}: {error}.") from error


def _set_aside(path: Path, now: datetime, forget: Sequence[str]) -> SetAside:
    engine = writing_engine(path, create=False)
    try:
        with engine.begin() as connection:
            aside = quarantine(connection, now, forget)
        with engine.connect() as connection:
            connection.connection.driver_connection.execute("PRAGMA journal_mode = DELETE")  # type: ignore[union-attr]  # it is connected
        return aside
    finally:
        engine.dispose()


def _rows(connection: Any) -> dict[str, int]:
    found = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    ours = [name for name in metadata.tables if name in found]
    return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ours}  # noqa: S608 - our own table names


def _connect(path: Path, mode: str) -> Any:
    return sqlite.connect(f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, isolation_level=None)


def _part_of(path: Path) -> Path:
    """Where a copy grows before it is known to be sound; a part left by a crash is thrown away.

    It is a new file that nobody else on the machine can read, whatever lay there under its name.
    """
    part = path.with_name(path.name + ".part")
    try:
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        give_to_owner(part)
    except OSError as error:
        raise Unusable(f"{path} cannot be written: {error.strerror}.") from error
    return part
