"""Presses that a whole town makes within minutes: heard many at a time, in the transaction that takes them in.

What this path leaves out is the library's parsing, and a task and a transaction for each press; what it keeps is the
use-case with its rule. It hears only what it recognises at the first look. Everything else goes the long way.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple

from handlers._kit import words
from handlers._kit.plain import Chorus, seen
from handlers._kit.presses import BadPress, decode
from handlers._kit.registry import Registry, Toast, Together
from handlers._kit.services import Services
from routing import membership
from routing.model import ChatId, ChatKind
from routing.ports import Seen, UnitOfWork

LONGEST: Final = 200
"""Characters of an answer to a press."""
_KINDS: Final = {"private": ChatKind.PRIVATE, "group": ChatKind.UNBOUND, "supergroup": ChatKind.UNBOUND}


class Hasty(NamedTuple):
    """A press as it came, of a payload that can be heard together with others."""

    payload: Any
    callback_id: str
    chat: tuple[int, ChatKind, str]  # Telegram's id, kind, title
    by: Seen

    @property
    def telegram_chat(self) -> int:
        """Telegram's id of the chat."""
        return self.chat[0]


class Spoken(NamedTuple):
    """What the presser is told, and our number for the chat."""

    text: str
    alert: bool
    chat: ChatId


class Crowd:
    """Hears presses of one bot together."""

    def __init__(self, registry: Registry, services: Services) -> None:
        self._registry, self._services = registry, services
        self.chorus = Chorus(registry, services)
        """Hears commands together."""

    def recognise(self, update: Mapping[str, Any]) -> Hasty | None:
        """The press in *update*; ``None`` for everything that must go the long way."""
        if "callback_query" not in update:
            return None
        try:
            query = update["callback_query"]
            payload = _decoded(query["data"])
            if type(payload) not in self._registry.together:
                return None
            chat, user = query["message"]["chat"], query["from"]
            where = (chat["id"], _KINDS[chat["type"]], chat.get("title", ""))
            return Hasty(payload, query["id"], where, seen(self._services, user))
        except (AttributeError, KeyError, TypeError):  # a shape that nobody foresaw
            return None

    def hear(self, uow: UnitOfWork, presses: Sequence[Hasty], now: datetime) -> Sequence[Spoken | None]:
        """Do what the presses ask for; ``None`` for one that must go the long way, and has left no trace."""
        people = uow.people.meet_all([one.by for one in presses])
        chats = {where: self._chat(uow, *where, now) for where in dict.fromkeys(one.chat for one in presses)}
        heard: dict[int, Toast | None] = {}
        for cls in dict.fromkeys(type(one.payload) for one in presses):
            places = [place for place, one in enumerate(presses) if type(one.payload) is cls]
            together = [Together(presses[at].payload, people[at].id, chats[presses[at].chat]) for at in places]
            heard.update(zip(places, self._registry.together[cls](uow, together, now), strict=True))
        return [
            self._spoken(heard[place], person.lang, chats[presses[place].chat]) for place, person in enumerate(people)
        ]

    def committed(self, press: Hasty, spoken: Spoken) -> None:
        """Remember the number of its chat, which never changes."""
        self._services.chats.setdefault((self._services.bot.id, press.chat[0]), spoken.chat)

    def answer(self, press: Hasty, spoken: Spoken) -> None:
        """Tell the presser."""
        self._services.answer(press.callback_id, spoken.text, spoken.alert)

    def _chat(self, uow: UnitOfWork, telegram_id: int, kind: ChatKind, title: str, now: datetime) -> ChatId:
        bot = self._services.bot.id
        known = self._services.chats.get((bot, telegram_id))
        return known if known is not None else membership.met(uow, bot, telegram_id, kind, title, now).id

    def _spoken(self, toast: Toast | None, lang: str | None, chat: ChatId) -> Spoken | None:
        if toast is None:
            return None
        return Spoken(_sentence(toast.key, lang, self._services.locale), toast.alert, chat)


@lru_cache(maxsize=4096)
def _decoded(data: str) -> object:
    try:
        return decode(data)
    except BadPress:
        return None


@lru_cache(maxsize=256)
def _sentence(key: str, lang: str | None, locale: str) -> str:
    return words.plain(key, words.language(lang, locale))[:LONGEST]
