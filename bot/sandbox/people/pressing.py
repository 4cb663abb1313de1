"""People press buttons, start bots and block them."""

import secrets
from typing import Any, Final

from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Exchange, Query, action
from bot.sandbox.keyboards import carries
from bot.sandbox.membership import block
from bot.sandbox.people.asking import any_chat, bot_of, text_of
from bot.sandbox.people.gathering import bring_bot
from bot.sandbox.people.writing import told
from bot.sandbox.updates import PRESS_LIFETIME_S
from bot.sandbox.whispers import whispers_to
from bot.sandbox.wire import inaccessible_json, message_json, user_json
from bot.sandbox.world import Bot, Chat, Json, Message, Person

ACCESSIBLE_S: Final = 48 * 3600


@action("press")
def press(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Press the button of `message` that sends `data`.

    A button that is not there is refused, unless `forged` is set. A deleted message with buttons can still
    be pressed; its bot then gets an `InaccessibleMessage`, as it does for one older than two days. A number
    below zero names an ephemeral message. `again` repeats the press as a phone does that lost its connection:
    as a new query in a new update.
    """
    chat = _pressable(exchange, person, fields)
    message_id, data = int(fields.get("message") or 0), text_of(fields, "data")
    message = chat.messages.get(message_id) or chat.buried.get(message_id) or chat.whispers.get(-message_id)
    if message_id < 0 and message not in whispers_to(exchange, chat, person.id):
        message = None
    if message is None:
        raise Refused(f"there is no message {message_id} here")
    if not carries(message.markup, data) and not fields.get("forged"):
        raise Refused(f"no button of message {message_id} sends {data!r}")
    bot = exchange.world.bots.get(message.keyboard_bot or message.author)
    if bot is None:
        raise Refused("no bot stands behind this message")
    queries = [_ask(exchange, person, bot, chat, message, data) for _ in range(2 if fields.get("again") else 1)]
    return {"query": queries[0].id, "queries": [query.id for query in queries]}


@action("start")
def start(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Press Start in the private chat with `bot`, perhaps with a link's `payload`; with `chat`, add it there."""
    bot, payload = bot_of(exchange, fields.get("bot")), str(fields.get("payload") or "")
    if fields.get("chat") is not None:
        return _start_in_group(exchange, person, bot, payload, fields)
    block(exchange, person, bot, blocked=False)
    text = f"/start {payload}" if payload else "/start"
    return told(exchange, person, {"chat": bot.id, "text": text}, _start_content(text))


@action("block")
def block_bot(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Block `bot`."""
    block(exchange, person, bot_of(exchange, fields.get("bot")), blocked=True)
    return {}


@action("unblock")
def unblock_bot(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Unblock `bot`."""
    block(exchange, person, bot_of(exchange, fields.get("bot")), blocked=False)
    return {}


@action("deactivate")
def deactivate(_exchange: Exchange, person: Person, _fields: Json) -> Json:
    """Delete one's account; whoever writes to it is told so."""
    person.deactivated = True
    return {}


def _pressable(exchange: Exchange, person: Person, fields: Json) -> Chat:
    """The chat of the message; a public group's buttons can be pressed from outside."""
    chat = any_chat(exchange, person, fields.get("chat"))
    if not chat.holds(person.id) and not chat.username:
        raise Refused(f"{person.name} is not in {chat.title}")
    return chat


def _ask(exchange: Exchange, person: Person, bot: Bot, chat: Chat, message: Message, data: str) -> Query:
    query = Query(str(secrets.randbits(62)), bot.id, person.id, chat, message.id, exchange.clock.now())
    exchange.ask(query)
    whispered = message.id == 0
    visible = whispered or (message.id in chat.messages and exchange.today() - message.date < ACCESSIBLE_S)
    shown: Any = (
        message_json(exchange.world, chat, message, bot.id)
        if visible
        else inaccessible_json(exchange.world, chat, message.id)
    )
    body = {
        "id": query.id,
        "from": user_json(person),
        "message": shown,
        "chat_instance": str((chat.id * 2_654_435_761 + exchange.instance_salt) % 2**62),
        "data": data,
    }
    exchange.queue(bot).add("callback_query", body, f"callback_query:{person.id}", PRESS_LIFETIME_S)
    return query


def _start_content(text: str) -> Json:
    command = text.split(" ", 1)[0]
    return {"text": text, "entities": [{"type": "bot_command", "offset": 0, "length": len(command)}]}


def _start_in_group(exchange: Exchange, person: Person, bot: Bot, payload: str, fields: Json) -> Json:
    bring_bot(exchange, person, bot, fields)
    command = f"/start@{bot.username}"
    text = f"{command} {payload}" if payload else command
    return told(exchange, person, fields, _start_content(text))
