"""What is written down when a call has ended: each way of failing has its consequence, none is silent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from bot.failures import Failure, Kind
from bot.letters import Letter
from routing import telling
from routing.membership import lost, renumber, topic_closed
from routing.model import CaseId, Chat, ChatState
from routing.ports import Promise

LONGEST_REFUSED: Final = timedelta(days=1)  # a message that Telegram refused (429) for so long is given up


class Result(StrEnum):
    """What became of a message, as counted."""

    SENT = "sent"
    PARTIAL = "partial"  # its first part was sent, and a later one could not be
    RETRY = "retry"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How the calls of a letter ended.

    Args:
        message_id: Of the first message, when there is one.
        failure: What stopped it, if anything did.
        halt: Scope, end and length of a pause that must survive a restart.
    """

    message_id: int | None = None
    failure: Failure | None = None
    halt: tuple[str, datetime, timedelta] | None = None


def settle(stores: Any, letter: Letter, delivery: Delivery, now: datetime) -> Result:
    """Write down how it ended, with everything that follows from it, in one transaction."""
    sending, failure = letter.sending, delivery.failure
    if delivery.halt is not None:
        stores.sending.halt(*delivery.halt)
    if failure is None or failure.kind is Kind.NOT_MODIFIED or delivery.message_id is not None:
        message_id = delivery.message_id or sending.carrier_message
        message_id = None if _moved(stores, sending.chat) else message_id
        stores.sending.sent(sending.id, message_id, now, edited=letter.is_edit)
        return Result.SENT if failure is None or failure.kind is Kind.NOT_MODIFIED else Result.PARTIAL
    return _failed(stores, letter, failure, now)


def pause(stores: Any, scope: str, until: datetime, length: timedelta) -> None:
    """Write down a pause that was asked for while a letter was not at its end, or after it."""
    stores.sending.halt(scope, until, length)


def _moved(stores: Any, chat: Chat) -> bool:
    """Whether the group got another id while a message was under way to the old one, where it stays behind."""
    known = stores.chats.find(chat.bot, chat.telegram_id)
    return known is None or known.telegram_id != chat.telegram_id


def _failed(stores: Any, letter: Letter, failure: Failure, now: datetime) -> Result:
    """Nothing of the letter is known to have arrived."""
    sending = letter.sending
    match failure.kind:
        case Kind.IN_DOUBT:
            again = stores.sending.in_doubt(sending.id, now, failure.reason)
            return Result.RETRY if again else Result.IN_DOUBT
        case Kind.CHAT_LOST:
            state, known = failure.chat_state or ChatState.GONE, stores.chats.among([sending.chat.id])
            stores.sending.blocked(sending.id, failure.reason, state, now)
            for chat in known:  # none when its person was erased meanwhile
                lost(stores, chat, state, now)
            _to_whom_instead(stores, sending.promise, now)
            return Result.BLOCKED
        case Kind.TOPIC_CLOSED:
            stores.sending.rejected(sending.id, failure.reason, now)
            for chat in stores.chats.among([sending.chat.id]):
                topic_closed(stores, chat, now)
            return Result.REJECTED
        case Kind.MIGRATED if failure.new_id is not None:
            renumber(stores, sending.chat.bot, sending.chat.telegram_id, failure.new_id)
        case Kind.CARRIER_LOST if letter.is_edit and sending.promise.carrier is not None:
            stores.sending.forget_carrier(sending.promise.carrier, sending.chat.id, sending.carrier_message)
        case Kind.OFFLINE | Kind.UNAUTHORISED:
            pass
        case Kind.FLOOD if now - sending.created_at < LONGEST_REFUSED:
            pass
        case _:
            stores.sending.rejected(sending.id, failure.reason, now)
            return Result.REJECTED
    stores.sending.retry(sending.id, now, failure.reason)
    return Result.RETRY


def _to_whom_instead(stores: Any, promise: Promise, now: datetime) -> None:
    """The card of a case did not arrive: it goes where it goes when nobody can write to that chat."""
    if promise.view == "card":
        telling.show(stores, stores.cases.get(CaseId(int(str(promise.params["case"])))), now)


def settle_anyhow(stores: Any, letter: Letter, delivery: Delivery, now: datetime, *, why: str) -> Result:
    """What follows from how it ended cannot be written down, for a reason of its own: write down that it ended.

    What arrived is sent, though not known as anything that is edited later. Of what did not nobody knows what to make,
    so it is in doubt, and tried again no oftener than what is.
    """
    sending, failure = letter.sending, delivery.failure
    if failure is None or failure.kind is Kind.NOT_MODIFIED or delivery.message_id is not None:
        stores.sending.sent(sending.id, None, now)
        return Result.PARTIAL if failure is not None and failure.kind is not Kind.NOT_MODIFIED else Result.SENT
    return Result.RETRY if stores.sending.in_doubt(sending.id, now, why) else Result.IN_DOUBT


def recover(stores: Any, bot: int, now: datetime, wall: datetime) -> tuple[int, dict[str, datetime]]:
    """Put in doubt what an earlier life left in flight.

    Returns:
        How many those were, and the pauses in force: scope and end, in the machine's time.
    """
    stores.sending.shorten_halts(wall)
    return stores.sending.interrupted(bot, now), dict(stores.sending.halts(wall))
