"""The clock's own use-case: ring every timer that has come due, once, in order."""

from datetime import datetime

from routing import clocks, desk, telling
from routing.effects import Tell, Whom
from routing.events import DeadlinePassed
from routing.model import Case, Timer, TimerKind
from routing.ports import UnitOfWork


def sweep(uow: UnitOfWork, now: datetime, limit: int = 200) -> int:
    """Ring up to *limit* timers whose instant has come; returns how many rang, so call again until it is 0."""
    due = uow.timers.due(now, limit)
    for timer in due:
        _ring(uow, timer, now)
    return len(due)


def _ring(uow: UnitOfWork, timer: Timer, now: datetime) -> None:
    case = uow.cases.get(timer.case)
    if not case.open:
        uow.timers.stop(case.id, (timer.kind,), timer.unit)
        return
    after, ring = clocks.rung(uow.policy, uow.calendar, timer, now)
    uow.timers.put(after)
    match ring:
        case "reminder":
            telling.tell(uow, case, reminder(case, timer), now)
        case "deadline":
            moved = desk.apply(uow, case, DeadlinePassed(at=now, kind=timer.kind, assist=timer.unit))
            telling.show(uow, moved, now)
        case _:
            telling.tell(uow, case, _again(uow, case, timer), now)


def reminder(case: Case, timer: Timer) -> Tell:
    """What a ring before the deadline says, and to whom."""
    match timer.kind:
        case TimerKind.RATE:
            return Tell(Whom.REPORTER, "tell.rate_reminder")
        case TimerKind.REPLY:
            return Tell(Whom.REPORTER, "tell.question_reminder")
        case TimerKind.SILENCE:
            return Tell(Whom.HOLDER, "tell.silence_warning")
        case TimerKind.REVIEW | TimerKind.RULING:
            return Tell(Whom.DESK, "tell.review_reminder", timer.unit or case.unit)
        case TimerKind.RESPOND:
            return Tell(Whom.ROSTER, "tell.respond_reminder", case.unit)
        case _:
            return Tell(Whom.HOLDER if case.holder else Whom.ROSTER, "tell.reminder", case.unit)


def _again(uow: UnitOfWork, case: Case, timer: Timer) -> Tell:
    """What a ring after the deadline says: it goes one level up, day after day, until somebody acts."""
    if timer.kind in (TimerKind.REVIEW, TimerKind.RULING):
        return Tell(Whom.DESK, "tell.review_overdue", timer.unit or case.unit)
    above = uow.units.above(case.unit)
    return Tell(Whom.DESK, "tell.still_overdue", above.code if above else case.unit)
