"""Duty changes hands (值班交接): whoever comes gets one list of every open case, once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from routing import boards, conflicts, staffing, telling
from routing.model import Case, Chat, PersonId, Status, UnitCode, Urgency
from routing.ports import Lane, Promise, UnitOfWork
from routing.records import Shift

STALE: Final = timedelta(days=1)
"""An end of duty that is told later than this, as after a downtime, is told to nobody."""
_MOMENT: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class HandOver:
    """What whoever comes is handed; ``full`` says that there are more than the list looks at."""

    cases: tuple[Case, ...]
    full: bool


def sweep(uow: UnitOfWork, now: datetime, limit: int = 50) -> int:
    """Hand over what has to be handed over by now; returns how many shifts were looked at, so call until it is 0."""
    due = uow.shifts.due(now, limit)
    for shift in due:
        if now < shift.ends_at:
            uow.shifts.ring(shift, shift.ends_at)
            _begin(uow, shift, now)
        else:
            uow.shifts.ring(shift, None)
            _end(uow, shift, now)
    return len(due)


def _begin(uow: UnitOfWork, shift: Shift, now: datetime) -> None:
    """The list goes to whoever begins, unless they go on from a shift before or have lost their post."""
    if not staffing.serves(uow, shift):
        return
    if any(one.person == shift.person for one in uow.shifts.at(shift.unit, shift.starts_at - _MOMENT)):
        return
    private = uow.chats.private(shift.person)
    for chat in [private] if private else telling.desk_of(uow, shift.unit):
        _list(uow, shift, chat, "begins", now)


def _end(uow: UnitOfWork, shift: Shift, now: datetime) -> None:
    """When nobody follows, the list goes back to the regular staff; at night they get it in the morning."""
    if now - shift.ends_at > STALE or any(staffing.serves(uow, one) for one in uow.shifts.at(shift.unit, now)):
        return
    chats = [chat for person in staffing.roster(uow, shift.unit) if (chat := uow.chats.private(person))]
    for chat in chats or telling.desk_of(uow, shift.unit):
        _list(uow, shift, chat, "ended", now)


def _list(uow: UnitOfWork, shift: Shift, chat: Chat, what: str, now: datetime) -> None:
    awake = chat.person is not None and uow.shifts.serving(chat.person, now)
    quiet = None if awake or uow.policy.quiet is None else uow.policy.quiet.until(uow.calendar, now)
    uow.outbox.promise(
        Promise(
            key=f"duty:{shift.unit}:{shift.person}:{shift.starts_at.isoformat()}:{what}:{chat.id}",
            chat=chat.id,
            view="handover",
            params={
                "unit": shift.unit,
                "what": what,
                "person": shift.person,
                "until": shift.ends_at.timestamp(),
                "at": (quiet or now).timestamp(),
            },
            lane=Lane.NOTICE,
            not_before=quiet,
            not_after=now + telling.TELL_LIFE,
        )
    )


def handed_over(uow: UnitOfWork, unit: UnitCode, now: datetime, reader: PersonId | None = None) -> HandOver:
    """Every open case of *unit* on which somebody has to act, and what is urgent or late below it, in order of need.

    What the unit has itself is asked for by itself, so nothing from below takes its place on the list. Cases that
    *unit* or the *reader* must stay out of are left out.
    """
    below = [one.code for one in uow.units.below(unit)]
    own = uow.cases.open_in([unit], limit=boards.MOST)
    late = uow.cases.late_in(below, now, limit=boards.MOST)
    urgent = [one for one in uow.cases.open_in(below, limit=boards.MOST) if one.urgency is Urgency.URGENT]
    found = {case.id: case for case in (*own, *late, *urgent) if _concerns(uow, case, unit, reader)}
    cases = boards.ordered(list(found.values())[: boards.MOST], now)
    full = boards.MOST in (len(own), len(late), len(urgent)) or len(found) > boards.MOST
    return HandOver(tuple(cases), full)


def _concerns(uow: UnitOfWork, case: Case, unit: UnitCode, reader: PersonId | None) -> bool:
    barred = conflicts.barred(uow.units, case, unit) or reader in case.accused_people
    return case.status is not Status.AWAITING_RATING and not barred
