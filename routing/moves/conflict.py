"""回避: who stands accused changes, and the case leaves them."""

from dataclasses import replace

from routing import conflicts, refusals
from routing.effects import Disarm, Effect, Follow, Tell, Whom
from routing.events import Dispatched, Noted, Released, Resumed
from routing.model import Case, Status, TimerKind, UnitCode
from routing.moves import rulings
from routing.moves.step import Facts, Outcome, outcome

_MOVABLE = frozenset({Status.OFFERED, Status.CLAIMED, Status.SUSPENDED})


def mark(case: Case, event: Noted, facts: Facts) -> Outcome:
    """Note who must stay out of it; a case that one of them has goes up, or back to the colleagues.

    Raises:
        NobodyClear: nobody would be left to have it.
        AlreadyDone: nothing changes.
    """
    marked = outcome(case, accused=event.accused, accused_people=event.accused_people).case
    if marked == case:
        raise refusals.AlreadyDone
    to = conflicts.instead(facts.tree, marked, case.unit)
    left = facts.colleagues - set(event.accused_people)
    if to == case.unit and facts.colleagues and not left:
        above = conflicts.clear(facts.tree, event.accused).above(case.unit)
        if above is None:
            raise refusals.NobodyClear
        to = above.code
    leaving = tuple(_leaving(marked, event, to, facts))
    if leaving or marked.ruling is None:
        return Outcome(marked, leaving)
    return _ruled_by_another(marked, event, replace(facts, tree=conflicts.clear(facts.tree, event.accused)))


def _ruled_by_another(case: Case, event: Noted, facts: Facts) -> Outcome:
    """Who owes a ruling and must stay out of it owes none any more, but the next one does."""
    left = tuple(unit for unit in case.rulers if any(unit == one.code for one in facts.tree.path(unit)))
    ruler = None if left or case.ruling is None else rulings.ruler(case, case.ruling, facts)
    if ruler is None or case.ruling is None:
        return outcome(case, rulers=left)
    return outcome(
        case,
        Disarm((TimerKind.RULING,)),
        facts.arm(TimerKind.RULING, case, event.at, ruler),
        Tell(Whom.DESK, rulings.ASKED[case.ruling], ruler),
        rulers=(ruler,),
    )


def _leaving(case: Case, event: Noted, to: UnitCode, facts: Facts) -> list[Effect]:
    """What follows so that nobody who stands accused has it; nothing where it is past handling."""
    away, freed = to != case.unit, case.holder is not None and case.holder in event.accused_people
    if case.status not in _MOVABLE or not (away or freed):
        return []
    first: list[Effect] = [Follow(Resumed(at=event.at))] if case.status is Status.SUSPENDED else []
    if not away:
        return [*first, Follow(Released(at=event.at, by=event.by, unit=event.unit, post=event.post))]
    rule = f"conflict:{case.unit}"
    return [*first, Follow(Dispatched(at=event.at, to=to, rule=rule, policy=facts.stamp(to)))]
