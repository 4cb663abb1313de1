"""The common way of sending, and the messages that need no file."""

import secrets
from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.keyboards import check_markup, read_markup
from bot.sandbox.methods.access import find_writable
from bot.sandbox.origins import external_reply
from bot.sandbox.posting import post
from bot.sandbox.text import formatted, is_blank
from bot.sandbox.whispers import KINDS, PROMPT_LIMIT_S, whisper
from bot.sandbox.wire import message_json
from bot.sandbox.world import Chat, Json, Message, Person

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
LIVE_FOREVER_S = 0x7FFFFFFF
_DICE = {"🎲": 6, "🎯": 6, "🎳": 6, "🏀": 5, "⚽": 5, "🎰": 64}


def read_text(call: Call, name: str = "text", mode: str = "parse_mode", entities: str = "entities") -> Json:
    """A text parameter with its markup read: the fields `text` and `entities`.

    Raises:
        ApiError: the markup can't be parsed.
    """
    given = call.params.json(entities)
    text, found = formatted(call.world, call.params.text(name), call.params.text(mode), given)
    return {"text": text, "entities": found} if found else {"text": text}


def read_caption(call: Call) -> Json:
    """The caption fields of a message with media; nothing when the caption shows nothing.

    Raises:
        ApiError: the markup can't be parsed, or the caption is too long.
    """
    return caption_fields(read_text(call, "caption", entities="caption_entities"), call.params.values)


def caption_fields(text: Json, options: Json) -> Json:
    """Turn a text into a caption, with the *options* that concern its look.

    Raises:
        ApiError: it is longer than 1,024 characters.
    """
    fields: Json = {}
    if text["text"]:
        fields["caption"] = text["text"]
        if "entities" in text:
            fields["caption_entities"] = text["entities"]
    if len(text["text"]) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    for option, field in (
        ("has_spoiler", "has_media_spoiler"),
        ("show_caption_above_media", "show_caption_above_media"),
    ):
        if str(options.get(option)).lower() in ("true", "1"):
            fields[field] = True
    return fields


def read_keyboards(call: Call) -> tuple[Json | None, Json | None]:
    """The inline keyboard and any other keyboard of the call."""
    return read_markup(call.params.json("reply_markup", "reply keyboard markup"))


def send(call: Call, content: Json, *, right: str = "can_send_messages") -> Json:
    """Post *content* where the call wants it, with its reply, topic, keyboard and protection."""
    markup, keyboard = read_keyboards(call)
    chat = find_writable(call, right=right, whispering=any(kind in KINDS for kind in content))
    check_markup(markup, chat)
    message = place(call, chat, content, markup=markup, reply_keyboard=keyboard)
    return message_json(call.world, chat, message, call.bot.id)


def place(call: Call, chat: Chat, content: Json, **about: Any) -> Message:
    """Store a message of the bot in *chat* as the call's options say; an ephemeral one is whispered."""
    receiver = read_receiver(call, chat)
    if receiver is not None:
        return whisper(call.exchange, chat, call.bot, receiver, content, about.get("markup"))
    reply_to, extra = read_reply(call, chat)
    extra |= about.pop("extra", {}) | read_topic(call, chat, reply_to)
    if call.params.boolean("protect_content"):
        extra["has_protected_content"] = True
    if chat.kind == "channel":
        about["sender_chat"] = chat.id
    return post(call.exchange, chat, call.bot, content, reply_to=reply_to, extra=extra, **about)


def read_receiver(call: Call, chat: Chat) -> Person | None:
    """Who alone shall read the message; None when it is for everybody.

    Raises:
        ApiError: they are no member, or the bot neither administers the group nor was just asked by them.
    """
    about = call.params.json("ephemeral_message_parameters", "ephemeral message parameters")
    if about is None:
        return None
    if not isinstance(about, dict):
        raise bad_request("object expected as ephemeral message parameters")
    if chat.kind not in ("group", "supergroup"):
        raise bad_request("ephemeral messages can be sent only to groups and supergroups")
    user = call.world.people.get(int(about.get("receiver_user_id") or 0))
    if user is None or not chat.member(user.id).present:
        raise bad_request("USER_NOT_PARTICIPANT")
    if not chat.member(call.bot.id).admin and not _was_asked(call, chat, user.id, about):
        raise bad_request("CHAT_ADMIN_REQUIRED")
    return user


def _was_asked(call: Call, chat: Chat, user: int, about: Json) -> bool:
    """Whether *user* pressed or whispered within the last 15 seconds, and the call says so."""
    soon = call.exchange.clock.now() - PROMPT_LIMIT_S
    query = call.exchange.queries.get(str(about.get("callback_query_id") or ""))
    if query is not None:
        return (query.bot, query.person) == (call.bot.id, user) and query.chat is chat and query.asked_at >= soon
    answer = call.params.json("reply_parameters", "reply parameters") or {}
    heard = chat.whispers.get(int(answer.get("ephemeral_message_id") or 0))
    return heard is not None and heard.author == user and heard.date >= soon


def read_reply(call: Call, chat: Chat) -> tuple[int | None, Json]:
    """Which message of *chat* is answered, and what is told of a quote or of an answer across chats.

    Raises:
        ApiError: 400 `message to be replied not found`, unless the call allows sending without.
    """
    options = call.params.json("reply_parameters", "reply parameters") or {}
    if not isinstance(options, dict):
        raise bad_request("object expected as reply parameters")
    wanted = int(options.get("message_id") or call.params.integer("reply_to_message_id"))
    if not wanted:
        return None, {}
    tolerant = bool(options.get("allow_sending_without_reply")) or call.params.boolean("allow_sending_without_reply")
    other = options.get("chat_id")
    if other is not None and str(other) not in (str(chat.id), f"@{chat.username}"):
        return None, external_reply(call, str(other), wanted, tolerant=tolerant)
    if wanted not in chat.messages:
        if tolerant:
            return None, {}
        raise bad_request("message to be replied not found")
    return wanted, _quote(chat.messages[wanted], options)


def _quote(answered: Message, options: Json) -> Json:
    quote = str(options.get("quote") or "")
    if not quote:
        return {}
    text = answered.content.get("text") or answered.content.get("caption") or ""
    if quote not in text:
        raise bad_request("QUOTE_TEXT_INVALID")
    return {"quote": {"text": quote, "position": int(options.get("quote_position") or 0), "is_manual": True}}


def read_topic(call: Call, chat: Chat, reply_to: int | None) -> Json:
    """The fields of a message in a forum topic.

    Raises:
        ApiError: 400 for a topic that does not exist or is closed.
    """
    thread = call.params.integer("message_thread_id")
    if not thread:
        answered = chat.messages.get(reply_to or 0)
        thread = int(answered.extra.get("message_thread_id", 0)) if answered else 0
    if not thread:
        if chat.general["closed"] and not chat.member(call.bot.id).can("can_manage_topics"):
            raise bad_request("TOPIC_CLOSED")
        return {}
    topic = chat.topics.get(thread)
    if topic is None:
        raise bad_request("message thread not found")
    if topic["closed"] and not chat.member(call.bot.id).can("can_manage_topics"):
        raise bad_request("TOPIC_CLOSED")
    return {"message_thread_id": thread, "is_topic_message": True}


@method("sendMessage")
def send_message(call: Call) -> Json:
    """Send a text."""
    if not call.params.text("text"):
        raise bad_request("message text is empty")
    content = read_text(call)
    if options := read_preview(call, content):
        content["link_preview_options"] = options
    markup, keyboard = read_keyboards(call)
    chat = find_writable(call, whispering=True)
    if is_blank(content["text"]):
        raise bad_request("text must be non-empty")
    if len(content["text"]) > TEXT_LIMIT:
        raise bad_request("message is too long")
    check_markup(markup, chat)
    message = place(call, chat, content, markup=markup, reply_keyboard=keyboard)
    return message_json(call.world, chat, message, call.bot.id)


def read_preview(call: Call, content: Json) -> Json:
    """The `link_preview_options` that differ from the defaults, as Telegram keeps them."""
    options = call.params.json("link_preview_options", "link preview options") or {}
    if call.params.boolean("disable_web_page_preview"):
        options = {"is_disabled": True}
    links = any(entity["type"] in ("url", "text_link") for entity in content.get("entities", ()))
    if options.get("is_disabled"):
        return {"is_disabled": True} if links else {}
    flags = ("prefer_small_media", "prefer_large_media") if options.get("url") else ()
    kept: Json = {"url": options["url"]} if options.get("url") else {}
    return kept | {flag: True for flag in (*flags, "show_above_text") if options.get(flag)}


@method("sendLocation")
def send_location(call: Call) -> Json:
    """Send a point on the map; with a `live_period` it can be moved that long."""
    period = call.params.integer("live_period")
    if period and period != LIVE_FOREVER_S and not 60 <= period <= 86_400:
        raise bad_request("wrong live location period specified")
    return send(call, {"location": read_location(call) | ({"live_period": period} if period else {})})


@method("sendVenue")
def send_venue(call: Call) -> Json:
    """Send a named place."""
    title, address = call.params.text("title"), call.params.text("address")
    if not title or not address:
        raise bad_request("venue title and address must be non-empty")
    place_ = read_location(call)
    return send(call, {"location": place_, "venue": {"location": place_, "title": title, "address": address}})


def read_location(call: Call) -> Json:
    """A `Location` from the call's coordinates.

    Raises:
        ApiError: they are missing or off the map.
    """
    if not call.params.text("latitude") or not call.params.text("longitude"):
        raise bad_request("latitude and longitude must be specified")
    latitude, longitude = call.params.number("latitude"), call.params.number("longitude")
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise bad_request("invalid location specified")
    return {"latitude": latitude, "longitude": longitude}


@method("sendContact")
def send_contact(call: Call) -> Json:
    """Send a telephone number with its name."""
    contact = {name: call.params.text(name) for name in ("phone_number", "first_name", "last_name", "vcard")}
    if not contact["phone_number"] or not contact["first_name"]:
        raise bad_request("phone number and first name must be non-empty")
    return send(call, {"contact": {name: value for name, value in contact.items() if value}})


@method("sendDice")
def send_dice(call: Call) -> Json:
    """Throw a dice."""
    emoji = call.params.text("emoji", "🎲")
    if emoji not in _DICE:
        raise bad_request("wrong dice emoji specified")
    return send(call, {"dice": {"emoji": emoji, "value": 1 + secrets.randbelow(_DICE[emoji])}})


@method("sendChatAction")
def send_chat_action(call: Call) -> bool:
    """Show that the bot is busy; pages hear of it, nothing is kept."""
    if not call.params.text("action"):
        raise bad_request("wrong parameter action in request")
    chat = find_writable(call, count=0)
    call.exchange.hub.tell(chat, "action", lambda: {"action": call.params.text("action"), "bot": call.bot.id})
    return True
