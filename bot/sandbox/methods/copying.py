"""Forwards, which name their origin, and copies, which do not."""

from typing import Any

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.keyboards import check_markup
from bot.sandbox.methods.access import find_chat, find_writable
from bot.sandbox.methods.sending import caption_fields, place, read_keyboards, read_text
from bot.sandbox.origins import origin_json
from bot.sandbox.wire import message_json
from bot.sandbox.world import Chat, Json, Message

_WITH_CAPTION = ("photo", "video", "animation", "audio", "document", "voice")


@method("forwardMessage")
def forward_message(call: Call) -> Json:
    """Forward one message."""
    source = find_chat(call, "from_chat_id")
    message = _find(source, call.params.integer("message_id"), "forward")
    chat = find_writable(call)
    return message_json(call.world, chat, _forward(call, source, message, chat), call.bot.id)


@method("forwardMessages")
def forward_messages(call: Call) -> list[Json]:
    """Forward several messages; those that can't be are left out."""
    source = find_chat(call, "from_chat_id")
    messages = _known(call, source, "forward")
    chat = find_writable(call, count=len(messages))
    return [{"message_id": _forward(call, source, message, chat).id} for message in messages]


@method("copyMessage")
def copy_message(call: Call) -> Json:
    """Copy one message, perhaps with another caption and buttons of its own."""
    source = find_chat(call, "from_chat_id")
    message = _find(source, call.params.integer("message_id"), "copy")
    content = dict(message.content)
    if "caption" in call.params and any(kind in content for kind in _WITH_CAPTION):
        content = {key: value for key, value in content.items() if key not in ("caption", "caption_entities")}
        content |= caption_fields(read_text(call, "caption", entities="caption_entities"), call.params.values)
    markup, keyboard = read_keyboards(call)
    chat = find_writable(call)
    check_markup(markup, chat)
    return {"message_id": place(call, chat, content, markup=markup, reply_keyboard=keyboard).id}


@method("copyMessages")
def copy_messages(call: Call) -> list[Json]:
    """Copy several messages; those that can't be are left out."""
    source = find_chat(call, "from_chat_id")
    messages = _known(call, source, "copy")
    chat = find_writable(call, count=len(messages))
    bare = call.params.boolean("remove_caption")
    dropped = ("caption", "caption_entities") if bare else ()
    contents = [{key: value for key, value in item.content.items() if key not in dropped} for item in messages]
    return [{"message_id": place(call, chat, content).id} for content in contents]


def _forward(call: Call, source: Chat, message: Message, chat: Chat) -> Message:
    extra = {"forward_origin": origin_json(call, source, message)}
    return place(call, chat, dict(message.content), extra=extra)


def _find(source: Chat, message_id: int, verb: str) -> Message:
    message = source.messages.get(message_id)
    if message is None:
        raise bad_request(f"message to {verb} not found")
    protected = verb == "forward" and message.extra.get("has_protected_content")
    if message.service or protected:
        raise bad_request(f"the message can't be {'forwarded' if verb == 'forward' else 'copied'}")
    return message


def _known(call: Call, source: Chat, verb: str) -> list[Message]:
    wanted: Any = call.params.json("message_ids", "message identifiers")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= 100:
        raise bad_request("message identifiers must be an Array of 1-100 numbers")
    found = [source.messages[int(number)] for number in wanted if int(number) in source.messages]
    messages = [message for message in found if not message.service]
    if not messages:
        raise bad_request(f"there are no messages to {verb}")
    return messages
