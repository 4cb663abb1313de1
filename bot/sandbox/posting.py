"""Messages come into being, change and go: the one place that stores them and tells who may know."""

from bot.sandbox.exchange import Exchange
from bot.sandbox.files import CHAT_PHOTO_SIDES
from bot.sandbox.membership import hears_everything
from bot.sandbox.wire import message_json
from bot.sandbox.world import Bot, Chat, Json, Message, Person

_ONLY_CHANNEL = "channel"


def post(exchange: Exchange, chat: Chat, author: Person, content: Json, **about: object) -> Message:
    """Store a new message of *author* in *chat* and tell everyone who hears it.

    *content* is what it says in Bot API fields; *about* are further fields of `Message` such as extra,
    reply_to, sender_chat, markup, service or pins.
    """
    message = Message(chat.next_message, exchange.today(), author.id, content)
    for name, value in about.items():
        setattr(message, name, value)
    if chat.kind == "supergroup" and message.sender_chat is None and not message.service:
        word = chat.member(author.id).tag or chat.member(author.id).title
        message.extra |= {"sender_tag": word} if word else {}
    if message.markup is not None:
        message.keyboard_bot = author.id
    chat.next_message += 1
    chat.messages[message.id] = message
    if author.is_bot and not message.service:
        chat.last_bot = author.id
    exchange.hub.tell(chat, "message", lambda: {"message": view(exchange, chat, message)})
    _deliver(exchange, chat, message, edited=False)
    return message


def edit(exchange: Exchange, chat: Chat, message: Message) -> None:
    """Mark *message* as edited now and tell everyone who hears it; only its fields have been changed."""
    message.edited_at = exchange.today()
    exchange.hub.tell(chat, "edit", lambda: {"message": view(exchange, chat, message)})
    _deliver(exchange, chat, message, edited=True)


def delete(exchange: Exchange, chat: Chat, message_id: int) -> bool:
    """Remove a message; bots are not told. One with buttons stays pressable for who still sees it."""
    message = chat.messages.pop(message_id, None)
    if message is None:
        return False
    if message.markup is not None:
        chat.buried[message_id] = message
    if message_id in chat.pinned:
        chat.pinned.remove(message_id)
        exchange.hub.tell(chat, "pin", lambda: {"pinned": list(chat.pinned)})
    exchange.hub.tell(chat, "delete", lambda: {"message_id": message_id, "message": {"message_id": message_id}})
    return True


def pin(exchange: Exchange, chat: Chat, message: Message, by: Person) -> None:
    """Pin *message* and say so in the chat; a message that is pinned already only moves to the top."""
    if message.id in chat.pinned:
        chat.pinned.remove(message.id)
    chat.pinned = sorted((*chat.pinned, message.id))
    exchange.hub.tell(chat, "pin", lambda: {"pinned": list(chat.pinned)})
    post(exchange, chat, by, {}, service=True, pins=message.id)


def unpin(exchange: Exchange, chat: Chat, message_ids: list[int]) -> None:
    """Unpin messages; nothing is said about it."""
    chat.pinned = [pinned for pinned in chat.pinned if pinned not in message_ids]
    exchange.hub.tell(chat, "pin", lambda: {"pinned": list(chat.pinned)})


def react(exchange: Exchange, chat: Chat, message: Message, by: Person, reaction: list[Json]) -> None:
    """Let *by* have exactly this *reaction* on *message*; pages see it, updates are the caller's business."""
    if reaction:
        message.reactions[by.id] = reaction
    else:
        message.reactions.pop(by.id, None)
    exchange.hub.tell(chat, "reaction", lambda: {"message_id": message.id, "by": by.id, "reaction": reaction})


def announce(exchange: Exchange, chat: Chat, by: Person, content: Json) -> Message:
    """Post a service message such as `new_chat_members`."""
    return post(exchange, chat, by, content, service=True)


def show_photo(exchange: Exchange, chat: Chat, by: Person, data: bytes | None) -> None:
    """Give *chat* the photo in *data*, or none, and say so in it.

    Raises:
        ValueError: the bytes are no picture.
    """
    chat.photo = exchange.world.files.add_photo(data, CHAT_PHOTO_SIDES) if data else []
    exchange.hub.tell(chat, "chat", lambda: {"photo": bool(chat.photo)})
    announce(exchange, chat, by, {"new_chat_photo": chat.photo} if chat.photo else {"delete_chat_photo": True})


def view(exchange: Exchange, chat: Chat, message: Message) -> Json:
    """A message for a page: as the Bot API writes it, whether it was edited, and who reacted how."""
    about = message_json(exchange.world, chat, message) | {"edited": message.edited_at is not None}
    if message.reply_keyboard is not None:
        about["reply_keyboard"] = message.reply_keyboard
    if message.reactions:
        about["reactions"] = {
            str(user): "".join(one.get("emoji", "") for one in chosen) for user, chosen in message.reactions.items()
        }
    return about


def _deliver(exchange: Exchange, chat: Chat, message: Message, *, edited: bool) -> None:
    kind = "channel_post" if chat.kind == _ONLY_CHANNEL else "message"
    if edited:
        kind = f"edited_{kind}"
    author = exchange.world.user(message.author)
    if author is not None and author.is_bot and not message.service:
        return
    for bot in exchange.world.bots_in(chat):
        if message.service or hears(exchange, chat, message, bot):
            body = message_json(exchange.world, chat, message, bot.id)
            exchange.queue(bot).add(kind, body, f"message:{chat.id}")


def hears(exchange: Exchange, chat: Chat, message: Message, bot: Bot) -> bool:
    """Whether *bot* gets a person's *message*, by its rights and its privacy mode."""
    if chat.private or chat.kind == _ONLY_CHANNEL or hears_everything(chat.member(bot.id)):
        return True
    answered = chat.messages.get(message.reply_to) if message.reply_to is not None else None
    if answered is not None and answered.author in exchange.world.bots:
        return answered.author == bot.id
    command = _command(message)
    if command is None:
        return False
    _, at, name = command.partition("@")
    return name.lower() == (bot.username or "").lower() if at else chat.last_bot == bot.id


def _command(message: Message) -> str | None:
    """The command that *message* begins with, if it does."""
    text = message.content.get("text") or message.content.get("caption") or ""
    return text.split(None, 1)[0] if text.startswith("/") and len(text) > 1 else None
