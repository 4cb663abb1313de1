"""The last to be asked about a message: nobody took it."""

from typing import Final

from telegram import Update
from telegram.ext import filters

from handlers._kit.context import GridContext
from handlers._kit.registry import on_message
from handlers._kit.said import Said

LAST: Final = 90


@on_message(LAST)
async def answer(said: Said, ctx: GridContext) -> bool:
    """Say what works instead: in private always, in a group to whoever answers the bot with such a thing."""
    if said.text or said.media or said.location or _is_service(said):
        return False
    if not said.private and not _answers_bot(said):
        return False
    await ctx.reply("unsupported.private" if said.private else "unsupported.group")
    return True


def _is_service(said: Said) -> bool:
    """Whether Telegram says it, such as that a message was pinned."""
    return bool(filters.StatusUpdate.ALL.check_update(Update(said.update, message=said.raw)))


def _answers_bot(said: Said) -> bool:
    replied = said.raw.reply_to_message
    return replied is not None and replied.from_user is not None and replied.from_user.id == said.bot
