"""The schema of CAP 1.2 as one table: which elements stand in which, in this order, how often, and what is in them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from broadcasts.cap.model import (
    UNSAID,
    Area,
    Category,
    Certainty,
    Info,
    Message,
    MsgType,
    Named,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-](?:0\d|1[0-3]):[0-5]\d|.{19}[+-]14:00", re.ASCII)
_LANGUAGE: Final = re.compile(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*")
_ADDRESS: Final = re.compile(
    r"(?s)(?!.*%(?![0-9a-fA-F]{2}))"  # a percent sign is followed by two digits
    r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:|(?![^/?#]*:))"  # what stands before a colon is a scheme
    r"(?://(?:[^/?#\[\]@]*@)?(?:\[[0-9a-fA-F:.]+\]|[^/?#\[\]:@]*)(?::[0-9]+)?(?=[/?#]|$)|(?!//))"  # user, host, port
    r"[^#\[\]]*(?:#[^#\[\]]*)?"
)
"""An address as xs:anyURI has it: a reference after RFC 3986 in which other characters may stand unescaped."""
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_MIDNIGHT: Final = "T24:00:00"  # xs:dateTime knows it; no warning needs it and `datetime` does not


@dataclass(frozen=True, slots=True)
class Content:
    """What an element without children may say: *read* raises `ValueError` for anything else, *mend* shows what is."""

    read: Callable[[str], object]
    mend: str


def moment(text: str) -> datetime:
    """An instant as CAP writes it.

    Raises:
        ValueError: no offset, a ``Z`` for one, or no such day.
    """
    if not _TIME.fullmatch(text) or _MIDNIGHT in text:
        raise ValueError(text)
    return datetime.fromisoformat(text)


def _matching(pattern: re.Pattern[str], make: Callable[[str], object] = str) -> Callable[[str], object]:
    def read(text: str) -> object:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return make(text)

    return read


def _word(kind: type[StrEnum]) -> Content:
    return Content(kind, f"it is one of {', '.join(kind)}")


TEXT: Final = Content(str.strip, "")
TIME: Final = Content(
    lambda text: moment(text.strip()),
    "write it as 2026-11-21T09:30:00+08:00; UTC is -00:00, and a Z is not allowed",
)
LANGUAGE: Final = Content(
    lambda text: _matching(_LANGUAGE)(text.strip()) if text else UNSAID, "write a language code such as zh-CN"
)
ADDRESS: Final = Content(
    lambda text: _matching(_ADDRESS)(text.strip()), "write an address such as https://example.org/"
)
INTEGER: Final = Content(lambda text: _matching(_INTEGER, int)(text.strip()), "write a whole number")
DECIMAL: Final = Content(lambda text: _matching(_DECIMAL, float)(text.strip()), "write a number such as 120.5")


@dataclass(frozen=True, slots=True)
class Part:
    """An element of its parent: how often (*most* ``None``: any number), and its content or its own parts."""

    name: str
    content: Content | None = TEXT
    least: int = 0
    most: int | None = 1
    parts: tuple["Part", ...] = ()
    made: type[Any] | None = None  # the class of `model` that its parts make

    @property
    def field(self) -> str:
        """The name in `model`."""
        return re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", self.name)

    @property
    def many(self) -> bool:
        """Whether it may stand several times."""
        return self.most is None


def _one(name: str, content: Content = TEXT) -> Part:
    return Part(name, content, least=1)


def _group(name: str, made: type[Any], *parts: Part) -> Part:
    return Part(name, None, most=None, parts=parts, made=made)


def _named(name: str) -> Part:
    return _group(name, Named, _one("valueName"), _one("value"))


_RESOURCE: Final = _group(
    "resource",
    Resource,
    _one("resourceDesc"),
    _one("mimeType"),
    Part("size", INTEGER),
    Part("uri", ADDRESS),
    Part("derefUri"),
    Part("digest"),
)
_AREA: Final = _group(
    "area",
    Area,
    _one("areaDesc"),
    Part("polygon", most=None),
    Part("circle", most=None),
    _named("geocode"),
    Part("altitude", DECIMAL),
    Part("ceiling", DECIMAL),
)
_INFO: Final = _group(
    "info",
    Info,
    Part("language", LANGUAGE),
    Part("category", _word(Category), least=1, most=None),
    _one("event"),
    Part("responseType", _word(ResponseType), most=None),
    _one("urgency", _word(Urgency)),
    _one("severity", _word(Severity)),
    _one("certainty", _word(Certainty)),
    Part("audience"),
    _named("eventCode"),
    Part("effective", TIME),
    Part("onset", TIME),
    Part("expires", TIME),
    Part("senderName"),
    Part("headline"),
    Part("description"),
    Part("instruction"),
    Part("web", ADDRESS),
    Part("contact"),
    _named("parameter"),
    _RESOURCE,
    _AREA,
)
ALERT: Final = Part(
    "alert",
    None,
    least=1,
    parts=(
        _one("identifier"),
        _one("sender"),
        _one("sent", TIME),
        _one("status", _word(Status)),
        _one("msgType", _word(MsgType)),
        Part("source"),
        _one("scope", _word(Scope)),
        Part("restriction"),
        Part("addresses"),
        Part("code", most=None),
        Part("note"),
        Part("references"),
        Part("incidents"),
        _INFO,
    ),
    made=Message,
)


def by_name(part: Part) -> Mapping[str, int]:
    """The place of each child of *part*, counted from 0."""
    return {child.name: place for place, child in enumerate(part.parts)}
