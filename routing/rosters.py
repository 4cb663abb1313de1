"""Loading duty rosters: who is on duty for which unit, from when to when. The file is right for the span it covers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from routing import staffing
from routing.loading import Line, Load
from routing.model import PersonId, Unit, UnitCode
from routing.records import Shift

_MOMENT: Final = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T](\d{1,2}):(\d{2})(?::00)?")
LONGEST: Final = timedelta(days=31)
Rows = dict[UnitCode, dict[Shift, Line]]


def load(work: Load, lines: Sequence[Line]) -> None:
    """Write the shifts of *lines*; those that a unit has in the span of its rows and not in the rows are dropped."""
    found: Rows = {}
    for line in lines:
        noted, unit = len(work.problems), work.unit(line, "unit")
        starts, ends = _moment(work, line, "from"), _moment(work, line, "to")
        person = _person(work, line, unit)
        if starts and ends and not starts < ends <= starts + LONGEST:
            work.bad(line, "to", f"must be later than from, and by no more than {LONGEST.days} days")
        if len(work.problems) == noted and unit and starts and ends and person is not None:
            shift = Shift(unit.code, person, starts, ends, starts)
            if _free(work, line, shift, found.setdefault(unit.code, {})):
                found[unit.code][shift] = line
    if not work.problems:
        for unit_code, rows in found.items():
            _replace(work, unit_code, rows)


def _moment(work: Load, line: Line, column: str) -> datetime | None:
    """The instant that a cell names on the town's clocks; ``None``, with the problem noted, when it names none."""
    text = line.cells[column]
    parts = _MOMENT.fullmatch(text)
    try:
        if parts is None:
            raise ValueError
        year, month, day, hour, minute = map(int, parts.groups())
        midnight = datetime(year, month, day, tzinfo=work.uow.calendar.timezone)
        if hour == 24 and minute == 0:  # the end of that day, as people write it
            return work.uow.calendar.at(midnight.date() + timedelta(days=1))
        return work.uow.calendar.at(midnight.date(), midnight.replace(hour=hour, minute=minute).time())
    except ValueError:
        work.bad(line, column, f"{text!r} is no time; write for instance 2026-11-23 17:30")
        return None


def _person(work: Load, line: Line, unit: Unit | None) -> PersonId | None:
    text = line.cells["telegram_id"]
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 10**18:
        work.bad(line, "telegram_id", f"{text!r} is not a person's Telegram id")
        return None
    person = work.uow.people.meet(int(text), "", None).id
    posts = work.uow.people.posts_of(person)
    if unit is not None and not any(one.unit == unit.code and one.post in staffing.CLAIMING for one in posts):
        wanted = ", ".join(sorted(staffing.CLAIMING))
        work.bad(line, "telegram_id", f"{text} has no post in {unit.name} that may take a case ({wanted})")
        return None
    return person


def _free(work: Load, line: Line, shift: Shift, rows: Mapping[Shift, Line]) -> bool:
    """Whether the person has no other shift of the unit at that time, in the file."""
    for other, at in rows.items():
        if other.person == shift.person and other.starts_at < shift.ends_at and shift.starts_at < other.ends_at:
            work.bad(line, "from", f"overlaps with row {at.number}: the same person is on duty already")
            return False
    return True


def _replace(work: Load, unit: UnitCode, rows: Mapping[Shift, Line]) -> None:
    first, last = min(shift.starts_at for shift in rows), max(shift.ends_at for shift in rows)
    before = {(one.person, one.starts_at): one for one in work.uow.shifts.between(unit, first, last)}
    for shift in rows:
        old = before.pop((shift.person, shift.starts_at), None)
        work.loaded.count("roster", old and replace(old, ring_at=None), replace(shift, ring_at=None))
        work.uow.shifts.put(replace(shift, ring_at=_next_ring(old, shift)))
    for gone in before.values():
        work.uow.shifts.drop(gone)
        work.loaded.dropped += 1


def _next_ring(old: Shift | None, new: Shift) -> datetime | None:
    """What has been handed over is not handed over again; an end that has moved rings when it comes."""
    if old is None or old.ring_at == old.starts_at:
        return new.starts_at
    return new.ends_at if old.ring_at is not None or old.ends_at != new.ends_at else None
