"""Who read what."""

from typing import Final

from sqlalchemy import BigInteger, Index, Table, Text

from routing.model import Post
from routing.records import ReadingKind
from storage.tables.columns import city, given, key, metadata
from storage.types import Instant, Name

readings: Final = Table(
    "readings",
    metadata,
    city(),
    key("id", BigInteger),
    given("at", Instant),
    given("person", BigInteger),
    given("unit", Text),
    given("post", Name(Post)),
    given("case_id", BigInteger),
    given("kind", Name(ReadingKind)),
    given("reason", Text),
    Index("ix_readings_case", "city_id", "case_id", "id"),
)
