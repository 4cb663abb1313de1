"""Checks over a whole database that nothing was forgotten, altered or left lying: the laws as far as rows show them."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from sqlalchemy import Select, Text, exists, func, select, type_coerce

from routing import laws
from routing.changing import as_mapping
from routing.events import Filed, Split
from routing.model import ENDS, Case, CaseId, PersonId, Status, Timer, TimerKind
from routing.policy import LEAST_KEPT_DAYS
from routing.ports import Entry
from storage.broadcast_audit import BroadcastAudit
from storage.erasures import broken_at as receipts_broken_at
from storage.guards import missing
from storage.log import broken_at, entry, held, latest, replayed
from storage.part import Part, columns, given, mine
from storage.rows_audit import UNREADABLE, Found, RowsAudit, readable
from storage.states import Handling
from storage.stores import Stores
from storage.tables import IS_SENDING, carriers, cases, fixed, inbox, log, outbox, timers, units

LONGEST_FLIGHT: Final = timedelta(seconds=60)
"""A message in flight for longer was forgotten by its courier."""
_PAGE: Final = 500
_KNOWN: Final = frozenset(status.value for status in Status)
_CLOCKS_KNOWN: Final = frozenset(kind.value for kind in TimerKind)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be.

    Args:
        law: Its name in one word, as in the table of laws in the operators' handbook.
        case: Which case it is about, if any.
        detail: What was found; no person's words.
    """

    law: str
    case: CaseId | None
    detail: str


_NEXT_PAGE = (
    select(cases.c.id, type_coerce(cases.c.status, Text).label("status"))
    .where(mine(cases), cases.c.id > given("after"))
    .order_by(cases.c.id)
    .limit(_PAGE)
)
_ROWS = select(*columns(cases)).where(mine(cases), cases.c.id.between(given("first"), given("last")))


def _of_page(table: Any, *wanted: Any) -> Select[Any]:
    """Rows of *table* that belong to the cases of a page."""
    return select(table.c.case_id, *wanted).where(mine(table), table.c.case_id.between(given("first"), given("last")))


_LINES = _of_page(log, log.c.seq, log.c.event, log.c.data, log.c.change, log.c.hash).order_by(log.c.case_id, log.c.seq)
_CLOCKS = _of_page(
    timers,
    type_coerce(timers.c.kind, Text).label("kind"),
    *(timers.c[name] for name in ("started_at", "due_at", "next_at", "step", "paused_at", "unit")),
)
_PARTS = (
    select(
        cases.c.parent.label("case_id"), cases.c.id, cases.c.number, type_coerce(cases.c.status, Text).label("status")
    )
    .where(mine(cases), cases.c.parent.between(given("first"), given("last")))
    .order_by(cases.c.id)
)
_WHOLE, _INTO = cases.alias("whole"), cases.alias("into_")
_PART_OF_NOTHING = select(cases.c.id.label("case_id")).where(
    mine(cases),
    cases.c.parent.is_not(None),
    ~exists().where(_WHOLE.c.city_id == given("city"), _WHOLE.c.id == cases.c.parent),
)
_MERGED_INTO_NOTHING = select(cases.c.id.label("case_id")).where(
    mine(cases),
    cases.c.merged_into.is_not(None),
    ~exists().where(_INTO.c.city_id == given("city"), _INTO.c.id == cases.c.merged_into),
)
_CODES = select(units.c.code).where(mine(units))
_LOST = select(outbox.c.id, outbox.c.started_at).where(mine(outbox), IS_SENDING, outbox.c.started_at < given("before"))
_POISON = select(inbox.c.bot, inbox.c.update_id, inbox.c.error).where(
    mine(inbox), inbox.c.state == fixed(Handling.POISON)[0]
)
_SAME_NUMBER = select(cases.c.number).where(mine(cases)).group_by(cases.c.number).having(func.count() > 1)
_SAME_MESSAGE = (
    select(carriers.c.chat, carriers.c.message_id)
    .where(mine(carriers))
    .group_by(carriers.c.chat, carriers.c.message_id)
    .having(func.count() > 1)
)


def _without_case(table: Any) -> Select[Any]:
    there = exists().where(mine(cases), cases.c.id == table.c.case_id)
    return select(table.c.case_id).where(mine(table), ~there).distinct()


_LOG_WITHOUT_CASE = _without_case(log)
_TIMER_WITHOUT_CASE = _without_case(timers)


def findings(stores: Stores, now: datetime | None = None) -> Iterator[Finding]:
    """Everything that must not be, found while it is asked for; nothing when the database is sound.

    Args:
        stores: A transaction, which sees one moment of the database.
        now: For how long a message has been in flight; by default the clock of *stores*.
    """
    yield from _Audit(stores, now or stores.clock()).everything()


class _Audit(Part):
    def __init__(self, stores: Stores, now: datetime) -> None:
        super().__init__(stores.connection, stores.city)
        self._stores, self._now = stores, now
        self._units = {row.code for row in self._all(_CODES)}
        self._people: dict[PersonId, bool] = {}
        self._cases: dict[int, Case] = {}
        self._parts_of: defaultdict[int, list[Any]] = defaultdict(list)

    def everything(self) -> Iterator[Finding]:
        after = 0
        while page := self._all(_NEXT_PAGE, after=after):
            self._read_page(page)
            lines, (clocks, spoilt) = self._by_case(_LINES, page), self._clocks(page)
            self._parts_of = self._by_case(_PARTS, page)
            for row in page:
                if row.id in spoilt:
                    yield Finding("clock", CaseId(row.id), "a clock of it cannot be read")
                else:
                    yield from self._case(CaseId(row.id), row.status, lines[row.id], clocks[row.id])
            after = page[-1].id
        yield from self._town()

    def _read_page(self, page: Sequence[Any]) -> None:
        """Read all cases of a page at once, if none of them is damaged."""
        self._cases = {}
        with suppress(*UNREADABLE):
            rows = self._all(_ROWS, first=page[0].id, last=page[-1].id)
            self._cases = {row.id: Case(*row) for row in rows}

    def _read(self, id_: CaseId) -> Case | str:
        """The case, or why it cannot be read."""
        try:
            return self._cases.get(id_) or self._stores.cases.get(id_)
        except UNREADABLE as error:
            return str(error)

    def _by_case(self, statement: Select[Any], page: Sequence[Any]) -> defaultdict[int, list[Any]]:
        found: defaultdict[int, list[Any]] = defaultdict(list)
        for row in self._all(statement, first=page[0].id, last=page[-1].id):
            found[row.case_id].append(row)
        return found

    def _clocks(self, page: Sequence[Any]) -> tuple[defaultdict[int, list[Any]], set[int]]:
        """The clocks of each case of the page, and the cases of which one cannot be read."""
        found: defaultdict[int, list[Any]] = defaultdict(list)
        try:
            return self._by_case(_CLOCKS, page), set()
        except UNREADABLE:
            if len(page) == 1:
                return found, {page[0].id}
        alone = [self._clocks([row]) for row in page]
        for clocks, _spoilt in alone:
            found.update(clocks)
        return found, {case for _clocks, spoilt in alone for case in spoilt}

    def _case(self, id_: CaseId, status: str, lines: Sequence[Any], clocks: Sequence[Any]) -> Iterator[Finding]:
        if status not in _KNOWN:
            yield Finding("status", id_, f"no status is called {status}")
            return
        case = self._read(id_)
        if isinstance(case, str):
            yield Finding("row", id_, f"the row cannot be read: {case}")
            return
        yield from _deadline(case, clocks)
        if case.open:
            yield from (Finding(one.law, id_, one.detail) for one in laws.unwatched(case, _timers(clocks)))
        yield from self._parts(case, lines)
        yield from self._holder(case)
        yield from _log(case, lines, self._now)

    def _holder(self, case: Case) -> Iterator[Finding]:
        if not case.open:
            return
        if case.unit not in self._units:
            yield Finding("holder", case.id, f"it is held by {case.unit}, and there is no such unit")
        handled = case.status in (Status.OFFERED, Status.CLAIMED, Status.SUSPENDED)
        if handled and (case.unit in case.accused or case.holder in case.accused_people):
            yield Finding("conflict", case.id, "whom it is about has it")
        if case.holder is not None and not self._is_there(case.holder):
            yield Finding("holder", case.id, "whoever holds it has been erased")

    def _parts(self, case: Case, lines: Sequence[Any]) -> Iterator[Finding]:
        """Law 7: a part is named in the log of its whole, and what is closed has no part that is open."""
        named = {part for line in lines if line.event == Split.__name__ for part in json.loads(line.data)["parts"]}
        rows = self._parts_of[case.id]
        if named != {row.id for row in rows}:
            yield Finding("parts", case.id, f"its log names {len(named)} parts, and {len(rows)} say that they are its")
        left = [row.number for row in rows if row.status not in ENDS]
        if left and (case.status in laws.CLOSED or not case.open):
            yield Finding("parts", case.id, f"it is {case.status} and its parts {left} are open")
        if case.parent == case.id:
            yield Finding("parts", case.id, "it is a part of itself")

    def _is_there(self, person: PersonId) -> bool:
        if person not in self._people:
            self._people[person] = self._stores.people.get(person) is not None
        return self._people[person]

    def _town(self) -> Iterator[Finding]:
        for law, statement, text in _OF_THE_TOWN:
            for row in self._all(statement):
                yield Finding(law, None, text(row))
        rows = RowsAudit(self._stores, self._now).found()
        for law, case, detail in chain(readable("a receipt of an erasure", self._kept()), rows):
            yield Finding(law, case, detail)
        for row in self._all(_LOST, before=self._now - LONGEST_FLIGHT):
            yield Finding("sending", None, f"message {row.id} is in flight since {row.started_at.isoformat()}")
        for law, statement, what in (
            ("parts", _PART_OF_NOTHING, "the case of which it is a part"),
            ("merged", _MERGED_INTO_NOTHING, "the case as which it goes on"),
        ):
            for row in self._all(statement):
                yield Finding(law, CaseId(row.case_id), f"{what} is not there")
        for law, detail in BroadcastAudit(self._connection, self._city, self._now).found():
            yield Finding(law, None, detail)
        for statement, what in ((_LOG_WITHOUT_CASE, "log"), (_TIMER_WITHOUT_CASE, "clock")):
            for row in self._all(statement):
                yield Finding("orphan", CaseId(row.case_id), f"it has a {what} and is not there")

    def _kept(self) -> Iterator[Found]:
        """What may only be added to is guarded, receipts of erasures are whole, nothing is left of whom they name."""
        for table in missing(self._connection):
            yield "guard", None, f"lines of {table} could be changed: a trigger of that table is not there"
        receipts = self._stores.erasures.all()
        broken = receipts_broken_at(receipts)
        if broken is not None:
            yield "receipt", None, f"receipt {broken} of the erasures does not continue the chain"
        for person in {one.person for one in receipts if one.person is not None}:
            for table, count in self._stores.erasures.left_of(person).items():
                yield "erased", None, f"person {person} was erased and has {count} rows in {table}"


_KEPT: Final = timedelta(days=LEAST_KEPT_DAYS)
_OF_THE_TOWN: Final[Sequence[tuple[str, Select[Any], Callable[[Any], str]]]] = (
    ("poison", _POISON, lambda row: f"bot {row.bot} has set update {row.update_id} aside: {row.error}"),
    ("number", _SAME_NUMBER, lambda row: f"number {row.number} was given more than once"),
    ("carrier", _SAME_MESSAGE, lambda row: f"message {row.message_id} of chat {row.chat} carries two things"),
)


def _timers(clocks: Sequence[Any]) -> list[Timer]:
    """The rows as the rules know them; one of an unknown kind watches over nothing."""
    known = [(id_, kind, *rest) for id_, kind, *rest in clocks if kind in _CLOCKS_KNOWN]
    return [Timer(id_, TimerKind(kind), *rest) for id_, kind, *rest in known]


def _deadline(case: Case, clocks: Sequence[Any]) -> Iterator[Finding]:
    if case.open and not any(clock.next_at for clock in clocks):
        yield Finding("deadline", case.id, "it is open and no clock of it will ever ring")
    if not case.open and clocks:
        kinds = ", ".join(clock.kind for clock in clocks)
        yield Finding("ended", case.id, f"it is {case.status} and still has clocks: {kinds}")


def _log(case: Case, lines: Sequence[Any], now: datetime) -> Iterator[Finding]:
    try:
        broken = broken_at(case.id, lines)
        entries = [entry(line) for line in lines]
    except ValueError as error:
        yield Finding("chain", case.id, f"the log cannot be read: {error}")
        return
    if broken is not None:
        yield Finding("chain", case.id, f"line {broken} of the log does not continue the chain")
    if [type(one.event) for one in entries[:1]] != [Filed] or _filings(entries) != 1:
        yield Finding("filed", case.id, f"the log begins with one Filed, this one has {_filings(entries)}")
    yield from (Finding(one.law, case.id, one.detail) for one in laws.breaches(case, entries))
    yield from _replay(case, entries, now)
    yield from _age(case, entries, now)


def _filings(entries: Sequence[Entry]) -> int:
    return sum(isinstance(one.event, Filed) for one in entries)


def _replay(case: Case, entries: Sequence[Entry], now: datetime) -> Iterator[Finding]:
    """What the log tells must be what the row says, field by field."""
    told, stored = replayed(entries), as_mapping(case)
    if not case.open and case.reporter is None and entries and entries[-1].event.at + _KEPT <= now:
        told.pop("reporter", None)  # the time may be over for which it is kept: `routing.retention`
        stored = {name: value for name, value in stored.items() if name != "reporter"}
    differing = [name for name in stored if told.get(name, ...) != stored[name]]
    if differing:
        yield Finding("replay", case.id, f"the log does not rebuild {', '.join(differing)}")


def _age(case: Case, entries: Sequence[Entry], now: datetime) -> Iterator[Finding]:
    """The seconds for which units held it must sum to its age, even where its life spans a clock that was set back."""
    end = latest(entries, case.archived_at or now)
    seconds = sum(held(entries, end).values())
    age = (end - case.filed_at).total_seconds()
    if abs(seconds - age) > 0.001:
        yield Finding("age", case.id, f"its units held it for {seconds:.0f} s, its age is {age:.0f} s")
