"""A year's holidays are published: the deadlines that were guessed are counted again, once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from routing import desk, telling
from routing.events import (
    DeadlinePassed,
    Dispatched,
    Event,
    ExtensionRuled,
    Noted,
    NoteKind,
    Recounted,
    Released,
    Resumed,
    Suspended,
)
from routing.limits import Due, due_at
from routing.model import Case, CaseId, TimerKind
from routing.moves.step import Facts
from routing.ports import Entry, UnitOfWork
from routing.refusals import AlreadyDone

KNOWN: Final = "calendar.horizon"
"""The setting that holds the last day for which deadlines have been counted."""
_FIRST: Final = CaseId(0)


def wanted(uow: UnitOfWork) -> bool:
    """Whether the calendar reaches further than when deadlines were counted last."""
    return uow.notebook.setting(KNOWN) != uow.calendar.horizon.isoformat()


def some(uow: UnitOfWork, now: datetime, after: CaseId = _FIRST, limit: int = 100) -> CaseId | None:
    """Count the next provisional deadlines again; returns where to go on, ``None`` once all have been counted."""
    found = uow.cases.provisional(after, limit=limit)
    for case in found:
        _recount(uow, case, now)
    if len(found) == limit:
        return found[-1].id
    uow.notebook.set_setting(KNOWN, uow.calendar.horizon.isoformat())
    return None


def _recount(uow: UnitOfWork, case: Case, now: datetime) -> None:
    due = counted(case, uow.log.of(case.id), desk.facts(uow, case))
    if due is None:
        return
    try:
        moved = desk.apply(uow, case, Recounted(at=now, due_at=due.at, provisional=due.provisional))
    except AlreadyDone:
        return
    telling.show(uow, moved, now)


def counted(case: Case, entries: Sequence[Entry], facts: Facts) -> Due | None:
    """When *case* has to be solved by the calendar as it is now: every step of its log that moved the date, again."""
    due: Due | None = None
    told: datetime | None = None
    for entry in entries:
        if "due_at" not in entry.change:
            continue
        before, told = told, _instant(entry.change["due_at"])
        if told is None:
            due = None
        elif due is not None and before is not None and _shifts(entry.event):
            due = Due(due.at + (told - before), due.provisional)
        else:
            due = _begun(entry.event, told, due, case, facts)
    return due


def _begun(event: Event, told: datetime, before: Due | None, case: Case, facts: Facts) -> Due:
    """A date that *event* set: by hand, as an extension of the one *before*, or by the limit from then on."""
    if isinstance(event, Dispatched) and event.until is not None:
        return Due(told, provisional=False)
    if isinstance(event, ExtensionRuled) and before is not None:
        limit = facts.policy.limit_for(TimerKind.HANDLE, case, facts.tree.get(case.unit).level, same_day=False)
        return due_at(max(before.at, event.at), limit, facts.calendar)
    at, provisional = facts.due(TimerKind.HANDLE, case, event.at)
    return Due(at, provisional)


def _shifts(event: Event) -> bool:
    """Whether *event* ends a pause, and so moves the date by its length."""
    if isinstance(event, Noted):
        return event.kind is NoteKind.ANSWER
    return isinstance(event, Resumed | Suspended | Released | DeadlinePassed)


def _instant(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
