"""What happens when a clock runs out. Nothing is forgotten: the row rings again until somebody acts."""

from collections.abc import Callable, Mapping
from typing import Final

from routing import refusals
from routing.catalogue import PRAISE
from routing.effects import Disarm, Effect, Enter, Follow, Redate, Tell, Whom
from routing.events import DeadlinePassed, Escalated, Recounted, Released, Resumed
from routing.model import Case, Status, TimerKind, UnitCode
from routing.moves import calling, rulings
from routing.moves.step import Facts, Outcome, outcome
from routing.moves.waiting import stop_waiting
from routing.moves.working import mark_absent
from routing.overdue import FAULTS


def ring(case: Case, event: DeadlinePassed, facts: Facts) -> Outcome:
    """Tell those who owe and the level above; carry out what the clock itself decides."""
    if event.times > 1:
        return _later(case, event, facts)
    try:
        rule = _RINGS[event.kind]
    except KeyError:  # pragma: no cover - the table below names every kind
        raise refusals.NotNow(case.status, type(event).__name__) from None
    return rule(case, event, facts)


def recount(case: Case, event: Recounted, _facts: Facts) -> Outcome:
    """A provisional deadline becomes firm. It never moves to before what people were told; where it moves they hear."""
    if not case.provisional or case.due_at is None:
        raise refusals.AlreadyDone
    if event.due_at <= case.due_at:
        if event.provisional:
            raise refusals.AlreadyDone
        return outcome(case, provisional=False)
    return outcome(
        case,
        Redate(TimerKind.HANDLE, event.due_at),
        Tell(Whom.HOLDER if case.holder else Whom.ROSTER, "tell.recounted", case.unit),
        Tell(Whom.REPORTER, "tell.recounted_reporter"),
        due_at=event.due_at,
        provisional=event.provisional,
        overdue=case.overdue and event.due_at <= event.at,
    )


def _later(case: Case, event: DeadlinePassed, facts: Facts) -> Outcome:
    """Nobody has acted for a multiple of the limit: what the policy says happens by itself, and its rule is stored.

    Nobody is named for a praise, nor does it go up.
    """
    undated = event.kind is TimerKind.HANDLE and case.due_at is None  # the law decides, and no date was promised
    if undated or case.kind == PRAISE:
        return outcome(case)
    overdue, effects = facts.policy.overdue, list[Effect]()
    fault = FAULTS.get(event.kind)
    if fault is not None and event.times == overdue.bulletin_at:
        unit, key = _owing(case, event.kind, facts, event.assist), f"tell.bulletin_{fault.value}"
        effects += [
            Enter(fault, unit, case.dispatched_at or case.filed_at),
            Tell(Whom.ROSTER, key, unit, {"assist": unit}),
            Tell(Whom.DESK, key, _above(case, facts, unit), {"assist": unit}),
        ]
    holding = event.kind is TimerKind.HANDLE and case.status in (Status.OFFERED, Status.CLAIMED)
    above = facts.tree.above(case.unit)
    if holding and event.times == overdue.escalate_at and above is not None:
        rule = f"overdue:{event.times:g}"
        effects.append(Follow(Escalated(at=event.at, rule=rule, policy=facts.stamp(above.code))))
    return outcome(case, *effects)


def _owing(case: Case, kind: TimerKind, facts: Facts, unit: UnitCode | None) -> UnitCode:
    match kind:
        case TimerKind.REVIEW:
            return facts.reviewer(case)
        case TimerKind.RULING:
            return unit or _above(case, facts)
        case _:
            return case.unit


def _above(case: Case, facts: Facts, unit: UnitCode | None = None) -> UnitCode:
    above = facts.tree.above(unit or case.unit)
    return above.code if above else case.unit


def _respond(case: Case, _event: DeadlinePassed, facts: Facts) -> Outcome:
    return outcome(
        case,
        Tell(Whom.ROSTER, "tell.respond_overdue", case.unit),
        Tell(Whom.DESK, "tell.respond_overdue_above", _above(case, facts)),
    )


def _handle(case: Case, _event: DeadlinePassed, facts: Facts) -> Outcome:
    """Late: whoever has it hears of it, with the contacts of the unit where reminders went to one after the other."""
    in_line = facts.tree.get(case.unit).level in facts.policy.contacts.levels
    owing = ([Whom.HOLDER] if case.holder else []) + ([Whom.ROSTER] if in_line or not case.holder else [])
    return outcome(
        case,
        *(Tell(whom, "tell.overdue", case.unit) for whom in owing),
        Tell(Whom.DESK, "tell.overdue_above", _above(case, facts)),
        overdue=True,
    )


def _silence(case: Case, event: DeadlinePassed, _facts: Facts) -> Outcome:
    if case.status is not Status.CLAIMED:
        return outcome(case, Disarm((TimerKind.SILENCE,)))
    return outcome(case, Tell(Whom.HOLDER, "tell.silent"), Follow(Released(at=event.at)))


def _reply(case: Case, _event: DeadlinePassed, _facts: Facts) -> Outcome:
    return outcome(
        case,
        *stop_waiting(case),
        Tell(Whom.HOLDER, "tell.unanswered"),
        waiting=False,
    )


def _review(case: Case, _event: DeadlinePassed, facts: Facts) -> Outcome:
    return outcome(case, Tell(Whom.DESK, "tell.review_overdue", facts.reviewer(case)), overdue=True)


def _ruling(case: Case, event: DeadlinePassed, facts: Facts) -> Outcome:
    """No ruling in time: the level above the one that owed it may rule as well now, on a clock of its own."""
    if case.ruling is None:
        return outcome(case, Disarm((TimerKind.RULING,)))
    owing = event.assist or _above(case, facts)
    told = Tell(Whom.DESK, rulings.UNRULED[case.ruling], owing)
    joins = rulings.joining(case, owing, facts)
    if joins is None:
        return outcome(case, told)
    return outcome(
        case,
        told,
        Tell(Whom.DESK, "tell.ruling_overdue_above", joins),
        facts.arm(TimerKind.RULING, case, event.at, joins),
        rulers=(*case.rulers, joins),
    )


def _resume(case: Case, event: DeadlinePassed, _facts: Facts) -> Outcome:
    return outcome(case, Follow(Resumed(at=event.at)))


def _check_in(case: Case, event: DeadlinePassed, facts: Facts) -> Outcome:
    """Who was called did not come: they hear so, the holder, whoever called and the desk that may strike them off."""
    unit = event.assist
    if unit is None:
        raise refusals.NotWhistled
    caller = next((one.by for one in case.assists if one.unit == unit), None) or case.unit
    desks = dict.fromkeys((unit, caller, _above(case, facts, caller)))
    return outcome(
        case,
        Disarm((TimerKind.CHECK_IN,), unit),
        Tell(Whom.HOLDER, "tell.absent", values={"assist": unit}),
        *(Tell(Whom.DESK, "tell.absent", desk, {"assist": unit}) for desk in desks),
        assists=mark_absent(case, unit),
    )


_RINGS: Final[Mapping[TimerKind, Callable[[Case, DeadlinePassed, Facts], Outcome]]] = {
    TimerKind.RESPOND: _respond,
    TimerKind.HANDLE: _handle,
    TimerKind.SILENCE: _silence,
    TimerKind.REPLY: _reply,
    TimerKind.REVIEW: _review,
    TimerKind.RULING: _ruling,
    TimerKind.RATE: calling.unrated,
    TimerKind.CALL_BACK: calling.uncalled,
    TimerKind.RESUME: _resume,
    TimerKind.CHECK_IN: _check_in,
}
