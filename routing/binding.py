"""Which chat serves which unit: one-time codes, binding, and what becomes of a chat that Telegram takes away.

A grid has one residents' chat, every other unit one desk chat, both ways 1:1. The code comes from the unit above; it is
used by an administrator of the chat who holds a post in the unit. Neither of the two alone is enough.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from routing import admission, drafting, refusals, telling, tries
from routing.effects import Json
from routing.model import Chat, ChatId, ChatKind, ChatState, PersonId, Post, Unit, UnitCode, UnitKind
from routing.ports import Code, Lane, Promise, UnitOfWork
from routing.refusals import Refusal

PURPOSE: Final = "bind"
CODE_LIFE: Final = timedelta(hours=24)
ISSUING: Final = frozenset({Post.LEADER, Post.DISPATCHER, Post.ADMIN})
"""Posts that may open a chat for a unit below."""
LOST: Final = frozenset({ChatState.KICKED, ChatState.GONE})
"""States of a chat that nobody can bring back by writing; a new one may take its place."""
BOARD: Final = "board"
"""The carrier of the pinned message of a residents' chat."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What Telegram says at this moment about the one who binds, and about the bot.

    Args:
        admin: They are an administrator of the chat.
        bot_pins: The bot may pin.
        bot_hears: The bot gets every message: it is an administrator, or its privacy mode is off.
        bot_admin: The bot is an administrator. One that is none and joined under privacy mode stays deaf when that is
            switched off, until it is added anew, and Telegram does not tell.
    """

    admin: bool
    bot_pins: bool
    bot_hears: bool
    bot_admin: bool = True


@dataclass(frozen=True, slots=True)
class Issued:
    """A fresh code for a unit; shown once, stored by its digest only."""

    secret: str
    unit: Unit


def chat_kind(unit: Unit) -> ChatKind:
    """A grid talks to its residents, every other unit to its own staff."""
    return ChatKind.RESIDENTS if unit.kind in (UnitKind.BASIC, UnitKind.SPECIAL) else ChatKind.DESK


def chat_of(uow: UnitOfWork, unit: Unit) -> Chat | None:
    """The chat that serves *unit*; one that was lost does not count."""
    chat = uow.chats.of_unit(unit.code, chat_kind(unit))
    return chat if chat is not None and chat.state not in LOST else None


def missing(uow: UnitOfWork, unit: UnitCode) -> int:
    """How many of *unit* and the units below it have no chat; a micro-grid needs none of its own."""
    needing = [one for one in uow.units.below(unit) if one.kind is not UnitKind.MICRO]
    return sum(chat_of(uow, one) is None for one in needing)


def may_issue(uow: UnitOfWork, person: PersonId, unit: UnitCode) -> bool:
    """Whether *person* may open a chat for *unit*: from above; at the top, where nobody is above, from within."""
    path = [one.code for one in uow.units.path(unit)]
    above = path[1:] or path
    return any(post.unit in above and post.post in ISSUING for post in uow.people.posts_of(person))


def governed(uow: UnitOfWork, person: PersonId) -> list[Unit]:
    """Units below which *person* may open chats.

    Raises:
        NotYours: there is none.
    """
    codes = dict.fromkeys(post.unit for post in uow.people.posts_of(person) if post.post in ISSUING)
    units = [unit for unit in map(uow.units.find, codes) if unit is not None]
    if not units:
        raise refusals.NotYours
    return units


def issue(uow: UnitOfWork, person: PersonId, unit: UnitCode, at: datetime) -> Issued:
    """Make a code with which a chat can be bound to *unit* once, until `CODE_LIFE` has passed.

    Raises:
        NotYours: *person* has no such post above the unit, or there is no such unit.
        UnitHasChat: it is served already.
    """
    found = uow.units.find(unit)
    if found is None or not may_issue(uow, person, unit):
        raise refusals.NotYours
    if chat_of(uow, found) is not None:
        raise admission.UnitHasChat(unit=unit)
    secret = uow.ids.door_code()
    uow.notebook.issue_code(secret, Code(PURPOSE, unit, {}, expires_at=at + CODE_LIFE, once=True))
    return Issued(secret, found)


def bind(
    uow: UnitOfWork, chat: ChatId, person: PersonId, secret: str, standing: Standing, bot: str, at: datetime
) -> Mapping[str, Json] | Refusal:
    """Make *chat* the chat of the unit for which *secret* was issued, and put up its board.

    Args:
        uow: The transaction.
        chat: The group.
        person: Who sent the code.
        secret: As typed; case and surrounding space do not matter.
        standing: What Telegram says of them at this moment.
        bot: The bot's username, for links.
        at: Now.

    Returns:
        The unit's name; or `WrongCode`, returned so that the try is counted.

    Raises:
        Refusal: a reason of its own for everything else that stands in the way.
    """
    here = uow.chats.get(chat)
    if here.kind is ChatKind.PRIVATE:
        raise refusals.GroupOnly
    tries.admit(uow, PURPOSE, person, at)
    secret = secret.strip().upper()
    code = uow.notebook.code(secret)
    if code is None or code.purpose != PURPOSE:
        tries.wrong(uow, PURPOSE, person, at)
        return admission.WrongCode()
    unit = uow.units.find(code.unit)
    if unit is None:
        raise admission.CodeExpired
    _check(uow, here, unit, code, at)
    if not standing.admin:
        raise admission.NotChatAdmin
    if not _holds_post(uow, person, unit.code):
        raise admission.NoPostHere(unit=unit.code)
    uow.notebook.spend_code(secret, at)
    tries.right(uow, PURPOSE, person)
    _serve(uow, here, unit, bot, at)
    _advise(uow, here, person, standing, at)
    return {"unit": unit.name}


def unbind(uow: UnitOfWork, chat: ChatId, person: PersonId, admin: bool, at: datetime) -> Mapping[str, Json]:
    """Let *chat* serve nobody any more; the unit above is told.

    Raises:
        NotBound: it served nobody.
        Refusal: as for binding.
    """
    unit = may_unbind(uow, chat, person, admin)
    uow.chats.bind(chat, ChatKind.UNBOUND, None)
    tell_above(uow, unit, "bind.above_unbound", f"unbound:{chat}:{at.isoformat()}")
    return {"unit": unit.name}


def may_unbind(uow: UnitOfWork, chat: ChatId, person: PersonId, admin: bool) -> Unit:
    """The unit that *chat* serves, if *person* may take the chat away from it.

    Raises:
        GroupOnly: it is a private chat.
        NotBound: it serves nobody.
        NotChatAdmin: they are no administrator of the chat.
        NoPostHere: they hold no post in the unit.
    """
    here = uow.chats.get(chat)
    if here.kind is ChatKind.PRIVATE:
        raise refusals.GroupOnly
    unit = uow.units.find(here.unit) if here.unit is not None else None
    if unit is None:
        raise admission.NotBound
    if not admin:
        raise admission.NotChatAdmin
    if not _holds_post(uow, person, unit.code):
        raise admission.NoPostHere(unit=unit.code)
    return unit


def tell_above(uow: UnitOfWork, unit: Unit, key: str, mark: str) -> None:
    """Say *key*, with the unit's name, at the desk above it, else to its people; once for each *mark*.

    At the top of the tree the unit's own people hear it.
    """
    above = uow.units.above(unit.code)
    for chat in telling.desk_of(uow, above.code if above else unit.code):
        params = {"key": key, "unit": unit.name}
        uow.outbox.promise(Promise(key=f"{mark}:{chat.id}", chat=chat.id, view="say", params=params, lane=Lane.NOTICE))


def _check(uow: UnitOfWork, here: Chat, unit: Unit, code: Code, at: datetime) -> None:
    if here.unit == unit.code:
        raise refusals.AlreadyDone
    if code.used_at is not None:
        raise admission.CodeUsed
    if code.expires_at is not None and code.expires_at <= at:
        raise admission.CodeExpired
    if here.unit is not None:
        raise admission.ChatServes(unit=here.unit)
    if chat_of(uow, unit) is not None:
        raise admission.UnitHasChat(unit=unit.code)


def _holds_post(uow: UnitOfWork, person: PersonId, unit: UnitCode) -> bool:
    return any(post.unit == unit for post in uow.people.posts_of(person))


def _serve(uow: UnitOfWork, here: Chat, unit: Unit, bot: str, at: datetime) -> None:
    kind = chat_kind(unit)
    lost = uow.chats.of_unit(unit.code, kind)
    if lost is not None:
        uow.chats.bind(lost.id, ChatKind.UNBOUND, None)
    uow.chats.bind(here.id, kind, unit.code)
    if kind is ChatKind.RESIDENTS:
        show_board(uow, here.id, bot, at)


def show_board(uow: UnitOfWork, chat: ChatId, bot: str, at: datetime) -> None:
    """Promise the pinned message of a residents' chat: sent and pinned once, edited ever after."""
    unit = uow.chats.get(chat).unit
    start = drafting.invitation(uow, unit) if unit is not None else ""
    uow.outbox.promise(
        Promise(
            key=f"board:{chat}:{at.isoformat()}",
            chat=chat,
            view="board",
            params={"bot": bot, "start": start},
            lane=Lane.CARD,
            carrier=BOARD,
            pin=True,
        )
    )


def put_up_boards(uow: UnitOfWork, bot: int, username: str, at: datetime) -> int:
    """Promise the board wherever it is missing, as after an import that named the chats; returns how many."""
    there = uow.outbox.carriers(BOARD)
    bare = [
        chat.id
        for chat in uow.chats.all()
        if chat.bot == bot and chat.kind is ChatKind.RESIDENTS and chat.state is ChatState.OK and chat.id not in there
    ]
    for chat in bare:
        show_board(uow, chat, username, at)
    return len(bare)


def _advise(uow: UnitOfWork, here: Chat, person: PersonId, standing: Standing, at: datetime) -> None:
    """Say to the binder which rights the bot still lacks."""
    lacking = {
        "bind.hint_hears": standing.bot_hears,
        "bind.hint_joined": standing.bot_admin or not standing.bot_hears,
        "bind.hint_pins": standing.bot_pins,
    }
    for key in [key for key, given in lacking.items() if not given]:
        uow.outbox.promise(
            Promise(
                key=f"{key}:{here.id}:{at.isoformat()}",
                chat=telling.private_or(uow, person, here.id),
                view="say",
                params={"key": key},
            )
        )
