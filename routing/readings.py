"""查阅: observers read a case for a stated reason, staff open how its reporter can be reached. Each is written down."""

from datetime import datetime
from typing import Final

from routing import refusals, rights
from routing.catalogue import TIP_OFF
from routing.model import Case, CaseId, PersonId, Post
from routing.ports import Reading, ReadingKind, UnitOfWork

REASON: Final = 500
"""How much of a reason is kept, in characters."""
_ACCEPTING: Final = (Post.LEADER, Post.DISPATCHER)


def observes(uow: UnitOfWork, person: PersonId, case: Case) -> bool:
    """Whether *person* may read *case* only as an observer, and so only for a reason."""
    return not rights.sees(uow, person, case) and rights.may(uow, person, case, rights.OBSERVING)


def observe(uow: UnitOfWork, case: CaseId, person: PersonId, reason: str, at: datetime) -> Reading:
    """An observer reads the case, and says why.

    Raises:
        NotYours: no observer's post of theirs reaches it.
        NothingSaid: no reason.
    """
    if not reason.strip():
        raise refusals.NothingSaid
    unit, post = rights.capacity(uow, person, uow.cases.get(case), rights.OBSERVING)
    if unit is None or post is None:
        raise refusals.NotYours
    reading = Reading(uow.ids.new(), at, person, unit, post, case, ReadingKind.CASE, reason.strip()[:REASON])
    uow.readings.add(reading)
    return reading


def knows_reporter(uow: UnitOfWork, person: PersonId, case: Case) -> bool:
    """Whether *person* may open who reported *case* and how they can be reached.

    Of a tip-off only the desk that accepted it may, and nobody there who handles it themselves.
    """
    if case.kind != TIP_OFF:
        return rights.may(uow, person, case, rights.CONTACTING)
    posts = [one for _, one in rights.standings(uow, person, case) if one is not None]
    accepting = any(one.unit == case.accepted and one.post in _ACCEPTING for one in posts)
    return accepting and person != case.holder


def open_contact(uow: UnitOfWork, case: CaseId, person: PersonId, at: datetime) -> Reading:
    """Open how the reporter can be reached.

    Raises:
        NotYours: they may not.
        ReporterUnknown: nobody reported it, or they are forgotten.
    """
    current = uow.cases.get(case)
    if not knows_reporter(uow, person, current):
        raise refusals.NotYours
    if current.reporter is None or uow.people.get(current.reporter) is None:
        raise refusals.ReporterUnknown
    granted = rights.CONTACTING if current.kind != TIP_OFF else rights.READING
    unit, post = rights.capacity(uow, person, current, granted)
    if unit is None or post is None:
        raise refusals.NotYours
    reading = Reading(uow.ids.new(), at, person, unit, post, case, ReadingKind.CONTACT, "")
    uow.readings.add(reading)
    return reading


def holds(uow: UnitOfWork, number: int, person: PersonId | None, case: Case) -> Reading | None:
    """The reading of that number, if it is theirs, of that case, and their post still reaches it."""
    reading = uow.readings.get(number)
    if reading is None or person is None or (reading.person, reading.case) != (person, case.id):
        return None
    if reading.kind is ReadingKind.CONTACT:
        return reading if knows_reporter(uow, person, case) else None
    return reading if rights.may(uow, person, case, rights.OBSERVING) else None
