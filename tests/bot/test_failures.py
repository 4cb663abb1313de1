"""Each way in which a call can fail, and what it means: proven not sent, success after all, or in doubt."""

import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.failures import Kind, classify
from routing.model import ChatState

WORDS = "<h1>what somebody had written comes back</h1>"


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RetryAfter(7), Kind.FLOOD),
        (NetworkError("Too Many Requests (429)"), Kind.FLOOD),
        (ChatMigrated(-100123), Kind.MIGRATED),
        (InvalidToken("Unauthorized"), Kind.UNAUTHORISED),
        (InvalidToken("Not Found"), Kind.UNAUTHORISED),
        (InvalidToken("Not Found: method not found"), Kind.REJECTED),
        (Conflict("terminated by other getUpdates request"), Kind.REJECTED),
        *(
            (kind(f"Refused (4xx). Parsing the server response b'{WORDS}' failed"), Kind.IN_DOUBT)
            for kind in (BadRequest, Forbidden, InvalidToken, Conflict)
        ),
        (BadRequest("Message is not modified: specified new message content"), Kind.NOT_MODIFIED),
        (BadRequest("Message to edit not found"), Kind.CARRIER_LOST),
        (BadRequest("Message can't be edited"), Kind.CARRIER_LOST),
        (BadRequest("MESSAGE_ID_INVALID"), Kind.CARRIER_LOST),
        (BadRequest("There is no text in the message to edit"), Kind.CARRIER_LOST),
        (BadRequest("Message is too long"), Kind.TOO_LONG),
        (BadRequest("MEDIA_CAPTION_TOO_LONG"), Kind.TOO_LONG),
        (NetworkError("Request Entity Too Large (413)"), Kind.TOO_LONG),
        (BadRequest("Can't parse entities: unsupported start tag"), Kind.REJECTED),
        (BadRequest("BUTTON_DATA_INVALID"), Kind.REJECTED),
        (BadRequest("TOPIC_CLOSED"), Kind.TOPIC_CLOSED),
        (caused(NetworkError("httpx.ConnectError"), httpx.ConnectError("refused")), Kind.OFFLINE),
        (caused(TimedOut(), httpx.ConnectTimeout("")), Kind.OFFLINE),
        (caused(TimedOut("Pool timeout"), httpx.PoolTimeout("")), Kind.OFFLINE),
        (caused(TimedOut(), httpx.ReadTimeout("")), Kind.IN_DOUBT),
        (caused(TimedOut(), httpx.WriteTimeout("")), Kind.IN_DOUBT),
        (caused(NetworkError("httpx.ReadError"), httpx.ReadError("reset")), Kind.IN_DOUBT),
        (caused(NetworkError("x"), httpx.RemoteProtocolError("no answer")), Kind.IN_DOUBT),
        (NetworkError("Bad Gateway (502)"), Kind.IN_DOUBT),
        (NetworkError("Internal Server Error (500)"), Kind.IN_DOUBT),
        (TelegramError("Invalid server response"), Kind.IN_DOUBT),
        (RuntimeError("anything else"), Kind.IN_DOUBT),
    ],
)
def test_each_error_has_its_meaning(error: Exception, kind: Kind) -> None:
    assert classify(error).kind is kind


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), ChatState.BLOCKED),
        (Forbidden("Forbidden: bot can't initiate conversation with a user"), ChatState.NEVER_STARTED),
        (Forbidden("Forbidden: bot was kicked from the supergroup chat"), ChatState.KICKED),
        (Forbidden("Forbidden: bot is not a member of the channel chat"), ChatState.KICKED),
        (Forbidden("Forbidden: user is deactivated"), ChatState.GONE),
        (Forbidden("Forbidden: the group chat was deleted"), ChatState.GONE),
        (Forbidden("Forbidden: something new"), ChatState.KICKED),
        (BadRequest("Chat not found"), ChatState.GONE),
        (BadRequest("Not enough rights to send text messages to the chat"), ChatState.MUTED),
        (BadRequest("CHAT_WRITE_FORBIDDEN"), ChatState.MUTED),
    ],
)
def test_a_chat_that_can_t_be_written_to_says_why(error: Exception, state: ChatState) -> None:
    failure = classify(error)
    assert (failure.kind, failure.chat_state) == (Kind.CHAT_LOST, state)


def test_a_pause_and_a_new_id_are_carried_along() -> None:
    assert classify(RetryAfter(7)).retry_after_s == 7.0
    assert classify(ChatMigrated(-100123)).new_id == -100123


def test_the_reason_of_an_unknown_error_quotes_nobody() -> None:
    assert "secret words" not in classify(RuntimeError("secret words")).reason


def test_what_a_proxy_answers_is_not_kept() -> None:
    """It may repeat what was sent, people's words among it."""
    error = BadRequest(f"Bad Request (400). Parsing the server response b'{WORDS}' failed")
    assert classify(error).reason == "BadRequest: the answer is none of Telegram's"
