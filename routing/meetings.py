"""会商: those concerned have met about a case; the minutes are kept, and each decision has an owner and a date."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from routing import casework, desk, refusals, splitting
from routing.calendar import Calendar
from routing.casework import Saying
from routing.events import Conferred
from routing.model import AssistState, Case, CaseId, PersonId, Unit, UnitCode, WordsKind
from routing.moments import find_day
from routing.ports import UnitOfWork
from routing.splitting import Task

CAME: Final = frozenset({AssistState.CHECKED_IN, AssistState.LATE, AssistState.DONE})
_DECISION: Final = re.compile(r"^\s*[@\uff20]\s*(?P<rest>.*)$")
"""A line of the minutes that begins with @ is a decision; written so that the pattern names the wide sign, too."""


def decisions(text: str, units: Mapping[UnitCode, Unit], at: datetime, calendar: Calendar) -> list[Task]:
    """The decisions in the minutes: lines such as ``@unit 12-31 what is to be done``, due when the offices close.

    Args:
        text: The minutes.
        units: Who may own a decision; a line names one of them.
        at: Now; a date without a year is the next one of that name.
        calendar: Of the town.

    Raises:
        BadDecision: a marked line names no unit, no date ahead, or nothing to be done; ``line`` counts from one.
    """
    lines = ((number, _DECISION.match(line)) for number, line in enumerate(text.splitlines(), start=1))
    return [_task(number, found["rest"], units, at, calendar) for number, found in lines if found is not None]


def _task(line: int, rest: str, units: Mapping[UnitCode, Unit], at: datetime, calendar: Calendar) -> Task:
    named = [unit for unit in units.values() if rest.startswith(unit.name)]
    if not named:
        raise refusals.BadDecision(line=line)
    owner = max(named, key=lambda unit: len(unit.name))
    said = rest[len(owner.name) :]
    found = find_day(said, calendar.local(at).date())
    what = " ".join(f"{said[: found.start]} {said[found.end :]}".split()).strip(" :,\uff1a\uff0c") if found else ""
    if found is None or not what:
        raise refusals.BadDecision(line=line)
    until = calendar.at(found.date, calendar.office[-1][1])
    if until <= at:
        raise refusals.BadDecision(line=line)
    return Task(owner.code, Saying(what), until)


def confer(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """Keep the minutes of a meeting about the case; each decision in them becomes a part with its owner and its date.

    Who attended is what the check-ins say.

    Raises:
        BadDecision: a marked line can't be carried out; then nothing of the minutes is kept.
    """
    current = uow.cases.get(case)
    tasks = decisions(saying.text, splitting.takers(uow, current, by), at, uow.calendar)
    words = casework.keep(uow, case, WordsKind.MINUTES, by, saying, at)
    attended = tuple(assist.unit for assist in current.assists if assist.state in CAME)
    moved = desk.move(uow, case, Conferred(at=at, by=by, words=words, attended=attended))
    if tasks:
        splitting.cut(uow, case, by, tasks, at)
    return moved
