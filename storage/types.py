"""Column types: instants, enums, JSON, dataclasses nested in a row, what is sealed. Portable to every engine."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from sqlalchemy import BigInteger, LargeBinary, SmallInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.codec import decode, encode
from storage.sealing import ring_in_use, sealed_text

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False)


def micros(instant: datetime) -> int:
    """Whole microseconds since 1970-01-01 UTC, exactly.

    Raises:
        ValueError: *instant* is naive.
    """
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return (instant - _EPOCH) // _MICROSECOND


def instant(micros: int) -> datetime:
    """The aware UTC instant that many microseconds after 1970-01-01 UTC."""
    return _EPOCH + timedelta(microseconds=micros)


Bind = Callable[[Any], Any]
"""Makes of a value what the driver is given. SQLAlchemy's own way there is longer, and each row has many values."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, stored as whole microseconds; a naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Bind:  # noqa: D102, ARG002 - SQLAlchemy's
        return _given_micros

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else instant(value)


class Name(TypeDecorator[Any]):
    """A member of a `StrEnum` by its value."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Bind:  # noqa: D102, ARG002 - SQLAlchemy's
        return _valued(self.kind)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else self.kind(value)


class Rank(TypeDecorator[Any]):
    """A member of an `IntEnum` by its number, so that rows can be put in order by it."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Bind:  # noqa: D102, ARG002 - SQLAlchemy's
        return _valued(self.kind)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Any:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else self.kind(value)


class Nested(TypeDecorator[Any]):
    """A value of dataclasses, tuples and mappings, as compact JSON text; *kind* says how to read it back."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def bind_processor(self, dialect: Dialect) -> Bind:  # noqa: D102, ARG002 - SQLAlchemy's
        return _given_json

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else decode(self.kind, json.loads(value))

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: D102, ARG002 - SQLAlchemy's
        return self


class Sealed(TypeDecorator[str]):
    """A personal text, sealed with the key in use (`storage.sealing`) where there is one.

    Args:
        place: The column, as ``table.column``: what is sealed for one does not open in another.
        again: It is short and read again and again, so the last few thousand opened ones are remembered.
        match: The same text is sealed the same way, so that it can be looked for; for what is unlike everywhere.
    """

    impl = Text
    cache_ok = True

    def __init__(self, place: str, *, again: bool = False, match: bool = False) -> None:
        super().__init__()
        self.place, self.again, self.match = place, again, match

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return self.shut(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return self.opened(value)

    def shut(self, value: str | None) -> str | None:
        """What is stored of *value*."""
        ring = ring_in_use()
        if ring is None or not value:
            return value
        return sealed_text(ring.match if self.match else ring.seal, self.place, value)

    def opened(self, value: str | None) -> str | None:
        """What a stored *value* says."""
        ring = ring_in_use()
        if ring is None or not value:
            return value
        return ring.open_again(self.place, value) if self.again else ring.open_text(self.place, value)


class SealedNested(Nested):
    """`Nested`, sealed likewise; what holds nothing stays readable."""

    cache_ok = True

    def __init__(self, kind: Any, place: str) -> None:
        super().__init__(kind)
        self.place = place

    def bind_processor(self, dialect: Dialect) -> Bind:  # noqa: D102, ARG002 - SQLAlchemy's
        return self._shut

    def _shut(self, value: Any) -> str | None:
        text, ring = _given_json(value), ring_in_use()
        return text if ring is None or text is None or text in HOLLOW else sealed_text(ring.seal, self.place, text)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: D102 - SQLAlchemy's
        ring = ring_in_use()
        if ring is not None and value is not None and value not in HOLLOW:
            value = ring.open_text(self.place, value)
        return super().process_result_value(value, dialect)


class SealedBytes(TypeDecorator[bytes]):
    """Bytes, sealed likewise."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: D102, ARG002 - SQLAlchemy's
        ring = ring_in_use()
        return value if ring is None or not value else ring.seal(self.place, value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:  # noqa: D102, ARG002 - SQLAlchemy's
        ring = ring_in_use()
        return value if ring is None or not value else ring.open(self.place, bytes(value))


HOLLOW: Final = frozenset({"", "[]", "{}", "null"})
"""What a value without content looks like: never sealed."""


def _given_micros(value: datetime | None) -> int | None:
    return None if value is None else micros(value)


def _given_json(value: Any) -> str | None:
    if value == ():  # as most of a case's lists are
        return "[]"
    return None if value is None else compact(encode(value))


def _valued(kind: type[Enum]) -> Bind:
    """What gives the value of a member; a value stands for its member."""

    def value_of(value: Any) -> Any:
        return value._value_ if type(value) is kind else None if value is None else kind(value).value

    return value_of


def compact(value: Any) -> str:
    """JSON without blanks, keys in order, other letters than ASCII as they are; equal values give equal texts."""
    return _ENCODER.encode(value)
