"""回避: who stands accused changes, and the case leaves them."""

from routing import conflicts, refusals
from routing.effects import Effect, Follow
from routing.events import Dispatched, Noted, Released, Resumed
from routing.model import Case, Status, UnitCode
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
    return Outcome(marked, tuple(_leaving(marked, event, to, facts)))


def _leaving(case: Case, event: Noted, to: UnitCode, facts: Facts) -> list[Effect]:
    """What follows so that nobody who stands accused has it; nothing where it is past handling."""
    away, freed = to != case.unit, case.holder is not None and case.holder in event.accused_people
    if case.status not in _MOVABLE or not (away or freed):
        return []
    first: list[Effect] = [Follow(Resumed(at=event.at))] if case.status is Status.SUSPENDED else []
    if not away:
        return [*first, Follow(Released(at=event.at, by=event.by, unit=event.unit, post=event.post))]
    rule = f"conflict:{case.unit}"
    return [*first, Follow(Dispatched(at=event.at, to=to, rule=rule, policy=facts.policy.stamp))]
