"""Up, back and across: escalation, return and its ruling, transfer."""

from routing import conflicts, refusals
from routing.effects import Tell, Whom
from routing.events import Escalated, ReturnAsked, ReturnRuled, Transferred
from routing.limits import due_at
from routing.model import Case, RulingKind, TimerKind
from routing.moves import rulings
from routing.moves.offering import offer
from routing.moves.step import Facts, Outcome, outcome


def escalate(case: Case, event: Escalated, facts: Facts) -> Outcome:
    """One level up (law 3), or to a named unit above for whoever has the right to skip; fresh clocks there."""
    above = facts.tree.above(case.unit)
    if above is None:
        raise refusals.NothingAbove
    if event.by is not None and facts.policy.rungs.record == "evidence" and event.photos == 0:
        raise refusals.RecordNeeded
    to = above.code
    if event.skip_to is not None:
        if event.skip_to not in {unit.code for unit in facts.tree.path(case.unit)[1:]}:
            raise refusals.NotAbove
        if event.skip_to != above.code and event.post not in facts.policy.rungs.skip_by:
            raise refusals.NoSkipping
        to = event.skip_to
    rule = {"rule": event.rule} if event.rule else {}
    key = "tell.escalated_by_clock" if event.rule else "tell.escalated"
    moved = offer(outcome(case, designated=False, dispatcher=None, **rule).case, to, event.at, facts, key=key)
    above_told = (*moved.effects, Tell(Whom.DESK, key, to))
    if event.covered:
        above_told = tuple(one for one in moved.effects if not isinstance(one, Tell))
    return Outcome(moved.case, (*above_told, Tell(Whom.REPORTER, "tell.escalated_reporter")))


def ask_return(case: Case, event: ReturnAsked, facts: Facts) -> Outcome:
    """Once per unit, soon after dispatch, for a listed reason; whoever dispatched it rules (law 5)."""
    if case.designated:
        raise refusals.Designated
    if case.ruling:
        raise refusals.RulingPending
    if case.unit in case.returned_by:
        raise refusals.ReturnedOnce
    if (
        case.dispatched_at is None
        or event.at > due_at(case.dispatched_at, facts.policy.return_within, facts.calendar).at
    ):
        raise refusals.ReturnTooLate
    ruler = rulings.ruler(case, RulingKind.RETURN, facts)
    if ruler is None:
        raise refusals.NothingAbove
    return outcome(
        case,
        facts.arm(TimerKind.RULING, case, event.at, ruler),
        Tell(Whom.DESK, "tell.return_asked", ruler),
        ruling=RulingKind.RETURN,
        rulers=(ruler,),
        proposed=event.proposed,
        returned_by=(*case.returned_by, case.unit),
    )


def rule_return(case: Case, event: ReturnRuled, facts: Facts) -> Outcome:
    """Accepted: to the unit named, or the proposed one, or the level above. Refused: it stays and is designated.

    Only whoever owes the ruling gives it, and those above who were told that it is late. What comes after as many
    hand-overs between units as the policy allows is the last word: whoever gets it is designated (no 踢皮球).
    """
    if case.ruling is not RulingKind.RETURN:
        raise refusals.NothingToRule
    if event.unit is not None and event.unit not in case.rulers:
        raise refusals.NotYours
    if not event.approve:
        kept = outcome(case, designated=True).case
        return offer(kept, case.unit, event.at, facts, key="tell.return_refused")
    if event.to is not None:
        conflicts.admit(facts.tree, case, event.to)
    to = event.to or case.proposed or rulings.higher(case.unit, facts) or case.unit
    final = case.handovers >= facts.policy.most_handovers
    given = outcome(case, handovers=case.handovers + 1, designated=final, dispatcher=event.unit).case
    moved = offer(given, to, event.at, facts, key="tell.offered")
    return Outcome(moved.case, (*moved.effects, Tell(Whom.REPORTER, "tell.transferred_reporter")))


def transfer(case: Case, event: Transferred, facts: Facts) -> Outcome:
    """To the right unit of the same rank, with fresh clocks; counted as a hand-over between units.

    A designated unit cannot pass it on, and after as many hand-overs as the policy allows no unit can; whoever stands
    above can. Who dispatched it stays its dispatcher unless they did this, too.
    """
    if event.to == case.unit:
        raise refusals.AlreadyDone
    conflicts.admit(facts.tree, case, event.to)
    itself = event.unit == case.unit
    if itself and case.designated:
        raise refusals.Designated
    if itself and case.handovers >= facts.policy.most_handovers:
        raise rulings.TooManyHandOvers
    dispatcher = case.dispatcher if itself else event.unit
    given = outcome(case, handovers=case.handovers + 1, designated=False, dispatcher=dispatcher).case
    moved = offer(given, event.to, event.at, facts, key="tell.offered")
    return Outcome(moved.case, (*moved.effects, Tell(Whom.REPORTER, "tell.transferred_reporter")))
