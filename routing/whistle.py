"""吹哨、报到、协办: departments and partners are called to a place at a time, report in, and do their part."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from routing import casework, conflicts, desk, moments, owners, refusals, rights
from routing.calendar import Calendar
from routing.casework import Saying
from routing.events import AssistDone, AssistStruck, CheckedIn, Whistled
from routing.masking import mask_text
from routing.model import AssistState, Case, CaseId, PersonId, Unit, UnitCode, UnitKind, WordsKind
from routing.moves import working
from routing.ports import UnitOfWork

CALLED: Final = frozenset({UnitKind.DEPARTMENT, UnitKind.PARTNER})
PLACE: Final = 200
"""How much of the place is kept, in characters."""
_JOINTS: Final = " \t\r\n,，.。、;；:："
"""What stands between a place and a time belongs to neither."""


def callable_units(uow: UnitOfWork, case: Case) -> list[Unit]:
    """Departments and partners that may be called: those beside the units on the way up from the case.

    Whoever owns its matter stands first.
    """
    near = {unit.code for code in (case.unit, case.grid) for unit in uow.units.path(code)}
    taken = {case.unit, *(one.unit for one in case.assists if one.state is not AssistState.STRUCK)}
    found = [
        one
        for one in uow.units.all()
        if one.kind in CALLED and (one.parent is None or one.parent in near) and one.code not in taken
    ]
    return owners.first(uow, case, [one for one in found if not conflicts.barred(uow.units, case, one.code)])


def meeting(text: str, at: datetime, calendar: Calendar) -> tuple[str, datetime]:
    """Where and when *text* asks people to come: ``15:30`` is the next one, ``12-31 15:30`` that day's.

    Raises:
        BadMeeting: it names no time, or one that is past, or no place.
    """
    found = moments.find(text, at, calendar)
    around = (text[: found.start].strip(_JOINTS), text[found.end :].strip(_JOINTS)) if found else ()
    place = " ".join(" ".join(around).split())
    if found is None or found.at <= at or not any(sign.isalpha() for sign in place):
        raise refusals.BadMeeting
    return place, found.at


def whistle(
    uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime, *, units: tuple[UnitCode, ...]
) -> Case:
    """Call *units* to the place and the time that *saying* names; each has its own clock to report in.

    Raises:
        BadMeeting: place or time is missing, or the time is past.
        NobodyChosen: *units* are none, or none that can be called.
    """
    place, meet_at = meeting(saying.text, at, uow.calendar)
    possible = {unit.code for unit in callable_units(uow, uow.cases.get(case))}
    called = tuple(unit for unit in units if unit in possible)
    if not called:
        raise refusals.NobodyChosen
    words = casework.keep(uow, case, WordsKind.NOTE, by, saying, at)
    shown = mask_text(place)[:PLACE]
    return desk.move(uow, case, Whistled(at=at, by=by, words=words, units=called, place=shown, meet_at=meet_at))


def check_in(uow: UnitOfWork, case: CaseId, by: PersonId, at: datetime) -> Case:
    """The unit of *by* is there; late if its clock had run out.

    Raises:
        NotYours: no unit of theirs was called.
    """
    assist = _assisting(uow, uow.cases.get(case), by, {AssistState.WHISTLED, AssistState.ABSENT})
    return desk.move(uow, case, CheckedIn(at=at, by=by, unit=assist, assist=assist))


def finish(uow: UnitOfWork, case: CaseId, by: PersonId, at: datetime) -> Case:
    """The unit of *by* has done its part.

    Raises:
        NotYours: no unit of theirs was called.
    """
    assist = _assisting(uow, uow.cases.get(case), by, set(AssistState) - {AssistState.DONE, AssistState.STRUCK})
    return desk.move(uow, case, AssistDone(at=at, by=by, unit=assist, assist=assist))


def _assisting(uow: UnitOfWork, case: Case, by: PersonId, waiting: set[AssistState]) -> UnitCode:
    """The called unit for which *by* may answer: the one at whose desk they are, else first one whose turn it is."""
    own = [unit for unit, _ in rights.capacities(uow, by, case, rights.GRANTS[CheckedIn]) if unit is not None]
    if rights.implied_unit(uow) == own[0]:
        return own[0]
    turn = [assist.unit for assist in case.assists if assist.unit in own and assist.state in waiting]
    return turn[0] if turn else own[0]


def strikable(uow: UnitOfWork, case: Case, units: Iterable[UnitCode]) -> list[UnitCode]:
    """The called units that one of *units* may strike off now."""
    known = desk.facts(uow, case)
    return [
        one.unit
        for one in case.assists
        if not one.over and any(working.may_strike(case, one, unit, known) for unit in units)
    ]


def strike(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime, *, unit: UnitCode) -> Case:
    """Strike a called unit off, with the reason.

    Raises:
        NotYoursToStrike: whoever called it asks a unit above.
    """
    words = casework.keep(uow, case, WordsKind.REASON, by, saying, at)
    return desk.move(uow, case, AssistStruck(at=at, by=by, words=words, assist=unit))
