"""The cases: read, listed, and saved unless they moved meanwhile."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    exists,
    func,
    insert,
    literal_column,
    select,
    type_coerce,
    union,
    update,
)

from routing.changing import as_mapping, changed
from routing.model import Case, CaseId, ChatId, PersonId, RulingKind, Status, UnitCode
from routing.moves.retiming import RUNNING
from routing.policy import EMERGENCY
from routing.refusals import NoSuchCase, Stale
from storage.engines import NumberStore
from storage.part import Part, columns, given, mine
from storage.tables import (
    ARE_KEPT,
    ENDED_WITH_REPORTER,
    IS_JUDGED,
    IS_OPEN,
    IS_RULED,
    carriers,
    cases,
    fixed,
    log,
    words,
)
from storage.types import compact

CARD: Final = re.compile(r"case:(\d+)(?::|$)")
"""The name of a case's card; more may follow after another colon."""
_COLUMNS: Final = columns(cases)
_MOST_URGENT: Final = (
    cases.c.urgency != literal_column("'urgent'"),
    func.coalesce(cases.c.due_at, cases.c.filed_at),
    cases.c.id,
)


def _page(*conditions: ColumnElement[bool], order: Sequence[ColumnElement[Any]] = _MOST_URGENT) -> Select[Any]:
    return (
        select(*_COLUMNS).where(mine(cases), *conditions).order_by(*order).limit(given("limit")).offset(given("offset"))
    )


_ADD = insert(cases)
_GET = select(*_COLUMNS).where(mine(cases), cases.c.id == given("id"))
_BY_NUMBER = select(*_COLUMNS).where(mine(cases), cases.c.number == given("number"))
_SAVE = update(cases).where(mine(cases), cases.c.id == given("id"), cases.c.version == given("version"))
_HOLD = update(cases).where(mine(cases), cases.c.id == given("id")).values(version=cases.c.version)
_REPORTED = _page(cases.c.reporter == given("person"), order=(cases.c.id.desc(),))
_OWED = _page(IS_OPEN, cases.c.holder == given("person"))
_OFFERED = _page(IS_OPEN, cases.c.status == fixed(Status.OFFERED)[0], cases.c.unit.in_(given("units", many=True)))
_OPEN = _page(IS_OPEN, cases.c.unit.in_(given("units", many=True)))
_JUDGED = _page(IS_JUDGED, cases.c.unit.in_(given("units", many=True)))
_RULED = _page(
    IS_RULED,
    cases.c.ruling.in_(fixed(*RulingKind)),
    type_coerce(cases.c.rulers, Text).like(given("named"), escape="\\"),
)
_CALLED = _page(cases.c.calling == given("unit"), cases.c.calling.is_not(None))
_RESTING: Final = fixed(Status.SUSPENDED, Status.AWAITING_RATING)
_LATE = _page(
    IS_OPEN,
    cases.c.unit.in_(given("units", many=True)),
    cases.c.due_at < given("now"),
    cases.c.status.not_in(_RESTING),
    cases.c.overdue.is_(True) | cases.c.waiting.is_(False) | cases.c.status.not_in(fixed(*RUNNING)),
)
_LATE_BY_LAW = _page(
    IS_OPEN, cases.c.unit.in_(given("units", many=True)), cases.c.due_at.is_(None), cases.c.overdue.is_(True)
)
_RUNNING = (cases.c.status.in_(fixed(*RUNNING)), cases.c.unit.in_(given("units", many=True)))
_IN_EMERGENCY = cases.c.policy.like(f"%{EMERGENCY}")
_OUT_OF_STEP = {True: _page(*_RUNNING, ~_IN_EMERGENCY), False: _page(*_RUNNING, _IN_EMERGENCY)}
_OLD_WITH_REPORTER = select(cases.c.id).where(mine(cases), ENDED_WITH_REPORTER, cases.c.filed_at < given("before"))
_OLD_WITH_WORDS = select(words.c.case_id).where(mine(words), ARE_KEPT, words.c.at < given("before"))
_GOES_ON = exists().where(mine(log), log.c.case_id == cases.c.id, log.c.at >= given("before"))
_EXPIRED = (
    select(cases.c.id)
    .where(mine(cases), cases.c.id.in_(union(_OLD_WITH_REPORTER, _OLD_WITH_WORDS)))
    .where(~IS_OPEN, cases.c.filed_at < given("before"), ~_GOES_ON)
    .order_by(cases.c.id)
    .limit(given("limit"))
)
_CUT = (
    update(cases)
    .where(mine(cases), ~IS_OPEN, cases.c.reporter.is_not(None), cases.c.id.in_(given("cases", many=True)))
    .values(reporter=None)
)
_OPEN_IDS = select(cases.c.id).where(mine(cases), IS_OPEN).order_by(*_MOST_URGENT)
_HANDLED: Final = fixed(Status.OFFERED, Status.CLAIMED, Status.SUSPENDED)
_PROVISIONAL = (
    select(*_COLUMNS)
    .where(
        mine(cases), cases.c.provisional.is_(True), cases.c.status.in_(_HANDLED), IS_OPEN, cases.c.id > given("after")
    )
    .order_by(cases.c.id)
    .limit(given("limit"))
)
_OPEN_OF_GRID = _page(IS_OPEN, cases.c.grid == given("grid"))
_PARTS = select(func.count()).select_from(cases).where(mine(cases), IS_OPEN, cases.c.parent == given("id"))
# Sorted here: asked for an order, the engine would walk the table in that order instead of using the small index.
_ALL_PARTS = select(*_COLUMNS).where(mine(cases), cases.c.parent == given("id"))
_MERGED = select(*_COLUMNS).where(mine(cases), cases.c.merged_into == given("id"))
_AGE = attrgetter("id")
_SAID = (
    select(words.c.case_id)
    .where(mine(words), words.c.chat == given("chat"), words.c.message_id == given("message_id"))
    .order_by(words.c.id.desc())
    .limit(1)
)
_SAID_AMONG = select(words.c.chat, words.c.message_id).where(
    mine(words), words.c.chat.in_(given("chats", many=True)), words.c.message_id.in_(given("messages", many=True))
)
_CARRIED_AMONG = select(carriers.c.chat, carriers.c.message_id).where(
    mine(carriers),
    carriers.c.chat.in_(given("chats", many=True)),
    carriers.c.message_id.in_(given("messages", many=True)),
)
_CARRIED = select(carriers.c.carrier).where(
    mine(carriers), carriers.c.chat == given("chat"), carriers.c.message_id == given("message_id")
)


class SqlCases(Part):
    """`routing.ports.Cases` over one transaction; *numbers* gives the public ones."""

    def __init__(self, connection: Connection, city: str, numbers: NumberStore) -> None:
        super().__init__(connection, city)
        self._numbers = numbers

    def add(self, case: Case) -> None:
        """Write a new case."""
        self._put(_ADD, as_mapping(case))

    def get(self, case: CaseId) -> Case:
        """Read it, or raise `NoSuchCase`."""
        return _one(self._all(_GET, id=case))

    def by_number(self, number: int) -> Case:
        """Read it by its public number, or raise `NoSuchCase`."""
        return _one(self._all(_BY_NUMBER, number=number))

    def save(self, case: Case) -> Case:
        """Write *case* with its version counted up, unless it moved since it was read.

        Raises:
            Stale: another transaction wrote it first, as when two people press Claim.
        """
        saved = changed(case, {"version": case.version + 1})
        if not self._run(_SAVE, as_mapping(saved), id=case.id, version=case.version).rowcount:
            raise Stale(case=case.id)
        return saved

    def hold(self, case: CaseId) -> None:
        """Let no other transaction change it from here to the commit; where there is one writer it is held anyway.

        A lock alone would not do: whoever waited for it would go on with what it had read before.
        """
        if self._connection.dialect.name != "sqlite":
            self._run(_HOLD, id=case)

    def next_number(self) -> int:
        """The next public number; a rolled-back filing gives its number back."""
        return self._numbers.next(self._connection, self._city)

    def reported_by(self, person: PersonId, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """What they reported, newest first."""
        return self._list(_REPORTED, person=person, limit=limit, offset=offset)

    def owed_by(self, person: PersonId, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases that they hold: urgent ones first, then by deadline."""
        return self._list(_OWED, person=person, limit=limit, offset=offset)

    def offered_in(self, units: Sequence[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Unclaimed cases of these units: urgent ones first, then by deadline."""
        return self._list(_OFFERED, units=list(units), limit=limit, offset=offset)

    def open_in(self, units: Sequence[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases held by these units: urgent ones first, then by deadline."""
        return self._list(_OPEN, units=list(units), limit=limit, offset=offset)

    def judged_in(self, units: Sequence[UnitCode], *, limit: int) -> Sequence[Case]:
        """Open cases of these units that wait for a review, a judgement or a ruling: urgent ones first."""
        return self._list(_JUDGED, units=list(units), limit=limit, offset=0)

    def ruled_by(self, unit: UnitCode, *, limit: int) -> Sequence[Case]:
        """Open cases, of whatever unit, on whose return or extension *unit* may rule: urgent ones first."""
        named = re.sub(r"([\\%_])", r"\\\1", compact(unit))
        return self._list(_RULED, named=f"%{named}%", limit=limit, offset=0)

    def called_by(self, unit: UnitCode, *, limit: int) -> Sequence[Case]:
        """Cases whose silent reporters *unit* is to call: urgent ones first."""
        return self._list(_CALLED, unit=unit, limit=limit, offset=0)

    def late_in(self, units: Sequence[UnitCode], now: datetime, *, limit: int) -> Sequence[Case]:
        """Open cases of these units that are past their deadline, or past what the law's clock allows: urgent first."""
        found = self._list(_LATE, units=list(units), now=now, limit=limit, offset=0)
        return [*found, *self._list(_LATE_BY_LAW, units=list(units), limit=limit, offset=0)][:limit]

    def out_of_step(self, units: Sequence[UnitCode], *, emergency: bool, limit: int) -> Sequence[Case]:
        """Cases that these units owe an answer or a solution, by other limits than those of that mode."""
        return self._list(_OUT_OF_STEP[emergency], units=list(units), limit=limit, offset=0)

    def open_of(self, grid: UnitCode, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases that arose in *grid*, whoever holds them: urgent ones first, then by deadline.

        Reads every open case: for what happens once in a chat's life.
        """
        return self._list(_OPEN_OF_GRID, grid=grid, limit=limit, offset=offset)

    def open_ids(self) -> Sequence[CaseId]:
        """Every open case: urgent ones first, then by deadline."""
        return [CaseId(row.id) for row in self._all(_OPEN_IDS)]

    def provisional(self, after: CaseId, *, limit: int) -> Sequence[Case]:
        """Cases being handled whose deadline was guessed, in the order of their ids from *after* on."""
        return self._list(_PROVISIONAL, after=after, limit=limit)

    def expired(self, before: datetime, *, limit: int) -> Sequence[CaseId]:
        """Cases that ended before then and still hold their reporter, or words from before then; oldest first."""
        return [CaseId(row.id) for row in self._all(_EXPIRED, before=before, limit=limit)]

    def cut(self, cases: Sequence[CaseId]) -> int:
        """Forget who reported these cases, as far as they have ended; the log is what it was."""
        return self._run(_CUT, cases=list(cases)).rowcount

    def parts(self, case: CaseId) -> Sequence[Case]:
        """Its split parts, oldest first."""
        return sorted(self._list(_ALL_PARTS, id=case), key=_AGE)

    def merged(self, case: CaseId) -> Sequence[Case]:
        """The cases that were merged into it, oldest first."""
        return sorted(self._list(_MERGED, id=case), key=_AGE)

    def open_parts(self, case: CaseId) -> int:
        """How many split parts of it are not at an end."""
        return int(self._scalar(_PARTS, id=case))

    def by_message(self, chat: ChatId, message_id: int) -> Case | None:
        """The case that a message of the chat belongs to: its report, any later words, or its card."""
        found = self._scalar(_SAID, chat=chat, message_id=message_id)
        if found is None:
            card = CARD.match(self._scalar(_CARRIED, chat=chat, message_id=message_id) or "")
            found = int(card[1]) if card else None
        return None if found is None else next(iter(self._list(_GET, id=found)), None)

    def known_among(self, messages: Collection[tuple[ChatId, int]]) -> frozenset[tuple[ChatId, int]]:
        """Those of *messages*, each by its chat and number, that may belong to a case."""
        chats, numbers = sorted({chat for chat, _ in messages}), sorted({number for _, number in messages})
        asked = [self._all(one, chats=chats, messages=numbers) for one in (_SAID_AMONG, _CARRIED_AMONG)]
        return frozenset((row.chat, row.message_id) for rows in asked for row in rows).intersection(messages)

    def _list(self, statement: Select[Any], **values: Any) -> list[Case]:
        return [Case(*row) for row in self._all(statement, **values)]


def _one(rows: Sequence[Any]) -> Case:
    if not rows:
        raise NoSuchCase
    return Case(*rows[0])
