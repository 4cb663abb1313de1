"""Every table. ``city_id`` comes first in each primary key, unique key and index, and nothing points across cities.

Ids are made by the application. Free text, attachments and what identifies a person stand only in ``words``,
``people``, ``appointments``, ``households``, ``members``, ``drafts``, ``prompts`` and ``inbox`` (and the Telegram id of
a private chat in ``chats``), so that erasing somebody means those tables and no other.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    literal_column,
    text,
)
from sqlalchemy.sql.elements import ColumnElement

from routing.effects import Json
from routing.model import (
    ENDS,
    Assist,
    Channel,
    ChatKind,
    ChatState,
    Media,
    Place,
    Post,
    Rating,
    RulingKind,
    Status,
    TimerKind,
    UnitKind,
    Urgency,
    WordsKind,
)
from routing.ports import Doubt, Lane
from storage.states import Delivery, Handling
from storage.types import Instant, Name, Nested, Rank

metadata: Final = MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})


def _city() -> Column[Any]:
    return Column("city_id", Text, primary_key=True, nullable=False)


def _key(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False, nullable=False)


def _given(name: str, kind: Any) -> Column[Any]:
    return Column(name, kind, nullable=False)


def _partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over the rows for which *where* holds, spelled so that every engine reads it alike."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


_OPEN: Final = "status NOT IN ({})".format(", ".join(f"'{end}'" for end in sorted(ENDS)))

cases: Final = Table(
    "cases",
    metadata,
    _city(),
    _key("id", BigInteger),
    _given("number", BigInteger),
    _given("status", Name(Status)),
    _given("grid", Text),
    _given("unit", Text),
    _given("matter", Text),
    _given("top", Text),
    _given("urgency", Name(Urgency)),
    _given("channel", Name(Channel)),
    _given("filed_at", Instant),
    _given("version", Integer),
    _given("kind", Text),
    _given("confidential", Boolean),
    Column("reporter", BigInteger),
    Column("beneficiary", Text),
    _given("place", Nested(Place)),
    Column("holder", BigInteger),
    _given("rule", Text),
    _given("policy", Text),
    _given("designated", Boolean),
    Column("dispatched_at", Instant),
    Column("responded_at", Instant),
    Column("respond_due_at", Instant),
    Column("due_at", Instant),
    _given("provisional", Boolean),
    _given("overdue", Boolean),
    _given("waiting", Boolean),
    Column("resolved_at", Instant),
    Column("archived_at", Instant),
    Column("handler", Text),
    Column("solution", BigInteger),
    _given("reopened", Integer),
    Column("rating_first", Name(Rating)),
    Column("rating_final", Name(Rating)),
    _given("judged", Boolean),
    _given("extensions", Integer),
    _given("suspensions", Integer),
    _given("returned_by", Nested(tuple[str, ...])),
    _given("handovers", Integer),
    Column("ruling", Name(RulingKind)),
    Column("proposed", Text),
    _given("assists", Nested(tuple[Assist, ...])),
    Column("parent", BigInteger),
    Column("merged_into", BigInteger),
    _given("me_too", Integer),
    Index("uq_cases_number", "city_id", "number", unique=True),
    Index("ix_cases_reporter", "city_id", "reporter", "id"),
    _partial("ix_cases_open_unit", "city_id", "unit", "due_at", where=_OPEN),
    _partial("ix_cases_open_holder", "city_id", "holder", "due_at", where=_OPEN),
    _partial("ix_cases_parent", "city_id", "parent", where="parent IS NOT NULL"),
)

log: Final = Table(
    "log",
    metadata,
    _city(),
    _key("case_id", BigInteger),
    _key("seq", Integer),
    _given("event", Text),
    _given("at", Instant),
    _given("data", Text),
    _given("change", Text),
    _given("hash", Text),
)

words: Final = Table(
    "words",
    metadata,
    _city(),
    _key("id", BigInteger),
    _given("case_id", BigInteger),
    _given("kind", Name(WordsKind)),
    Column("author", BigInteger),
    _given("at", Instant),
    _given("text", Text),
    _given("media", Nested(tuple[Media, ...])),
    Column("chat", BigInteger),
    Column("message_id", BigInteger),
    _given("erased", Boolean),
    Index("ix_words_case", "city_id", "case_id", "id"),
    Index("ix_words_author", "city_id", "author"),
    _partial("ix_words_message", "city_id", "chat", "message_id", "id", where="message_id IS NOT NULL"),
)

timers: Final = Table(
    "timers",
    metadata,
    _city(),
    _key("case_id", BigInteger),
    _key("kind", Name(TimerKind)),
    _key("unit", Text),  # empty for the clocks of the case itself: a part of a key cannot be NULL
    _given("started_at", Instant),
    _given("due_at", Instant),
    Column("next_at", Instant),
    _given("step", Integer),
    Column("paused_at", Instant),
    _partial("ix_timers_next", "city_id", "next_at", where="next_at IS NOT NULL"),
)

units: Final = Table(
    "units",
    metadata,
    _city(),
    _key("code", Text),
    _given("name", Text),
    _given("level", Text),
    Column("parent", Text),
    _given("kind", Name(UnitKind)),
    _given("households", Integer),
    _given("buildings", Nested(tuple[str, ...])),
    _given("bounds", Text),
    _given("phone", Text),
    _given("quiet_offer", Boolean),
    Index("ix_units_parent", "city_id", "parent"),
)

people: Final = Table(
    "people",
    metadata,
    _city(),
    _key("id", BigInteger),
    _given("telegram_id", BigInteger),
    _given("name", Text),
    Column("lang", Text),  # as Telegram says
    Column("chosen_lang", Text),  # as they said
    Index("uq_people_telegram", "city_id", "telegram_id", unique=True),
)

appointments: Final = Table(
    "appointments",
    metadata,
    _city(),
    _key("person", BigInteger),
    _key("unit", Text),
    _key("post", Name(Post)),
    _given("name", Text),
    _given("phone", Text),
    Column("stationed_at", Text),
    Index("ix_appointments_unit", "city_id", "unit"),
)

households: Final = Table(
    "households",
    metadata,
    _city(),
    _key("code", Text),
    _given("grid", Text),
    _given("building", Text),
    _given("unit_no", Text),
    _given("room", Text),
    _given("door_code", Text),
    Index("uq_households_door_code", "city_id", "door_code", unique=True),
    Index("ix_households_grid", "city_id", "grid"),
)

members: Final = Table(
    "members",
    metadata,
    _city(),
    _key("person", BigInteger),
    _given("household", Text),
    _given("at", Instant),
    Index("ix_members_household", "city_id", "household"),
)

chats: Final = Table(
    "chats",
    metadata,
    _city(),
    _key("id", BigInteger),
    _given("bot", BigInteger),
    _given("telegram_id", BigInteger),
    _given("kind", Name(ChatKind)),
    _given("state", Name(ChatState)),
    _given("title", Text),  # of groups only: a private chat's would be a person's name
    Column("unit", Text),
    Column("lang", Text),
    Index("uq_chats_telegram", "city_id", "bot", "telegram_id", unique=True),
    Index("ix_chats_telegram_id", "city_id", "telegram_id"),
    _partial("uq_chats_unit", "city_id", "unit", "kind", where="unit IS NOT NULL", unique=True),
)

chat_aliases: Final = Table(
    "chat_aliases",
    metadata,
    _city(),
    _key("bot", BigInteger),
    _key("telegram_id", BigInteger),
    _given("chat", BigInteger),
)

outbox: Final = Table(
    "outbox",
    metadata,
    _city(),
    _key("id", BigInteger),
    _given("key", Text),
    _given("bot", BigInteger),
    _given("chat", BigInteger),
    _given("lane", Rank(Lane)),
    _given("view", Text),
    _given("params", Nested(Mapping[str, Json])),
    Column("carrier", Text),
    Column("not_after", Instant),
    _given("doubt", Name(Doubt)),
    Column("reply_to", BigInteger),
    _given("pin", Boolean),
    _given("state", Name(Delivery)),
    _given("attempt", Integer),
    _given("doubts", Integer),
    _given("ready_at", Instant),
    _given("created_at", Instant),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("message_id", BigInteger),
    Column("reason", Text),
    Index("uq_outbox_key", "city_id", "key", unique=True),
    _partial("ix_outbox_finished", "city_id", "finished_at", where="finished_at IS NOT NULL"),
    _partial("ix_outbox_ready", "city_id", "bot", "lane", "id", where="state = 'ready'"),
    _partial("ix_outbox_expiry", "city_id", "not_after", where="state = 'ready' AND not_after IS NOT NULL"),
    _partial("ix_outbox_sending", "city_id", "chat", where="state = 'sending'"),
    _partial("ix_outbox_live", "city_id", "chat", "lane", "id", where="state IN ('ready', 'sending')"),
    _partial(
        "uq_outbox_carrier",
        "city_id",
        "carrier",
        "chat",
        where="state = 'ready' AND carrier IS NOT NULL",
        unique=True,
    ),
)

carriers: Final = Table(
    "carriers",
    metadata,
    _city(),
    _key("carrier", Text),
    _key("chat", BigInteger),
    _given("message_id", BigInteger),
    Index("uq_carriers_message", "city_id", "chat", "message_id", unique=True),
)

halts: Final = Table("halts", metadata, _city(), _key("scope", Text), _given("until", Instant))

inbox: Final = Table(
    "inbox",
    metadata,
    _city(),
    _key("bot", BigInteger),
    _key("update_id", BigInteger),
    _given("queue", Text),
    Column("raw", LargeBinary),
    _given("received_at", Instant),
    _given("state", Name(Handling)),
    _given("attempts", Integer),
    Column("error", Text),
    Column("finished_at", Instant),
    _partial("ix_inbox_pending", "city_id", "received_at", "update_id", where="state = 'pending'"),
    _partial("ix_inbox_poison", "city_id", "received_at", where="state = 'poison'"),
    _partial("ix_inbox_done", "city_id", "finished_at", where="state = 'done'"),
)

drafts: Final = Table(
    "drafts",
    metadata,
    _city(),
    _key("key", Text),
    _given("person", BigInteger),
    _given("chat", BigInteger),
    _given("step", Text),
    _given("at", Instant),
    _given("data", Nested(Mapping[str, Json | list[Json]])),
    Index("ix_drafts_step", "city_id", "step", "at"),
    Index("ix_drafts_person", "city_id", "person"),
)

prompts: Final = Table(
    "prompts",
    metadata,
    _city(),
    _key("key", Text),
    _given("person", BigInteger),
    _given("chat", BigInteger),
    _given("purpose", Text),
    _given("case_id", BigInteger),
    _given("at", Instant),
    _given("expires_at", Instant),
    _given("params", Nested(Mapping[str, Json])),
    Column("message_id", BigInteger),
    Index("ix_prompts_person", "city_id", "person", "chat", "at"),
)

codes: Final = Table(
    "codes",
    metadata,
    _city(),
    _key("digest", Text),
    _given("purpose", Text),
    _given("unit", Text),
    _given("params", Nested(Mapping[str, Json])),
    Column("expires_at", Instant),
    _given("once", Boolean),
    Column("used_at", Instant),
)

marks: Final = Table("marks", metadata, _city(), _key("mark", Text), _given("at", Instant))

counters: Final = Table(
    "counters", metadata, _city(), _key("counter", Text), _given("window_start", Instant), _given("count", BigInteger)
)

settings: Final = Table("settings", metadata, _city(), _key("key", Text), _given("value", Text))


def fixed(*members: StrEnum) -> list[ColumnElement[Any]]:
    """Enum members as literals: only a query that spells out the condition of a partial index can use it."""
    return [literal_column(f"'{member}'") for member in members]


IS_OPEN: Final = cases.c.status.not_in(fixed(*sorted(ENDS)))
"""The condition of the partial indexes over open cases."""
IS_READY: Final = outbox.c.state == fixed(Delivery.READY)[0]
IS_SENDING: Final = outbox.c.state == fixed(Delivery.SENDING)[0]
IS_PENDING: Final = inbox.c.state == fixed(Handling.PENDING)[0]
