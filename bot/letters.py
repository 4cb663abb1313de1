"""From a promise that is about to be sent to the call that carries it."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError
from telegram import InputFile

from bot.logs import describe
from handlers import Outgoing, render
from handlers._kit.services import Store
from handlers._kit.views import Attachment
from routing.ports import Doubt, UnitOfWork
from storage.errors import is_trouble
from storage.sendings import Sending

log = logging.getLogger(__name__)

# What an edit may say, by the method that sent the message; what stands in none of them can't be edited.
_TEXT: Final = (
    "editMessageText",
    frozenset({"text", "parse_mode", "entities", "link_preview_options", "reply_markup"}),
)
_CAPTION: Final = (
    "editMessageCaption",
    frozenset({"caption", "parse_mode", "caption_entities", "show_caption_above_media", "reply_markup"}),
)
EDITS: Final[Mapping[str, tuple[str, frozenset[str]]]] = {
    "sendMessage": _TEXT,
    "sendPhoto": _CAPTION,
    "sendVideo": _CAPTION,
    "sendDocument": _CAPTION,
    "sendAnimation": _CAPTION,
    "sendAudio": _CAPTION,
    "sendVoice": _CAPTION,
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A promise taken up for sending, with the text it has now."""

    sending: Sending
    outgoing: Outgoing

    @property
    def is_edit(self) -> bool:
        """Whether it changes a message that is there already; then a repetition does no harm."""
        return self.sending.carrier_message is not None and self.outgoing.method in EDITS

    @property
    def calls(self) -> list[tuple[str, dict[str, Any]]]:
        """Methods and parameters, in order. An edit is one call: its text has the place of the first message."""
        if self.is_edit:
            return [self._edit()]
        first, *rest = (self._send(part) for part in (self.outgoing, *self.outgoing.more))
        reply_to = self.sending.promise.reply_to
        if reply_to is not None and reply_to > 0:  # a message of a group that has moved on can't be replied to
            reply = {"message_id": reply_to, "allow_sending_without_reply": True}
            first[1].setdefault("reply_parameters", reply)
        return [first, *rest]

    def _send(self, part: Outgoing) -> tuple[str, dict[str, Any]]:
        return part.method, {"chat_id": self.sending.chat.telegram_id, **part.params}

    def _edit(self) -> tuple[str, dict[str, Any]]:
        method, allowed = EDITS[self.outgoing.method]
        kept = {name: value for name, value in self.outgoing.params.items() if name in allowed}
        where = {"chat_id": self.sending.chat.telegram_id, "message_id": self.sending.carrier_message}
        return method, {**where, **kept}


def take_up(stores: Any, heads: Sequence[int], now: datetime, locale: str) -> dict[int, Letter]:
    """Mark rows as being sent and make their texts, in one transaction.

    Returns:
        The letters by row. One is missing where nothing needs sending any more: somebody else has it, there is nothing
        left to say, or no text can be made of it; the last is settled as rejected, where everybody sees it, instead of
        being tried for ever.
    """
    letters = {sending.id: _letter(stores, sending, now, locale) for sending in stores.sending.start(heads, now)}
    return {id_: letter for id_, letter in letters.items() if letter is not None}


async def taken_up(store: Store, heads: Sequence[int], now: datetime, locale: str) -> dict[int, Letter]:
    """The same in one transaction; when that fails though the database is well, each in its own.

    So a question that one text asks, and that always fails, costs that message alone.
    """
    try:
        return await store.work(take_up, heads, now, locale)
    except Exception as error:
        if is_trouble(error):
            raise
        if len(heads) > 1:
            apart = [await taken_up(store, [head], now, locale) for head in heads]
            return {id_: letter for letters in apart for id_, letter in letters.items()}
        log.exception("message not made", extra={"outbox": heads[0]})
        await store.work(_reject, heads[0], describe(error), now)
        return {}


def _reject(stores: Any, head: int, reason: str, now: datetime) -> None:
    stores.sending.start([head], now)
    stores.sending.rejected(head, reason, now)


def _letter(stores: Any, sending: Sending, now: datetime, locale: str) -> Letter | None:
    try:
        outgoing = _text(stores, sending, locale)
    except SQLAlchemyError:
        raise
    except Exception as error:
        log.exception("message not made", extra={"outbox": sending.id, "view": sending.promise.view})
        stores.sending.rejected(sending.id, describe(error), now)
        return None
    if outgoing is None:
        stores.sending.needless(sending.id, now)
        return None
    return Letter(sending, outgoing)


def put_back(stores: Any, heads: Sequence[int], now: datetime) -> None:
    """The rows were taken up and have not left: the bot was told to be silent, or the answer to that was lost."""
    for head in heads:
        stores.sending.retry(head, now, "halted")


def _text(stores: UnitOfWork, sending: Sending, locale: str) -> Outgoing | None:
    promise = sending.promise
    repeated = sending.repeat and promise.doubt is Doubt.REPEAT
    return render(stores, promise.view, promise.params, sending.chat, locale=locale, repeated=repeated)


async def filled(store: Store, value: Any) -> Any:
    """A parameter as Telegram takes it: a file is made now, beside the writer and off the loop."""
    if not isinstance(value, Attachment):
        return value
    content = await asyncio.to_thread(value.make, await store.read(value.read))
    return InputFile(content, filename=value.name)


def messages_in(params: Mapping[str, Any]) -> int:
    """As how many messages a call counts: an album as one for each item, any other, edits included, as one."""
    media = params.get("media")
    return len(media) if isinstance(media, list) else 1


def message_id_of(answer: Any) -> int | None:
    """The id of what was sent; of an album, its first part's. An edit gives back the message it changed."""
    first = answer[0] if isinstance(answer, list) and answer else answer
    return int(first["message_id"]) if isinstance(first, dict) and "message_id" in first else None
