"""Up, back and across: what people press and write to bring a case to another unit, or to get time for it."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from routing import casework, conflicts, desk, lifecycle, refusals, whistle
from routing.casework import Saying
from routing.events import (
    Escalated,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    ReturnAsked,
    ReturnReason,
    ReturnRuled,
    Supervised,
    SupervisionKind,
    Suspended,
    Transferred,
)
from routing.model import Case, CaseId, PersonId, Unit, UnitCode, WordsKind
from routing.ports import UnitOfWork

DAY: Final = re.compile(r"(2\d{3})\D(\d{1,2})\D(\d{1,2})(?!\d)")


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
    lifecycle.step(current, desk.in_capacity(uow, current, event), desk.facts(uow, current))
    return current


def escalate(
    uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime, *, skip_to: UnitCode | None = None
) -> Case:
    """One level up, or with the right to *skip_to* a higher one (law 3).

    *saying* is the record that goes up with it: what was done here, and why that is not enough.

    Raises:
        NothingAbove: it is at the top already.
        NotAbove: *skip_to* is no unit above the holding one.
        NoSkipping: no post of theirs may skip a level.
        RecordNeeded: the policy asks for a photo of what was done.
    """
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, Escalated(at=at, by=by, words=words, skip_to=skip_to, photos=saying.photos))


def higher(uow: UnitOfWork, case: Case) -> list[Unit]:
    """The units above the next level: those to which a case comes only by skipping one."""
    return list(uow.units.path(case.unit)[2:])


def supervise(
    uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime, *, kind: SupervisionKind
) -> Case:
    """Look into a case from above, with a sentence that whoever holds it reads."""
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, Supervised(at=at, by=by, words=words, kind=kind))


def proposable(uow: UnitOfWork, case: Case) -> list[Unit]:
    """Whom a unit may propose when it returns *case*: the level above, and everybody else right below that.

    Then whoever dispatched it, and everybody right below them.
    """
    near = conflicts.clear(uow.units, case.accused)
    above = near.above(case.unit)
    known = [] if case.dispatcher is None else near.path(case.dispatcher)[:1]
    over = [unit for unit in (above, *known) if unit is not None]
    found = [one for unit in over for one in (unit, *clear(uow, case, uow.units.children(unit.code)))]
    return list({one.code: one for one in found if one.code != case.unit}.values())


def clear(uow: UnitOfWork, case: Case, units: Iterable[Unit]) -> list[Unit]:
    """Those of *units* that need not stay out of *case*."""
    return [unit for unit in units if not conflicts.barred(uow.units, case, unit.code)]


def ask_return(
    uow: UnitOfWork,
    case: CaseId,
    by: PersonId,
    saying: Saying,
    at: datetime,
    *,
    reason: ReturnReason,
    proposed: UnitCode | None,
) -> Case:
    """Ask whoever dispatched it, or the level above, to take the case back, for a listed reason and with a sentence.

    Raises:
        NotBelow: the unit proposed is none that could be.
    """
    current = uow.cases.get(case)
    if proposed is not None and proposed not in {unit.code for unit in proposable(uow, current)}:
        raise refusals.NotBelow
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, ReturnAsked(at=at, by=by, words=words, reason=reason, proposed=proposed))


def takers(uow: UnitOfWork, case: Case, by: PersonId) -> list[Unit]:
    """Who may get a returned case by the word of *by*: the unit proposed first, then theirs, then those right below.

    Of a case that was sent down several levels, also those on the way and beside the unit that returns it.

    Raises:
        NotYours: they have no say in it.
    """
    ruling = casework.acting_unit(uow, case, by, ReturnRuled)
    reach = _reach(uow, case, ruling)
    over = (ruling, *_between(uow, case, ruling))
    near = [code for one in over for code in (one, *(unit.code for unit in uow.units.children(one)))]
    return [reach[code] for code in dict.fromkeys([case.proposed, *near]) if code in reach and code != case.unit]


def _reach(uow: UnitOfWork, case: Case, ruling: UnitCode) -> dict[UnitCode, Unit]:
    """Whom *ruling* may give *case* to: itself and everybody below it; a part, also those whom it may call."""
    called = whistle.callable_units(uow, case) if case.parent is not None else []
    return {unit.code: unit for unit in (*uow.units.below(ruling), *called)}


def _between(uow: UnitOfWork, case: Case, ruling: UnitCode) -> list[UnitCode]:
    """The units between *ruling* and the one that has the case, from the top down; none where it is not above."""
    codes = [unit.code for unit in uow.units.path(case.unit)]
    return codes[1 : codes.index(ruling)][::-1] if ruling in codes else []


def accept_return(uow: UnitOfWork, case: CaseId, by: PersonId, to: UnitCode, at: datetime) -> Case:
    """The return is accepted, and *to* gets the case.

    Raises:
        NotYours: they have no say in it.
        NotBelow: *to* is the unit that returned it, or beyond their reach.
    """
    current = uow.cases.get(case)
    ruling = casework.acting_unit(uow, current, by, ReturnRuled)
    if to == current.unit or to not in _reach(uow, current, ruling):
        raise refusals.NotBelow
    return desk.move(uow, case, ReturnRuled(at=at, by=by, unit=ruling, approve=True, to=to))


def refuse_return(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """The unit keeps the case, designated now, and reads why."""
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, ReturnRuled(at=at, by=by, approve=False, words=words))


def ask_extension(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """Ask the level above for more time, with the reason (law 6)."""
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, ExtensionAsked(at=at, by=by, words=words))


def refuse_extension(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime) -> Case:
    """The deadline stands, and the holder reads why."""
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, ExtensionRuled(at=at, by=by, approve=False, words=words))


def day_of(text: str) -> date:
    """The first date in *text*, as in ``2026-12-31``; any sign may stand between the numbers.

    Raises:
        BadDate: there is none, or no calendar has it.
    """
    found = DAY.search(text)
    try:
        year, month, day = map(int, found.groups()) if found else (0, 0, 0)
        return date(year, month, day)
    except ValueError:
        raise refusals.BadDate from None


def morning_of(uow: UnitOfWork, day: date) -> datetime:
    """When the offices open on *day*: a suspended case comes back to people who are there."""
    return uow.calendar.at(day, uow.calendar.office[0][0])


def suspend(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime, *, until: date) -> Case:
    """Park the case until the morning of that day, with the reason (law 6).

    Raises:
        BadDate: the day is past or too far ahead.
    """
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, Suspended(at=at, by=by, until=morning_of(uow, until), words=words))


def siblings(uow: UnitOfWork, case: Case) -> list[Unit]:
    """The units of the same rank right beside the holding one."""
    held = uow.units.get(case.unit)
    beside = () if held.parent is None else uow.units.children(held.parent)
    return clear(uow, case, (one for one in beside if one.level == held.level and one.code != held.code))


def transfer(uow: UnitOfWork, case: CaseId, by: PersonId, to: UnitCode, at: datetime) -> Case:
    """Pass the case on to a unit of the same rank beside the holding one.

    Raises:
        NotBeside: *to* is none.
    """
    if to not in {unit.code for unit in siblings(uow, uow.cases.get(case))}:
        raise refusals.NotBeside
    return desk.move(uow, case, Transferred(at=at, by=by, to=to))
