"""What a button carries: a small frozen dataclass, at most 64 bytes on the wire, never trusted on its return."""

from collections.abc import Callable
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final, TypeVar, get_type_hints

P = TypeVar("P")
MOST_BYTES: Final = 64
LARGEST: Final = 2**63 - 1
"""No number of ours is larger, nor can the database ask for one."""
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PAYLOADS: dict[str, type[Any]] = {}
_NAMES: dict[type[Any], str] = {}


class BadPress(ValueError):
    """The data of a press fits no button that this program ever made."""


def payload(name: str) -> Callable[[type[P]], type[P]]:
    """Register a frozen dataclass of ints, strings and `StrEnum`s as the payload of a button.

    Raises:
        ValueError: the name is taken, or not short and plain.
    """

    def register(cls: type[P]) -> type[P]:
        if name in _PAYLOADS:
            raise ValueError(f"the payload name {name} is taken by {_PAYLOADS[name].__qualname__}")
        if not (name.isascii() and name.isalnum() and len(name) <= 8):
            raise ValueError(f"a payload name is up to 8 letters or digits, not {name!r}")
        _PAYLOADS[name] = cls
        _NAMES[cls] = name
        return cls

    return register


def encode(press: object) -> str:
    """The callback data of *press*.

    Raises:
        ValueError: it would be longer than 64 bytes, or would not come back as it was.
    """
    parts = [_NAMES[type(press)]]
    for field in fields(press):  # type: ignore[arg-type]  # payloads are dataclasses
        value = getattr(press, field.name)
        parts.append(_base36(value) if isinstance(value, int) else str(value))
    if any(":" in part for part in parts):
        raise ValueError(f"a colon in {type(press).__name__} would divide it")
    data = ":".join(parts)
    if len(data.encode()) > MOST_BYTES:
        raise ValueError(f"callback data of {type(press).__name__} is longer than {MOST_BYTES} bytes")
    return data


def decode(data: str) -> object:
    """The press that *data* stands for.

    Raises:
        BadPress: unknown name, wrong number of parts, a part of the wrong type, or too long.
    """
    name, *parts = data.split(":")
    cls = _PAYLOADS.get(name)
    if cls is None or len(parts) != len(fields(cls)) or len(data.encode("utf-8", "replace")) > MOST_BYTES:
        raise BadPress(name[:8])
    hints = get_type_hints(cls)
    try:
        return cls(*(_value(hints[field.name], part) for field, part in zip(fields(cls), parts, strict=True)))
    except (KeyError, ValueError) as error:
        raise BadPress(name) from error


def name_of(cls: type[Any]) -> str:
    """The registered name of a payload class."""
    return _NAMES[cls]


def _value(kind: Any, part: str) -> object:
    kind = getattr(kind, "__supertype__", kind)  # a NewType stands for what it wraps
    if kind is int:
        if not part.isascii() or not part.isalnum() or len(part) > 13 or (number := int(part, 36)) > LARGEST:
            raise ValueError(part)
        return number
    return kind(part) if isinstance(kind, type) and issubclass(kind, StrEnum) else part


def _base36(number: int) -> str:
    if not 0 <= number <= LARGEST:
        raise ValueError("payload numbers are neither negative nor larger than 63 bits")
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = _DIGITS[rest] + digits
    return digits or "0"
