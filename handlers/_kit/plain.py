"""Plain commands in groups, as ``/report`` with its text: many at a time, in the transaction that takes them in.

As in `crowd` this leaves out the library's parsing, and a task and a transaction for each; what it keeps is the
use-case. It hears a text and nothing else: no answer to a message, no picture, no topic, in a supergroup that is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from telegram.constants import ChatID

from handlers._kit.registry import OnChorus, Registry
from handlers._kit.services import Services
from routing.model import ChatId, PersonId
from routing.ports import Seen
from routing.ports.gathering import Expected, Gathering, Gathers, LongWay
from routing.refusals import Refusal

_FIELDS: Final = frozenset({"message_id", "from", "chat", "date", "text", "entities"})
_FACELESS: Final = frozenset({ChatID.ANONYMOUS_ADMIN, ChatID.FAKE_CHANNEL, ChatID.SERVICE_CHAT})


class Plain(NamedTuple):
    """A command as it came, with its text."""

    name: str
    update: int
    telegram_chat: int
    message_id: int
    by: Seen
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What somebody wrote in a group that we know; as much of `Said` as a plain text needs."""

    bot: int
    update: int
    chat: ChatId
    person: PersonId
    message_id: int
    text: str
    private: bool = False


class Chorus:
    """Hears plain commands of one bot together."""

    def __init__(self, registry: Registry, services: Services) -> None:
        self._registry, self._services = registry, services

    def recognise(self, update: Mapping[str, Any]) -> Plain | None:
        """The command in *update*; ``None`` for everything that must go the long way."""
        message = update.get("message")
        if not isinstance(message, Mapping) or message.keys() != _FIELDS:
            return None
        try:
            text, user, chat, first = message["text"], message["from"], message["chat"], message["entities"][0]
            name, _, whom = text[1 : first["length"]].lower().partition("@")
            if (
                first["type"] != "bot_command"
                or first["offset"] != 0
                or name not in self._registry.choruses
                or whom not in ("", self._services.bot.username.lower())
                or chat["type"] != "supergroup"
                or user["is_bot"]
                or user["id"] in _FACELESS
                or (self._services.bot.id, chat["id"]) not in self._services.chats
            ):
                return None
            return Plain(name, update["update_id"], chat["id"], message["message_id"], seen(self._services, user), text)
        except (AttributeError, IndexError, KeyError, TypeError):  # a shape that nobody foresaw
            return None

    def hear(self, uow: Gathers, lines: Sequence[Plain], now: datetime) -> Sequence[bool]:
        """Do what the commands ask for; False for one that must go the long way, and has left no trace.

        What comes after such a one in the same chat goes behind it.
        """
        if not lines:
            return []
        bot = self._services.bot
        chats = {line.telegram_chat: self._services.chats[bot.id, line.telegram_chat] for line in lines}
        people = uow.people.meet_all([line.by for line in lines])
        heard = [
            Heard(bot.id, line.update, chats[line.telegram_chat], person.id, line.message_id, line.text)
            for line, person in zip(lines, people, strict=True)
        ]
        gathered = uow.gathered([Expected(one.person, one.chat, one.message_id) for one in heard], now)
        behind: set[ChatId] = set()
        done = []
        for line, one in zip(lines, heard, strict=True):
            listener = self._registry.choruses[line.name]
            done.append(one.chat not in behind and _done(gathered, listener, one, bot.username, now))
            if not done[-1]:
                behind.add(one.chat)
        gathered.write()
        return done


def _done(gathered: Gathering, listener: OnChorus, one: Heard, bot: str, now: datetime) -> bool:
    gathered.here = one.chat
    try:
        with gathered.apart():
            listener(gathered, one, bot, now)
    except (LongWay, Refusal):
        return False
    return True


def seen(services: Services, user: Mapping[str, Any]) -> Seen:
    """Who that is; what *services* remember under another name is forgotten, since it is about to be written down."""
    last = user.get("last_name")
    name = f"{user['first_name']} {last}" if last else str(user["first_name"])
    found = Seen(user["id"], name, user.get("language_code"))
    known = services.people.get(found.telegram_id)
    if known is not None and (known.name, known.lang) != (found.name, found.lang):
        services.people.pop(found.telegram_id, None)
    return found
