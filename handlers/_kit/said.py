"""A message or a press, translated from Telegram's types into what a handler needs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from telegram import Message
from telegram.constants import ChatID

from routing.model import ChatId, ChatKind, Media, MediaKind, PersonId


class Sender(StrEnum):
    """Whether a message comes from somebody."""

    PERSON = "person"
    NOBODY = "nobody"  # an anonymous admin, a channel: no identity, so no rights and no reports


class Here(Protocol):
    """Where somebody wrote or pressed, and who; as much as an answer needs to know."""

    @property
    def bot(self) -> int: ...

    @property
    def update(self) -> int: ...

    @property
    def chat(self) -> ChatId: ...

    @property
    def person(self) -> PersonId: ...

    @property
    def message_id(self) -> int | None: ...

    @property
    def private(self) -> bool: ...


class There(Here, Protocol):
    """A message, which has a number."""

    @property
    def message_id(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What somebody wrote or sent, in a chat that we know.

    ``args`` is the text behind a command (or behind the mention of the bot); ``kind`` is the kind of chat as Telegram
    sees it (`ChatKind.PRIVATE`, else `UNBOUND`): what it is to us is known to the use-case by ``chat``. ``message_id``
    and ``reply_to`` are negative in a group that has become another one meanwhile, where they would name new messages.
    """

    bot: int
    update: int
    chat: ChatId
    telegram_chat: int
    kind: ChatKind
    person: PersonId
    lang: str
    at: datetime
    message_id: int
    text: str
    args: str
    media: tuple[Media, ...]
    location: tuple[float, float] | None
    reply_to: int | None
    album: str | None
    raw: Message

    @property
    def private(self) -> bool:
        """Whether it came in a private chat."""
        return self.kind is ChatKind.PRIVATE


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """Where, and by whom, a button was pressed.

    ``message_id`` is ``None`` when Telegram no longer has the message; ``genuine`` tells whether the message, as
    Telegram knows it, has that button: a client may send any data, and a button may have gone while it was pressed.
    """

    bot: int
    update: int
    chat: ChatId
    telegram_chat: int
    kind: ChatKind
    person: PersonId
    lang: str
    message_id: int | None
    callback_id: str
    genuine: bool = True

    @property
    def private(self) -> bool:
        """Whether it was pressed in a private chat."""
        return self.kind is ChatKind.PRIVATE


def sender_of(message: Message) -> Sender:
    """Whether the message has a person behind it."""
    user = message.from_user
    faceless = {ChatID.ANONYMOUS_ADMIN, ChatID.FAKE_CHANNEL, ChatID.SERVICE_CHAT}
    if user is None or user.id in faceless or message.sender_chat is not None or user.is_bot:
        return Sender.NOBODY
    return Sender.PERSON


def media_of(message: Message, bot: int) -> tuple[Media, ...]:
    """What a message carries, by reference; a photo counts once, in its largest size."""
    if message.photo:
        largest = message.photo[-1]
        return (Media(MediaKind.PHOTO, bot, largest.file_id, largest.file_unique_id, largest.file_size),)
    for kind, item in (
        (MediaKind.VOICE, message.voice),
        (MediaKind.VOICE, message.audio),
        (MediaKind.VIDEO, message.video or message.video_note),
        (MediaKind.DOCUMENT, message.document),
    ):
        if item is not None:
            return (Media(kind, bot, item.file_id, item.file_unique_id, item.file_size),)
    return ()


def location_of(message: Message) -> tuple[float, float] | None:
    """Where, if the message says so. A live location counts as the place where it began."""
    place = message.venue.location if message.venue else message.location
    return (place.latitude, place.longitude) if place else None


def text_of(message: Message) -> str:
    """Text or caption; a venue's name and address count as text."""
    if message.venue:
        return f"{message.venue.title} {message.venue.address}".strip()
    return message.text or message.caption or ""
