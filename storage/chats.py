"""Telegram chats, by our own numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, and_, delete, func, null, select, type_coerce, update

from routing.model import Chat, ChatId, ChatKind, ChatState, PersonId, UnitCode
from routing.ports import Ids
from storage.notebook import Counters
from storage.part import Part, given, mine
from storage.portable import or_replace, unless_there
from storage.states import Delivery
from storage.tables import carriers, chat_aliases, chats, drafts, fixed, outbox, people, prompts, targets, words

_PRIVATE = fixed(ChatKind.PRIVATE)[0]
WITH_PERSON = chats.outerjoin(
    people,
    and_(
        chats.c.kind == _PRIVATE,
        people.c.city_id == chats.c.city_id,
        people.c.telegram_id == chats.c.telegram_id,
    ),
)
"""Chats, private ones beside the person who owns them: they have the same Telegram id."""
COLUMNS = [
    chats.c.id,
    chats.c.bot,
    chats.c.telegram_id,
    chats.c.kind,
    chats.c.state,
    chats.c.title,
    chats.c.unit,
    people.c.id.label("person"),
    func.coalesce(people.c.chosen_lang, people.c.lang, chats.c.lang).label("lang"),
]
"""What a `Chat` is made from, over `WITH_PERSON`."""

_SELECT = select(*COLUMNS).select_from(WITH_PERSON).where(mine(chats))
_GET = _SELECT.where(chats.c.id == given("id"))
_FIND = _SELECT.where(chats.c.bot == given("bot"), chats.c.telegram_id == given("telegram_id"))
_ALIAS = select(chat_aliases.c.chat).where(
    mine(chat_aliases), chat_aliases.c.bot == given("bot"), chat_aliases.c.telegram_id == given("telegram_id")
)
_PRIVATE_OF = _SELECT.where(chats.c.kind == _PRIVATE, people.c.id == given("person"), chats.c.state == ChatState.OK)
_OF_UNIT = _SELECT.where(chats.c.unit == given("unit"), chats.c.kind == given("kind"))
_OF_UNITS = _SELECT.where(chats.c.unit.in_(given("units", many=True)))
_AMONG = _SELECT.where(chats.c.id.in_(given("ids", many=True)))
_PRIVATE_AMONG = _SELECT.where(
    chats.c.kind == _PRIVATE, people.c.id.in_(given("people", many=True)), chats.c.state == ChatState.OK
)
_ALL = _SELECT.order_by(chats.c.id)
_MEET = unless_there(chats)
_ONE = and_(mine(chats), chats.c.id == given("id"))
_FRESHEN = update(chats).where(_ONE).values(title=given("title"))
_BIND = update(chats).where(_ONE).values(kind=given("kind"), unit=given("unit"))
_SET_STATE = update(chats).where(_ONE).values(state=given("state"))
_SET_LANG = update(chats).where(_ONE).values(lang=given("lang"))
_RENUMBER = update(chats).where(_ONE).values(telegram_id=given("telegram_id"), state=ChatState.OK)
_REMEMBER = or_replace(chat_aliases)
_DELETE = delete(chats).where(_ONE)
_UNSENT = and_(mine(outbox), outbox.c.chat == given("id"), outbox.c.state.in_(fixed(Delivery.READY, Delivery.SENDING)))
_FORGET = (
    delete(carriers).where(mine(carriers), carriers.c.chat == given("id")),
    update(words)
    .where(mine(words), words.c.chat == given("id"), words.c.message_id.is_not(None))
    .values(message_id=null()),
    update(prompts).where(mine(prompts), prompts.c.chat == given("id")).values(message_id=null()),
    update(outbox).where(_UNSENT).values(reply_to=null()),
    update(targets).where(mine(targets), targets.c.chat == given("id")).values(message_id=null()),
)
"""Every number of a message of the chat; those in drafts are the business of the use-cases."""
_DROP = (
    update(outbox)
    .where(_UNSENT, type_coerce(outbox.c.params, Text).contains('"message":'))
    .values(state=Delivery.EXPIRED, reason="the group has moved", finished_at=given("now"))
)
"""Promises that do something to a message by its number, as taking it away: another one may have it by now."""
_MOVE = [
    update(table).where(mine(table), table.c.chat == given("id")).values(chat=given("to"))
    for table in (carriers, outbox, words, drafts, prompts, chat_aliases, targets)
]


class SqlChats(Part):
    """`routing.ports.Chats` over one transaction."""

    def __init__(self, connection: Connection, city: str, ids: Ids, clock: Callable[[], datetime]) -> None:
        super().__init__(connection, city)
        self._ids, self._clock = ids, clock

    def get(self, chat: ChatId) -> Chat:
        """The chat, or `LookupError`."""
        row = self._first(_GET, id=chat)
        if row is None:
            raise LookupError(f"there is no chat {chat}")
        return Chat(*row)

    def find(self, bot: int, telegram_id: int) -> Chat | None:
        """By the pair that Telegram uses; old ids of migrated groups are followed."""
        row = self._first(_FIND, bot=bot, telegram_id=telegram_id)
        if row is None:
            alias = self._scalar(_ALIAS, bot=bot, telegram_id=telegram_id)
            row = None if alias is None else self._first(_GET, id=alias)
        return _chat(row)

    def meet(self, bot: int, telegram_id: int, kind: ChatKind, title: str, state: ChatState) -> Chat:
        """The chat with that id, created at the first sight; afterwards only its title is kept fresh.

        A change of state is told by `set_state`. The title of a private chat, a person's name, is not kept.
        """
        title = "" if kind is ChatKind.PRIVATE else title
        known = self.find(bot, telegram_id)
        if known is None:
            self._put(
                _MEET,
                {
                    "id": self._ids.new(),
                    "bot": bot,
                    "telegram_id": telegram_id,
                    "kind": kind,
                    "state": state,
                    "title": title,
                },
            )
            return Chat(*self._first(_FIND, bot=bot, telegram_id=telegram_id))
        fresh = replace(known, title=title or known.title)
        if fresh != known:
            self._run(_FRESHEN, id=known.id, title=fresh.title)
        return fresh

    def private(self, person: PersonId) -> Chat | None:
        """Their private chat, if they ever opened one and the bot may write there (state OK).

        Of several bots' chats with them, the one that was met last.
        """
        return max(self.privates(person), key=lambda chat: chat.id, default=None)

    def privates(self, person: PersonId) -> Sequence[Chat]:
        """Those with every bot of the town that they met and that may write to them."""
        return [Chat(*row) for row in self._all(_PRIVATE_OF, person=person)]

    def of_unit(self, unit: UnitCode, kind: ChatKind) -> Chat | None:
        """The residents' chat of a grid, or the desk chat of a unit above."""
        return _chat(next(iter(self._recall(_OF_UNIT, unit=unit, kind=kind)), None))

    def among(self, ids: Sequence[ChatId]) -> Sequence[Chat]:
        """Those of these chats that are there, in any order."""
        return [Chat(*row) for row in self._all(_AMONG, ids=list(ids))]

    def of_units(self, units: Sequence[UnitCode]) -> Sequence[Chat]:
        """The chats of these units, of either kind."""
        return [Chat(*row) for row in self._all(_OF_UNITS, units=list(units))]

    def private_among(self, people: Sequence[PersonId]) -> Mapping[PersonId, Chat]:
        """The private chats of those of them who can be written to."""
        found = sorted((Chat(*row) for row in self._all(_PRIVATE_AMONG, people=list(people))), key=lambda one: one.id)
        return {chat.person: chat for chat in found if chat.person is not None}

    def bind(self, chat: ChatId, kind: ChatKind, unit: UnitCode | None) -> None:
        """Make it the unit's chat of that kind; ``unit=None`` unbinds.

        Raises:
            sqlalchemy.exc.IntegrityError: the unit has another chat of that kind; unbind that one first.
        """
        self._run(_BIND, id=chat, kind=kind, unit=unit)

    def set_state(self, chat: ChatId, state: ChatState) -> None:
        """Follow what Telegram told."""
        self._run(_SET_STATE, id=chat, state=state)
        Counters(self._connection, self._city).unlearn()

    def set_lang(self, chat: ChatId, lang: str) -> None:
        """The language of a group."""
        self._run(_SET_LANG, id=chat, lang=lang)

    def migrate(self, bot: int, old: int, new: int) -> Chat | None:
        """Give the chat its new Telegram id; bindings and promises stay. ``None`` if the old one is unknown.

        Messages are counted anew there, so every number of an old one is forgotten: none of them may ever be taken for
        a new message. When the new id was met before the news of the migration, that second chat is folded into the
        first, with its messages.
        """
        chat = self.find(bot, old)
        if chat is None or chat.telegram_id == new:
            return chat
        self._run(_DROP, id=chat.id, now=self._clock())
        for statement in _FORGET:
            self._run(statement, id=chat.id)
        twin = self._first(_FIND, bot=bot, telegram_id=new)
        if twin is not None:
            self._fold(ChatId(twin.id), chat.id)
        self._put(_REMEMBER, {"bot": bot, "telegram_id": old, "chat": chat.id})
        self._run(_RENUMBER, id=chat.id, telegram_id=new)
        Counters(self._connection, self._city).unlearn()
        return self.get(chat.id)

    def all(self) -> Sequence[Chat]:
        """Every chat."""
        return [Chat(*row) for row in self._all(_ALL)]

    def _fold(self, twin: ChatId, into: ChatId) -> None:
        for statement in _MOVE:
            self._run(statement, id=twin, to=into)
        self._run(_DELETE, id=twin)


def _chat(row: Any) -> Chat | None:
    return Chat(*row) if row else None
