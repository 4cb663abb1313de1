"""Units, people and their posts, households, and the chats where all of them meet."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from routing.model import ChatKind, ChatState, Post, UnitKind, Venue
from storage.tables.columns import city, given, key, metadata, partial
from storage.types import Instant, Name, Nested, Sealed

units: Final = Table(
    "units",
    metadata,
    city(),
    key("code", Text),
    given("name", Text),
    given("level", Text),
    Column("parent", Text),
    given("kind", Name(UnitKind)),
    given("households", Integer),
    given("buildings", Nested(tuple[str, ...])),
    given("bounds", Text),
    given("phone", Text),
    given("quiet_offer", Boolean),
    Column("venue", Name(Venue)),
    given("emergency", Boolean),
    Index("ix_units_parent", "city_id", "parent"),
)

people: Final = Table(
    "people",
    metadata,
    city(),
    key("id", BigInteger),
    given("telegram_id", BigInteger),
    given("name", Sealed("people.name", again=True)),
    Column("lang", Text),  # as Telegram says
    Column("chosen_lang", Text),  # as they said
    Index("uq_people_telegram", "city_id", "telegram_id", unique=True),
)

appointments: Final = Table(
    "appointments",
    metadata,
    city(),
    key("person", BigInteger),
    key("unit", Text),
    key("post", Name(Post)),
    given("name", Sealed("appointments.name", again=True)),
    given("phone", Sealed("appointments.phone", again=True)),
    Column("stationed_at", Text),
    Index("ix_appointments_unit", "city_id", "unit"),
)

households: Final = Table(
    "households",
    metadata,
    city(),
    key("code", Text),
    given("grid", Text),
    given("building", Text),
    given("unit_no", Text),
    given("room", Text),
    given("door_code", Sealed("households.door_code", match=True)),
    Index("uq_households_door_code", "city_id", "door_code", unique=True),
    Index("ix_households_grid", "city_id", "grid"),
)

members: Final = Table(
    "members",
    metadata,
    city(),
    key("person", BigInteger),
    given("household", Text),
    given("at", Instant),
    Index("ix_members_household", "city_id", "household"),
)

chats: Final = Table(
    "chats",
    metadata,
    city(),
    key("id", BigInteger),
    given("bot", BigInteger),
    given("telegram_id", BigInteger),
    given("kind", Name(ChatKind)),
    given("state", Name(ChatState)),
    given("title", Text),  # of groups only: a private chat's would be a person's name
    Column("unit", Text),
    Column("lang", Text),
    Index("uq_chats_telegram", "city_id", "bot", "telegram_id", unique=True),
    Index("ix_chats_telegram_id", "city_id", "telegram_id"),
    partial("uq_chats_unit", "city_id", "unit", "kind", where="unit IS NOT NULL", unique=True),
)

chat_aliases: Final = Table(
    "chat_aliases",
    metadata,
    city(),
    key("bot", BigInteger),
    key("telegram_id", BigInteger),
    given("chat", BigInteger),
)
