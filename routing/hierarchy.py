"""Up, back and across: what people press and write to bring a case to another unit, or to get time for it."""

from datetime import datetime

from routing import casework, desk, lifecycle, refusals
from routing.casework import Saying
from routing.events import Escalated, Event
from routing.model import Case, CaseId, PersonId, WordsKind
from routing.ports import UnitOfWork


def check(uow: UnitOfWork, case: CaseId, event: Event) -> Case:
    """Refuse now whatever *event* would be refused for, before anybody is asked for words. Nothing moves.

    Raises:
        NotYours: ``event.by`` has no right to it.
        Refusal: the lifecycle says no.
    """
    current = uow.cases.get(case)
    if event.by is None:
        raise refusals.NotYours
    casework.check(uow, current, event.by, type(event))
    lifecycle.step(current, event, desk.facts(uow, current))
    return current


def escalate(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """One level up, with the reason (law 3).

    Raises:
        NothingAbove: it is at the top already.
    """
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, Escalated(at=at, by=by, words=words))
