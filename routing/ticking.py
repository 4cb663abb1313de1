"""The clock's own use-case: ring every timer that has come due, once, in order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from routing import assigning, clocks, desk, emergency, telling
from routing.effects import Tell, Whom
from routing.events import DeadlinePassed
from routing.model import Case, RulingKind, Timer, TimerKind, Urgency
from routing.moves.rulings import UNRULED
from routing.policy import Policy
from routing.ports import UnitOfWork

PUT_OFF: Final = timedelta(hours=1)
"""For so long a timer that can't be rung stands aside, so that it never stops the others."""


def sweep(uow: UnitOfWork, now: datetime, limit: int = 200, *, away_since: datetime | None = None) -> int:
    """Ring up to *limit* timers whose instant has come; returns how many rang, so call again until it is 0.

    With *away_since* nobody looked at the clock from then on: what it would have said meanwhile is said in one message
    to each chat, and not as a pile.
    """
    return len(ring_due(uow, now, limit, away_since=away_since))


def ring_due(
    uow: UnitOfWork, now: datetime, limit: int = 200, *, away_since: datetime | None = None
) -> Sequence[Timer]:
    """`sweep`, returning the timers as they were when they rang."""
    due = uow.timers.due(now, limit)
    for timer in due:
        ring(uow, timer, now, away_since=away_since)
    return due


def postpone(uow: UnitOfWork, timer: Timer, now: datetime) -> None:
    """Let a timer whose ring failed ring again after `PUT_OFF`."""
    current = _due_still(uow, timer, now)
    if current is not None:
        uow.timers.put(replace(current, next_at=now + PUT_OFF))


def ring(uow: UnitOfWork, timer: Timer, now: datetime, *, away_since: datetime | None = None) -> None:
    """Ring one timer, unless another one's ring has stopped or moved it meanwhile."""
    current = _due_still(uow, timer, now)
    if current is not None:
        _ring(uow, current, now, f"{telling.AWAY}:{away_since.isoformat()}" if away_since else None)


def _due_still(uow: UnitOfWork, timer: Timer, now: datetime) -> Timer | None:
    """The row as it is now, if it is still there and due; its case is held from here on."""
    uow.cases.hold(timer.case)
    for one in uow.timers.of(timer.case):
        if (one.kind, one.unit) == (timer.kind, timer.unit) and one.next_at is not None and one.next_at <= now:
            return one
    return None


def _ring(uow: UnitOfWork, timer: Timer, now: datetime, summary: str | None) -> None:
    case = uow.cases.get(timer.case)
    if not case.open:
        uow.timers.stop(case.id, (timer.kind,), timer.unit)
        return
    night = _asleep(uow, case, timer, now)
    if night is not None:
        uow.timers.put(replace(timer, next_at=night + PUT_OFF))
        return
    after, ring = clocks.rung(uow.policy, uow.calendar, timer, now)
    uow.timers.put(after)
    match ring:
        case "reminder":
            for said in reminders(uow.policy, case, timer):
                telling.tell(uow, case, said, now, summary=summary)
        case "deadline":
            event = DeadlinePassed(at=now, kind=timer.kind, assist=timer.unit)
            case = desk.apply(uow, case, event, summary=summary)
            telling.show(uow, case, now)
        case "repeat":
            for said in _again(uow, case, timer):
                telling.tell(uow, case, said, now, summary=summary)
    if ring != "reminder" and timer.kind is TimerKind.RESPOND and (given := assigning.whom(uow, case, now)):
        case = desk.apply(uow, case, given, summary=summary)
        telling.show(uow, case, now)
    unit = case.unit
    for times in clocks.reached(uow.policy, timer, after):
        late = DeadlinePassed(at=now, kind=timer.kind, assist=timer.unit, times=times)
        case = desk.apply(uow, case, late, summary=summary)
        telling.show(uow, case, now)
        if case.unit != unit:  # it went up, and its old clocks with it
            return


def _asleep(uow: UnitOfWork, case: Case, timer: Timer, now: datetime) -> datetime | None:
    """The end of the quiet hours, when a claim would be released in them: its holder may not have read the warning."""
    releases = timer.kind is TimerKind.SILENCE and timer.step > 0 and case.urgency is not Urgency.URGENT
    quiet = emergency.in_force(uow.policy, uow.units, case.unit).quiet if releases else None
    return quiet.until(uow.calendar, now) if quiet is not None else None


def reminders(policy: Policy, case: Case, timer: Timer) -> list[Tell]:
    """What a ring before the deadline says, and to whom: the holder, and from the second time on the next in line."""
    first = reminder(case, timer)
    if first.whom is Whom.HOLDER and timer.kind is TimerKind.HANDLE and timer.step and policy.contacts.order:
        return [first, Tell(Whom.ROSTER, first.key, case.unit, place=timer.step)]
    return [first]


def reminder(case: Case, timer: Timer) -> Tell:
    """What a ring before the deadline says, and to whom in the first place."""
    match timer.kind:
        case TimerKind.RATE:
            return Tell(Whom.REPORTER, "tell.rate_reminder")
        case TimerKind.REPLY:
            return Tell(Whom.REPORTER, "tell.question_reminder")
        case TimerKind.SILENCE:
            return Tell(Whom.HOLDER, "tell.silence_warning")
        case TimerKind.REVIEW:
            return Tell(Whom.DESK, "tell.review_reminder", timer.unit or case.unit)
        case TimerKind.CALL_BACK:
            return Tell(Whom.DESK, "tell.call_back", timer.unit or case.unit)
        case TimerKind.RULING:
            return _unruled(case, timer)
        case TimerKind.RESPOND:
            return Tell(Whom.ROSTER, "tell.respond_reminder", case.unit, place=timer.step)
        case _:
            return Tell(Whom.HOLDER if case.holder else Whom.ROSTER, "tell.reminder", case.unit, place=timer.step)


def _again(uow: UnitOfWork, case: Case, timer: Timer) -> list[Tell]:
    """What a ring after the deadline says: it goes one level up, day after day, until somebody acts.

    That nobody has claimed it is not said beside what is said once it is overdue as well.
    """
    if timer.kind is TimerKind.REVIEW:
        return [Tell(Whom.DESK, "tell.review_overdue", timer.unit or case.unit)]
    if timer.kind is TimerKind.RULING:
        return [_unruled(case, timer)]
    above = uow.units.above(case.unit)
    listener = above.code if above else case.unit
    if timer.kind is TimerKind.RESPOND:
        return [Tell(Whom.DESK, "tell.still_unclaimed", listener)] if not case.overdue else []
    return [Tell(Whom.DESK, "tell.still_overdue", listener)]


def _unruled(case: Case, timer: Timer) -> Tell:
    """Whoever owes a ruling is asked for it once more."""
    return Tell(Whom.DESK, UNRULED[case.ruling or RulingKind.RETURN], timer.unit or case.unit)
