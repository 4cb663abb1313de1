"""What an unsuccessful call to Telegram means: whether it was carried out, and what follows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeVar

import httpx
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, RetryAfter, TimedOut

import bot.telegram  # noqa: F401 - its import decides how PTB says a pause
from bot.logs import describe
from routing.model import ChatState

DEFAULT_PAUSE_S: Final = 5.0  # for a 429 that names none


class Kind(StrEnum):
    """What follows from a failure."""

    OFFLINE = "offline"  # not sent, and nothing else would be: pause the bot a little, keep the row
    UNAUTHORISED = "unauthorised"  # not sent: the token is not accepted
    FLOOD = "flood"  # not sent: pause what the refusal means
    MIGRATED = "migrated"  # not sent: the group has a new id
    CHAT_LOST = "chat_lost"  # not sent: the bot can't write there; `Failure.chat_state` says why
    TOPIC_CLOSED = "topic_closed"  # not sent: the topic is closed there, perhaps General; the chat is not
    NOT_MODIFIED = "not_modified"  # an edit that was there already: success
    CARRIER_LOST = "carrier_lost"  # the message to edit is gone: forget it and send anew
    TOO_LONG = "too_long"  # not sent, and never will be
    REJECTED = "rejected"  # likewise
    IN_DOUBT = "in_doubt"  # nobody can know


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed call; *reason* never holds a secret and seldom more than Telegram's own sentence."""

    kind: Kind
    reason: str
    retry_after_s: float | None = None
    new_id: int | None = None
    chat_state: ChatState | None = None


# Parts of Telegram's sentences, in lower case; the first one found wins.
_FORBIDDEN: Final[Mapping[str, ChatState]] = {
    "can't initiate conversation": ChatState.NEVER_STARTED,
    "bot was blocked": ChatState.BLOCKED,
    "user is deactivated": ChatState.GONE,
    "deleted": ChatState.GONE,
    "not enough rights": ChatState.MUTED,
    "kicked": ChatState.KICKED,
    "not a member": ChatState.KICKED,
}
_BAD: Final[Mapping[str, Kind | ChatState]] = {
    "message is not modified": Kind.NOT_MODIFIED,
    "message to edit not found": Kind.CARRIER_LOST,
    "message can't be edited": Kind.CARRIER_LOST,
    "message_id_invalid": Kind.CARRIER_LOST,
    "there is no text in the message to edit": Kind.CARRIER_LOST,
    "there is no caption in the message to edit": Kind.CARRIER_LOST,
    "topic_closed": Kind.TOPIC_CLOSED,
    "too long": Kind.TOO_LONG,
    "too_long": Kind.TOO_LONG,
    "chat not found": ChatState.GONE,
    "group chat was deactivated": ChatState.GONE,
    "user is deactivated": ChatState.GONE,
    "peer_id_invalid": ChatState.GONE,
    "not enough rights": ChatState.MUTED,
    "have no rights to send": ChatState.MUTED,
    "need administrator rights": ChatState.MUTED,
    "chat_write_forbidden": ChatState.MUTED,
    "chat_restricted": ChatState.MUTED,
    "bot is not a member": ChatState.KICKED,
}
T = TypeVar("T")
_NEVER_LEFT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


_NOT_TELEGRAM: Final = "parsing the server response"
"""So the library says when what came is no JSON: a proxy's page, or bytes that suffered on their way."""


_NO_SUCH_METHOD: Final = "method not found"
"""So a server says that it does not know what was asked: with the same 404 as it has for tokens that are none."""


def classify(error: Exception) -> Failure:
    """Say what *error*, risen from a call, means. Whatever is not proven "not sent" is in doubt."""
    reason, said = describe(error), str(error).lower()
    if _NOT_TELEGRAM in said and isinstance(error, BadRequest | Forbidden | InvalidToken | Conflict):
        return Failure(Kind.IN_DOUBT, f"{type(error).__name__}: the answer is none of Telegram's")
    match error:
        case RetryAfter():
            return Failure(Kind.FLOOD, reason, retry_after_s=seconds(error))
        case ChatMigrated():
            return Failure(Kind.MIGRATED, reason, new_id=error.new_chat_id)
        case Forbidden():
            return Failure(Kind.CHAT_LOST, reason, chat_state=_first(_FORBIDDEN, said) or ChatState.KICKED)
        case InvalidToken():
            return Failure(Kind.REJECTED if _NO_SUCH_METHOD in said else Kind.UNAUTHORISED, reason)
        case BadRequest():
            return _bad_request(reason, said)
        case Conflict():
            return Failure(Kind.REJECTED, reason)
    if isinstance(error.__cause__, _NEVER_LEFT):
        return Failure(Kind.OFFLINE, reason)
    if "too many requests" in said:
        return Failure(Kind.FLOOD, reason, retry_after_s=DEFAULT_PAUSE_S)
    if "request entity too large" in said:
        return Failure(Kind.TOO_LONG, reason)
    return Failure(Kind.IN_DOUBT, "TimedOut" if isinstance(error, TimedOut) else reason)


def seconds(error: RetryAfter) -> float:
    """How long Telegram asks to wait; PTB says it as a timedelta (`bot.telegram` chose so) or as a number."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


def _bad_request(reason: str, said: str) -> Failure:
    """A 400: Telegram understood the call and did not carry it out."""
    found = _first(_BAD, said)
    if isinstance(found, ChatState):
        return Failure(Kind.CHAT_LOST, reason, chat_state=found)
    return Failure(found or Kind.REJECTED, reason)


def _first(table: Mapping[str, T], said: str) -> T | None:
    return next((meaning for words, meaning in table.items() if words in said), None)
