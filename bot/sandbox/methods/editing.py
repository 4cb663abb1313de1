"""Edits: of the bot's own messages only, never without a change, and without markup the buttons go."""

from bot.sandbox.errors import ApiError, bad_request, migrated
from bot.sandbox.exchange import Call, method
from bot.sandbox.keyboards import check_markup
from bot.sandbox.methods.access import find_chat, find_message
from bot.sandbox.methods.attachments import read_input_media
from bot.sandbox.methods.sending import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    read_keyboards,
    read_location,
    read_preview,
    read_text,
)
from bot.sandbox.posting import edit
from bot.sandbox.text import is_blank
from bot.sandbox.wire import message_json
from bot.sandbox.world import Chat, Json, Message

_WITH_CAPTION = ("photo", "video", "animation", "audio", "document", "voice")
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)


def _find_own(call: Call) -> tuple[Chat, Message]:
    """The chat and the message to edit, counted by the limits."""
    if call.params.text("inline_message_id") and not call.params.text("chat_id"):
        raise bad_request("MESSAGE_ID_INVALID")
    chat = find_chat(call)
    if chat.migrated_to is not None:
        raise migrated(chat.migrated_to)
    message = find_message(call, chat, "edit")
    foreign = message.author != call.bot.id and chat.kind != "channel"
    if foreign or message.service or "forward_origin" in message.extra or message.reply_keyboard is not None:
        raise bad_request("message can't be edited")
    return chat, message


def _apply(call: Call, chat: Chat, message: Message, content: Json, markup: Json | None) -> Json:
    if content == message.content and markup == message.markup:
        raise bad_request(_NOT_MODIFIED)
    check_markup(markup, chat)
    call.exchange.limits.spend(call.bot.id, chat)
    message.content = content
    message.markup = markup
    message.keyboard_bot = call.bot.id if markup is not None else None
    edit(call.exchange, chat, message)
    return message_json(call.world, chat, message, call.bot.id)


@method("editMessageText")
def edit_message_text(call: Call) -> Json:
    """Replace a text and its buttons."""
    if not call.params.text("text"):
        raise bad_request("message text is empty")
    content = read_text(call)
    if options := read_preview(call, content):
        content["link_preview_options"] = options
    markup, _ = read_keyboards(call)
    chat, message = _find_own(call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    if is_blank(content["text"]):
        raise bad_request("text must be non-empty")
    if len(content["text"]) > TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    return _apply(call, chat, message, content, markup)


@method("editMessageCaption")
def edit_message_caption(call: Call) -> Json:
    """Replace or remove a caption, and its buttons."""
    caption = read_text(call, "caption", entities="caption_entities")
    markup, _ = read_keyboards(call)
    chat, message = _find_own(call)
    if not any(kind in message.content for kind in _WITH_CAPTION):
        raise bad_request("there is no caption in the message to edit")
    if len(caption["text"]) > CAPTION_LIMIT:
        raise bad_request("MEDIA_CAPTION_TOO_LONG")
    content = {key: value for key, value in message.content.items() if key not in ("caption", "caption_entities")}
    if caption["text"]:
        content["caption"] = caption["text"]
        if "entities" in caption:
            content["caption_entities"] = caption["entities"]
    return _apply(call, chat, message, content, markup)


@method("editMessageReplyMarkup")
def edit_message_reply_markup(call: Call) -> Json:
    """Replace or remove the buttons."""
    markup, _ = read_keyboards(call)
    chat, message = _find_own(call)
    return _apply(call, chat, message, message.content, markup)


@method("editMessageMedia")
def edit_message_media(call: Call) -> Json:
    """Replace the media of a message."""
    item = call.params.json("media", "InputMedia")
    if not isinstance(item, dict) or item.get("type") not in _WITH_CAPTION:
        raise ApiError(400, "Bad Request: can't parse InputMedia: type is unsupported")
    content = read_input_media(call, item)
    markup, _ = read_keyboards(call)
    chat, message = _find_own(call)
    if "text" not in message.content and not any(kind in message.content for kind in _WITH_CAPTION):
        raise bad_request("message media can't be edited")
    return _apply(call, chat, message, content, markup)


@method("editMessageLiveLocation")
def edit_message_live_location(call: Call) -> Json:
    """Move a live location."""
    place = read_location(call)
    markup, _ = read_keyboards(call)
    chat, message, period = _find_live(call)
    return _apply(call, chat, message, {"location": place | {"live_period": period}}, markup)


@method("stopMessageLiveLocation")
def stop_message_live_location(call: Call) -> Json:
    """Let a live location stay where it is."""
    markup, _ = read_keyboards(call)
    chat, message, _ = _find_live(call)
    place = {name: value for name, value in message.content["location"].items() if name != "live_period"}
    return _apply(call, chat, message, {"location": place}, markup)


def _find_live(call: Call) -> tuple[Chat, Message, int]:
    """The chat, the live location to edit in it, and how many seconds it lives."""
    chat, message = _find_own(call)
    period = int(message.content.get("location", {}).get("live_period", 0))
    if call.exchange.today() >= message.date + period:
        raise bad_request("message can't be edited")
    return chat, message, period
