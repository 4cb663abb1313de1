"""Ephemeral messages of a bot: whom it may whisper to, and how it changes or takes back what it whispered."""

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.keyboards import check_markup
from bot.sandbox.methods.access import find_chat
from bot.sandbox.methods.attachments import read_input_media
from bot.sandbox.methods.sending import (
    CAPTION_LIMIT,
    TEXT_LIMIT,
    caption_fields,
    read_keyboards,
    read_preview,
    read_text,
)
from bot.sandbox.text import is_blank
from bot.sandbox.whispers import tell
from bot.sandbox.world import Chat, Json, Message

_WITH_CAPTION = ("photo", "video", "animation", "audio", "document", "voice")


@method("editEphemeralMessageText")
def edit_ephemeral_message_text(call: Call) -> bool:
    """Replace a whispered text and its buttons."""
    content = read_text(call)
    if options := read_preview(call, content):
        content["link_preview_options"] = options
    markup, _ = read_keyboards(call)
    chat, message = _find(call)
    if "text" not in message.content:
        raise bad_request("there is no text in the message to edit")
    if is_blank(content["text"]):
        raise bad_request("text must be non-empty")
    if len(content["text"]) > TEXT_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    return _apply(call, chat, message, content, markup)


@method("editEphemeralMessageCaption")
def edit_ephemeral_message_caption(call: Call) -> bool:
    """Replace or remove the caption of whispered media, and its buttons."""
    caption = read_text(call, "caption", entities="caption_entities")
    markup, _ = read_keyboards(call)
    chat, message = _find(call)
    if not any(kind in message.content for kind in _WITH_CAPTION):
        raise bad_request("there is no caption in the message to edit")
    if len(caption["text"]) > CAPTION_LIMIT:
        raise bad_request("MEDIA_CAPTION_TOO_LONG")
    bare = {key: value for key, value in message.content.items() if key not in ("caption", "caption_entities")}
    return _apply(call, chat, message, bare | caption_fields(caption, call.params.values), markup)


@method("editEphemeralMessageReplyMarkup")
def edit_ephemeral_message_reply_markup(call: Call) -> bool:
    """Replace or remove the buttons under a whispered message."""
    markup, _ = read_keyboards(call)
    chat, message = _find(call)
    return _apply(call, chat, message, message.content, markup)


@method("editEphemeralMessageMedia")
def edit_ephemeral_message_media(call: Call) -> bool:
    """Replace whispered media."""
    item = call.params.json("media", "InputMedia")
    if not isinstance(item, dict) or item.get("type") not in _WITH_CAPTION:
        raise bad_request("can't parse InputMedia: type is unsupported")
    content = read_input_media(call, item)
    markup, _ = read_keyboards(call)
    chat, message = _find(call)
    return _apply(call, chat, message, content, markup)


@method("deleteEphemeralMessage")
def delete_ephemeral_message(call: Call) -> bool:
    """Take a whispered message back."""
    chat, message = _find(call)
    del chat.whispers[message.extra["ephemeral_message_id"]]
    tell(call.exchange, chat, message, "delete")
    return True


def _find(call: Call) -> tuple[Chat, Message]:
    """The chat and the message that the bot whispered there to the receiver whom the call names."""
    receiver, chat = call.params.user_id("receiver_user_id"), find_chat(call)
    message = chat.whispers.get(call.params.integer("ephemeral_message_id"))
    if message is None or message.author != call.bot.id or message.extra["receiver_user"]["id"] != receiver:
        raise bad_request("MESSAGE_ID_INVALID")
    return chat, message


def _apply(call: Call, chat: Chat, message: Message, content: Json, markup: Json | None) -> bool:
    check_markup(markup, chat)
    call.exchange.limits.spend(call.bot.id, chat)
    message.content, message.markup = content, markup
    message.keyboard_bot = call.bot.id if markup is not None else None
    message.edited_at = call.exchange.today()
    tell(call.exchange, chat, message, "edit")
    return True
