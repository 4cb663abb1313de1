"""Whom a tip-off names, and whom staff may mark as those who must stay out of a case."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from routing import desk, refusals, staffing
from routing.departments import beside
from routing.events import Noted, NoteKind
from routing.model import Appointment, Case, CaseId, PersonId, Unit, UnitCode
from routing.ports import UnitOfWork
from routing.wording import shipped


@dataclass(frozen=True, slots=True)
class Accused:
    """Whom a text names."""

    units: tuple[UnitCode, ...] = ()
    people: tuple[PersonId, ...] = ()


@cache
def _phrases() -> Mapping[str, Sequence[str]]:
    """By level, the words that mean the unit of that level to which a place belongs."""
    data = shipped("conflicts")
    return {level: tuple(words) for level, words in data["levels"].items()}


def named(uow: UnitOfWork, text: str, grid: UnitCode) -> Accused:
    """The units and staff that a tip-off from *grid* names: those of its path, and departments beside it.

    The unit at the top never: somebody has to look into it. Names count in full, as tables of units and staff spell
    them; of a community's cadres "the village committee" is enough.
    """
    path = uow.units.path(grid)[:-1]
    codes = {unit.code for unit in uow.units.path(grid)}
    near = [*path, *(unit for unit in beside(uow.units.all()) if unit.parent in codes)]
    units = [unit.code for unit in near if _names(text, unit)]
    staff = (one for unit in near for one in uow.people.staff_of(unit.code))
    return Accused(tuple(units), tuple(dict.fromkeys(one.person for one in staff if one.name and one.name in text)))


def _names(text: str, unit: Unit) -> bool:
    return unit.name in text or any(word in text for word in _phrases().get(unit.level, ()))


def markable(uow: UnitOfWork, case: Case) -> Iterator[Unit]:
    """The units that may be marked as accused: where it arose and who has it, with what stands above and beside."""
    paths = {unit.code: unit for code in (case.grid, case.unit) for unit in uow.units.path(code)}
    yield from paths.values()
    yield from (unit for unit in beside(uow.units.all()) if unit.parent in paths and unit.code not in paths)


def colleagues(uow: UnitOfWork, case: Case) -> list[Appointment]:
    """The staff of the unit that has the case, each once."""
    return list({one.person: one for one in uow.people.staff_of(case.unit) if one.post in staffing.CLAIMING}.values())


def mark_unit(uow: UnitOfWork, case: CaseId, by: PersonId, unit: UnitCode, at: datetime, *, accused: bool) -> Case:
    """Let *unit* stay out of the case, or take that back.

    Raises:
        NotYours: *by* may not mark it.
        ConflictOfInterest: there is no such unit around the case.
        NobodyClear: nobody would be left to have it.
    """
    current = uow.cases.get(case)
    if unit not in {one.code for one in markable(uow, current)}:
        raise refusals.ConflictOfInterest(unit=unit)
    kept = tuple(code for code in current.accused if code != unit)
    return _marked(uow, current, by, at, (*kept, unit) if accused else kept, current.accused_people)


def mark_person(uow: UnitOfWork, case: CaseId, by: PersonId, person: PersonId, at: datetime, *, accused: bool) -> Case:
    """Let *person* stay out of the case, or take that back.

    Raises:
        NotYours: *by* may not mark it.
        NotColleague: they are no staff of the unit that has it, and not marked.
        NobodyClear: nobody would be left to have it.
    """
    current = uow.cases.get(case)
    if person not in {one.person for one in colleagues(uow, current)} | set(current.accused_people):
        raise refusals.NotColleague
    kept = tuple(one for one in current.accused_people if one != person)
    return _marked(uow, current, by, at, current.accused, (*kept, person) if accused else kept)


def _marked(
    uow: UnitOfWork,
    case: Case,
    by: PersonId,
    at: datetime,
    units: tuple[UnitCode, ...],
    people: tuple[PersonId, ...],
) -> Case:
    noted = Noted(at=at, by=by, kind=NoteKind.CONFLICT, accused=units, accused_people=people)
    return desk.move(uow, case.id, noted)
