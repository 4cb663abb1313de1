"""Deadline rows: what rings next, and for which case."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from routing.model import CaseId, Timer, TimerKind, UnitCode
from storage.part import Part, given, mine
from storage.portable import or_replace
from storage.tables import timers

_COLUMNS = [
    timers.c[name] for name in ("case_id", "kind", "started_at", "due_at", "next_at", "step", "paused_at", "unit")
]
_PUT = or_replace(timers)
_STOP = delete(timers).where(
    mine(timers), timers.c.case_id == given("case"), timers.c.kind.in_(given("kinds", many=True))
)
_STOP_UNIT = _STOP.where(timers.c.unit == given("unit"))
_OF = select(*_COLUMNS).where(mine(timers), timers.c.case_id == given("case")).order_by(timers.c.due_at, timers.c.kind)
_DUE = (
    select(*_COLUMNS)
    .where(mine(timers), timers.c.next_at.is_not(None), timers.c.next_at <= given("now"))
    .order_by(timers.c.next_at, timers.c.case_id, timers.c.kind)
    .limit(given("limit"))
)


class SqlTimers(Part):
    """`routing.ports.Timers` over one transaction."""

    def put(self, timer: Timer) -> None:
        """Write or replace the row of (case, kind, unit)."""
        self._put(
            _PUT,
            {
                "case_id": timer.case,
                "kind": timer.kind,
                "unit": timer.unit or "",
                "started_at": timer.started_at,
                "due_at": timer.due_at,
                "next_at": timer.next_at,
                "step": timer.step,
                "paused_at": timer.paused_at,
            },
        )

    def stop(self, case: CaseId, kinds: Sequence[TimerKind], unit: UnitCode | None = None) -> None:
        """Delete rows; with *unit* only that unit's."""
        if unit is None:
            self._run(_STOP, case=case, kinds=list(kinds))
        else:
            self._run(_STOP_UNIT, case=case, kinds=list(kinds), unit=unit)

    def of(self, case: CaseId) -> Sequence[Timer]:
        """All rows of a case, the earliest deadline first."""
        return [_timer(row) for row in self._all(_OF, case=case)]

    def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        """Rows whose ``next_at`` has come, earliest first. Costs what is due, not what is stored."""
        return [_timer(row) for row in self._all(_DUE, now=now, limit=limit)]


def _timer(row: Any) -> Timer:
    timer = Timer(*row)
    return replace(timer, unit=timer.unit or None)
