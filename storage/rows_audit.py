"""The law's rows beside cases and their logs: the bulletin, duty, what is said together, readings, words, units."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, exists, func, or_, select

from routing.events import AssistStruck, DeadlinePassed, Fault
from routing.model import CaseId, TimerKind, UnitCode
from routing.overdue import FAULTS
from routing.ports import ReadingKind
from storage.log import entry
from storage.part import Part, given, mine
from storage.stores import Stores
from storage.tables import (
    bulletin,
    carriers,
    cases,
    fixed,
    log,
    outbox,
    readings,
    shifts,
    summaries,
    units,
    words,
)

Found = tuple[str, CaseId | None, str]
_THERE = exists().where(mine(cases), cases.c.id == bulletin.c.case_id)
_BULLETIN = select(
    bulletin.c.case_id, bulletin.c.fault, bulletin.c.unit, bulletin.c.since_at, bulletin.c.entered_at,
    _THERE.label("there"),
).where(mine(bulletin)).order_by(bulletin.c.case_id)  # fmt: skip
_LINES = (
    select(log.c.seq, log.c.event, log.c.data, log.c.change, log.c.hash)
    .where(mine(log), log.c.case_id == given("case"), log.c.at == given("at"))
    .order_by(log.c.seq)
)
_OTHER = shifts.alias("other")
_OVERLAPPING = exists().where(
    _OTHER.c.city_id == shifts.c.city_id,
    _OTHER.c.unit == shifts.c.unit,
    _OTHER.c.person == shifts.c.person,
    _OTHER.c.starts_at < shifts.c.starts_at,
    _OTHER.c.ends_at > shifts.c.starts_at,
)
_SHIFTS = select(
    shifts.c.unit, shifts.c.person, shifts.c.starts_at, shifts.c.ends_at, shifts.c.ring_at,
    _OVERLAPPING.label("overlaps"),
).where(mine(shifts))  # fmt: skip
_UNSAID = select(summaries.c.summary, summaries.c.chat, func.min(summaries.c.case_id).label("case_id")).where(
    mine(summaries),
    ~exists().where(
        outbox.c.city_id == summaries.c.city_id,
        outbox.c.chat == summaries.c.chat,
        outbox.c.carrier == summaries.c.summary,
    ),
    ~exists().where(
        carriers.c.city_id == summaries.c.city_id,
        carriers.c.chat == summaries.c.chat,
        carriers.c.carrier == summaries.c.summary,
    ),
).group_by(summaries.c.summary, summaries.c.chat)  # fmt: skip
_UNREASONED = select(readings.c.id, readings.c.case_id).where(
    mine(readings), readings.c.kind == fixed(ReadingKind.CASE)[0], func.length(func.trim(readings.c.reason)) == 0
)


def _of_nothing(table: Any) -> Select[Any]:
    """Cases that *table* has rows of, and that are not there."""
    there = exists().where(cases.c.city_id == table.c.city_id, cases.c.id == table.c.case_id)
    return select(table.c.case_id).where(mine(table), ~there).distinct()


_PLACES = ("grid", "handler", "accepted", "proposed")
_NAMED = select(cases.c.id, *(cases.c[name] for name in _PLACES)).where(
    mine(cases), or_(*(cases.c[name].not_in(given("units", many=True)) for name in _PLACES))
)


_CODES = select(units.c.code).where(mine(units))
UNREADABLE: Final = (ValueError, KeyError, TypeError, OverflowError)
"""What a row that somebody wrote by hand makes of being read."""


def readable(what: str, found: Iterator[Found]) -> Iterator[Found]:
    """What was *found*, and a finding when *what* cannot be read; the checks beside it go on."""
    try:
        yield from found
    except UNREADABLE as error:
        yield "row", None, f"{what} cannot be read: {error}"


class RowsAudit(Part):
    """Looks for what must not be among the rows that no case's own log tells of."""

    def __init__(self, stores: Stores, now: datetime) -> None:
        super().__init__(stores.connection, stores.city)
        self._stores, self._now = stores, now
        self._units = {row.code for row in self._all(_CODES)}

    def found(self) -> Iterator[Found]:
        """Each finding: the law in one word, the case if it is about one, and what was found; no person's words."""
        yield from readable("the bulletin", self._bulletin())
        yield from readable("the roster", self._duty())
        yield from readable("a unit", self._tree())
        yield from readable("what stands beside the cases", self._beside())

    def _beside(self) -> Iterator[Found]:
        for row in self._all(_UNSAID):
            yield "summary", CaseId(row.case_id), f"what is kept as {row.summary} will never be said in chat {row.chat}"
        for row in self._all(_UNREASONED):
            yield "reading", CaseId(row.case_id), f"reading {row.id} gives no reason"
        for table, what in ((readings, "reading"), (words, "text"), (summaries, "kept sentence")):
            for row in self._all(_of_nothing(table)):
                yield "orphan", CaseId(row.case_id), f"it has a {what} and is not there"
        for row in self._all(_NAMED, units=list(self._units)):
            names = [name for name in _PLACES if getattr(row, name) not in (None, *self._units)]
            yield "unit", CaseId(row.id), f"its {', '.join(names)} is no unit that there is"

    def _bulletin(self) -> Iterator[Found]:
        """Whoever stands there owed it: its log says at that very instant that a clock had run out for so long."""
        for row in self._all(_BULLETIN):
            case = CaseId(row.case_id)
            if not row.there:
                yield "bulletin", case, f"{row.unit} stands on the bulletin for it, and it is not there"
                continue
            if row.unit not in self._units:
                yield "bulletin", case, f"{row.unit} stands on the bulletin for it, and there is no such unit"
            if row.since_at >= row.entered_at or not self._owed(case, row.fault, row.entered_at):
                yield "bulletin", case, f"{row.unit} stands on the bulletin as {row.fault}, and its log does not say so"

    def _owed(self, case: CaseId, fault: Fault, at: datetime) -> bool:
        events = [entry(line).event for line in self._all(_LINES, case=case, at=at)]
        if fault is Fault.ABSENT:
            return any(isinstance(event, AssistStruck) for event in events)
        if fault is Fault.UNCALLED:
            return any(isinstance(event, DeadlinePassed) and event.kind is TimerKind.CALL_BACK for event in events)
        late = [event.kind for event in events if isinstance(event, DeadlinePassed) and event.times > 1]
        return fault in map(FAULTS.get, late)

    def _tree(self) -> Iterator[Found]:
        """Above each unit stands one that is there, and none stands above itself."""
        units = {unit.code: unit for unit in self._stores.units.all()}
        for unit in units.values():
            above: list[UnitCode] = []
            step = unit.parent
            while step is not None and step in units and step not in above:
                above.append(step)
                step = units[step].parent
            if unit.parent is not None and unit.parent not in units:
                yield "unit", None, f"{unit.code} is below {unit.parent}, and there is no such unit"
            if unit.code in above:
                yield "unit", None, f"{unit.code} stands above itself"

    def _duty(self) -> Iterator[Found]:
        """A shift has an end, is nobody's twice, and changes hands at its start and at its end."""
        for row in self._all(_SHIFTS):
            name = f"the duty of person {row.person} at {row.unit} from {row.starts_at.isoformat()}"
            if row.unit not in self._units:
                yield "duty", None, f"{name}: there is no such unit"
            if row.ends_at <= row.starts_at or row.overlaps:
                yield "duty", None, f"{name} ends before it begins, or overlaps with another one of theirs"
            if row.ring_at not in (None, row.starts_at, row.ends_at):
                yield "duty", None, f"{name} changes hands neither when it begins nor when it ends"
            if row.ring_at is None and row.ends_at > self._now:
                yield "duty", None, f"{name} will be handed over to nobody"
