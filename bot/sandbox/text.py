"""Formatted text: UTF-16 offsets, the entities that Telegram finds by itself, cleaning and trimming."""

import bisect
import re
from typing import Any, Final

from bot.sandbox.errors import bad_request
from bot.sandbox.html import parse_html
from bot.sandbox.markdown import parse_markdown, parse_markdown_v2
from bot.sandbox.world import Json, World

_FOUND: Final = (
    (
        "url",
        re.compile(
            r"https?://[^\s<>\"'（），。！？；]+|(?<![\w@./])(?:[a-z0-9-]+\.)+(?:com|net|org|cn|me|gov|edu|io|info)(?![\w.-]*@)\b(?:/[^\s<>\"（），。！？；]*)?",
            re.IGNORECASE | re.ASCII,
        ),
    ),
    ("email", re.compile(r"(?<![\w.+-])[\w.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE | re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/<>])/([A-Za-z0-9_]{1,64})(?:@([A-Za-z0-9_]{3,32}))?(?![\w/<>])")),
    ("mention", re.compile(r"(?<![\w@/.+-])@[A-Za-z0-9_]{3,32}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#&/])#(?!\d+(?!\w))\w{1,256}")),
    ("cashtag", re.compile(r"(?<![\w$])\$[A-Z]{1,8}(?!\w)")),
)
_OPAQUE: Final = frozenset({"code", "pre", "text_link", "text_mention", "url", "email", "mention", "bot_command"})
_AUTOMATIC: Final = frozenset(
    {"mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "bank_card_number"}
)
_PARSERS: Final = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}
_EXPLICIT: Final = frozenset(
    {"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code"}
)
_DROPPED: Final = dict.fromkeys([0x0D, *range(0x2028, 0x202F), 0x030A, 0x0333, 0x033F])
_CONTROL: Final = {code: " " for code in range(32) if code not in (0x0A, 0x0D)}
_BLANK: Final = re.compile("[\\s\u200b-\u200f\u2060-\u2064\u2800\u3164\ufeff\u180e]*")


def utf16_length(text: str) -> int:
    """The length of *text* in UTF-16 code units, the unit of every entity offset."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


class Offsets:
    """Translates positions in a string to UTF-16 offsets and back."""

    def __init__(self, text: str) -> None:
        self._wide = [] if text.isascii() else [at for at, char in enumerate(text) if char > "\uffff"]
        self._wide_utf16 = [at + number for number, at in enumerate(self._wide)]

    def utf16(self, position: int) -> int:
        """The UTF-16 offset of the character at *position*."""
        return position + bisect.bisect_left(self._wide, position)

    def position(self, utf16: int) -> int:
        """The position of the character at the offset *utf16*."""
        return utf16 - bisect.bisect_left(self._wide_utf16, utf16)


def find_entities(text: str, known: list[Json]) -> list[Json]:
    """The mentions, commands, links and tags of *text* that don't cross an entity of *known*, as they follow on."""
    offsets = Offsets(text)
    taken = [(entity["offset"], entity["offset"] + entity["length"]) for entity in known if entity["type"] in _OPAQUE]
    found: list[Json] = []
    for kind, pattern in _FOUND:
        for match in pattern.finditer(text):
            begin, end = offsets.utf16(match.start()), offsets.utf16(match.end())
            if all(end <= start or stop <= begin for start, stop in taken):
                taken.append((begin, end))
                found.append({"type": kind, "offset": begin, "length": end - begin})
    return sorted(found, key=lambda entity: entity["offset"])


def is_blank(text: str) -> bool:
    """Whether *text* shows nothing."""
    return _BLANK.fullmatch(text) is not None


def formatted(
    world: World, raw: str, parse_mode: str = "", entities: list[Json] | None = None
) -> tuple[str, list[Json]]:
    """Text and entities as Telegram keeps them, from what a bot or a person sent.

    Raises:
        ApiError: the markup can't be parsed, with Telegram's own explanation.
    """
    mode = parse_mode.lower()
    if not mode and not entities and raw.isascii() and raw.isprintable():
        text = raw.strip(" ")
        return text, find_entities(text, []) if _may_hold_entities(text) else []
    if mode in ("", "none"):
        text, marked = raw, _explicit(raw, entities or [] if not mode else [])
    elif mode in _PARSERS:
        text, marked = _PARSERS[mode](raw)
    else:
        raise bad_request("unsupported parse_mode")
    text, marked = _clean(text, marked)
    marked = [_with_user(world, entity) for entity in marked]
    marked += find_entities(text, marked)
    return text, sorted(marked, key=lambda entity: (entity["offset"], -entity["length"]))


def _may_hold_entities(text: str) -> bool:
    return any(sign in text for sign in "/@#$.")


def _explicit(text: str, entities: list[Json]) -> list[Json]:
    length = utf16_length(text)
    kept = []
    for entity in entities:
        marked = _explicit_one(entity)
        if marked is not None and 0 <= marked["offset"] < length and marked["length"] > 0:
            marked["length"] = min(marked["length"], length - marked["offset"])
            kept.append(marked)
    return kept


def _explicit_one(entity: Any) -> Json | None:
    if not isinstance(entity, dict):
        raise bad_request("can't parse MessageEntity: expected an Object")
    kind = entity.get("type")
    if kind in _AUTOMATIC:
        return None
    about: Json = {"type": kind, "offset": int(entity.get("offset", 0)), "length": int(entity.get("length", 0))}
    if kind in _EXPLICIT:
        return about
    needed = {"pre": "language", "text_link": "url", "text_mention": "user", "custom_emoji": "custom_emoji_id"}
    if kind == "date_time":
        about["unix_time"] = int(entity.get("unix_time", 0))
        about["date_time_format"] = str(entity.get("date_time_format", ""))
        if about["unix_time"] <= 0:
            raise bad_request("can't parse entities: invalid date specified")
        return about
    if kind not in needed:
        raise bad_request("can't parse MessageEntity: Unsupported type specified")
    if needed[kind] in entity:
        about[needed[kind]] = entity[needed[kind]]
    return about


def _with_user(world: World, entity: Json) -> Json:
    if entity["type"] != "text_mention":
        return entity
    user = world.user(int(entity["user"]["id"]))
    about: Json = {"id": int(entity["user"]["id"]), "is_bot": False, "first_name": ""}
    if user is not None:
        about |= {"is_bot": user.is_bot, "first_name": user.first_name}
        if user.username:
            about["username"] = user.username
    return entity | {"user": about}


def _clean(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Replace control characters, drop the forbidden ones, trim both ends; move the entities along."""
    text = text.translate(_CONTROL)
    if any(chr(code) in text for code in _DROPPED):
        text, entities = _without_dropped(text, entities)
    ended = text.rstrip(" \n")
    first = min((entity["offset"] for entity in entities), default=len(ended))
    begun = len(ended) - len(ended.lstrip(" \n"))
    cut = min(begun, Offsets(ended).position(first))
    text = ended[cut:]
    length = utf16_length(text)
    moved = []
    for entity in entities:
        offset = entity["offset"] - cut
        size = min(entity["length"], length - offset)
        if size > 0:
            moved.append(entity | {"offset": offset, "length": size})
    return text, moved


def _without_dropped(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    offsets = Offsets(text)
    dropped = [offsets.utf16(at) for at, char in enumerate(text) if ord(char) in _DROPPED]
    moved = []
    for entity in entities:
        begin = bisect.bisect_left(dropped, entity["offset"])
        end = bisect.bisect_left(dropped, entity["offset"] + entity["length"])
        length = entity["length"] - (end - begin)
        if length > 0:
            moved.append(entity | {"offset": entity["offset"] - begin, "length": length})
    return text.translate(_DROPPED), moved
