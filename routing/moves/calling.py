"""回访: a reporter who stayed silent is called back, where the policy says so. What they say is no rating (law 9)."""

from routing import refusals
from routing.catalogue import PRAISE, TIP_OFF
from routing.effects import Disarm, Enter, Follow, Tell, Whom
from routing.events import CalledBack, DeadlinePassed, Fault, RatingLapsed, Reopened
from routing.model import Case, TimerKind, Told, UnitCode
from routing.moves.closing import ask_judgement
from routing.moves.step import Facts, Outcome, outcome


def caller(case: Case, facts: Facts) -> UnitCode | None:
    """Who calls: the level that the policy names, at any rate one above the unit that did the work.

    Nobody is called where nobody may know them (a tip-off), who gave praise, where nobody reported it, and where nobody
    is above.
    """
    if facts.policy.call_back is None or case.reporter is None or case.kind in (TIP_OFF, PRAISE):
        return None
    above = [unit for unit in facts.tree.path(case.handler or case.unit) if unit.code != (case.handler or case.unit)]
    named = [step for step, unit in enumerate(above) if unit.level == facts.policy.call_back]
    ready = (unit.code for unit in above[(named or [0])[0] :] if facts.rules(unit.code))
    return next(ready, None)


def unrated(case: Case, event: DeadlinePassed, facts: Facts) -> Outcome:
    """Silence is not satisfaction: somebody calls, once; whoever was called already is archived as unrated."""
    unit = None if case.told is not None else caller(case, facts)
    if unit is None:
        return outcome(case, Follow(RatingLapsed(at=event.at)))
    clock = facts.arm(TimerKind.CALL_BACK, case, event.at, unit)
    asked = Tell(Whom.DESK, "tell.call_back", unit)
    return outcome(case, Disarm((TimerKind.RATE,)), clock, asked, calling=unit, due_at=clock.due_at, provisional=False)


def uncalled(case: Case, event: DeadlinePassed, facts: Facts) -> Outcome:
    """Nobody called in time: the level above learns it, the bulletin too, and the case is archived as unrated."""
    if case.calling is None:
        return outcome(case, Disarm((TimerKind.CALL_BACK,)))
    above = facts.tree.above(case.calling)
    desks = dict.fromkeys([case.calling, above.code if above else case.calling])
    told = (Tell(Whom.DESK, "tell.call_back_missed", unit, {"assist": case.calling}) for unit in desks)
    missed = Enter(Fault.UNCALLED, case.calling, case.resolved_at or case.filed_at)
    return outcome(case, *told, missed, Follow(RatingLapsed(at=event.at)))


def called(case: Case, event: CalledBack, facts: Facts) -> Outcome:
    """Write down what was heard. Who handled the case does not call about it, and nobody about their own report.

    Satisfied: the reporter reads what was noted and may still rate themselves, until the time for it is over again. Not
    satisfied: it starts again as after such a rating. Not reached: once more, then it is archived as unrated.
    """
    if case.calling is None:
        raise refusals.NotNow(case.status, type(event).__name__)
    if event.unit not in (None, case.calling) or event.by in (None, case.reporter, case.holder):
        raise refusals.NotYours
    heard = outcome(case, calls=case.calls + 1, told=event.told, calling=None).case
    stop = Disarm((TimerKind.CALL_BACK,))
    match event.told:
        case Told.NOT_REACHED if heard.calls < facts.policy.call_tries:
            clock = facts.arm(TimerKind.CALL_BACK, case, event.at, case.calling)
            return outcome(heard, clock, told=None, calling=case.calling, due_at=clock.due_at)
        case Told.NOT_REACHED:
            return outcome(heard, stop, Follow(RatingLapsed(at=event.at)))
        case Told.NOT_SATISFIED if case.reopened == 0:
            return outcome(heard, stop, Follow(Reopened(at=event.at)))
        case Told.NOT_SATISFIED:
            return ask_judgement(heard, event.at, facts)
    clock = facts.arm(TimerKind.RATE, case, event.at)
    return outcome(heard, stop, clock, Tell(Whom.REPORTER, "tell.called_back"), due_at=clock.due_at)
