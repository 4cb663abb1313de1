"""Conflict of interest (回避): whom a case is about cannot have it, rule on it, review it or read it.

A unit that stands accused bars itself and everything below it: its grids would report to it. A person who stands
accused is asked nothing and may do nothing. What is left of the tree is what every rule is given to look at.
"""

from collections.abc import Collection
from dataclasses import dataclass

from routing import refusals
from routing.model import Case, Unit, UnitCode
from routing.moves.step import Tree


@dataclass(frozen=True, slots=True)
class Clear:
    """The tree as it is left when the *accused* units, and all below them, stay out of it."""

    whole: Tree
    accused: Collection[UnitCode]

    def get(self, code: UnitCode) -> Unit:
        """The unit, barred or not, or `LookupError`."""
        return self.whole.get(code)

    def above(self, code: UnitCode) -> Unit | None:
        """The first unit above it that is not barred; ``None`` when there is none."""
        rest = _rest(self.whole.path(code), self.accused)
        return next((unit for unit in rest if unit.code != code), None)

    def path(self, code: UnitCode) -> tuple[Unit, ...]:
        """It, if it is not barred, and the units above it that are not, up to the top."""
        return _rest(self.whole.path(code), self.accused)


def _rest(path: tuple[Unit, ...], accused: Collection[UnitCode]) -> tuple[Unit, ...]:
    """The part of *path* above the last accused unit."""
    last = max((step for step, unit in enumerate(path) if unit.code in accused), default=-1)
    return path[last + 1 :]


def clear(tree: Tree, accused: Collection[UnitCode]) -> Tree:
    """*tree* without the *accused* units and what is below them."""
    whole = tree.whole if isinstance(tree, Clear) else tree
    return Clear(whole, accused) if accused else whole


def barred(tree: Tree, case: Case, unit: UnitCode) -> bool:
    """Whether *unit* must stay out of *case*."""
    return bool(case.accused) and any(step.code in case.accused for step in tree.path(unit))


def instead(tree: Tree, case: Case, unit: UnitCode) -> UnitCode:
    """*unit*, or who gets the case instead of it: the first above it that is not barred, else above the grid.

    Raises:
        NobodyClear: everybody up to the top is barred.
    """
    left = clear(tree, case.accused)
    for start in (unit, case.grid) if case.accused else ():
        for step in left.path(start):
            return step.code
    if case.accused:
        raise refusals.NobodyClear
    return unit


def admit(tree: Tree, case: Case, unit: UnitCode) -> None:
    """Refuse what somebody chose by name.

    Raises:
        ConflictOfInterest: *unit* must stay out of *case*.
    """
    if barred(clear(tree, ()), case, unit):
        raise refusals.ConflictOfInterest(unit=unit)
