"""What must not be so when the bot serves real people: the program says so and does not start."""

import asyncio
import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot.checks.api import Reach, reach
from bot.checks.database import durable, server_shown
from bot.checks.finding import Level
from bot.keys import refuse_without
from bot.settings import Settings, SettingsError, is_loopback
from storage.engines import Database, database_at

MOST_SKEW: Final = timedelta(seconds=30)
_OTHERS: Final = stat.S_IWGRP | stat.S_IRWXO


async def refuse_unsafe(settings: Settings, *files: Path) -> None:
    """Look at everything that makes a promise of the bot untrue, and refuse to start for any of it.

    A local Telegram knows no real person, its tokens open nothing, and its clock is this one: there nothing is asked.

    Args:
        settings: With which it would start.
        files: Those that may hold the token.

    Raises:
        SettingsError: every reason, each with how to mend it.
    """
    if is_loopback(settings.api_url):
        return
    refuse_without(settings)
    kept = [*files, *([settings.database_file] if settings.database_file else [])]
    reasons = [reason for file in kept for reason in readable(file)]
    reasons += await asyncio.to_thread(lambda: list(undurable(database_at(settings.database_url))))
    reasons += skewed(await reach(settings.api_url))
    if reasons:
        raise SettingsError("\n        ".join(reasons))


def readable(file: Path) -> Iterator[str]:
    """A reason when other users of the machine can read *file*, or change it."""
    if os.name == "posix" and file.exists() and file.stat().st_mode & _OTHERS:
        yield f"{file} is open to other users of this machine. Run `chmod 600 {file}`."


def skewed(reached: Reach) -> Iterator[str]:
    """A reason when the clocks differ so much that deadlines, expiry and the order of things would be wrong."""
    if reached.skew is not None and abs(reached.skew) > MOST_SKEW:
        apart_s = abs(int(reached.skew.total_seconds()))
        yield (
            f"The clock of this machine is {apart_s} seconds {'behind' if reached.skew > timedelta() else 'ahead of'} "
            "Telegram's, so deadlines would ring at wrong times. Switch time synchronisation on (timedatectl set-ntp "
            "true)."
        )


def undurable(database: Database) -> Iterator[str]:
    """A reason when a server may lose what it has confirmed; a file is looked at when it is opened."""
    if database.engine == "postgresql":
        try:
            found = durable(server_shown(database))
        except SQLAlchemyError:
            return  # whoever opens it says why that can't be done
        if found.level is not Level.OK:
            yield f"{found.says} {found.mend}"
