"""The first receiver of a case: by the policy's lines, by class and place, and by who is there to claim it.

Every decision has a name that is stored with the dispatch (law 14): ``policy:`` and the name of a line, or ``class:``
and the level where it starts, or ``place:``; behind it what turned the case away from a unit.
"""

from collections.abc import Iterator

from routing import conflicts, owners, staffing
from routing.model import Case, ChatKind, Unit, UnitCode, WordsKind
from routing.ports import UnitOfWork
from routing.receiver_lines import OWNER


def first_receiver(uow: UnitOfWork, case: Case) -> tuple[UnitCode, str]:
    """The unit that gets a new case, and the named rule that chose it."""
    for unit, rule in (*_by_lines(uow, case), *_by_class(uow, case)):
        return _manned(uow, case, unit, rule)
    return _manned(uow, case, uow.units.get(case.grid), "place:grid")


def _by_lines(uow: UnitOfWork, case: Case) -> Iterator[tuple[Unit, str]]:
    """What the lines of the policy choose, in their order. One that finds no unit is passed over."""
    if not uow.policy.receivers:
        return
    grid, matter = uow.units.get(case.grid), uow.catalogue.matters.get(case.matter)
    text = "\n".join(one.text for one in uow.words.of(case.id, WordsKind.REPORT))
    size = uow.catalogue.large(text)
    for line in uow.policy.receivers:
        if line.fits(case, grid, matter, large=size is not None):
            found = owners.clear(uow, case) if line.to == OWNER else [one for one, _ in _at(uow, case, line.to)]
            yield from ((unit, f"policy:{line.name}") for unit in found[:1])


def _by_class(uow: UnitOfWork, case: Case) -> Iterator[tuple[Unit, str]]:
    level = uow.policy.starts_at.get(case.top, uow.policy.grid)
    for unit, place in _at(uow, case, level):
        yield unit, f"class:{case.top} starts at {level}{place}"


def _at(uow: UnitOfWork, case: Case, level: str) -> Iterator[tuple[Unit, str]]:
    """The unit of *level* to which the place of *case* belongs, with what says so.

    Below the grid it is the micro-grid of the building, if somebody could claim there.
    """
    if not uow.policy.below_grid(level):
        yield from ((unit, "") for unit in uow.units.path(case.grid) if unit.level == level)
        return
    building = case.place.building
    for unit in uow.units.below(case.grid):
        if unit.level == level and building in unit.buildings and staffing.roster(uow, unit.code):
            yield unit, f", place:{building}"


def _manned(uow: UnitOfWork, case: Case, unit: Unit, rule: str) -> tuple[UnitCode, str]:
    """*unit*, or the first one above it that may have *case* and where somebody could claim or a desk reads.

    *unit* when there is none: the moves give the case to the first one that need not stay out of it.
    """
    turned = f", conflict:{unit.code}" if conflicts.barred(uow.units, case, unit.code) else ""
    for step in conflicts.clear(uow.units, case.accused).path(unit.code):
        manned = staffing.roster(uow, step.code, but=case.accused_people)
        if manned or uow.chats.of_unit(step.code, ChatKind.DESK) is not None:
            return step.code, rule + (turned if turned or step == unit else f", nobody:{unit.code}")
    return unit.code, rule
