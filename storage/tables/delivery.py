"""Messages on their way: what Telegram told, and what was promised to be sent."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from routing.effects import Json
from routing.ports import Doubt, Lane
from storage.states import Delivery, Handling
from storage.tables.columns import city, fixed, given, key, metadata, partial
from storage.types import Instant, Name, Nested, Rank, SealedBytes

outbox: Final = Table(
    "outbox",
    metadata,
    city(),
    key("id", BigInteger),
    given("key", Text),
    given("bot", BigInteger),
    given("chat", BigInteger),
    given("lane", Rank(Lane)),
    given("view", Text),
    given("params", Nested(Mapping[str, Json])),
    Column("carrier", Text),
    Column("not_after", Instant),
    given("doubt", Name(Doubt)),
    Column("reply_to", BigInteger),
    given("pin", Boolean),
    given("state", Name(Delivery)),
    given("attempt", Integer),
    given("doubts", Integer),
    given("ready_at", Instant),
    given("created_at", Instant),
    Column("started_at", Instant),
    Column("finished_at", Instant),
    Column("message_id", BigInteger),
    Column("reason", Text),
    Index("uq_outbox_key", "city_id", "key", unique=True),
    partial("ix_outbox_finished", "city_id", "finished_at", where="finished_at IS NOT NULL"),
    partial("ix_outbox_ready", "city_id", "bot", "lane", "id", where="state = 'ready'"),
    partial("ix_outbox_expiry", "city_id", "not_after", where="state = 'ready' AND not_after IS NOT NULL"),
    partial("ix_outbox_sending", "city_id", "chat", where="state = 'sending'"),
    partial("ix_outbox_live", "city_id", "chat", "lane", "id", where="state IN ('ready', 'sending')"),
    partial(
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
    city(),
    key("carrier", Text),
    key("chat", BigInteger),
    given("message_id", BigInteger),
    Index("uq_carriers_message", "city_id", "chat", "message_id", unique=True),
)

halts: Final = Table(
    "halts", metadata, city(), key("scope", Text), given("until", Instant), given("length", BigInteger)
)  # how long it was to be, in microseconds: a clock that is set back must not make it longer

inbox: Final = Table(
    "inbox",
    metadata,
    city(),
    key("bot", BigInteger),
    key("update_id", BigInteger),
    given("queue", Text),
    Column("raw", SealedBytes("inbox.raw")),
    given("received_at", Instant),
    given("state", Name(Handling)),
    given("attempts", Integer),
    Column("error", Text),
    Column("finished_at", Instant),
    partial("ix_inbox_pending", "city_id", "received_at", "update_id", where="state = 'pending'"),
    partial("ix_inbox_chat", "city_id", "queue", "update_id", where="state = 'pending'"),
    partial("ix_inbox_poison", "city_id", "received_at", where="state = 'poison'"),
    partial("ix_inbox_done", "city_id", "finished_at", where="state = 'done'"),
)

IS_READY: Final = outbox.c.state == fixed(Delivery.READY)[0]
IS_SENDING: Final = outbox.c.state == fixed(Delivery.SENDING)[0]
IS_PENDING: Final = inbox.c.state == fixed(Handling.PENDING)[0]
