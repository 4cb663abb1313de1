"""People write: texts, pictures, voices, places; they edit and delete what they wrote."""

import secrets
from typing import Any, Final

from bot.sandbox.ballots import new_poll
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.exchange import Exchange, action
from bot.sandbox.files import sample_photo
from bot.sandbox.media import new_album_id, store_upload
from bot.sandbox.membership import block
from bot.sandbox.params import Upload
from bot.sandbox.people.asking import chat_of, message_of, text_of, upload_of
from bot.sandbox.posting import delete, edit, post, view
from bot.sandbox.recordings import FRAME, SECONDS, recording
from bot.sandbox.text import formatted, is_blank
from bot.sandbox.whispers import listener, whisper
from bot.sandbox.wire import message_json
from bot.sandbox.world import Chat, Json, Message, Person

ALBUM_LIMIT: Final = 10
_FILE_KINDS: Final = ("voice", "video", "document", "sticker", "audio", "animation", "video_note")
_RIGHTS: Final = {
    "photo": "can_send_photos",
    "voice": "can_send_voice_notes",
    "video": "can_send_videos",
    "document": "can_send_documents",
    "audio": "can_send_audios",
    "video_note": "can_send_video_notes",
    "poll": "can_send_polls",
    "sticker": "can_send_other_messages",
    "animation": "can_send_other_messages",
    "dice": "can_send_other_messages",
}


def write(exchange: Exchange, person: Person, fields: Json, content: Json, extra: Json | None = None) -> Message:
    """Post what *person* wrote, in their own name or in that of the group or channel they write for.

    Raises:
        Refused: they may not write there, or answer a message that is not there.
    """
    chat = chat_of(exchange, person, fields)
    _check_may_write(exchange, chat, person, content)
    reply_to = int(fields.get("reply_to") or 0) or None
    if reply_to is not None and reply_to not in chat.messages:
        raise Refused(f"there is no message {reply_to} here to reply to")
    extra = (extra or {}) | _topic(chat, person, fields, reply_to)
    sender_chat = _sender_chat(exchange, chat, person, fields)
    if sender_chat == chat.id and chat.member(person.id).title:
        extra["author_signature"] = chat.member(person.id).title
    return post(exchange, chat, person, content, reply_to=reply_to, extra=extra, sender_chat=sender_chat)


def told(exchange: Exchange, person: Person, fields: Json, content: Json) -> Json:
    """Post *content* and tell the caller about the message."""
    message = write(exchange, person, fields, content)
    chat = chat_of(exchange, person, fields)
    return {"message": message_json(exchange.world, chat, message), "message_id": message.id}


def captioned(exchange: Exchange, fields: Json) -> Json:
    """The caption fields of an action."""
    text, found = formatted(exchange.world, str(fields.get("caption") or ""), "", fields.get("entities"))
    if is_blank(text):
        return {}
    return {"caption": text} | ({"caption_entities": found} if found else {})


@action("send_text")
def send_text(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Write `text` in `chat`, perhaps in `reply_to` a message; what a menu calls ephemeral only its bot hears."""
    chat, content = chat_of(exchange, person, fields), _text_content(exchange, fields)
    bot = listener(exchange, chat, person, content["text"], int(fields.get("reply_to") or 0))
    if bot is None:
        return told(exchange, person, fields, content)
    _check_may_write(exchange, chat, person, content)
    message = whisper(exchange, chat, person, bot, content, None)
    return {"message": message_json(exchange.world, chat, message), "message_id": 0}


@action("send_photo")
def send_photo(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Send a `photo` (bytes or base64; without it `sample` number n, or the next one), perhaps with a `caption`."""
    content = _photo(exchange, fields.get("photo"), fields.get("sample")) | captioned(exchange, fields)
    return told(exchange, person, fields, content)


@action("send_album")
def send_album(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Send `photos`, or `count` samples, as one album; the caption stands under the first."""
    photos = list(fields.get("photos") or [None] * int(fields.get("count") or 2))
    if not 2 <= len(photos) <= ALBUM_LIMIT:
        raise Refused("an album has two to ten pictures")
    extra = {"media_group_id": new_album_id()}
    contents = [_photo(exchange, photo) for photo in photos]
    contents[0] |= captioned(exchange, fields)
    messages = [write(exchange, person, fields, content, dict(extra)) for content in contents]
    chat = chat_of(exchange, person, fields)
    return {"messages": [message_json(exchange.world, chat, message) for message in messages]}


def _add_file_action(kind: str) -> None:
    """Define `send_<kind>`: the file in the field of that name, or a sample."""

    def send_file(exchange: Exchange, person: Person, fields: Json) -> Json:
        ours = recording(kind)
        upload = upload_of(fields.get(kind), str(fields.get("name") or ours.name), ours.mime_type)
        options = ({} if upload else FRAME) | fields
        options["duration"] = fields.get("seconds") or fields.get("duration") or SECONDS
        content = _stored(exchange, kind, upload or ours, options) | captioned(exchange, fields)
        return told(exchange, person, fields, content)

    action(f"send_{kind}")(send_file)


for _kind in _FILE_KINDS:
    _add_file_action(_kind)


@action("send_location")
def send_location(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Send the point at `latitude` and `longitude`; with `live_period` in seconds it can `move` that long."""
    period = int(fields.get("live_period") or 0)
    return told(exchange, person, fields, {"location": _location(fields) | ({"live_period": period} if period else {})})


@action("move")
def move(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Move one's own live location `message` to another `latitude` and `longitude`; bots hear it as an edit."""
    chat, message = _own(exchange, person, fields)
    period = message.content.get("location", {}).get("live_period", 0)
    if exchange.today() >= message.date + period:
        raise Refused("this is no live location")
    message.content = {"location": _location(fields) | {"live_period": period}}
    edit(exchange, chat, message)
    return {"message": view(exchange, chat, message)}


@action("send_venue")
def send_venue(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Send a place with its `title` and `address`."""
    location = _location(fields)
    venue = {"location": location, "title": text_of(fields, "title"), "address": text_of(fields, "address")}
    return told(exchange, person, fields, {"location": location, "venue": venue})


@action("send_contact")
def send_contact(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Send a `phone_number` with its `first_name`."""
    contact = {name: text_of(fields, name) for name in ("phone_number", "first_name")}
    return told(exchange, person, fields, {"contact": contact})


@action("send_dice")
def send_dice(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Throw a dice."""
    return told(exchange, person, fields, {"dice": {"emoji": "🎲", "value": 1 + secrets.randbelow(6)}})


@action("send_poll")
def send_poll(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Ask a `question` with `options`; the bot gets the poll and none of its votes."""
    options = [str(option) for option in fields.get("options") or ()]
    if not 1 <= len(options) <= 12:
        raise Refused("a poll has one to twelve options")
    return told(exchange, person, fields, {"poll": new_poll(text_of(fields, "question"), options)})


@action("edit_text")
def edit_text(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Change the `text` of one's own `message`."""
    chat, message = _own(exchange, person, fields)
    if "text" not in message.content:
        raise Refused("this message has no text")
    message.content = _text_content(exchange, fields)
    edit(exchange, chat, message)
    return {"message": view(exchange, chat, message)}


@action("edit_caption")
def edit_caption(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Change or remove the `caption` of one's own `message`."""
    chat, message = _own(exchange, person, fields)
    bare = {key: value for key, value in message.content.items() if key not in ("caption", "caption_entities")}
    message.content = bare | captioned(exchange, fields)
    edit(exchange, chat, message)
    return {"message": view(exchange, chat, message)}


@action("delete")
def delete_message(exchange: Exchange, person: Person, fields: Json) -> Json:
    """Delete one's own `message`, or with the right to it anybody's; no bot is told."""
    chat = chat_of(exchange, person, fields)
    message = message_of(chat, fields)
    own = message.author == person.id or chat.private
    if not own and not chat.member(person.id).can("can_delete_messages"):
        raise Refused(f"{person.name} may not delete this message")
    return {"deleted": delete(exchange, chat, message.id)}


def _text_content(exchange: Exchange, fields: Json) -> Json:
    text, found = formatted(exchange.world, text_of(fields, "text"), "", fields.get("entities"))
    if is_blank(text):
        raise Refused("the text shows nothing")
    if len(text) > 4096:
        raise Refused("a text has at most 4,096 characters")
    return {"text": text, "entities": found} if found else {"text": text}


def _photo(exchange: Exchange, given: Any, sample: Any = None) -> Json:
    upload = upload_of(given, "photo.jpg", "image/jpeg")
    upload = upload or Upload(
        "photo.jpg", "image/jpeg", sample_photo(int(sample or next(exchange.world.files.samples)))
    )
    return _stored(exchange, "photo", upload, {})


def _stored(exchange: Exchange, kind: str, upload: Upload, options: Json) -> Json:
    try:
        return store_upload(exchange.world.files, kind, upload, options)
    except ApiError as error:
        raise Refused(error.description.removeprefix("Bad Request: ")) from error


def _location(fields: Json) -> Json:
    try:
        latitude, longitude = float(fields["latitude"]), float(fields["longitude"])
    except (KeyError, TypeError, ValueError) as error:
        raise Refused("a place needs a latitude and a longitude") from error
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise Refused("this place is not on the map")
    return {"latitude": latitude, "longitude": longitude}


def _own(exchange: Exchange, person: Person, fields: Json) -> tuple[Chat, Message]:
    chat = chat_of(exchange, person, fields)
    message = message_of(chat, fields)
    if message.author != person.id or message.service:
        raise Refused("only one's own messages can be edited")
    return chat, message


def _check_may_write(exchange: Exchange, chat: Chat, person: Person, content: Json) -> None:
    """Insist that *person* may write such a message; writing to a blocked bot unblocks it."""
    if chat.private:
        if chat.blocked and chat.bot is not None:
            block(exchange, person, exchange.world.bots[chat.bot], blocked=False)
        return
    member = chat.member(person.id)
    if member.admin:
        return
    if chat.kind == "channel":
        raise Refused(f"only administrators write in {chat.title}")
    right = next((_RIGHTS[kind] for kind in _RIGHTS if kind in content), "can_send_messages")
    if right not in (member.rights if member.status == "restricted" else chat.permissions):
        raise Refused(f"{person.name} may not send that in {chat.title}")


def _sender_chat(exchange: Exchange, chat: Chat, person: Person, fields: Json) -> int | None:
    """The chat in whose name *person* writes, if not in their own."""
    if chat.kind == "channel" or chat.member(person.id).anonymous:
        return chat.id
    wanted = fields.get("as_channel")
    if wanted is None:
        return None
    channel = exchange.world.chats.get(int(wanted))
    if channel is None or channel.kind != "channel" or channel.member(person.id).status != "creator":
        raise Refused(f"{person.name} has no such channel")
    return channel.id


def _topic(chat: Chat, person: Person, fields: Json, reply_to: int | None) -> Json:
    """The fields of a message in the topic that *fields* or the answered message name; a closed one is refused."""
    answered = chat.messages.get(reply_to or 0)
    thread = fields.get("topic") or (answered.extra.get("message_thread_id") if answered else None)
    topic = chat.topics.get(int(thread)) if thread else chat.general
    if topic is None:
        raise Refused(f"there is no topic {thread} here")
    if topic["closed"] and not chat.member(person.id).can("can_manage_topics"):
        raise Refused(f"the topic {topic['name']} is closed")
    if not thread:
        return {}
    return {"message_thread_id": int(thread), "is_topic_message": True}
