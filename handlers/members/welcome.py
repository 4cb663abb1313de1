"""Gathering those who join, and welcoming them together; an earlier welcome goes, so that the group never fills."""

from datetime import datetime, timedelta
from typing import Any, Final

from telegram import ChatMember, ChatMemberRestricted, Update, User
from telegram.constants import ChatMemberStatus

from handlers._kit.context import GridContext
from handlers._kit.html import clean
from handlers._kit.links import private_link
from handlers._kit.registry import collector, on_update, view
from handlers._kit.views import Button, Look, Outgoing
from routing import residents
from routing.effects import Json
from routing.masking import mask_name
from routing.model import ChatKind, PersonId
from routing.ports import Draft, Lane, Promise, UnitOfWork

GATHERED_FOR: Final = timedelta(minutes=1)
STEP: Final = "welcome"
NAMED: Final = 5
LIFE: Final = timedelta(hours=2)
"""A welcome that could not be said for so long is not said any more."""
_NOBODY: Final = PersonId(0)
_AT_ONCE: Final = 50


@on_update("new_chat_members")
async def joined(update: Update, ctx: GridContext) -> None:
    """The service message in the group."""
    if update.message is not None:
        await _gather(ctx, update.message.chat.id, update.message.new_chat_members)


@on_update("chat_member")
async def came(update: Update, ctx: GridContext) -> None:
    """The same news as administrators hear it, also where service messages are hidden. Leavers are let go quietly."""
    change = update.chat_member
    if change is not None and _is_out(change.old_chat_member) and not _is_out(change.new_chat_member):
        await _gather(ctx, change.chat.id, (change.new_chat_member.user,))


def _is_out(member: ChatMember) -> bool:
    if isinstance(member, ChatMemberRestricted):
        return not member.is_member
    return member.status in (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


async def _gather(ctx: GridContext, telegram_chat: int, users: tuple[User, ...]) -> None:
    names = {user.id: mask_name(clean(user.full_name)) for user in users if not user.is_bot}
    if names:
        await ctx.work(gather, ctx.services.bot.id, ctx.services.bot.username, telegram_chat, names, ctx.now)


def gather(uow: UnitOfWork, bot: int, username: str, telegram_chat: int, names: dict[int, str], at: datetime) -> None:
    """Note who joined a residents' chat; the same person told twice counts once.

    Args:
        uow: The transaction.
        bot: The bot's Telegram id.
        username: Its name, for links.
        telegram_chat: Where.
        names: Masked names by Telegram id; the ids are kept only until the welcome is said.
        at: Now.
    """
    chat = uow.chats.find(bot, telegram_chat)
    if chat is None or chat.kind is not ChatKind.RESIDENTS:
        return
    key = f"{STEP}:{chat.id}"
    draft = uow.notebook.draft(key)
    known: Any = draft.data if draft else {"ids": [], "names": []}
    fresh = [one for one in names if one not in known["ids"]]
    data: dict[str, Json | list[Json]] = {
        "bot": username,
        "ids": [*known["ids"], *fresh],
        "names": [*known["names"], *(names[one] for one in fresh)],
    }
    uow.notebook.keep_draft(Draft(key, _NOBODY, chat.id, STEP, draft.at if draft else at, data))


@collector
def welcome(uow: UnitOfWork, now: datetime) -> int:
    """Say the welcomes whose minute is over; returns how many."""
    due = uow.notebook.drafts_due(STEP, now - GATHERED_FOR, _AT_ONCE)
    for draft in due:
        _say(uow, draft, now)
        uow.notebook.drop_draft(draft.key)
    return len(due)


def _say(uow: UnitOfWork, draft: Draft, now: datetime) -> None:
    last = uow.notebook.setting(draft.key)
    message = uow.outbox.carriers(last).get(draft.chat) if last else None
    carrier = f"{draft.key}:{uow.ids.new()}"
    if message is not None:
        gone = Promise(f"{carrier}:gone", draft.chat, "welcome_gone", {"message": message}, Lane.NOTICE)
        uow.outbox.promise(gone)
    uow.notebook.set_setting(draft.key, carrier)
    data: Any = draft.data
    names: list[str] = data["names"]
    params: dict[str, Json] = {"bot": str(data["bot"]), "names": "\n".join(names[:NAMED]), "count": len(names)}
    uow.outbox.promise(
        Promise(carrier, draft.chat, "welcome", params, Lane.NOTICE, carrier=carrier, not_after=now + LIFE)
    )


@view("welcome")
def welcome_view(look: Look) -> Outgoing | None:
    """Masked names, what the bot is for, and the ways to privacy and registration."""
    if look.chat.unit is None:
        return None
    bot, count = str(look.params["bot"]), int(str(look.params["count"]))
    names = look.t("members.comma").join(str(look.params["names"]).split("\n"))
    key = "members.welcome_many" if count > NAMED else "members.welcome"
    text = look.t(key, names=names, count=count, grid=look.uow.units.get(look.chat.unit).name)
    links = [("door.privacy", "privacy"), ("door.register", "register")]
    return look.message(text, [[Button(key, url=private_link(bot, start)) for key, start in links]])


@view("welcome_gone")
def welcome_gone(look: Look) -> Outgoing:
    """Take the earlier welcome away."""
    return Outgoing("deleteMessage", {"message_id": look.params["message"]})


@on_update("chat_join_request")
async def asked(update: Update, ctx: GridContext) -> None:
    """Let those in whose home is bound to this grid; all others are for the administrators to judge."""
    request = update.chat_join_request
    if request is not None:
        mark = f"letin:{ctx.services.bot.id}:{update.update_id}"
        await ctx.work(_let_in, ctx.services.bot.id, request.chat.id, request.from_user.id, mark)


def _let_in(uow: UnitOfWork, bot: int, telegram_chat: int, telegram_user: int, mark: str) -> None:
    chat = uow.chats.find(bot, telegram_chat)
    if chat is not None and residents.lives_in(uow, bot, telegram_user, telegram_chat):
        uow.outbox.promise(Promise(mark, chat.id, "let_in", {"user": telegram_user}, Lane.ANSWER))


@view("let_in")
def let_in(look: Look) -> Outgoing:
    """Approve the request."""
    return Outgoing("approveChatJoinRequest", {"user_id": look.params["user"]})
