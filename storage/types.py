"""Column types: instants, enums, JSON and the dataclasses nested in a row. Portable to every engine."""

import json
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Final

from sqlalchemy import BigInteger, SmallInteger, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from storage.codec import decode, encode

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


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant, stored as whole microseconds; a naive one is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else instant(value)


class Name(TypeDecorator[Any]):
    """A member of a `StrEnum` by its value."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else str(self.kind(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else self.kind(value)


class Rank(TypeDecorator[Any]):
    """A member of an `IntEnum` by its number, so that rows can be put in order by it."""

    impl = SmallInteger
    cache_ok = True

    def __init__(self, kind: type[Enum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else int(self.kind(value).value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Any:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else self.kind(value)


class Nested(TypeDecorator[Any]):
    """A value of dataclasses, tuples and mappings, as compact JSON text; *kind* says how to read it back."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else compact(encode(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: D102, ARG002 - SQLAlchemy's
        return None if value is None else decode(self.kind, json.loads(value))

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:  # noqa: D102, ARG002 - SQLAlchemy's
        return self


def compact(value: Any) -> str:
    """JSON without blanks, keys in order, other letters than ASCII as they are; equal values give equal texts."""
    return _ENCODER.encode(value)
