"""A chat as text that a person can read, for failing tests and curious people."""

from datetime import UTC, datetime

from bot.sandbox.exchange import Exchange
from bot.sandbox.wire import message_json
from bot.sandbox.world import Chat, Json

_NOTES = ("new_chat_title", "migrate_to_chat_id", "migrate_from_chat_id")
_KINDS = (
    *("photo", "voice", "video", "video_note", "animation", "document", "audio", "sticker"),
    *("venue", "location", "contact", "poll", "dice"),
)


def transcript(exchange: Exchange, chat: Chat) -> str:
    """The messages of *chat*, one a line, with their buttons below them."""
    lines = []
    for message in chat.messages.values():
        about = message_json(exchange.world, chat, message)
        at = datetime.fromtimestamp(message.date, UTC).strftime("%H:%M:%S")
        edited = " (edited)" if message.edited_at is not None else ""
        answers = f" > {message.reply_to}" if message.reply_to is not None else ""
        lines.append(f"{message.id} [{at}] {_name(about)}{answers}{edited}: {_says(about)}")
        rows = (message.markup or {}).get("inline_keyboard", ())
        lines += ["    " + " ".join(_button(button) for button in row) for row in rows]
    return "\n".join(lines)


def _name(about: Json) -> str:
    sender = about.get("sender_chat") or about.get("from") or about["chat"]
    return str(sender.get("title") or f"{sender.get('first_name', '')} {sender.get('last_name', '')}".strip())


def _says(about: Json) -> str:
    if "text" in about:
        return str(about["text"]).replace("\n", "\n    ")
    if "new_chat_members" in about:
        return "* added " + ", ".join(user["first_name"] for user in about["new_chat_members"])
    if "left_chat_member" in about:
        return f"* {about['left_chat_member']['first_name']} is gone"
    if "pinned_message" in about:
        return f"* pinned {about['pinned_message']['message_id']}"
    note = next((name for name in _NOTES if name in about), None)
    if note is not None:
        return f"* {note.replace('_', ' ')}: {about[note]}"
    kind = next((name for name in _KINDS if name in about), "message")
    album = " of an album" if "media_group_id" in about else ""
    return f"<{kind}{album}> {about.get('caption', '')}".rstrip()


def _button(button: Json) -> str:
    action = next((str(value) for name, value in button.items() if name not in ("text", "style")), "")
    return f"[{button['text']} | {action}]"
