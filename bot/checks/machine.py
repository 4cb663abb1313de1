"""The machine: the rules, the calendar, the files and the disk. Nothing here needs the network."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfoNotFoundError

from bot import keys
from bot.checks.finding import OTHER_USER, Finding, failure, ok, warning
from bot.settings import Settings, SettingsError
from bot.spool import Spool
from routing.calendar import Calendar
from routing.checked import BadPolicy
from routing.policy import Policy
from storage import driver
from storage.errors import Unusable

MIB: Final = 1024 * 1024
LITTLE_SPACE: Final = 1024 * MIB
NO_SPACE: Final = 200 * MIB
SOON: Final = timedelta(days=60)


def machine(settings: Settings, env_file: Path, today: date) -> Iterator[Finding]:
    """Everything that can be seen without a network and without opening the database.

    Args:
        settings: As the bot would read them.
        env_file: Where the token may stand.
        today: In the town.
    """
    yield policy(settings.policy)
    yield _calendar(settings, today)
    yield sqlite(driver.version)
    if env_file.exists():
        yield secrecy("env", env_file, _mode(env_file))
    if settings.database_file is not None:
        try:
            yield from _around(settings.database_file)
        except OSError as error:
            says = f"This user may not look at {error.filename}: {error.strerror}."
            yield failure("files", says, "Run this as the bot's user, or as root.")
    yield sealed(settings)


def _around(database: Path) -> Iterator[Finding]:
    """The disk and the folder of an SQLite database, and who can read it."""
    folder = database.absolute().parent
    if folder.is_dir():
        yield space(folder, shutil.disk_usage(folder).free)
        yield spool(folder / "spool")
    if database.exists():
        yield secrecy("files", database, _mode(database))


def sealed(settings: Settings) -> Finding:
    """Whether personal fields are sealed, with a key that can be read."""
    try:
        path, ring = keys.key_file(settings), keys.ring_of(settings)
    except (SettingsError, Unusable) as error:
        return failure("key", str(error), "Put the key file back, or set HUYING_KEY_FILE to it.")
    if path is None or ring is None:
        says = "Names, phones and what people write stand in the clear in the database."
        return warning("key", says, "Run `huying key new FILE`, set HUYING_KEY_FILE, and run `huying key rotate`.")
    database = settings.database_file
    if database is not None and path.absolute().parent == database.absolute().parent:
        says = f"The key file {path.name} lies beside the database: whoever copies the folder has both."
        return warning("key", says, "Move it elsewhere, such as /etc, and set HUYING_KEY_FILE.")
    return ok("key", f"The key file can be read; what is new is sealed with its key {ring.name}.")


def policy(name: str) -> Finding:
    """Whether the policy can be used."""
    try:
        loaded = Policy.load(name)
    except (BadPolicy, OSError, UnicodeDecodeError) as error:
        return failure(
            "policy", f"The policy cannot be used: {error}.", "Mend that key, or set HUYING_POLICY to a preset."
        )
    return ok("policy", f"The policy {loaded.stamp} has the levels {', '.join(loaded.levels)}.")


def calendar(horizon: date, today: date) -> Finding:
    """Whether working days are known far enough ahead.

    The notice for a year is published in November of the year before, so in November and December its lack is no
    failure yet.
    """
    mend = "When the next year's holidays are published, write them into a file and name it in HUYING_CALENDAR."
    says = f"Working days are known until {horizon.isoformat()}; deadlines beyond that are provisional."
    if horizon >= today and today.month >= 11 and horizon.year == today.year:
        return warning("calendar", says, mend)
    if horizon - today < SOON:
        return failure("calendar", says, mend)
    return ok("calendar", f"Working days are known until {horizon.isoformat()}.")


def _calendar(settings: Settings, today: date) -> Finding:
    try:
        return calendar(Calendar.load(settings.timezone, extra=settings.calendar).horizon, today)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        return failure("calendar", f"The calendar cannot be read: {error}.", "Mend the file of HUYING_CALENDAR.")


def sqlite(version: str) -> Finding:
    """Whether this SQLite has the fault by which two connections can spoil a write-ahead log."""
    if not has_wal_fault(version):
        return ok("sqlite", f"SQLite {version} is in use.")
    return warning(
        "sqlite",
        f"SQLite {version} is in use, which can spoil a database when two processes write its log (WAL-reset fault).",
        "Install the package pysqlite3, or a Python with SQLite 3.51.3 or newer.",
    )


def has_wal_fault(version: str) -> bool:
    """3.7.0 to 3.51.2, but for 3.44.6 and 3.50.7 and what follows them in their series (sqlite.org/wal.html)."""
    number = tuple(int(part) for part in version.split(".")[:3])
    mended = (3, 44, 6) <= number < (3, 45) or (3, 50, 7) <= number < (3, 51)
    return (3, 7) <= number < (3, 51, 3) and not mended


def secrecy(check: str, file: Path, mode: int | None) -> Finding:
    """Whether a file is kept from other users of the machine; *mode* is ``None`` where there are no modes."""
    if mode is not None and mode & stat.S_IROTH:
        return warning(
            check, f"{file.name} can be read by every user of this machine.", f"Run `chmod 600 {file}` to keep it."
        )
    return ok(check, f"{file.name} is kept from other users.")


def _mode(file: Path) -> int | None:
    return file.stat().st_mode if os.name == "posix" else None


def space(folder: Path, free: int) -> Finding:
    """Whether the disk of the database has room; *free* in bytes."""
    says = f"{free // MIB} MiB are free in {folder}."
    mend = "Free some space, or move the database to a larger disk."
    if free < NO_SPACE:
        return failure("disk", says, mend)
    return warning("disk", says, mend) if free < LITTLE_SPACE else ok("disk", says)


def spool(folder: Path) -> Finding:
    """Whether updates can be kept on the disk while the database is away, and whether some still are."""
    try:
        Spool(folder).check()
    except SettingsError as error:
        closed = isinstance(error.__cause__, PermissionError)
        mend = OTHER_USER if closed else "Give the program's user that folder, or free some space."
        return failure("spool", f"The spool cannot be written: {error}", mend)
    waiting = len(Spool(folder))
    if waiting:
        return warning(
            "spool", f"{waiting} updates wait in {folder}.", "Start `huying run`: it takes them in when it starts."
        )
    return ok("spool", "Updates can be kept while the database is away.")
