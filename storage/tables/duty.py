"""Who serves when, what is said in one message later, and what came onto the bulletin."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, Column, Index, Table, Text

from routing.effects import Json
from routing.events import Fault
from storage.tables.columns import city, given, key, metadata, partial
from storage.types import Instant, Name, Nested

shifts: Final = Table(
    "shifts",
    metadata,
    city(),
    key("unit", Text),
    key("person", BigInteger),
    key("starts_at", Instant),
    given("ends_at", Instant),
    Column("ring_at", Instant),
    Index("ix_shifts_person", "city_id", "person"),
    partial("ix_shifts_ring", "city_id", "ring_at", where="ring_at IS NOT NULL"),
)

summaries: Final = Table(
    "summaries",
    metadata,
    city(),
    key("summary", Text),
    key("chat", BigInteger),
    key("case_id", BigInteger),
    key("key", Text),
    given("params", Nested(Mapping[str, Json])),
    given("at", Instant),
    Index("ix_summaries_at", "city_id", "at"),
)

bulletin: Final = Table(
    "bulletin",
    metadata,
    city(),
    key("case_id", BigInteger),
    key("fault", Name(Fault)),
    key("unit", Text),
    key("since_at", Instant),
    given("entered_at", Instant),
    Index("ix_bulletin_unit", "city_id", "unit", "entered_at"),
)
