"""What becomes of a chat when the bot is added, kicked, muted or demoted there, or when the group migrates."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from routing import binding, filing, offers, telling
from routing.model import Case, CaseId, Chat, ChatKind, ChatState, Unit
from routing.ports import Promise, UnitOfWork

FRESH_CARDS: Final = 500
"""So many cards, the most urgent first, are shown anew where a group has moved to; others come with their next move."""
_LOST: Final = frozenset({ChatState.KICKED, ChatState.MUTED, ChatState.GONE})  # a group can be


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """What Telegram tells about the bot's own place in a chat.

    Args:
        bot: The bot's Telegram id.
        username: Its name, for links.
        chat: The chat's Telegram id.
        private: It is the private chat with somebody.
        title: Of a group.
        state: Whether it can write there now.
        came: It was not there before.
        lost_admin: It was an administrator before and is none now.
        hears: It gets every message all the same.
    """

    bot: int
    username: str
    chat: int
    private: bool
    title: str
    state: ChatState
    came: bool
    lost_admin: bool
    hears: bool


def follow(uow: UnitOfWork, news: Whereabouts, at: datetime) -> None:
    """Keep the chat's state true, and let the unit above know when its chat can no longer be relied on."""
    chat = uow.chats.find(news.bot, news.chat)
    if chat is None:
        if news.private or news.state is not ChatState.OK:
            return
        chat = uow.chats.meet(news.bot, news.chat, ChatKind.UNBOUND, news.title, news.state)
    elif chat.telegram_id != news.chat:
        return  # the old place of a group that has moved on
    if chat.state is not news.state:
        uow.chats.set_state(chat.id, news.state)
        if news.state is ChatState.OK:
            _catch_up(uow, chat, at)
    unit = uow.units.find(chat.unit) if chat.unit is not None else None
    if unit is not None:
        _served(uow, chat, unit, news, at)
    elif news.came and not news.private and news.state is ChatState.OK:
        params = {"key": "bind.added"}
        uow.outbox.promise(Promise(key=f"added:{chat.id}:{at.isoformat()}", chat=chat.id, view="say", params=params))


def lost(uow: UnitOfWork, chat: Chat, state: ChatState, at: datetime) -> None:
    """Something could not be said there, and Telegram has told no news of it, or not yet: *chat* is as it was before.

    The unit above hears of it, at most once a day. What programs remember of the chat, they forget: whoever does
    something there later is met anew (`met`), since Telegram does not tell either when a group is opened again by its
    default permissions.
    """
    if chat.state is not ChatState.OK:
        return
    uow.notebook.unlearn()
    unit = uow.units.find(chat.unit) if chat.unit is not None else None
    if unit is not None and state in _LOST:
        binding.tell_above(uow, unit, f"bind.above_{state.value}", f"lost:{chat.id}:{at.date().isoformat()}")


def topic_closed(uow: UnitOfWork, chat: Chat, at: datetime) -> None:
    """Something could not be said because its topic is closed, perhaps General: the unit above hears of it once a day.

    The chat is not lost: in other topics the bot goes on.
    """
    unit = uow.units.find(chat.unit) if chat.unit is not None else None
    if unit is not None:
        binding.tell_above(uow, unit, "bind.above_closed", f"closed:{chat.id}:{at.date().isoformat()}")


def retire(uow: UnitOfWork, bot: int, at: datetime) -> int:
    """Nobody speaks for *bot* any more: wherever it could write it is lost, and others may take those places.

    Returns:
        How many chats that are.
    """
    chats = [chat for chat in uow.chats.all() if chat.bot == bot and chat.state is ChatState.OK]
    for chat in chats:
        uow.chats.set_state(chat.id, ChatState.GONE)
    for chat in chats:
        lost(uow, chat, ChatState.GONE, at)
    uow.notebook.set_setting(_retired(bot), at.isoformat())
    return len(chats)


def is_retired(uow: UnitOfWork, bot: int) -> bool:
    """Whether *bot* was given up and has not come back since."""
    return uow.notebook.setting(_retired(bot)) is not None


def reinstate(uow: UnitOfWork, bot: int) -> int:
    """*bot* is here: if it was given up, its lost chats are tried again; returns how many those are."""
    if not is_retired(uow, bot):
        return 0
    uow.notebook.set_setting(_retired(bot), None)
    chats = [chat for chat in uow.chats.all() if chat.bot == bot and chat.state is ChatState.GONE]
    for chat in chats:
        uow.chats.set_state(chat.id, ChatState.OK)
    return len(chats)


def _retired(bot: int) -> str:
    return f"retired.{bot}"


def met(uow: UnitOfWork, bot: int, telegram_id: int, kind: ChatKind, title: str, at: datetime) -> Chat:
    """The chat where somebody has just done something, which may mean that the bot can write there again.

    In private it proves that. A group is tried at most once an hour: it may be open to its administrators alone.
    """
    chat = uow.chats.meet(bot, telegram_id, kind, title, ChatState.OK)
    hour = at.replace(minute=0, second=0, microsecond=0)
    if chat.state is ChatState.OK or (
        chat.kind is not ChatKind.PRIVATE and uow.notebook.count(f"tried:{chat.id}", hour) > 1
    ):
        return chat
    uow.chats.set_state(chat.id, ChatState.OK)
    _catch_up(uow, chat, at)
    return replace(chat, state=ChatState.OK)


def _catch_up(uow: UnitOfWork, chat: Chat, at: datetime) -> None:
    """Show the cards anew that stand there: what changed while the bot could not write was said to nobody."""
    for carrier in uow.outbox.carried_in(chat.id, FRESH_CARDS):
        kind, _, number = carrier.partition(":")
        if kind == "case" and number.isdecimal():
            telling.show(uow, uow.cases.get(CaseId(int(number))), at, mark=f":back:{at.isoformat()}", only=chat.id)


def _served(uow: UnitOfWork, chat: Chat, unit: Unit, news: Whereabouts, at: datetime) -> None:
    mark = f"followed:{chat.id}:{at.isoformat()}"
    if chat.state is not news.state:
        binding.tell_above(uow, unit, f"bind.above_{news.state.value}", mark)
        if news.state is ChatState.OK and chat.kind is ChatKind.RESIDENTS:
            binding.show_board(uow, chat.id, news.username, at)
    elif news.lost_admin and not news.hears:
        binding.tell_above(uow, unit, "bind.above_demoted", mark)


def migrate(uow: UnitOfWork, bot: int, username: str, old: int, new: int, at: datetime) -> Chat | None:
    """Give the group its new id. Telegram tells twice, in either order; the unit above hears of it once.

    The board and the cards stayed behind in the old group, so the new one gets fresh ones.

    Returns:
        The chat as it is now; ``None`` when nobody knew the old one.
    """
    chat = renumber(uow, bot, old, new)
    if chat is None or not uow.notebook.once(f"migrated:{bot}:{old}:{new}", at):
        return chat
    unit = uow.units.find(chat.unit) if chat.unit is not None else None
    if unit is not None:
        binding.tell_above(uow, unit, "bind.above_migrated", f"migrated:{chat.id}:{new}")
        if chat.kind is ChatKind.RESIDENTS:
            binding.show_board(uow, chat.id, username, at)
        for case in _shown_by(uow, chat, unit):
            telling.show(uow, case, at, mark=f":moved:{new}", only=chat.id)
    return chat


def renumber(uow: UnitOfWork, bot: int, old: int, new: int) -> Chat | None:
    """Give the group its new id, whoever tells first; no number of an old message may name a new one from then on.

    An album whose parts are still coming keeps its parts, under a number that no message has.
    """
    chat = uow.chats.find(bot, old)
    for draft in uow.notebook.drafts_in(chat.id) if chat is not None and chat.telegram_id != new else ():
        if draft.step in (offers.OFFER, filing.PART):
            uow.notebook.drop_draft(draft.key)
        elif "message" in draft.data:
            nobodys = -abs(int(str(draft.data["message"])))
            uow.notebook.keep_draft(replace(draft, data={**draft.data, "message": nobodys}))
    return uow.chats.migrate(bot, old, new)


def _shown_by(uow: UnitOfWork, chat: Chat, unit: Unit) -> Sequence[Case]:
    """Open cases of which a card may stand in the chat of *unit*."""
    if chat.kind is ChatKind.RESIDENTS:
        return uow.cases.open_of(unit.code, limit=FRESH_CARDS)
    below = [one.code for one in uow.units.below(unit.code) if one.parent == unit.code]
    return uow.cases.open_in([unit.code, *below], limit=FRESH_CARDS)
