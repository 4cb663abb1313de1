"""What is half said, and what is remembered for a while: drafts, prompts, codes, marks, counters, settings."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Table, Text

from routing.effects import Json
from storage.tables.columns import city, given, key, metadata
from storage.types import Instant, Nested, SealedNested

drafts: Final = Table(
    "drafts",
    metadata,
    city(),
    key("key", Text),
    given("person", BigInteger),
    given("chat", BigInteger),
    given("step", Text),
    given("at", Instant),
    given("data", SealedNested(Mapping[str, Json | list[Json]], "drafts.data")),
    Index("ix_drafts_step", "city_id", "step", "at"),
    Index("ix_drafts_person", "city_id", "person"),
)

prompts: Final = Table(
    "prompts",
    metadata,
    city(),
    key("key", Text),
    given("person", BigInteger),
    given("chat", BigInteger),
    given("purpose", Text),
    given("case_id", BigInteger),
    given("at", Instant),
    given("expires_at", Instant),
    given("params", SealedNested(Mapping[str, Json], "prompts.params")),
    Column("message_id", BigInteger),
    Index("ix_prompts_person", "city_id", "person", "chat", "at"),
    Index("ix_prompts_case", "city_id", "case_id"),
)

codes: Final = Table(
    "codes",
    metadata,
    city(),
    key("digest", Text),
    given("purpose", Text),
    given("unit", Text),
    given("params", Nested(Mapping[str, Json])),
    Column("expires_at", Instant),
    given("once", Boolean),
    Column("used_at", Instant),
)

marks: Final = Table("marks", metadata, city(), key("mark", Text), given("at", Instant))

counters: Final = Table(
    "counters", metadata, city(), key("counter", Text), given("window_start", Instant), given("count", BigInteger)
)

settings: Final = Table("settings", metadata, city(), key("key", Text), given("value", Text))
