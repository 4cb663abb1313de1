"""How a timer row rings: reminders at fractions of its limit, the deadline, and then again until somebody acts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from routing.calendar import Calendar
from routing.limits import due_at, fraction
from routing.model import CaseId, Timer, TimerKind, UnitCode
from routing.policy import Policy

SILENCE_WARNING = 0.8
"""The part of the silence limit after which a holder is warned, once, before the claim is released (law 13)."""
REPLY_REMINDER = 0.5
SOON = timedelta(seconds=1)


def parts(policy: Policy, kind: TimerKind) -> Sequence[float]:
    """Fractions of the limit at which *kind* reminds before it runs out."""
    match kind:
        case TimerKind.RESPOND | TimerKind.HANDLE | TimerKind.REVIEW | TimerKind.RULING:
            return policy.reminder_parts
        case TimerKind.SILENCE:
            return (SILENCE_WARNING,)
        case TimerKind.REPLY:
            return (REPLY_REMINDER,)
        case TimerKind.RATE:
            count = policy.rating_reminders
            return tuple((i + 1) / (count + 1) for i in range(count))
        case TimerKind.RESUME | TimerKind.CHECK_IN:
            return ()


def armed(
    policy: Policy, case: CaseId, kind: TimerKind, start: datetime, due: datetime, unit: UnitCode | None = None
) -> Timer:
    """A fresh row for a clock that runs from *start* to *due*."""
    return Timer(case, kind, start, due, _ring(policy, kind, start, due, 0), unit=unit)


def paused(timer: Timer, at: datetime) -> Timer:
    """The row held still; a row already held stays as it is."""
    return timer if timer.paused_at else replace(timer, next_at=None, paused_at=at)


def resumed(policy: Policy, timer: Timer, at: datetime) -> Timer:
    """The row running again, moved by the length of the pause."""
    if timer.paused_at is None:
        return timer
    shift = at - timer.paused_at
    start, due = timer.started_at + shift, timer.due_at + shift
    ring = max(_ring(policy, timer.kind, start, due, timer.step), at + SOON)
    return replace(timer, started_at=start, due_at=due, next_at=ring, paused_at=None)


def rung(policy: Policy, calendar: Calendar, timer: Timer, now: datetime) -> tuple[Timer, str]:
    """The row after it rang at *now*, and what the ring was: ``reminder``, ``deadline`` or ``repeat``.

    Rings missed while nothing was running fall together: only the last of them sounds.
    """
    before_due = parts(policy, timer.kind)
    if timer.step > len(before_due):
        return replace(timer, step=timer.step + 1, next_at=due_at(now, policy.repeat, calendar).at), "repeat"
    if now >= timer.due_at:
        again = due_at(now, policy.repeat, calendar).at
        return replace(timer, step=len(before_due) + 1, next_at=again), "deadline"
    step = timer.step
    while step < len(before_due) and _ring(policy, timer.kind, timer.started_at, timer.due_at, step) <= now:
        step += 1
    ring = _ring(policy, timer.kind, timer.started_at, timer.due_at, step)
    return replace(timer, step=step, next_at=max(ring, now + SOON)), "reminder"


def _ring(policy: Policy, kind: TimerKind, start: datetime, due: datetime, step: int) -> datetime:
    before_due = parts(policy, kind)
    return fraction(start, due, before_due[step]) if step < len(before_due) else due
