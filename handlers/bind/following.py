"""What Telegram does to the bot's chats: added, kicked, muted, demoted, blocked, migrated."""

from typing import Final

from telegram import ChatMember, ChatMemberRestricted, Update
from telegram.constants import ChatMemberStatus, ChatType

from handlers._kit.context import GridContext
from handlers._kit.registry import on_update
from routing import membership
from routing.membership import Whereabouts
from routing.model import ChatState

_OUT: Final = (ChatMemberStatus.LEFT, ChatMemberStatus.BANNED)


@on_update("my_chat_member")
async def follow(update: Update, ctx: GridContext) -> None:
    """The bot's own place in a chat changed."""
    change = update.my_chat_member
    if change is None or change.chat.type == ChatType.CHANNEL:
        return
    before, after, bot = change.old_chat_member, change.new_chat_member, ctx.services.bot
    private = change.chat.type == ChatType.PRIVATE
    state = _state(after, private=private)
    news = Whereabouts(
        bot=bot.id,
        username=bot.username,
        chat=change.chat.id,
        private=private,
        title=change.chat.title or "",
        state=state,
        came=_is_out(before) and not _is_out(after),
        lost_admin=_is_admin(before) and not _is_admin(after),
        hears=bool(ctx.bot.bot.can_read_all_group_messages),
    )
    await ctx.work(membership.follow, news, ctx.now)
    if state is not ChatState.OK:  # whoever writes there next is met anew, which proves that it is open again
        ctx.services.chats.pop((bot.id, change.chat.id), None)


@on_update("migrate_to_chat_id")
async def moved_on(update: Update, ctx: GridContext) -> None:
    """The old group tells where it has gone."""
    if update.message is not None and update.message.migrate_to_chat_id is not None:
        await _migrate(ctx, update.message.chat.id, update.message.migrate_to_chat_id)


@on_update("migrate_from_chat_id")
async def moved_in(update: Update, ctx: GridContext) -> None:
    """The new supergroup tells where it came from."""
    if update.message is not None and update.message.migrate_from_chat_id is not None:
        await _migrate(ctx, update.message.migrate_from_chat_id, update.message.chat.id)


async def _migrate(ctx: GridContext, old: int, new: int) -> None:
    bot, chats = ctx.services.bot, ctx.services.chats
    chat = await ctx.work(membership.migrate, bot.id, bot.username, old, new, ctx.now)
    chats.pop((bot.id, new), None)
    if chat is not None:
        chats[(bot.id, old)] = chats[(bot.id, new)] = chat.id


def _is_out(member: ChatMember) -> bool:
    return member.status in _OUT or (isinstance(member, ChatMemberRestricted) and not member.is_member)


def _is_admin(member: ChatMember) -> bool:
    return member.status == ChatMemberStatus.ADMINISTRATOR


def _state(member: ChatMember, *, private: bool) -> ChatState:
    if _is_out(member):
        return ChatState.BLOCKED if private else ChatState.KICKED
    if isinstance(member, ChatMemberRestricted) and not member.can_send_messages:
        return ChatState.MUTED
    return ChatState.OK
