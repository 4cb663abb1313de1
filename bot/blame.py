"""Who is to blame that an update could not be handled, how long it waits for another try, and when it is set aside.

What the database or Telegram fails is tried until it is done: an outage must not set aside what people wrote. But when
whoever is blamed answers others all the while, and not this update, the fault is its own after all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from telegram.error import NetworkError, TelegramError

from bot.failures import Kind, classify
from storage.errors import in_the_way, is_trouble

LONGEST_REST_S: Final = 30.0
"""So long Telegram is left alone at most, while it cannot be reached."""
MOST_OWN: Final = 10
"""So often it must have failed while others were answered …"""
PATIENCE_S: Final = 600.0
"""… and for so long, until an update that others are blamed for is set aside."""


class Blame(StrEnum):
    """Whose fault it is, as far as can be told from one error."""

    UPDATE = "update"
    DATABASE = "database"
    LOCK = "lock"  # others hold what it needs there
    TELEGRAM = "telegram"  # it cannot be reached
    FLOOD = "flood"  # it wants to be asked later


@dataclass(frozen=True, slots=True)
class Trial:
    """The tries of one update that an outage is blamed for, by a steady clock.

    A refusal is no outage: after a lock, or Telegram's wish to be asked later, they are counted anew.

    Args:
        since: When the first of them began.
        last: When the last one failed.
        tries: How many there were.
        own: How many of them failed although whoever is blamed answered somebody else meanwhile.
    """

    since: float
    last: float
    tries: int = 0
    own: int = 0

    def failed(self, now: float, answered_at: float) -> "Trial":
        """Another one has failed now; whoever is blamed last answered somebody at *answered_at*."""
        return replace(self, last=now, tries=self.tries + 1, own=self.own + (answered_at > self.last))

    @property
    def hopeless(self) -> bool:
        """Whether the fault must be its own."""
        return self.own >= MOST_OWN and self.last - self.since >= PATIENCE_S


def blamed(error: Exception) -> Blame:
    """Say whose fault *error* is, which came of handling an update."""
    if is_trouble(error):
        return Blame.LOCK if in_the_way(error) else Blame.DATABASE
    if not isinstance(error, TelegramError):
        return Blame.UPDATE
    kind = classify(error).kind
    if kind is Kind.FLOOD:
        return Blame.FLOOD
    unreached = kind in {Kind.OFFLINE, Kind.UNAUTHORISED} or (kind is Kind.IN_DOUBT and isinstance(error, NetworkError))
    return Blame.TELEGRAM if unreached else Blame.UPDATE


def rest_s(error: Exception, tries: int, pauses_s: Sequence[float]) -> float:
    """Seconds before the next try of what has failed *tries* times, the last time with *error*.

    Telegram is left alone for as long as it asks, or for longer each time; *pauses_s* are those after the first tries,
    and longer than the last of them nobody waits for our own database.
    """
    if isinstance(error, TelegramError) and (asked_s := classify(error).retry_after_s) is not None:
        return max(asked_s, pauses_s[0])
    if blamed(error) is Blame.TELEGRAM:
        return min(pauses_s[0] * 2.0 ** min(tries - 1, 10), LONGEST_REST_S)
    return pauses_s[min(tries, len(pauses_s)) - 1]
