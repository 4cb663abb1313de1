"""并单: a case that repeats another one of the same grid ends, and its reporter is told which one goes on."""

import re
from datetime import datetime
from typing import Final

from routing import desk, filing, refusals
from routing.casework import Saying
from routing.catalogue import PRAISE
from routing.events import Merged, Noted, NoteKind
from routing.model import Case, CaseId, PersonId, Status
from routing.ports import UnitOfWork

WORKED_ON: Final = frozenset({Status.RECEIVED, Status.OFFERED, Status.CLAIMED, Status.SUSPENDED})
MOST: Final = 100
"""How many open cases of a grid are offered; any other one is named by its number."""


def fits(case: Case, into: Case) -> bool:
    """Whether *case* may go on as *into*: another one of its grid, still worked on, and no tip-off made known by it.

    No part of a case: its outcome is told to whoever has the whole, and reporters hear that of the whole.
    """
    same_grid = into.id != case.id and into.grid == case.grid and into.parent is None
    return same_grid and into.status in WORKED_ON and (case.confidential or not into.confidential)


def apart(case: Case, into: Case) -> bool:
    """Whether one of them is a praise and the other is none: as a praise it would count in no figure."""
    return (case.kind == PRAISE) != (into.kind == PRAISE)


def targets(uow: UnitOfWork, case: Case) -> list[Case]:
    """The cases that *case* may repeat: those of its class first, among them those of its building, then the newest."""
    found = [one for one in uow.cases.open_of(case.grid, limit=MOST) if fits(case, one) and not apart(case, one)]
    place = case.place.building
    return sorted(found, key=lambda one: (one.matter != case.matter, one.place.building != place, -one.number))


def merge(uow: UnitOfWork, case: CaseId, by: PersonId, into: CaseId, at: datetime) -> Case:
    """End *case* as a repetition of *into*, which counts its reporter among the neighbours who have it too, once.

    Who told it in confidence is counted as well, and not named: then *by* stands in the log.

    Raises:
        SameCase: *into* is the same one, of another grid, finished, a part of another, or a tip-off.
        PraiseApart: one of the two is a praise and the other is none.
    """
    uow.cases.hold(into)
    current, other = uow.cases.get(case), uow.cases.get(into)
    if not fits(current, other):
        raise refusals.SameCase
    if apart(current, other):
        raise refusals.PraiseApart
    moved = desk.move(uow, case, Merged(at=at, by=by, into=into))
    named = None if current.confidential else current.reporter
    if current.reporter != other.reporter and (named is None or filing.first_time(uow, into, named, at)):
        desk.move(uow, into, Noted(at=at, by=named or by, kind=NoteKind.ME_TOO))
    return moved


def merge_by_number(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """The same, with the other case named by the number that *saying* begins with.

    Raises:
        NoSuchCase: there is none of that number, or no number.
        SameCase, PraiseApart: it cannot be merged into that one.
    """
    found = re.match(r"\D{0,3}(\d{1,12})(?!\d)", saying.text)
    if found is None:
        raise refusals.NoSuchCase
    return merge(uow, case, by, uow.cases.by_number(int(found[1])).id, at)
