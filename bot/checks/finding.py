"""What a check has found."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

OTHER_USER: Final = "Run this as the bot's user, or as root; if this is the bot's user, give it that folder."
"""What to do about a file or folder that is closed: most often somebody else looks than the one to whom it belongs."""


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"  # works, but somebody will miss something
    FAILURE = "failure"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One result.

    Args:
        check: What was looked at, one word.
        level: How bad it is.
        says: One sentence: what there is.
        mend: One sentence: what to do; empty when nothing is to be done.
        items: What it concerns, one by one, such as units.
    """

    check: str
    level: Level
    says: str
    mend: str = ""
    items: tuple[str, ...] = ()


def ok(check: str, says: str, items: Iterable[str] = ()) -> Finding:
    """Nothing is to be done, as far as anybody can tell."""
    return Finding(check, Level.OK, says, items=tuple(items))


def warning(check: str, says: str, mend: str, items: Iterable[str] = ()) -> Finding:
    """It works, but somebody will miss something."""
    return Finding(check, Level.WARNING, says, mend, tuple(items))


def failure(check: str, says: str, mend: str, items: Iterable[str] = ()) -> Finding:
    """It does not work."""
    return Finding(check, Level.FAILURE, says, mend, tuple(items))


def some(count: int, one: str, many: str) -> str:
    """``1 grid has``, ``2 grids have``."""
    return f"{count} {one if count == 1 else many}"
