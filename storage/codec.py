"""Events and the fields of a case as JSON, and back, by the types that their dataclasses declare.

The round trip is exact for everything that `routing.events` and `routing.model` can hold: instants keep their
microseconds, enums, ids and tuples come back as what they were.
"""

import types
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any, Final, Union, cast, get_args, get_origin, get_type_hints

from routing.events import EVENTS, Event
from routing.model import Case

Decoder = Callable[[Any], Any]
_PLAIN: Final[frozenset[type[Any]]] = frozenset({str, int, float, bool, type(None)})
"""What `json` writes as it is."""


class Undecodable(ValueError):
    """What is stored does not fit the type that it should have; the text names both."""


def encode(value: Any) -> Any:
    """Return *value* as something that `json` can write.

    Raises:
        TypeError: it holds something that no column or event may hold.
        ValueError: an instant in it is naive.
    """
    cls: Any = type(value)
    return value if cls in _PLAIN else _encoder(cls)(value)


@cache
def _encoder(cls: Any) -> Callable[[Any], Any]:
    if issubclass(cls, Enum):
        return attrgetter("_value_")
    if issubclass(cls, str | int | float):
        return _same
    if cls is datetime:
        return _instant_text
    if issubclass(cls, tuple | list):
        return lambda value: [encode(part) for part in value]
    if issubclass(cls, Mapping):
        return lambda value: {str(key): encode(part) for key, part in value.items()}
    if is_dataclass(cls):
        names = [field.name for field in fields(cls)]
        return lambda value: {name: encode(getattr(value, name)) for name in names}
    raise TypeError(f"{cls.__name__} cannot be stored as JSON")


def decode(kind: Any, value: Any) -> Any:
    """Return what `encode` was given, when that was a *kind*.

    Raises:
        Undecodable: *value* is not what a *kind* looks like.
    """
    try:
        return _decoder(kind)(value)
    except (KeyError, TypeError, ValueError) as error:
        raise Undecodable(f"{value!r} is no {kind}: {error}") from error


def event_to_json(event: Event) -> dict[str, Any]:
    """The fields of *event* that are not at their default."""
    kind: Any = type(event)
    given = ((name, getattr(event, name), default) for name, default in _defaults(kind))
    return {name: encode(value) for name, value, default in given if value != default}


def event_from_json(name: str, data: Mapping[str, Any]) -> Event:
    """The event that was stored under *name*.

    Raises:
        Undecodable: there is no such event, or *data* does not fit it.
    """
    cls = EVENTS.get(name)
    if cls is None:
        raise Undecodable(f"no event is called {name}")
    event: Event = decode(cls, data)
    return event


def change_to_json(change: Mapping[str, object]) -> dict[str, Any]:
    """Changed fields of a case.

    Raises:
        KeyError: a case has no such field.
    """
    if unknown := change.keys() - _hints(Case).keys():
        raise KeyError(*sorted(unknown))
    return {name: value if type(value) in _PLAIN else encode(value) for name, value in change.items()}


def change_from_json(data: Mapping[str, Any]) -> dict[str, Any]:
    """Changed fields of a case, with their own types.

    Raises:
        Undecodable: a field is unknown or does not fit its type.
    """
    known = _hints(Case)
    unknown = data.keys() - known.keys()
    if unknown:
        raise Undecodable(f"a case has no {', '.join(sorted(unknown))}")
    return {name: decode(known[name], value) for name, value in data.items()}


@cache
def _defaults(cls: Any) -> list[tuple[str, Any]]:
    """Every field with its default, which may be missing."""
    return [(field.name, field.default) for field in fields(cls)]


@cache
def _hints(cls: type) -> dict[str, Any]:
    """The declared type of every field; `NewType`s are what they wrap."""
    return get_type_hints(cls)


@cache
def _decoder(kind: Any) -> Decoder:
    if kind is Any:
        return _same
    wrapped = getattr(kind, "__supertype__", None)
    if wrapped is not None:
        return _decoder(wrapped)
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(get_args(kind))
    if origin is tuple:
        part = _decoder(get_args(kind)[0])
        return lambda value: tuple(part(item) for item in _checked(list, value))
    if origin is list:
        part = _decoder(get_args(kind)[0])
        return lambda value: [part(item) for item in _checked(list, value)]
    if origin is not None and issubclass(origin, Mapping):
        part = _decoder(get_args(kind)[1])
        return lambda value: {key: part(item) for key, item in _checked(dict, value).items()}
    return _plain(kind)


def _plain(kind: Any) -> Decoder:
    if issubclass(kind, Enum):
        return cast("Decoder", kind)
    if kind is datetime:
        return _instant
    if is_dataclass(kind):
        return _fields_of(kind)
    if kind is float:
        return lambda value: float(_checked((int, float), value))
    return lambda value: _checked(kind, value)


def _union(kinds: tuple[Any, ...]) -> Decoder:
    """A choice: either one kind or ``None``, or plain JSON values that are what they look like."""
    solid = [kind for kind in kinds if kind is not type(None)]
    if len(solid) > 1:
        return _same
    one = _decoder(solid[0])
    return lambda value: None if value is None else one(value)


def _fields_of(cls: Any) -> Decoder:
    decoders = {name: _decoder(kind) for name, kind in _hints(cls).items()}
    return lambda value: cls(**{name: decoders[name](part) for name, part in _checked(dict, value).items()})


def _checked(kind: Any, value: Any) -> Any:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"expected {kind}")
    return value


def _same(value: Any) -> Any:
    return value


def _instant_text(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat()


def _instant(value: Any) -> datetime:
    moment = datetime.fromisoformat(_checked(str, value))
    if moment.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return moment
