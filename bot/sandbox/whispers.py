"""Ephemeral messages: in a group, read by one member and one bot only, kept in memory and lost with it.

Their `message_id` is 0 and their number another one, `ephemeral_message_id`. Pages and people name them by that number
below zero, so that one number stands for every message that a person sees in a chat.
"""

from typing import Final

from bot.sandbox.exchange import Exchange
from bot.sandbox.menus import menu_of
from bot.sandbox.posting import view
from bot.sandbox.wire import message_json, user_json
from bot.sandbox.world import Bot, Chat, Json, Message, Person

PROMPT_LIMIT_S: Final = 15
"""A bot that is no administrator may whisper so long after the member's press or whispered command."""
KINDS: Final = frozenset(
    {"text", "photo", "audio", "document", "video", "animation", "voice", "video_note", "sticker"}
    | {"location", "venue", "contact"}
)


def whisper(
    exchange: Exchange, chat: Chat, author: Person, receiver: Person, content: Json, markup: Json | None
) -> Message:
    """Let *receiver* alone read *content* in *chat*; a bot hears it as an update, a person's pages show it."""
    number = chat.next_whisper
    chat.next_whisper += 1
    extra = {"receiver_user": user_json(receiver), "ephemeral_message_id": number}
    message = Message(0, exchange.today(), author.id, content, extra, markup=markup)
    message.keyboard_bot = author.id if markup is not None else None
    chat.whispers[number] = message
    tell(exchange, chat, message, "message")
    if isinstance(receiver, Bot):
        body = message_json(exchange.world, chat, message, receiver.id)
        exchange.queue(receiver).add("message", body, f"message:{chat.id}")
    return message


def tell(exchange: Exchange, chat: Chat, message: Message, kind: str) -> None:
    """Let the pages of the person whom *message* concerns know of it; *kind* is message, edit or delete."""
    person = person_of(exchange, message)
    seen = {"type": kind, "chat": chat.id, "message": whispered(exchange, chat, message)}
    exchange.hub.tell_person(person, seen | {"message_id": -int(message.extra["ephemeral_message_id"])})


def person_of(exchange: Exchange, message: Message) -> int:
    """Who of the two that know an ephemeral *message* is a person."""
    receiver = int(message.extra["receiver_user"]["id"])
    return message.author if receiver in exchange.world.bots else receiver


def whispers_to(exchange: Exchange, chat: Chat, person: int) -> list[Message]:
    """The ephemeral messages of *chat* that *person* wrote or received, oldest first."""
    return [message for message in chat.whispers.values() if person_of(exchange, message) == person]


def whispered(exchange: Exchange, chat: Chat, message: Message) -> Json:
    """An ephemeral message for a page: as others, under its number below zero."""
    return view(exchange, chat, message) | {"message_id": -int(message.extra["ephemeral_message_id"])}


def listener(exchange: Exchange, chat: Chat, person: Person, text: str, reply_to: int) -> Bot | None:
    """The bot to which *text* is whispered: it answers a whisper or is a command of an ephemeral kind; else None."""
    heard = chat.whispers.get(-reply_to)
    if heard is not None and person_of(exchange, heard) == person.id:
        return exchange.world.bots.get(heard.author)
    if chat.private or not text.startswith("/"):
        return None
    command, _, name = text.split(None, 1)[0].removeprefix("/").partition("@")
    for bot in exchange.world.bots_in(chat):
        named = name.lower() == (bot.username or "").lower() if name else True
        menu = menu_of(bot, chat, person) if named else []
        if any(item["command"] == command and item.get("is_ephemeral") for item in menu):
            return bot
    return None
