"""Sending photos, voices, videos, documents and albums."""

from typing import Any, Final

from bot.sandbox.errors import bad_request
from bot.sandbox.exchange import Call, method
from bot.sandbox.media import new_album_id, take_media
from bot.sandbox.methods.access import find_writable
from bot.sandbox.methods.sending import caption_fields, place, read_caption, send
from bot.sandbox.text import formatted
from bot.sandbox.wire import message_json
from bot.sandbox.world import Json

ALBUM_LIMIT: Final = 10
_RIGHTS: Final = {
    "photo": "can_send_photos",
    "voice": "can_send_voice_notes",
    "video": "can_send_videos",
    "document": "can_send_documents",
    "audio": "can_send_audios",
    "animation": "can_send_other_messages",
    "sticker": "can_send_other_messages",
    "video_note": "can_send_video_notes",
}
_ALBUM_KINDS: Final = {"photo": "visual", "video": "visual", "document": "document", "audio": "audio"}


def _send_file(call: Call, kind: str) -> Json:
    """Send the file in the parameter named like its *kind*."""
    caption = {} if kind in ("sticker", "video_note") else read_caption(call)
    content = read_file(call, kind, call.params.text(kind), call.params.values, own_name=kind)
    return send(call, content | caption, right=_RIGHTS[kind])


def read_file(call: Call, kind: str, reference: str, options: Json, own_name: str = "") -> Json:
    """The content fields for one file of the call; an upload may come under the parameter's *own_name*."""
    return take_media(
        call.world.files,
        call.bot,
        kind,
        reference,
        lambda name: call.params.attached(name) or (call.params.uploads.get(own_name) if own_name else None),
        options,
    )


@method("sendPhoto")
def send_photo(call: Call) -> Json:
    """Send a photo."""
    return _send_file(call, "photo")


@method("sendVoice")
def send_voice(call: Call) -> Json:
    """Send a voice message."""
    return _send_file(call, "voice")


@method("sendVideo")
def send_video(call: Call) -> Json:
    """Send a video."""
    return _send_file(call, "video")


@method("sendDocument")
def send_document(call: Call) -> Json:
    """Send any file."""
    return _send_file(call, "document")


@method("sendAudio")
def send_audio(call: Call) -> Json:
    """Send a piece of music."""
    return _send_file(call, "audio")


@method("sendAnimation")
def send_animation(call: Call) -> Json:
    """Send a short film without sound."""
    return _send_file(call, "animation")


@method("sendSticker")
def send_sticker(call: Call) -> Json:
    """Send a sticker."""
    return _send_file(call, "sticker")


@method("sendVideoNote")
def send_video_note(call: Call) -> Json:
    """Send a round film."""
    return _send_file(call, "video_note")


@method("sendMediaGroup")
def send_media_group(call: Call) -> list[Json]:
    """Send an album; it counts as many messages as it has items."""
    items = call.params.json("media", "InputMedia")
    if not isinstance(items, list) or not items:
        raise bad_request("can't parse InputMedia: media must be a non-empty Array")
    if len(items) > ALBUM_LIMIT:
        raise bad_request("too many messages to send as an album")
    contents = [_read_item(call, item) for item in items]
    if len({_ALBUM_KINDS[item["type"]] for item in items}) > 1:
        raise bad_request("wrong album content: the kinds of media can't be mixed")
    chat = find_writable(call, count=len(items), right=_RIGHTS[items[0]["type"]])
    extra = {"media_group_id": new_album_id()} if len(items) > 1 else {}
    messages = [place(call, chat, content, extra=dict(extra)) for content in contents]
    return [message_json(call.world, chat, message, call.bot.id) for message in messages]


def _read_item(call: Call, item: Any) -> Json:
    if not isinstance(item, dict) or item.get("type") not in _ALBUM_KINDS:
        kind = item.get("type") if isinstance(item, dict) else item
        raise bad_request(f"can't parse InputMedia: type \"{kind}\" can't be used in sendMediaGroup")
    return read_input_media(call, item)


def read_input_media(call: Call, item: Json) -> Json:
    """The content fields for an `InputMedia` object.

    Raises:
        ApiError: its caption or its file can't be used.
    """
    mode, entities = str(item.get("parse_mode") or ""), item.get("caption_entities")
    text, found = formatted(call.world, str(item.get("caption") or ""), mode, entities)
    caption = caption_fields({"text": text} | ({"entities": found} if found else {}), item)
    return read_file(call, str(item["type"]), str(item.get("media") or ""), item) | caption
