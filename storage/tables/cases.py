"""Cases, what happened to them, what was written about them, and by when something is owed."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, ColumnElement, Index, Integer, Table, Text, literal_column

from routing.model import (
    ENDS,
    Assist,
    Channel,
    Media,
    Place,
    Rating,
    RulingKind,
    Status,
    TimerKind,
    Told,
    Urgency,
    WordsKind,
)
from storage.tables.columns import city, fixed, given, key, metadata, partial
from storage.types import Instant, Name, Nested, Sealed, SealedNested

_OPEN: Final = "status NOT IN ({})".format(", ".join(f"'{end}'" for end in sorted(ENDS)))
_ENDED: Final = _OPEN.replace("NOT IN", "IN")
_ENDED_WITH_REPORTER: Final = f"reporter IS NOT NULL AND {_ENDED}"
_RULED: Final = f"ruling IS NOT NULL AND {_OPEN}"
_JUDGED: Final = f"status = '{Status.IN_REVIEW}' OR ({_RULED})"

cases: Final = Table(
    "cases",
    metadata,
    city(),
    key("id", BigInteger),
    given("number", BigInteger),
    given("status", Name(Status)),
    given("grid", Text),
    given("unit", Text),
    given("matter", Text),
    given("top", Text),
    given("urgency", Name(Urgency)),
    given("channel", Name(Channel)),
    given("filed_at", Instant),
    given("version", Integer),
    given("kind", Text),
    given("confidential", Boolean),
    Column("reporter", BigInteger),
    Column("beneficiary", Text),
    given("place", Nested(Place)),
    Column("holder", BigInteger),
    given("rule", Text),
    given("policy", Text),
    given("designated", Boolean),
    Column("dispatched_at", Instant),
    Column("responded_at", Instant),
    Column("respond_due_at", Instant),
    Column("due_at", Instant),
    given("provisional", Boolean),
    given("overdue", Boolean),
    given("waiting", Boolean),
    Column("resolved_at", Instant),
    Column("archived_at", Instant),
    Column("handler", Text),
    Column("solution", BigInteger),
    given("reopened", Integer),
    Column("rating_first", Name(Rating)),
    Column("rating_final", Name(Rating)),
    Column("calling", Text),
    given("calls", Integer),
    Column("told", Name(Told)),
    given("judged", Boolean),
    given("extensions", Integer),
    given("suspensions", Integer),
    given("returned_by", Nested(tuple[str, ...])),
    given("handovers", Integer),
    Column("ruling", Name(RulingKind)),
    given("rulers", Nested(tuple[str, ...])),
    Column("proposed", Text),
    given("assists", Nested(tuple[Assist, ...])),
    Column("parent", BigInteger),
    Column("merged_into", BigInteger),
    given("me_too", Integer),
    Column("dispatcher", Text),
    Column("accepted", Text),
    given("accused", Nested(tuple[str, ...])),
    given("accused_people", Nested(tuple[int, ...])),
    given("assigned", Nested(tuple[int, ...])),
    Index("uq_cases_number", "city_id", "number", unique=True),
    Index("ix_cases_reporter", "city_id", "reporter", "id"),
    partial("ix_cases_open_unit", "city_id", "unit", "due_at", where=_OPEN),
    partial("ix_cases_open_holder", "city_id", "holder", "due_at", where=_OPEN),
    partial("ix_cases_judged", "city_id", "unit", where=_JUDGED),
    partial("ix_cases_calling", "city_id", "calling", where="calling IS NOT NULL"),
    partial("ix_cases_ruled", "city_id", "ruling", where=_RULED),
    partial("ix_cases_parent", "city_id", "parent", where="parent IS NOT NULL"),
    partial("ix_cases_ended", "city_id", "filed_at", where=_ENDED_WITH_REPORTER),
    partial("ix_cases_merged", "city_id", "merged_into", where="merged_into IS NOT NULL"),
)

log: Final = Table(
    "log",
    metadata,
    city(),
    key("case_id", BigInteger),
    key("seq", Integer),
    given("event", Text),
    given("at", Instant),
    given("data", Text),
    given("change", Text),
    given("hash", Text),
)

words: Final = Table(
    "words",
    metadata,
    city(),
    key("id", BigInteger),
    given("case_id", BigInteger),
    given("kind", Name(WordsKind)),
    Column("author", BigInteger),
    given("at", Instant),
    given("text", Sealed("words.text")),
    given("media", SealedNested(tuple[Media, ...], "words.media")),
    Column("chat", BigInteger),
    Column("message_id", BigInteger),
    given("erased", Boolean),
    Index("ix_words_case", "city_id", "case_id", "id"),
    Index("ix_words_author", "city_id", "author"),
    partial("ix_words_kept", "city_id", "at", where="erased = false"),
    partial("ix_words_message", "city_id", "chat", "message_id", "id", where="message_id IS NOT NULL"),
)

timers: Final = Table(
    "timers",
    metadata,
    city(),
    key("case_id", BigInteger),
    key("kind", Name(TimerKind)),
    key("unit", Text),  # empty for the clocks of the case itself: a part of a key cannot be NULL
    given("started_at", Instant),
    given("due_at", Instant),
    Column("next_at", Instant),
    given("step", Integer),
    Column("paused_at", Instant),
    partial("ix_timers_next", "city_id", "next_at", where="next_at IS NOT NULL"),
)

IS_OPEN: Final = cases.c.status.not_in(fixed(*sorted(ENDS)))
"""The condition of the partial indexes over open cases."""
ENDED_WITH_REPORTER: Final = cases.c.reporter.is_not(None) & cases.c.status.in_(fixed(*sorted(ENDS)))
"""The condition of `ix_cases_ended`: what its time may be over for."""
ARE_KEPT: Final[ColumnElement[bool]] = literal_column("erased = false")
"""The condition of `ix_words_kept`."""
IS_RULED: Final = cases.c.ruling.is_not(None) & IS_OPEN
"""The condition of `ix_cases_ruled`: open cases that wait for a ruling."""
IS_JUDGED: Final = (cases.c.status == fixed(Status.IN_REVIEW)[0]) | IS_RULED
"""The condition of `ix_cases_judged`: open cases to which somebody above owes a word."""
