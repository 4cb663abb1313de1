"""From python-telegram-bot's updates to the features: one order, and one place that turns errors into words."""

import logging
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final

from telegram import Chat, Message, MessageEntity, Update, User
from telegram.constants import ChatType
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatJoinRequestHandler,
    ChatMemberHandler,
    MessageHandler,
    filters,
)

from handlers._kit import asking, words
from handlers._kit.context import GridContext, answer
from handlers._kit.crowd import Crowd
from handlers._kit.naming import readable
from handlers._kit.presses import BadPress, decode
from handlers._kit.registry import FACELESS, Registry, discover
from handlers._kit.said import Pressed, Said, Sender, location_of, media_of, sender_of, text_of
from handlers._kit.services import Acquaintance, Services, current_update
from routing import drafts, membership, telling
from routing.model import Chat as OurChat
from routing.model import ChatId, ChatKind, ChatState
from routing.ports import Prompt, UnitOfWork
from routing.refusals import Refusal

log = logging.getLogger(__name__)
_in_hand: Final[ContextVar[GridContext | None]] = ContextVar("in_hand", default=None)
"""The context of the update in hand: for an error PTB makes a fresh one, which knows neither message nor press."""


def assemble(application: Application[Any, Any, Any, Any, Any, Any], services: Services) -> Crowd:
    """Discover the features and let *application* bring them every update; returns who hears presses together."""
    registry = discover()
    dispatcher = Dispatcher(registry, services)
    application.bot_data["services"] = services
    application.add_handler(CallbackQueryHandler(dispatcher.press))
    application.add_handler(MessageHandler(filters.UpdateType.MESSAGE, dispatcher.message))
    application.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, dispatcher.edited))
    application.add_handler(ChatMemberHandler(dispatcher.member, ChatMemberHandler.ANY_CHAT_MEMBER))
    application.add_handler(ChatJoinRequestHandler(dispatcher.join_request))
    application.add_error_handler(explain)
    return Crowd(registry, services)


class Dispatcher:
    """Brings each update to the feature that listens to it."""

    def __init__(self, registry: Registry, services: Services) -> None:
        self._registry, self._services = registry, services

    async def press(self, update: Update, context: GridContext) -> None:
        """A button: decode what it carries, find who listens, and always answer."""
        _in_hand.set(context)
        query = update.callback_query
        if query is None or query.message is None or query.data is None:
            return
        chat, person = await self._meet(query.message.chat, query.from_user)
        accessible = isinstance(query.message, Message) and not await self._moved(query.message.chat)
        context.pressed = Pressed(
            bot=self._services.bot.id,
            update=update.update_id,
            chat=chat,
            telegram_chat=query.message.chat.id,
            kind=_kind(query.message.chat.type),
            person=person.id,
            lang=self._language(person),
            message_id=query.message.message_id if accessible else None,
            callback_id=query.id,
            genuine=_has_button(query.message, query.data),
        )
        payload = decode(query.data)
        listener = self._registry.presses.get(type(payload))
        if listener is None:
            raise BadPress(type(payload).__name__)
        await listener(payload, context)
        context.hush()

    async def message(self, update: Update, context: GridContext) -> None:
        """A message: service, command, answer to a prompt, or whatever takes it first."""
        _in_hand.set(context)
        message = update.message
        if message is None:
            return
        for field, listeners in self._registry.updates.items():
            if getattr(message, field, None):
                for listener in listeners:
                    await listener(update, context)
                return
        if sender_of(message) is Sender.NOBODY or message.from_user is None:
            for listener in self._registry.updates.get(FACELESS, ()):
                await listener(update, context)
            return
        context.said = said = await self._said(update, message, message.from_user)
        command, said = self._command(said)
        context.said = said
        if command is not None:
            await self._commanded(command, said, context)
            return
        prompt = await context.read(_prompt, said, context.now)
        if prompt is not None and prompt.purpose in self._registry.prompts:
            context.asked_in = asking.asked_in(prompt)
            await self._registry.prompts[prompt.purpose](said, prompt, context)
            return
        for _, take in self._registry.messages:
            if await take(said, context) or context.settled:
                return

    async def edited(self, update: Update, context: GridContext) -> None:
        """An edited message."""
        _in_hand.set(context)
        message = update.edited_message
        if message is None or message.from_user is None or sender_of(message) is Sender.NOBODY:
            return
        context.said = said = await self._said(update, message, message.from_user)
        for _, listener in self._registry.edits:
            if await listener(said, context) or context.settled:
                return

    async def member(self, update: Update, context: GridContext) -> None:
        """Somebody's membership changed, perhaps the bot's own."""
        _in_hand.set(context)
        kind = "my_chat_member" if update.my_chat_member else "chat_member"
        for listener in self._registry.updates.get(kind, ()):
            await listener(update, context)

    async def join_request(self, update: Update, context: GridContext) -> None:
        """Somebody asks to join."""
        _in_hand.set(context)
        for listener in self._registry.updates.get("chat_join_request", ()):
            await listener(update, context)

    async def _commanded(self, name: str, said: Said, context: GridContext) -> None:
        command = self._registry.commands.get(name)
        if command is not None:
            await command.call(said, context)
        elif said.private:
            await context.reply("kit.unknown_command")

    def _command(self, said: Said) -> tuple[str | None, Said]:
        """The command that a message begins with (in its text or caption), and the message with what follows it."""
        message = said.raw
        entities = message.entities or message.caption_entities
        first = entities[0] if entities else None
        if first is None or first.type != MessageEntity.BOT_COMMAND or first.offset != 0:
            return None, said
        name, _, whom = said.text[1 : first.length].partition("@")
        if whom and whom.lower() != self._services.bot.username.lower():
            return "", said  # meant for another bot: nobody listens to the empty name
        return name.lower(), _with_args(said, said.text[first.length :].strip())

    async def _said(self, update: Update, message: Message, user: User) -> Said:
        chat, person = await self._meet(message.chat, user)
        bot = self._services.bot.id
        sign = -1 if await self._moved(message.chat) else 1
        replied = _replied(message)
        return Said(
            bot=bot,
            update=update.update_id,
            chat=chat,
            telegram_chat=message.chat.id,
            kind=_kind(message.chat.type),
            person=person.id,
            lang=self._language(person),
            at=message.date,
            message_id=sign * message.message_id,
            text=text_of(message),
            args="",
            media=media_of(message, bot),
            location=location_of(message),
            reply_to=None if replied is None else sign * replied,
            album=message.media_group_id,
            raw=message,
        )

    async def _meet(self, chat: Any, user: User) -> tuple[ChatId, Acquaintance]:
        """Our numbers for a chat and a person; written only at the first sight or when a name or language changed."""
        services = self._services
        bot, name, lang = services.bot.id, user.full_name, user.language_code
        known, where = services.people.get(user.id), services.chats.get((bot, chat.id))
        if known is not None and where is not None and (known.name, known.lang) == (name, lang):
            return where, known
        kind, title = _kind(chat.type), chat.title or ""
        met, there = await services.store.work(meet, bot, chat.id, kind, title, user.id, name, lang, services.clock())
        services.people[user.id] = met
        if there.state is ChatState.OK:  # else whoever does something there is met each time, until it is open
            services.chats[(bot, chat.id)] = there.id
        return there.id, met

    async def _moved(self, chat: Chat) -> bool:
        """Whether the group has become another one, so that its message numbers mean nothing any more.

        Only a basic group can, and only what it said before that can come so late.
        """
        if chat.type != ChatType.GROUP:
            return False
        known = await self._services.store.read(_known, self._services.bot.id, chat.id)
        return known is not None and known.telegram_id != chat.id

    def _language(self, person: Acquaintance) -> str:
        return words.language(person.chosen, person.lang, self._services.locale)


def meet(
    uow: UnitOfWork,
    bot: int,
    telegram_chat: int,
    kind: ChatKind,
    title: str,
    telegram_user: int,
    name: str,
    lang: str | None,
    at: datetime,
) -> tuple[Acquaintance, OurChat]:
    """Know a person and a chat."""
    person = uow.people.meet(telegram_user, name, lang)
    chat = membership.met(uow, bot, telegram_chat, kind, title, at)
    return Acquaintance(person.id, name, lang, person.lang), chat


def _known(uow: UnitOfWork, bot: int, telegram_chat: int) -> OurChat | None:
    return uow.chats.find(bot, telegram_chat)


def _prompt(uow: UnitOfWork, said: Said, now: datetime) -> Prompt | None:
    """The question that *said* answers: one that it replies to however late, else the one that is fresh enough."""
    prompt = uow.notebook.prompt_for(said.chat, said.person, said.reply_to)
    if said.reply_to is not None and prompt is not None:
        return prompt
    if said.reply_to is not None and _to_unknown_of_ours(uow, said, said.reply_to):
        prompt = uow.notebook.unplaced_prompt(said.chat, said.person)
    if prompt is None or now >= (prompt.expires_at if said.reply_to is None else prompt.at + telling.TELL_LIFE):
        return None  # a question whose message is not recorded may be on its way for as long as that
    if said.reply_to is None and (prompt.params.get("reply_only") or _writes_a_draft(uow, said, prompt.at)):
        return None
    return prompt


def _writes_a_draft(uow: UnitOfWork, said: Said, asked_at: datetime) -> bool:
    """Whether a draft was begun after the question: then what is written next belongs to it."""
    draft = uow.notebook.draft(drafts.key_of(said.chat, said.person)) if said.private else None
    return draft is not None and draft.at > asked_at


def _to_unknown_of_ours(uow: UnitOfWork, said: Said, reply_to: int) -> bool:
    """Whether it replies to a message of the bot that carries nothing we know of."""
    replied = said.raw.reply_to_message
    author = replied.from_user if replied is not None else None
    return author is not None and author.id == said.bot and uow.outbox.carrier_of(said.chat, reply_to) is None


def _has_button(message: object, data: str) -> bool:
    """Whether a message, as Telegram knows it, has a button that sends *data*."""
    markup = message.reply_markup if isinstance(message, Message) else None
    return markup is not None and any(button.callback_data == data for row in markup.inline_keyboard for button in row)


def _with_args(said: Said, args: str) -> Said:
    fields = {name: getattr(said, name) for name in Said.__dataclass_fields__}
    return Said(**{**fields, "args": args})


def _replied(message: Message) -> int | None:
    """The message that it answers; in a topic the topic's first message is implied, which is no answer."""
    replied = message.reply_to_message
    return None if replied is None or replied.forum_topic_created else replied.message_id


def _kind(chat_type: str) -> ChatKind:
    return ChatKind.PRIVATE if chat_type == "private" else ChatKind.UNBOUND


async def explain(_update: object, failed: GridContext) -> None:
    """The one place that turns errors into words. What is no refusal is handed to the worker, which tries again."""
    error, context = failed.error, _in_hand.get() or failed
    if isinstance(error, Refusal):
        await _refuse(error, context)
    elif isinstance(error, BadPress):
        await context.toast("refusal.stale_button", alert=True)
    else:
        context.hush()
        receipt = current_update.get()
        if receipt is not None and isinstance(error, Exception):
            receipt.error = error


async def _refuse(refusal: Refusal, context: GridContext) -> None:
    if context.pressed is not None:
        values = await context.read(readable, refusal, context.lang)
        await context.toast(refusal.key, alert=len(words.plain(refusal.key, context.lang, **values)) > 40, **values)
    elif context.said is not None:
        said, values = context.said, await context.read(readable, refusal, context.said.lang)
        await context.work(answer, said, "say", {"key": refusal.key, **values})
