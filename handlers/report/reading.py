"""What a message says once the bot's name and the command are taken out, and what it answers."""

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from telegram import Message, User

from handlers._kit.said import Said, Sender, location_of, media_of, sender_of, text_of
from routing.model import Media

_COMMAND: Final = re.compile(r"^/report(?:@\w+)?(?![\w@])\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Material:
    """What is reported: the message that carries it, who wrote that, and what is in it.

    ``author`` is ``None`` when it is the reporter's own message, or when nobody stands behind it: a channel, an
    anonymous administrator, a bot. ``remark`` is what the person who pointed at the message wrote beside it.
    """

    message_id: int
    author: User | None
    text: str
    media: tuple[Media, ...] = ()
    location: tuple[float, float] | None = None
    remark: str = ""


def speaks_to(said: Said, username: str) -> bool:
    """Whether the text mentions the bot or is its ``/report``."""
    return _COMMAND.match(said.text) is not None or _name(username).search(said.text) is not None


@cache
def _name(username: str) -> re.Pattern[str]:
    """The mention of the bot with what surrounds it."""
    return re.compile(rf"\s*@{re.escape(username)}(?![A-Za-z0-9_])[,，:：]?\s*", re.IGNORECASE)


def without_address(text: str, username: str) -> str:
    """*text* without ``/report`` at its beginning and without the bot's name anywhere."""
    rest = _COMMAND.sub("", text)
    return _name(username).sub(" ", rest).strip()


def material_of(said: Said, text: str) -> Material | None:
    """What *said* asks to report: the message it answers, unless that is the bot's own, else itself.

    ``None`` when there is neither text nor anything sent.
    """
    pointed = None if _below_channel_post(said) and (text or said.media) else _answered(said)
    if pointed is not None:
        return replace(pointed, remark=text, media=(*pointed.media, *said.media))
    if not text and not said.media:
        return None
    return Material(said.message_id, None, text, said.media, said.location)


def _below_channel_post(said: Said) -> bool:
    """Whether it stands below a channel's post that was forwarded into the group: all comments answer that, unasked."""
    message = said.raw.reply_to_message
    return message is not None and bool(message.is_automatic_forward)


def _answered(said: Said) -> Material | None:
    message = said.raw.reply_to_message
    if said.reply_to is None or message is None or (message.from_user is not None and message.from_user.id == said.bot):
        return None
    author = message.from_user if sender_of(message) is Sender.PERSON else None
    found = Material(said.reply_to, author, _text(message), media_of(message, said.bot), location_of(message))
    return found if found.text or found.media or found.location else None


def _text(message: Message) -> str:
    return _COMMAND.sub("", text_of(message)).strip()
