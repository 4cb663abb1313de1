"""How attachments are shown again: in albums as far as Telegram makes albums of them, the rest one by one."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing.model import Media, MediaKind

SCENES: Final = (MediaKind.PHOTO, MediaKind.VIDEO)
"""What one album may hold side by side."""
NAMES: Final = {
    MediaKind.PHOTO: "photo",
    MediaKind.VIDEO: "video",
    MediaKind.VOICE: "voice",
    MediaKind.DOCUMENT: "document",
}
"""How the Bot API calls them."""
MOST_IN_ALBUM: Final = 10


def albums(shown: Sequence[Media], caption: Html | None = None) -> Iterator[Outgoing]:
    """Photos and videos, or documents alone, which this bot was given: ten to an album, a single one by itself."""
    for start in range(0, len(shown), MOST_IN_ALBUM):
        part = shown[start : start + MOST_IN_ALBUM]
        if len(part) == 1:
            yield _single(part[0].kind, part[0].file_id, caption)
            continue
        items: list[dict[str, Any]] = [{"type": NAMES[one.kind], "media": one.file_id} for one in part]
        items[0] |= _said(caption)
        yield Outgoing("sendMediaGroup", {"media": items})


def singles(look: Look, shown: Sequence[Media], caption: Html | None = None) -> Iterator[Outgoing]:
    """One by one: what makes no album, and what another bot was given."""
    for one in shown:
        yield _single(one.kind, look.file(one), caption)


def _single(kind: MediaKind, file: object, caption: Html | None) -> Outgoing:
    name = NAMES[kind]
    return Outgoing(f"send{name.title()}", {name: file, **_said(caption)})


def _said(caption: Html | None) -> dict[str, str]:
    return {"caption": caption, "parse_mode": "HTML"} if caption is not None else {}
