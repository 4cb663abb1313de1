"""What the courier is handed: heads to choose from, messages to send, figures."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from routing.model import Chat, ChatId
from routing.ports import Lane, Promise


@dataclass(frozen=True, slots=True)
class Head:
    """The message of a chat that may go first in its lane. A negative *telegram_id* is a group."""

    id: int
    chat: ChatId
    telegram_id: int
    lane: Lane
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Sending:
    """A message in flight.

    Args:
        id: Of the outbox row; the outcome is reported by it.
        promise: What to show.
        chat: As it is now, with its current Telegram id and language.
        carrier_message: The message to edit; ``None`` when a new one is to be sent.
        attempt: 1 for the first.
        repeat: An earlier attempt may have arrived; `Doubt.REPEAT` says so to the reader.
        created_at: When it was promised.
    """

    id: int
    promise: Promise
    chat: Chat
    carrier_message: int | None
    attempt: int
    repeat: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OutboxStats:
    """Counts of rows; lanes in which nothing is ready are missing."""

    by_state: Mapping[str, int]
    ready_by_lane: Mapping[Lane, int]
    oldest_by_lane: Mapping[Lane, datetime]
