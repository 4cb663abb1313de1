"""What becomes of a chat when the bot is added, kicked, muted or demoted there, or when the group migrates."""

from dataclasses import dataclass
from datetime import datetime

from routing import binding
from routing.model import Chat, ChatKind, ChatState, Unit
from routing.ports import Promise, UnitOfWork


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
    unit = uow.units.find(chat.unit) if chat.unit is not None else None
    if unit is not None:
        _served(uow, chat, unit, news, at)
    elif news.came and not news.private and news.state is ChatState.OK:
        params = {"key": "bind.added"}
        uow.outbox.promise(Promise(key=f"added:{chat.id}:{at.isoformat()}", chat=chat.id, view="say", params=params))


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

    Returns:
        The chat as it is now; ``None`` when nobody knew the old one.
    """
    chat = uow.chats.migrate(bot, old, new)
    if chat is None or not uow.notebook.once(f"migrated:{bot}:{old}:{new}", at):
        return chat
    unit = uow.units.find(chat.unit) if chat.unit is not None else None
    if unit is not None:
        binding.tell_above(uow, unit, "bind.above_migrated", f"migrated:{chat.id}:{new}")
        if chat.kind is ChatKind.RESIDENTS:
            binding.show_board(uow, chat.id, username, at)
    return chat
