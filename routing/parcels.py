"""Attachments as short texts, so that a draft can keep them in its row."""

from collections.abc import Iterable
from typing import Final

from routing.effects import Json
from routing.model import Media, MediaKind

BIG: Final = 20 * 1024 * 1024
"""Bytes above which Telegram lets no bot download a file; a reference to it is kept all the same."""


def pack(media: Iterable[Media]) -> list[Json]:
    """One text for each attachment."""
    return [f"{one.kind.value}:{one.bot}:{one.size or ''}:{one.unique_id}:{one.file_id}" for one in media]


def unpack(packed: Json | list[Json]) -> tuple[Media, ...]:
    """What `pack` was given."""
    return tuple(map(_media, packed)) if isinstance(packed, list) else ()


def too_big(media: Iterable[Media]) -> bool:
    """Whether some attachment can only be opened in Telegram itself."""
    return any((one.size or 0) > BIG for one in media)


def _media(packed: Json) -> Media:
    kind, bot, size, unique_id, file_id = str(packed).split(":", 4)
    return Media(MediaKind(kind), int(bot), file_id, unique_id, int(size) if size else None)
