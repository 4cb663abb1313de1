"""A year's holidays are published: the deadlines that were guessed are counted again, once."""

from datetime import datetime
from typing import Final

from routing import desk, telling
from routing.dates import counted
from routing.events import Recounted
from routing.model import Case, CaseId
from routing.ports import UnitOfWork
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
    due = counted(case, desk.facts(uow, case))
    if due is None:
        return
    try:
        moved = desk.apply(uow, case, Recounted(at=now, due_at=due.at, provisional=due.provisional))
    except AlreadyDone:
        return
    telling.show(uow, moved, now)
