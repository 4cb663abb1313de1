"""兜底: a case that nobody takes in time is given to the next person in line, where the policy says so."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from routing import emergency, staffing
from routing.events import Assigned
from routing.model import Case, PersonId, Status
from routing.ports import UnitOfWork

RULE: Final = "backstop"


def whom(uow: UnitOfWork, case: Case, at: datetime) -> Assigned | None:
    """Give *case* to whoever is next; ``None`` when somebody has it, or there is nobody left in line.

    Whoever is on duty comes first, then the contacts of the unit in their order. Those who can't be reached, who must
    stay out of it or have had it from the clock before are passed over.
    """
    contacts = uow.policy.contacts
    here = uow.units.get(case.unit).level in contacts.levels
    if not contacts.assign or not here or case.status is not Status.OFFERED or case.ruling is not None:
        return None
    reachable = (one for one in _line(uow, case, at) if uow.chats.private(one) is not None)
    to = next((one for one in reachable if one not in {*case.assigned, *case.accused_people}), None)
    stamp = emergency.stamp(uow.policy, uow.units, case.unit)
    return None if to is None else Assigned(at=at, to=to, rule=RULE, policy=stamp)


def _line(uow: UnitOfWork, case: Case, at: datetime) -> Iterator[PersonId]:
    yield from (shift.person for shift in staffing.on_duty(uow, case.unit, at, case) if shift.unit == case.unit)
    staff = [one for one in uow.people.staff_of(case.unit) if one.post in staffing.CLAIMING]
    for post in uow.policy.contacts.order:
        yield from (one.person for one in staff if one.post is post)
