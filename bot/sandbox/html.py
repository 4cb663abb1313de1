"""Telegram's HTML parse mode, as strict as Telegram's and with its error texts.

Offsets of entities are UTF-16 units of the text; offsets in errors are bytes of the UTF-8 source.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

from bot.sandbox.errors import bad_request

_STYLES: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
}
_TAGS: Final = frozenset({*_STYLES, "a", "code", "pre", "blockquote", "tg-emoji", "tg-time"})
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([a-zA-Z]+));?")
_TIME_FORMAT: Final = re.compile(r"r|w?[dD]?[tT]?")
_SPACE: Final = " \t\r\n\0\v\f"


@dataclass(slots=True)
class _Open:
    """A tag that waits for its end."""

    name: str
    offset: int
    text_start: int
    attributes: dict[str, str] = field(default_factory=dict)


def parse_html(source: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the text of *source* and its entities, sorted as Telegram sorts them.

    Raises:
        ApiError: with the description that Telegram gives for the first mistake.
    """
    return _Parser(source).parse()


class _Parser:
    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._parts: list[str] = []
        self._offset = 0
        self._open: list[_Open] = []
        self._entities: list[dict[str, Any]] = []

    def parse(self) -> tuple[str, list[dict[str, Any]]]:
        source = self._source
        while self._at < len(source):
            char = source[self._at]
            if char == "&":
                self._add(self._reference())
            elif char != "<":
                self._plain_run()
            elif source.startswith("/", self._at + 1):
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            self._fail(f'Can\'t find end tag corresponding to start tag "{self._open[-1].name}"')
        for entity in self._entities:
            if entity["type"] == "code":
                entity.pop("language", None)
        self._entities.sort(key=lambda entity: (entity["offset"], -entity["length"]))
        return "".join(self._parts), self._entities

    def _plain_run(self) -> None:
        begin = self._at
        while self._at < len(self._source) and self._source[self._at] not in "&<":
            self._at += 1
        self._add(self._source[begin : self._at])

    def _add(self, text: str) -> None:
        self._parts.append(text)
        self._offset += len(text) + sum(char > "\uffff" for char in text)

    def _reference(self) -> str:
        """The character that a reference names; what is no reference stays as it stands."""
        match = _REFERENCE.match(self._source, self._at)
        char = _decoded(match) if match else None
        if match is None or char is None:
            self._at += 1
            return "&"
        self._at = match.end()
        return char

    def _start_tag(self) -> None:
        begin = self._at
        self._at += 1
        name = self._until(_SPACE + ">").lower()
        if self._at >= len(self._source):
            self._fail_at("Unclosed start tag", begin)
        if name not in _TAGS:
            self._fail_at(f'Unsupported start tag "{name}"', begin)
        attributes = self._attributes(name, begin)
        if name == "span" and attributes.get("class") != "tg-spoiler":
            self._fail_at('Tag "span" must have class "tg-spoiler"', begin)
        self._open.append(_Open(name, self._offset, len(self._parts), attributes))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        attributes: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._peek() == ">":
                self._at += 1
                return attributes
            name = self._until(_SPACE + "=>")
            if not name:
                self._fail_at(f'Empty attribute name in the tag "{tag}"', begin)
            self._skip_space()
            if self._peek() != "=":
                if tag == "blockquote" and name == "expandable":
                    attributes[name] = ""
                    continue
                self._fail_at(f'Expected equal sign in declaration of an attribute of the tag "{tag}"', begin)
            self._at += 1
            self._skip_space()
            if self._at >= len(self._source):
                self._fail_at(f'Unclosed start tag "{tag}"', begin)
            attributes[name] = self._value()
            if self._at >= len(self._source):
                self._fail_at("Unclosed start tag", begin)

    def _value(self) -> str:
        quote = self._peek()
        if quote not in "'\"":
            begin = self._at
            match = re.compile(r"[A-Za-z0-9.\-]*").match(self._source, begin)
            self._at = match.end() if match else begin
            if self._peek() not in _SPACE + ">":
                self._fail_at("Unexpected end of name token", begin)
            return self._source[begin : self._at].lower()
        self._at += 1
        parts: list[str] = []
        while self._at < len(self._source) and self._source[self._at] != quote:
            if self._source[self._at] == "&":
                parts.append(self._reference())
            else:
                parts.append(self._source[self._at])
                self._at += 1
        self._at += 1
        return "".join(parts)

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            self._fail_at("Unexpected end tag", begin)
        self._at += 2
        name = self._until(_SPACE + ">").lower()
        self._skip_space()
        if self._peek() != ">":
            self._fail_at("Unclosed end tag", begin)
        self._at += 1
        tag = self._open.pop()
        if name and name != tag.name:
            byte = self._byte(begin)
            self._fail(f'Unmatched end tag at byte offset {byte}, expected "</{tag.name}>", found "</{name}>"')
        if self._offset > tag.offset:
            self._close(tag)

    def _close(self, tag: _Open) -> None:
        entity: dict[str, Any] = {"type": tag.name, "offset": tag.offset, "length": self._offset - tag.offset}
        if tag.name in _STYLES:
            entity["type"] = _STYLES[tag.name]
        elif tag.name == "blockquote" and "expandable" in tag.attributes:
            entity["type"] = "expandable_blockquote"
        elif (tag.name == "a" and not self._link(entity, tag)) or (
            tag.name in ("pre", "code") and self._joined_with_inner(entity, tag)
        ):
            return
        elif tag.name == "tg-emoji":
            self._emoji(entity, tag)
        elif tag.name == "tg-time":
            self._time(entity, tag)
        self._entities.append(entity)

    def _link(self, entity: dict[str, Any], tag: _Open) -> bool:
        """Fill in a link; an address that is none leaves plain text."""
        url = tag.attributes.get("href") or "".join(self._parts[tag.text_start :])
        person = re.fullmatch(r"tg://user/?\?id=(\d+)", url)
        if person:
            entity |= {"type": "text_mention", "user": {"id": int(person[1])}}
            return True
        checked = checked_url(url)
        if checked is None:
            return False
        entity |= {"type": "text_link", "url": checked}
        return True

    def _joined_with_inner(self, entity: dict[str, Any], tag: _Open) -> bool:
        """Merge `<pre><code class="language-x">`: one entity with a language."""
        language = tag.attributes.get("class", "")
        language = language.removeprefix("language-") if language.startswith("language-") else ""
        if tag.name == "code" and language:
            entity["language"] = language
        inner = self._entities[-1] if self._entities else None
        same = inner is not None and (inner["offset"], inner["length"]) == (entity["offset"], entity["length"])
        if inner is not None and same and tag.name == "pre" and inner["type"] == "code" and "language" in inner:
            inner["type"] = "pre"
            return True
        if inner is not None and same and tag.name == "code" and inner["type"] == "pre" and language:
            inner["language"] = language
            return True
        return False

    def _emoji(self, entity: dict[str, Any], tag: _Open) -> None:
        number = tag.attributes.get("emoji-id", "")
        if not number.isdigit() or int(number) == 0:
            self._fail("Invalid custom emoji identifier specified")
        entity |= {"type": "custom_emoji", "custom_emoji_id": number}

    def _time(self, entity: dict[str, Any], tag: _Open) -> None:
        unix, wanted = tag.attributes.get("unix", ""), tag.attributes.get("format", "")
        if not unix.isdigit() or int(unix) == 0:
            self._fail("Invalid date specified")
        if not _TIME_FORMAT.fullmatch(wanted):
            self._fail("Invalid date-time format specified")
        entity |= {"type": "date_time", "unix_time": int(unix), "date_time_format": wanted}

    def _peek(self) -> str:
        return self._source[self._at] if self._at < len(self._source) else "\0"

    def _skip_space(self) -> None:
        while self._at < len(self._source) and self._source[self._at] in _SPACE:
            self._at += 1

    def _until(self, stops: str) -> str:
        begin = self._at
        while self._at < len(self._source) and self._source[self._at] not in stops:
            self._at += 1
        return self._source[begin : self._at]

    def _byte(self, position: int) -> int:
        return len(self._source[:position].encode())

    def _fail_at(self, text: str, position: int) -> NoReturn:
        self._fail(f"{text} at byte offset {self._byte(position)}")

    def _fail(self, text: str) -> NoReturn:
        raise bad_request(f"can't parse entities: {text}")


def checked_url(url: str) -> str | None:
    """*url* as Telegram would keep it in a link or a button, or None when it takes it for no link."""
    url = url.strip()
    scheme = re.match(r"([a-z][a-z0-9+.-]*):", url, re.IGNORECASE)
    if scheme and scheme[1].lower() in ("tg", "ton", "tonsite", "mailto", "tel"):
        return url
    if not scheme or "." in scheme[1] or url[scheme.end() :][:1].isdigit():
        url = f"http://{url}"
    elif scheme[1].lower() not in ("http", "https"):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = parts.hostname or ""
    if "." not in host.strip(".") or any(char.isspace() for char in parts.netloc):
        return None
    return url if parts.path or parts.query else f"{url}/"


def _decoded(match: re.Match[str]) -> str | None:
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name)
    digits = hexadecimal or decimal
    if len(digits) > 8:
        return None
    code = int(digits, 16 if hexadecimal else 10)
    if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return None
    return chr(code)
