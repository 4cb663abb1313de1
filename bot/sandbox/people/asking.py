"""Reading the fields of an action: which chat, message, person or bot is meant; may the person do it."""

import base64
import binascii
from typing import Any

from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Exchange
from bot.sandbox.params import Upload
from bot.sandbox.world import Bot, Chat, Json, Member, Message, Person


def bot_of(exchange: Exchange, wanted: Any) -> Bot:
    """The bot with this id or user name.

    Raises:
        Refused: there is none.
    """
    number = wanted if isinstance(wanted, int) else exchange.world.named(str(wanted))
    bot = exchange.world.bots.get(number or 0)
    if bot is None:
        raise Refused(f"there is no bot called {wanted}")
    return bot


def user_of(exchange: Exchange, wanted: Any) -> Person:
    """The person or bot with this id or user name.

    Raises:
        Refused: there is none.
    """
    text = str(wanted)
    number = int(text) if text.isdigit() else exchange.world.named(text)
    user = exchange.world.user(number or 0)
    if user is None:
        raise Refused(f"there is nobody called {wanted}")
    return user


def any_chat(exchange: Exchange, person: Person, wanted: Any) -> Chat:
    """The chat that *person* means: a chat's id or @name, a bot's id, or `private:<bot's user name>`.

    Raises:
        Refused: there is none.
    """
    world, text = exchange.world, str(wanted)
    if text.startswith("private:"):
        return world.private(person.id, bot_of(exchange, text.removeprefix("private:")).id)
    number = int(text) if text.lstrip("-").isdigit() else world.named(text)
    if number in world.bots:
        return world.private(person.id, int(number or 0))
    chat = world.chats.get(number or 0)
    if chat is None:
        raise Refused(f"there is no chat called {wanted}")
    return chat


def chat_of(exchange: Exchange, person: Person, fields: Json) -> Chat:
    """The chat named by the field `chat`, which *person* must be in.

    Raises:
        Refused: there is no such chat, or the person is not in it.
    """
    chat = any_chat(exchange, person, _required(fields, "chat"))
    if chat.migrated_to is not None:
        raise Refused(f"this group is now the supergroup {chat.migrated_to}")
    if not chat.holds(person.id):
        raise Refused(f"{person.name} is not in {chat.title}")
    return chat


def message_of(chat: Chat, fields: Json) -> Message:
    """The message named by the field `message`.

    Raises:
        Refused: the chat has no such message.
    """
    message = chat.messages.get(int(_required(fields, "message")))
    if message is None:
        raise Refused(f"there is no message {fields['message']} here")
    return message


def right_of(chat: Chat, person: Person, right: str) -> Member:
    """*person*'s position in *chat*, which must include *right*.

    Raises:
        Refused: it does not.
    """
    member = chat.member(person.id)
    if not member.can(right):
        raise Refused(f"{person.name} has no right to do that in {chat.title}")
    return member


def text_of(fields: Json, name: str) -> str:
    """A text field that must show something.

    Raises:
        Refused: it is missing or empty.
    """
    text = str(_required(fields, name)).strip()
    if not text:
        raise Refused(f"{name} is empty")
    return text


def upload_of(value: Any, name: str, mime_type: str) -> Upload | None:
    """The file in a field: an upload, base64 text (a data address will do), or None for nothing.

    Raises:
        Refused: the text is no base64.
    """
    if value is None or value == "":
        return None
    if isinstance(value, Upload):
        return value
    if isinstance(value, bytes):
        return Upload(name, mime_type, value)
    text = str(value).partition("base64,")[2] or str(value)
    try:
        return Upload(name, mime_type, base64.b64decode(text, validate=True))
    except binascii.Error as error:
        raise Refused(f"{name} is neither a file nor base64") from error


def _required(fields: Json, name: str) -> Any:
    if fields.get(name) is None:
        raise Refused(f"the field {name} is missing")
    return fields[name]
