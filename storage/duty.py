"""The duty roster, sentences that are said together, and the bulletin."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, delete, select, update

from routing.model import ChatId, PersonId, UnitCode
from routing.records import Line, Notice, Shift
from storage.part import Part, columns, given, mine
from storage.portable import or_replace, unless_there
from storage.tables import bulletin, shifts, summaries

_PUT = or_replace(shifts)
_THE_SHIFT = and_(
    mine(shifts),
    shifts.c.unit == given("unit"),
    shifts.c.person == given("person"),
    shifts.c.starts_at == given("starts_at"),
)
_RING = update(shifts).where(_THE_SHIFT).values(ring_at=given("at"))
_DROP = delete(shifts).where(_THE_SHIFT)
_RUNNING = and_(shifts.c.starts_at <= given("at"), shifts.c.ends_at > given("at"))
_SHIFTS = select(*columns(shifts)).order_by(shifts.c.starts_at, shifts.c.person)
_AT = _SHIFTS.where(mine(shifts), shifts.c.unit == given("unit"), _RUNNING)
_AMONG = _SHIFTS.where(mine(shifts), shifts.c.unit.in_(given("units", many=True)), _RUNNING)
_BETWEEN = _SHIFTS.where(
    mine(shifts),
    shifts.c.unit == given("unit"),
    shifts.c.starts_at >= given("starts"),
    shifts.c.starts_at < given("ends"),
)
_SERVING = select(shifts.c.unit).where(mine(shifts), shifts.c.person == given("person"), _RUNNING).limit(1)
_DUE = (
    select(*columns(shifts))
    .where(mine(shifts), shifts.c.ring_at.is_not(None), shifts.c.ring_at <= given("now"))
    .order_by(shifts.c.ring_at, shifts.c.unit, shifts.c.person)
    .limit(given("limit"))
)

_KEEP = or_replace(summaries)
_LINES = (
    select(*columns(summaries))
    .where(mine(summaries), summaries.c.summary == given("summary"), summaries.c.chat == given("chat"))
    .order_by(summaries.c.at, summaries.c.case_id, summaries.c.key)
)
_PURGE = delete(summaries).where(mine(summaries), summaries.c.at < given("before"))

_ENTER = unless_there(bulletin)
_NOTICES = (
    select(*columns(bulletin))
    .where(mine(bulletin), bulletin.c.unit.in_(given("units", many=True)), bulletin.c.entered_at >= given("since"))
    .order_by(bulletin.c.entered_at.desc(), bulletin.c.case_id.desc(), bulletin.c.fault)
    .limit(given("limit"))
)


class SqlShifts(Part):
    """`routing.ports.Shifts` over one transaction."""

    def put(self, shift: Shift) -> None:
        """Write or replace the shift of that unit, person and start."""
        self._put(_PUT, _values(shift))

    def ring(self, shift: Shift, at: datetime | None) -> None:
        """Look at it again at *at*, if it still stands there."""
        self._run(_RING, unit=shift.unit, person=shift.person, starts_at=shift.starts_at, at=at)

    def drop(self, shift: Shift) -> None:
        """Take it off the roster."""
        self._run(_DROP, unit=shift.unit, person=shift.person, starts_at=shift.starts_at)

    def at(self, unit: UnitCode, at: datetime) -> Sequence[Shift]:
        """Shifts of the unit that are running at *at*, earliest start first."""
        return [Shift(*row) for row in self._all(_AT, unit=unit, at=at)]

    def among(self, units: Sequence[UnitCode], at: datetime) -> Sequence[Shift]:
        """Shifts of any of the units that are running at *at*, earliest start first."""
        return [Shift(*row) for row in self._recall(_AMONG, units=list(units), at=at)]

    def between(self, unit: UnitCode, starts: datetime, ends: datetime) -> Sequence[Shift]:
        """Shifts of the unit that begin in that span, its end left out."""
        return [Shift(*row) for row in self._all(_BETWEEN, unit=unit, starts=starts, ends=ends)]

    def serving(self, person: PersonId, at: datetime) -> bool:
        """Whether they are on duty anywhere."""
        return self._first(_SERVING, person=person, at=at) is not None

    def due(self, now: datetime, limit: int) -> Sequence[Shift]:
        """Shifts whose ``ring_at`` has come, earliest first."""
        return [Shift(*row) for row in self._all(_DUE, now=now, limit=limit)]


class SqlSummaries(Part):
    """`routing.ports.Summaries` over one transaction."""

    def keep(self, line: Line) -> None:
        """Write it; the same key about the same case takes the place of the older one."""
        values = _values(line)
        self._put(_KEEP, {**values, "case_id": values.pop("case")})

    def of(self, summary: str, chat: ChatId) -> Sequence[Line]:
        """What one message has to say, oldest first."""
        return [Line(*row) for row in self._all(_LINES, summary=summary, chat=chat)]

    def purge(self, before: datetime) -> int:
        """Forget what was kept before that instant; returns how many lines."""
        return self._run(_PURGE, before=before).rowcount


class SqlBulletin(Part):
    """`routing.ports.Bulletin` over one transaction."""

    def enter(self, notice: Notice) -> bool:
        """Write it; False when the same debt stands there already."""
        values = _values(notice)
        return bool(self._put(_ENTER, {**values, "case_id": values.pop("case")}).rowcount)

    def of(self, units: Sequence[UnitCode], since: datetime, limit: int) -> Sequence[Notice]:
        """Entries of these units from *since* on, newest first."""
        return [Notice(*row) for row in self._all(_NOTICES, units=list(units), since=since, limit=limit)]


def _values(row: Shift | Line | Notice) -> dict[str, Any]:
    return {field.name: getattr(row, field.name) for field in fields(row)}
