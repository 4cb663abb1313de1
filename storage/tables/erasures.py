"""What was erased, when and why. Rows are only ever added, each bound to the one before it by its hash."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, Column, Table, Text

from routing.records import ErasureReason
from storage.tables.columns import city, given, key, metadata, partial
from storage.types import Instant, Name, Nested

erasures: Final = Table(
    "erasures",
    metadata,
    city(),
    key("seq", BigInteger),
    given("at", Instant),
    given("why", Name(ErasureReason)),
    Column("person", BigInteger),
    given("rows", Nested(Mapping[str, int])),
    given("hash", Text),
    partial("ix_erasures_person", "city_id", "person", where="person IS NOT NULL"),
)
