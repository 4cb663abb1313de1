"""From a `Message` to bytes: elements in the order of the table, nothing that a schema or the text would refuse."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from broadcasts.cap.faults import BadCap, Rule
from broadcasts.cap.model import NAMESPACE, Message, Reference
from broadcasts.cap.prose import check
from broadcasts.cap.schema import ALERT, Part

_UNSPEAKABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # XML has no way to say them


def write(message: Message) -> bytes:
    """The message as an XML document in UTF-8.

    Raises:
        BadCap: the standard's text speaks against it.
    """
    faults = [fault for fault in check(message) if fault.rule is not Rule.ADVICE]
    if faults:
        raise BadCap(faults)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<alert xmlns="{NAMESPACE}">']
    lines += _inside(message, ALERT, "  ")
    return "\n".join([*lines, "</alert>", ""]).encode()


def moment(instant: datetime) -> str:
    """An aware instant as CAP writes it: to the second, with its offset; UTC is ``-00:00``."""
    text = instant.isoformat(timespec="seconds")
    return f"{text[:-6]}-00:00" if instant.utcoffset() == timedelta(0) else text


def speakable(text: str) -> str:
    """The text without what XML has no way to say, and without space around it."""
    return _UNSPEAKABLE.sub("", text).strip()


def _inside(made: Any, part: Part, indent: str) -> Iterator[str]:
    for child in part.parts:
        value = getattr(made, child.field)
        values = value if child.many else (_referred(value),) if child.name == "references" else (value,)
        for one in values:
            if child.parts:
                yield f"{indent}<{child.name}>"
                yield from _inside(one, child, indent + "  ")
                yield f"{indent}</{child.name}>"
            elif (text := _text(one)) or child.least:
                yield f"{indent}<{child.name}>{text}</{child.name}>"


def _referred(references: tuple[Reference, ...]) -> str:
    return " ".join(f"{one.sender},{one.identifier},{moment(one.sent)}" for one in references)


def _text(value: object) -> str:
    """What stands in an element; empty when there is nothing to say."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, float):
        return format(value, "f").rstrip("0").rstrip(".")
    return escape(speakable(str(value)), quote=False)
