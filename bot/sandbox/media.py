"""Media: from an upload or a known identifier to the fields of a message."""

import secrets
from collections.abc import Callable
from typing import Any, Final

from bot.sandbox.errors import bad_request
from bot.sandbox.files import FileStore, StoredFile, describe
from bot.sandbox.params import Upload
from bot.sandbox.world import Bot, Json

UPLOAD_LIMIT_BYTES: Final = 50 * 1024 * 1024
PHOTO_LIMIT_BYTES: Final = 10 * 1024 * 1024
_TITLES: Final = {
    "photo": "Photo",
    "voice": "VoiceNote",
    "video": "Video",
    "document": "Document",
    "audio": "Audio",
    "animation": "Animation",
    "sticker": "Sticker",
    "video_note": "VideoNote",
}


def take_media(
    files: FileStore, bot: Bot, kind: str, reference: str, attached: Callable[[str], Upload | None], options: Json
) -> Json:
    """The content fields for a file that *reference* names or that came with the call.

    Args:
        files: Where files are kept.
        bot: Whose identifiers count.
        kind: photo, voice, video, document, audio, animation, sticker or video_note.
        reference: A file identifier, an address, `attach://name`, or nothing for an upload by its own name.
        attached: Finds the upload of a reference.
        options: Duration, size and the like, as the call gave them.

    Raises:
        ApiError: there is no such file, it is of another kind, too big, or no picture.
    """
    upload = attached(reference)
    if upload is not None:
        return store_upload(files, kind, upload, options)
    if not reference or reference.startswith("attach://"):
        raise bad_request(f"there is no {kind.replace('_', ' ')} in the request")
    if "." in reference:
        raise bad_request("failed to get HTTP URL content")
    file = files.find(reference, bot.id)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if "photo" in (file.kind, kind) and file.kind != kind:
        raise bad_request(f"can't use file of type {_TITLES[file.kind]} as {_TITLES[kind]}")
    return content_of(files, file)


def store_upload(files: FileStore, kind: str, upload: Upload, options: Json) -> Json:
    """Keep an upload and return the content fields that show it.

    Raises:
        ApiError: it is empty, too big, or no picture.
    """
    if not upload.data:
        raise bad_request("file must be non-empty")
    if len(upload.data) > (PHOTO_LIMIT_BYTES if kind == "photo" else UPLOAD_LIMIT_BYTES):
        raise bad_request("file is too big")
    if kind == "photo":
        try:
            return {"photo": files.add_photo(upload.data)}
        except ValueError as error:
            raise bad_request("IMAGE_PROCESS_FAILED") from error
    mime_type = "" if kind == "voice" else upload.mime_type
    file = files.add(kind, upload.data, upload.name, mime_type, **_fields(kind, options))
    return content_of(files, file)


def content_of(files: FileStore, file: StoredFile) -> Json:
    """The content fields that show a stored file."""
    if file.kind == "photo":
        return {"photo": files.photo_sizes(file)}
    about = describe(file)
    if file.kind in ("sticker", "video_note"):
        about.pop("mime_type", None)
    content: Json = {file.kind: about}
    if file.kind == "animation":
        content["document"] = {key: value for key, value in about.items() if key not in ("width", "height", "duration")}
    return content


def new_album_id() -> str:
    """A `media_group_id`: digits that say nothing."""
    return str(10**16 + secrets.randbelow(9 * 10**16))


def _fields(kind: str, options: Json) -> Json:
    """What the Bot API tells of such a file; what the sender left out gets a stand-in."""
    duration = min(_whole(options.get("duration"), 1), 86_400)
    frame = {"width": _whole(options.get("width"), 1280), "height": _whole(options.get("height"), 720)}
    if kind in ("video", "animation"):
        return {**frame, "duration": duration}
    if kind == "voice":
        return {"duration": duration}
    if kind == "audio":
        named = {name: str(options[name]) for name in ("title", "performer") if options.get(name)}
        return {"duration": duration, **named}
    if kind == "video_note":
        return {"length": min(_whole(options.get("length"), 240), 640), "duration": duration}
    if kind == "sticker":
        look = {"width": 512, "height": 512, "type": "regular", "is_animated": False, "is_video": False}
        return look | ({"emoji": str(options["emoji"])} if options.get("emoji") else {})
    return {}


def _whole(value: Any, default: int) -> int:
    text = str(value).partition(".")[0]
    return int(text) if text.isdigit() and int(text) else default
