"""Tasks, roll-calls, plans and emergencies. Answers of a roll-call are destroyed some time after it closed."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text

from broadcasts.plan_model import Asked, DoerState, Question
from storage.tables.columns import city, given, key, metadata, partial
from storage.types import Instant, Name, Nested, Sealed, SealedNested

_LIVE: Final = "state IN ('asked', 'on')"

tasks: Final = Table(
    "tasks",
    metadata,
    city(),
    key("id", BigInteger),
    given("number", BigInteger),
    given("unit", Text),
    given("author", BigInteger),
    given("chat", BigInteger),
    given("text", Sealed("tasks.text")),
    given("made_at", Instant),
    given("due_at", Instant),
    Column("next_at", Instant),
    Column("run", BigInteger),
    Column("withdrawn_at", Instant),
    Index("uq_tasks_number", "city_id", "number", unique=True),
    partial("ix_tasks_next", "city_id", "next_at", where="next_at IS NOT NULL"),
)

doers: Final = Table(
    "doers",
    metadata,
    city(),
    key("task", BigInteger),
    key("person", BigInteger),
    given("unit", Text),
    given("state", Name(DoerState)),
    Column("chat", BigInteger),
    Column("accepted_at", Instant),
    Column("done_at", Instant),
)

rollcalls: Final = Table(
    "rollcalls",
    metadata,
    city(),
    key("id", BigInteger),
    given("number", BigInteger),
    given("unit", Text),
    given("author", BigInteger),
    given("chat", BigInteger),
    given("title", Text),
    given("questions", Nested(tuple[Question, ...])),
    given("opened_at", Instant),
    given("closes_at", Instant),
    Column("next_at", Instant),
    given("step", Integer),
    Column("closed_at", Instant),
    Column("purge_at", Instant),
    Column("run", BigInteger),
    Index("uq_rollcalls_number", "city_id", "number", unique=True),
    partial("ix_rollcalls_next", "city_id", "next_at", where="next_at IS NOT NULL"),
)

seats: Final = Table(
    "seats",
    metadata,
    city(),
    key("rollcall", BigInteger),
    key("seat", Integer),
    given("place", Text),
    given("household", Text),
    given("answers", SealedNested(tuple[int, ...], "seats.answers")),
    Column("at", Instant),
    Column("by", BigInteger),  # the runner who answered for it
    given("runner", Boolean),
    Index("uq_seats_household", "city_id", "rollcall", "household", unique=True),
    Index("ix_seats_place", "city_id", "rollcall", "place", "seat"),
)

plans: Final = Table(
    "plans", metadata, city(), key("code", Text), given("name", Text), given("text", Text), given("at", Instant)
)

runs: Final = Table(
    "runs",
    metadata,
    city(),
    key("id", BigInteger),
    given("plan", Text),
    given("unit", Text),
    given("state", Name(Asked)),
    given("by", BigInteger),
    given("at", Instant),
    given("chat", BigInteger),
    Column("approver", BigInteger),
    Column("begun_at", Instant),
    Column("ended_at", Instant),
    partial("uq_runs_live", "city_id", "plan", "unit", where=_LIVE, unique=True),
)

emergencies: Final = Table(
    "emergencies",
    metadata,
    city(),
    key("id", BigInteger),
    given("unit", Text),
    given("state", Name(Asked)),
    given("by", BigInteger),
    given("at", Instant),
    given("chat", BigInteger),
    given("reason", Text),
    Column("approver", BigInteger),
    Column("begun_at", Instant),
    Column("ended_by", BigInteger),
    Column("ended_at", Instant),
    given("turning", Boolean),
    partial("ix_emergencies_turning", "city_id", "id", where="turning"),
    partial("uq_emergencies_live", "city_id", "unit", where=_LIVE, unique=True),
)
