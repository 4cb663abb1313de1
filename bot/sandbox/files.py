"""Files: what was uploaded, one identifier per bot and file, sample pictures, smaller sizes of a photo."""

import hashlib
import io
import itertools
import secrets
from dataclasses import dataclass, field
from typing import Any, Final

from PIL import Image

from bot.sandbox.scenes import draw_scene

PHOTO_SIDES: Final = (90, 320, 800, 1280)
CHAT_PHOTO_SIDES: Final = (160, 320, 640)
DOWNLOAD_LIMIT_BYTES: Final = 20 * 1024 * 1024
_FOLDERS: Final = {"photo": "photos", "voice": "voice", "video": "videos", "audio": "music"}
_ENDINGS: Final = {"photo": ".jpg", "voice": ".oga", "video": ".mp4", "audio": ".mp3", "sticker": ".webp"}


@dataclass(slots=True)
class StoredFile:
    """One file. *side* is set for a smaller copy of a photo, which is drawn when somebody downloads it."""

    unique_id: str
    kind: str
    data: bytes
    name: str = ""
    mime_type: str = "application/octet-stream"
    fields: dict[str, Any] = field(default_factory=dict)
    origin: str | None = None
    side: int | None = None

    @property
    def path(self) -> str:
        """Where the file lies for `/file/bot<token>/<path>`."""
        ending = _ENDINGS.get(self.kind, "." + self.name.rpartition(".")[2] if "." in self.name else "")
        return f"{_FOLDERS.get(self.kind, 'documents')}/{self.unique_id}{ending}"


class FileStore:
    """All files by their unique id."""

    def __init__(self) -> None:
        self._files: dict[str, StoredFile] = {}
        self._sizes: dict[str, list[StoredFile]] = {}
        self.samples = itertools.count(1)
        """Which picture is drawn next for somebody who has none at hand."""

    def add(self, kind: str, data: bytes, name: str = "", mime_type: str = "", **fields: Any) -> StoredFile:
        """Keep *data*; *fields* are what the Bot API tells about such a file beside its ids and size."""
        file = StoredFile(_new_id(), kind, data, name, mime_type or _mime_type(kind), fields)
        self._files[file.unique_id] = file
        return file

    def restore(self, file: StoredFile) -> None:
        """Put back a file that was saved; the sizes of a photo find together again."""
        self._files[file.unique_id] = file
        original = file.origin or (file.unique_id if file.kind == "photo" else None)
        if original is None:
            return
        sizes = self._sizes.setdefault(original, [])
        sizes.append(file)
        self._sizes[file.unique_id] = sizes
        sizes.sort(key=lambda size: int(size.fields["width"]))

    def all(self) -> list[StoredFile]:
        """Every file, oldest first."""
        return list(self._files.values())

    def by_path(self, path: str) -> StoredFile | None:
        """The file that lies at *path*."""
        file = self._files.get(path.rpartition("/")[2].partition(".")[0])
        return file if file is not None and file.path == path else None

    def find(self, file_id: str, bot: int | None) -> StoredFile | None:
        """The file that *bot* calls *file_id*; with no bot, whoever's identifier it is.

        Returns None for an identifier that was given to another bot.
        """
        unique_id, _, mark = file_id.partition("-")
        file = self._files.get(unique_id)
        if file is None or (bot is not None and mark != _mark(unique_id, bot)):
            return None
        return file

    def content(self, file: StoredFile) -> bytes:
        """The bytes of *file*; a smaller photo is drawn now."""
        if file.origin is None or file.side is None:
            return file.data
        with Image.open(io.BytesIO(self._files[file.origin].data)) as picture:
            picture.thumbnail((file.side, file.side))
            target = io.BytesIO()
            picture.convert("RGB").save(target, "JPEG", quality=85)
        return target.getvalue()

    def add_photo(self, data: bytes, sides: tuple[int, ...] = PHOTO_SIDES) -> list[dict[str, Any]]:
        """Keep a photo and return its sizes as the Bot API lists them, largest last; *sides* are the smaller ones.

        Raises:
            ValueError: the bytes are no picture.
        """
        try:
            with Image.open(io.BytesIO(data)) as picture:
                width, height = picture.size
        except (OSError, Image.DecompressionBombError) as error:
            raise ValueError("not a picture") from error
        original = self.add("photo", data, mime_type="image/jpeg", width=width, height=height)
        longest = max(width, height)
        sizes = [self._smaller(original, side, width, height) for side in sides if side < longest]
        for file in (*sizes, original):
            self._sizes[file.unique_id] = [*sizes, original]
        return [describe(file) for file in (*sizes, original)]

    def photo_sizes(self, file: StoredFile) -> list[dict[str, Any]]:
        """All sizes of the photo of which *file* is one, largest last."""
        return [describe(size) for size in self._sizes.get(file.unique_id, [file])]

    def _smaller(self, original: StoredFile, side: int, width: int, height: int) -> StoredFile:
        longest = max(width, height)
        shape: dict[str, Any] = {"width": max(1, width * side // longest), "height": max(1, height * side // longest)}
        small = self.add("photo", b"", mime_type="image/jpeg", **shape)
        small.origin, small.side = original.unique_id, side
        return small


def describe(file: StoredFile) -> dict[str, Any]:
    """The Bot API object of *file*, with the identifier that belongs to no bot yet."""
    about: dict[str, Any] = {"file_id": f"{file.unique_id}-0", "file_unique_id": file.unique_id, **file.fields}
    if file.kind != "photo":
        about["mime_type"] = file.mime_type
    if file.name and file.kind in ("document", "video", "audio"):
        about["file_name"] = file.name
    if file.data:
        about["file_size"] = len(file.data)
    return about


def for_bot(value: Any, bot: int) -> Any:
    """A copy of *value* in which every file identifier is the one that *bot* may use."""
    if isinstance(value, list):
        return [for_bot(item, bot) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: for_bot(item, bot) if isinstance(item, dict | list) else item for key, item in value.items()}
    if "file_unique_id" in copy:
        copy["file_id"] = identifier(copy["file_unique_id"], bot)
    return copy


def identifier(unique_id: str, bot: int) -> str:
    """What *bot* calls a file."""
    return f"{unique_id}-{_mark(unique_id, bot)}"


def sample_photo(number: int, width: int = 960, height: int = 720) -> bytes:
    """A JPEG of a drawn street; *number* chooses what happened there, as `draw_scene` says."""
    return draw_scene(number, width, height)


def _new_id() -> str:
    return "AgAD" + secrets.token_hex(8)


def _mark(unique_id: str, bot: int) -> str:
    return hashlib.blake2s(f"{unique_id}:{bot}".encode(), digest_size=12).hexdigest()


def _mime_type(kind: str) -> str:
    known = {"photo": "image/jpeg", "voice": "audio/ogg", "video": "video/mp4", "audio": "audio/mpeg"}
    return known.get(kind, "application/octet-stream")
