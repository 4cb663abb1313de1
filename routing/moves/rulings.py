"""Who rules on what a unit asks: a return is its dispatcher's to decide, more time the level's above (laws 5 and 6)."""

from typing import Final

from routing.model import Case, RulingKind, UnitCode
from routing.moves.step import Facts
from routing.refusals import Refusal

ASKED: Final = {RulingKind.RETURN: "tell.return_asked", RulingKind.EXTENSION: "tell.extension_asked"}
UNRULED: Final = {RulingKind.RETURN: "tell.return_unruled", RulingKind.EXTENSION: "tell.extension_unruled"}
"""What the desk of whoever owes a ruling is told: that it is asked for it, and that it still owes it."""


class TooManyHandOvers(Refusal):
    """Units have handed it over as often as they may: whoever stands above says whose it is."""

    key = "refusal.too_many_hand_overs"


def ruler(case: Case, kind: RulingKind, facts: Facts) -> UnitCode | None:
    """Whose word decides, were it asked for now; ``None`` when nobody is above.

    More time: the level above. A return: the unit that dispatched the case to the one that holds it, else, where a rule
    did, the level above; once units have handed it over as often as the policy allows, the level above that dispatcher
    (no 踢皮球). Where nobody could say it, the next level that has somebody.
    """
    unit = higher(case.unit, facts)
    if kind is RulingKind.RETURN and (dispatcher := _dispatcher(case, facts)) is not None:
        settled = case.handovers >= facts.policy.most_handovers
        unit = (higher(dispatcher, facts) if settled else None) or dispatcher
    return None if unit is None else _answering(unit, facts)


def joining(case: Case, unit: UnitCode, facts: Facts) -> UnitCode | None:
    """Who may rule as well now that *unit* has let its time go by; ``None`` when nobody else is left above."""
    above = higher(unit, facts)
    joins = None if above is None else _answering(above, facts)
    return None if joins in case.rulers else joins


def higher(unit: UnitCode, facts: Facts) -> UnitCode | None:
    """The level above; ``None`` at the top."""
    above = facts.tree.above(unit)
    return None if above is None else above.code


def _dispatcher(case: Case, facts: Facts) -> UnitCode | None:
    """Who dispatched it, if they stand above it and need not stay out of it; of a part they may stand beside."""
    given_by = case.dispatcher
    if given_by is None:
        return None
    over = {unit.code for unit in facts.tree.path(case.unit)} - {case.unit}
    beside = case.parent is not None and any(unit.code == given_by for unit in facts.tree.path(given_by))
    return given_by if given_by in over or beside else None


def _answering(unit: UnitCode, facts: Facts) -> UnitCode:
    """*unit*, or the first above it where somebody may rule; *unit* all the same when nobody may anywhere."""
    found: UnitCode | None = unit
    while found is not None and not facts.rules(found):
        found = higher(found, facts)
    return found or unit
