"""Whose hands a case waits for: who of a unit is asked to take it, who is on duty, who has it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from routing import conflicts, emergency, in_line
from routing.model import Case, PersonId, UnitCode
from routing.ports import UnitOfWork
from routing.records import Shift

CLAIMING: Final = in_line.CLAIMING


def roster(uow: UnitOfWork, unit: UnitCode, *, but: Collection[PersonId] = ()) -> list[PersonId]:
    """Who is asked to claim in *unit*: the posts that the policy asks first there, as far as somebody holds them.

    Helpers are asked only where there is nobody else, and those in *but* never. In emergency mode everybody is asked.
    """
    claiming = [one for one in uow.people.staff_of(unit) if one.post in CLAIMING and one.person not in but]
    if emergency.is_on(uow.units, unit):
        return list(dict.fromkeys(one.person for one in claiming))
    for posts in uow.policy.asking(uow.units.get(unit)) if claiming else ():
        if asked := [one.person for one in claiming if one.post in posts]:
            return list(dict.fromkeys(asked))
    return []


def asked(uow: UnitOfWork, case: Case, unit: UnitCode, at: datetime) -> list[PersonId]:
    """Whom to ask about *case* in *unit* at that hour; nobody who must stay out of it.

    In office hours the whole roster. Outside them whoever is on duty there; when nobody is, whoever is on duty in the
    nearest unit above, and the roster all the same. In emergency mode nobody of the roster is off duty.
    """
    everybody = roster(uow, unit, but=case.accused_people)
    serving = on_duty(uow, unit, at, case)
    if not serving:
        return everybody
    people = [shift.person for shift in serving]
    alone = serving[0].unit == unit and not emergency.is_on(uow.units, unit)
    return people if alone else [*people, *(one for one in everybody if one not in people)]


def on_duty(uow: UnitOfWork, unit: UnitCode, at: datetime, case: Case | None = None) -> Sequence[Shift]:
    """The shifts that answer for *unit* at that hour; in office hours nobody has to, everybody is there.

    Of *case* only those that need not stay out of it.
    """
    return () if uow.calendar.is_office(at) else serving_for(uow, unit, at, case)


def serving_for(uow: UnitOfWork, unit: UnitCode, at: datetime, case: Case | None = None) -> Sequence[Shift]:
    """The shifts of *unit* that are running, else those of the nearest unit above."""
    path = conflicts.clear(uow.units, case.accused if case else ()).path(unit)
    running = uow.shifts.among([step.code for step in path], at)
    for step in path if running else ():
        there = (one for one in running if one.unit == step.code and serves(uow, one))
        serving = [one for one in there if not case or one.person not in case.accused_people]
        if serving:
            return serving
    return ()


def serves(uow: UnitOfWork, shift: Shift) -> bool:
    """Whether whom the roster names may still take a case there; who has lost that post since is not on duty."""
    staff = uow.people.staff_of(shift.unit)
    return any(one.person == shift.person and one.post in CLAIMING for one in staff)


def holder_of(uow: UnitOfWork, case: Case) -> PersonId | None:
    """Who holds it; nobody when they have lost their post in its unit since, for then it is the unit's."""
    if case.holder is None:
        return None
    return case.holder if any(one.person == case.holder for one in uow.people.staff_of(case.unit)) else None
