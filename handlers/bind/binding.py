"""The side of the chat: an administrator who holds a post there spends the code, or takes the chat away again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from telegram import ChatMember, ChatMemberAdministrator, ChatMemberOwner, Message, Update
from telegram.error import BadRequest, Forbidden

from handlers._kit import panels
from handlers._kit.context import GridContext
from handlers._kit.links import on_start
from handlers._kit.presses import payload
from handlers._kit.registry import FACELESS, on_command, on_press, on_update, view
from handlers._kit.said import Pressed, Said
from handlers._kit.views import RISKY, Button, Look, Outgoing
from handlers.bind import issuing
from routing import binding
from routing.binding import Standing
from routing.model import ChatKind, ChatState, PersonId
from routing.ports import Promise, UnitOfWork

SPOKEN_AS_ONESELF: Final = ("/bind", "/unbind", "/start b")


@payload("unbind")
@dataclass(frozen=True, slots=True)
class UnbindPressed:
    """解绑: yes, take the chat away from its unit."""


@payload("keepbind")
@dataclass(frozen=True, slots=True)
class KeepPressed:
    """不用: leave it as it is."""


@on_command("bind", menus=("staff", "desk"))
async def bind(said: Said, ctx: GridContext) -> None:
    """Spend a code here, or without one see which chats are missing."""
    if said.args:
        await spend(said.args, said, ctx)
    else:
        await ctx.work(issuing.offer, said)


@on_start("b")
async def spend(secret: str, said: Said, ctx: GridContext) -> None:
    """Bind this group by the code that was typed, or that the startgroup link brought."""
    standing = await _standing(said, ctx)
    bot, now = ctx.services.bot.username, ctx.now
    await ctx.work_and_say("bind.done", binding.bind, said.chat, said.person, secret, standing, bot, now)


@on_command("unbind")
async def unbind(said: Said, ctx: GridContext) -> None:
    """Ask whether the chat shall really be taken away from its unit."""
    admin = (await _standing(said, ctx)).admin
    await ctx.work(_ask, said, admin)


def _ask(uow: UnitOfWork, said: Said, admin: bool) -> None:
    unit = binding.may_unbind(uow, said.chat, said.person, admin)
    panels.put_up(uow, said, "unbind_ask", unit=unit.name)


@view("unbind_ask")
def unbind_ask(look: Look) -> Outgoing:
    """Shall it really be taken away."""
    buttons = [Button("bind.unbind", UnbindPressed(), style=RISKY), Button("bind.keep", KeepPressed())]
    return look.message(look.t("bind.unbind_ask", unit=look.params["unit"]), [buttons])


@on_press(UnbindPressed)
async def unbind_now(_press: UnbindPressed, ctx: GridContext) -> None:
    """Take it away, if whoever pressed may."""
    here = ctx.press
    person = await ctx.read(_telegram_id, here.person)
    admin = _is_admin(await _member(ctx, here.telegram_chat, person))
    await ctx.work(_unbound, here, admin, ctx.services.bot.username, ctx.now)


def _unbound(uow: UnitOfWork, here: Pressed, admin: bool, bot: str, at: datetime) -> None:
    values = binding.unbind(uow, here.chat, here.person, admin, at)
    panels.close(uow, here, "bind.unbound", **values)
    if here.chat in uow.outbox.carriers(binding.BOARD):
        binding.show_board(uow, here.chat, bot, at)


@on_press(KeepPressed)
async def keep(_press: KeepPressed, ctx: GridContext) -> None:
    """Everything stays."""
    await ctx.work(_kept, ctx.press)


def _kept(uow: UnitOfWork, here: Pressed) -> None:
    panels.close(uow, here, "bind.kept")


@on_update(FACELESS)
async def faceless(update: Update, ctx: GridContext) -> None:
    """An anonymous administrator can't be known, so neither can their post: say how to be known.

    So it is told to whoever gives a command that needs a post, or replies to a question that somebody was asked.
    """
    message = update.message
    if message is None:
        return
    bot, chat = ctx.services.bot.id, message.chat
    spoken = (message.text or "").startswith(SPOKEN_AS_ONESELF)
    if spoken or await ctx.read(_answers_question, bot, chat.id, message.reply_to_message):
        await ctx.work(_as_oneself, bot, chat.id, chat.title or "", f"faceless:{bot}:{update.update_id}")


def _answers_question(uow: UnitOfWork, bot: int, telegram_chat: int, replied: Message | None) -> bool:
    """Whether the message replied to is a question that somebody has yet to answer."""
    chat = uow.chats.find(bot, telegram_chat) if replied is not None else None
    asked = uow.outbox.carrier_of(chat.id, replied.message_id) if chat is not None and replied is not None else None
    return asked is not None and uow.notebook.prompt(asked) is not None


def _as_oneself(uow: UnitOfWork, bot: int, telegram_chat: int, title: str, mark: str) -> None:
    chat = uow.chats.meet(bot, telegram_chat, ChatKind.UNBOUND, title, ChatState.OK)
    uow.outbox.promise(Promise(key=mark, chat=chat.id, view="say", params={"key": "bind.as_yourself"}))


async def _standing(said: Said, ctx: GridContext) -> Standing:
    """What Telegram says at this moment of whoever wrote, and of the bot; in private there is nothing to ask."""
    if said.private or said.raw.from_user is None:
        return Standing(admin=False, bot_pins=False, bot_hears=False)
    them = await _member(ctx, said.telegram_chat, said.raw.from_user.id)
    bot = await _member(ctx, said.telegram_chat, said.bot)
    return Standing(
        admin=_is_admin(them),
        bot_pins=isinstance(bot, ChatMemberAdministrator) and bool(bot.can_pin_messages),
        bot_hears=_is_admin(bot) or bool(ctx.bot.bot.can_read_all_group_messages),
        bot_admin=_is_admin(bot),
    )


async def _member(ctx: GridContext, telegram_chat: int, telegram_user: int) -> ChatMember | None:
    """How somebody belongs to a chat; ``None`` when Telegram does not let the bot know, as where it is no member."""
    try:
        return await ctx.bot.get_chat_member(telegram_chat, telegram_user)
    except (BadRequest, Forbidden):
        return None


def _is_admin(member: ChatMember | None) -> bool:
    return isinstance(member, ChatMemberAdministrator | ChatMemberOwner)


def _telegram_id(uow: UnitOfWork, person: PersonId) -> int:
    known = uow.people.get(person)
    return known.telegram_id if known else 0
