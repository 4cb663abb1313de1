"""Broadcasts, the chats they go to, and the answers of households. No words of residents stand here."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from broadcasts.model import Alert, Audience, Class, Door, Level, ReceiptState, State, TargetState
from routing.model import Media
from storage.tables.columns import city, given, key, metadata, partial
from storage.types import Instant, Name, Nested

broadcasts: Final = Table(
    "broadcasts",
    metadata,
    city(),
    key("id", BigInteger),
    given("number", BigInteger),
    given("state", Name(State)),
    given("kind", Name(Class)),
    given("unit", Text),
    Column("author", BigInteger),
    given("chat", BigInteger),
    given("drafted_at", Instant),
    given("audience", Nested(Audience)),
    given("version", Integer),
    Column("level", Name(Level)),
    given("template", Text),
    given("alert", Nested(Alert)),
    given("text", Text),
    given("media", Nested(tuple[Media, ...])),
    given("receipts", Boolean),
    given("window_s", Integer),
    Column("send_at", Instant),
    Column("repeat_s", Integer),
    Column("expires_at", Instant),
    Column("submitted_at", Instant),
    Column("approver", BigInteger),
    Column("begun_at", Instant),
    Column("sent_at", Instant),
    Column("ended_at", Instant),
    Column("next_at", Instant),
    given("step", Integer),
    Column("first", BigInteger),
    Column("updates", BigInteger),
    given("carried", Boolean),
    given("origin", Text),
    given("source", Text),
    Index("uq_broadcasts_number", "city_id", "number", unique=True),
    Index("ix_broadcasts_unit", "city_id", "unit", "id"),
    partial("ix_broadcasts_first", "city_id", "first", where="first IS NOT NULL"),
    partial("ix_broadcasts_next", "city_id", "next_at", where="next_at IS NOT NULL"),
    partial("ix_broadcasts_origin", "city_id", "origin", where="origin <> ''"),
)

targets: Final = Table(
    "targets",
    metadata,
    city(),
    key("broadcast", BigInteger),
    key("place", Text),
    given("grid", Text),
    Column("chat", BigInteger),
    given("state", Name(TargetState)),
    given("reason", Text),
    Column("message_id", BigInteger),
    given("households", Integer),
    given("pressed", Integer),
    given("told", Integer),
    given("moved", Integer),
    given("unbound", Integer),
    given("helps", Integer),
    given("shown", Integer),
    given("step", Integer),
    given("round", Integer),
    Index("ix_targets_state", "city_id", "broadcast", "state", "place"),
    Index("ix_targets_grid", "city_id", "grid", "broadcast"),
    partial("ix_targets_changed", "city_id", "broadcast", where="pressed + told <> shown"),
)

receipts: Final = Table(
    "receipts",
    metadata,
    city(),
    key("broadcast", BigInteger),
    key("asked", Text),
    given("place", Text),
    given("state", Name(ReceiptState)),
    Column("note", Name(Door)),
    Column("at", Instant),
    Column("by", BigInteger),  # who was at the door; of a press nobody
    Index("ix_receipts_place", "city_id", "broadcast", "place"),
    partial("ix_receipts_by", "city_id", "by", where="by IS NOT NULL"),
)

strangers: Final = Table(
    "strangers",
    metadata,
    city(),
    key("broadcast", BigInteger),
    key("person", BigInteger),
    given("place", Text),
    given("at", Instant),
)

helps: Final = Table(
    "helps",
    metadata,
    city(),
    key("broadcast", BigInteger),
    key("asker", Text),  # the household's code, or "person:<number>"
    key("turn", Integer),  # how many cases they had opened before
    given("place", Text),
    given("case_id", BigInteger),
    given("at", Instant),
    Index("ix_helps_case", "city_id", "case_id"),
)
