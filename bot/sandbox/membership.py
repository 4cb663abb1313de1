"""Who is in a chat and with which rights: every change goes through `change`, which tells the bots."""

from collections.abc import Iterable
from dataclasses import replace

from bot.sandbox.exchange import Exchange
from bot.sandbox.wire import chat_member_json, member_json, user_json
from bot.sandbox.world import MEMBER, OPEN_MEMBER, Bot, Chat, Json, Member, Person


def hears_everything(member: Member) -> bool:
    """Whether a bot in this position gets every message of people."""
    return member.admin or not member.privacy


def plain_member(user: Person) -> Member:
    """What *user* is right after joining; a bot's privacy mode is fixed at this moment."""
    return OPEN_MEMBER if isinstance(user, Bot) and not user.privacy else MEMBER


def change(exchange: Exchange, chat: Chat, user: Person, new: Member, by: Person, extra: Json | None = None) -> None:
    """Make *user* what *new* says and tell the bots that may know. Nothing happens when nothing changes.

    The user, when it is a bot, hears it as `my_chat_member`; administrator bots hear it as `chat_member`,
    if they asked for that kind.
    """
    old = chat.member(user.id)
    if user.is_bot:
        new = replace(new, privacy=old.privacy) if old.present and new.present else _with_privacy(user, new)
    if old == new:
        return
    chat.members[user.id] = new
    exchange.hub.tell(
        chat,
        "member",
        lambda: {"user": user_json(user), "member": member_json(exchange.world, user.id, new)},
    )
    for bot in _told(exchange, chat, user):
        kind, key = ("my_chat_member", chat.id) if bot is user else ("chat_member", user.id)
        body = chat_member_json(exchange.world, chat, user.id, old, new, by.id, exchange.today(), viewer=bot.id)
        exchange.queue(bot).add(kind, body | (extra or {}), f"{kind}:{key}")


def block(exchange: Exchange, person: Person, bot: Bot, *, blocked: bool) -> None:
    """Let *person* block or unblock *bot*, which hears of it as `my_chat_member`."""
    chat = exchange.world.private(person.id, bot.id)
    if chat.blocked == blocked:
        return
    chat.blocked = blocked
    states = Member("kicked"), Member("member")
    new, old = states if blocked else states[::-1]
    body = chat_member_json(exchange.world, chat, bot.id, old, new, person.id, exchange.today(), viewer=bot.id)
    exchange.queue(bot).add("my_chat_member", body, f"my_chat_member:{chat.id}")
    exchange.hub.tell(chat, "chat", lambda: {"blocked": blocked})


def admin_bots(exchange: Exchange, chat: Chat) -> Iterable[Bot]:
    """The bots that administer *chat*."""
    return (bot for bot in exchange.world.bots.values() if chat.member(bot.id).admin)


def _told(exchange: Exchange, chat: Chat, user: Person) -> list[Bot]:
    told = [bot for bot in admin_bots(exchange, chat) if bot is not user]
    return [*told, user] if isinstance(user, Bot) else told


def _with_privacy(user: Person, new: Member) -> Member:
    return replace(new, privacy=user.privacy) if isinstance(user, Bot) else new
