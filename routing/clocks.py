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
        case TimerKind.RESPOND | TimerKind.HANDLE | TimerKind.REVIEW | TimerKind.RULING | TimerKind.CALL_BACK:
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


def redated(policy: Policy, timer: Timer, due: datetime, at: datetime) -> Timer:
    """The row running out at *due*, which is later than *at*; one that had run out rings its deadline anew."""
    step = min(timer.step, len(parts(policy, timer.kind)))
    if timer.paused_at is not None:
        return replace(timer, due_at=due, step=step)
    ring = max(_ring(policy, timer.kind, timer.started_at, due, step), at + SOON)
    return replace(timer, due_at=due, step=step, next_at=ring)


def rung(policy: Policy, calendar: Calendar, timer: Timer, now: datetime) -> tuple[Timer, str]:
    """The row after it rang at *now*, and what the ring was: ``reminder``, ``deadline``, ``late`` or ``repeat``.

    Late is a multiple of the limit at which the policy does something; which ones, `reached` tells. Rings missed while
    nothing was running fall together: only the last of them sounds.
    """
    before_due = parts(policy, timer.kind)
    if timer.kind is TimerKind.SILENCE and timer.step == 0 and now >= timer.due_at:
        return _warned_late(timer, now), "reminder"
    if now >= timer.due_at or timer.step > len(before_due):
        return _past_due(policy, calendar, timer, now)
    step = timer.step
    while step < len(before_due) and _ring(policy, timer.kind, timer.started_at, timer.due_at, step) <= now:
        step += 1
    ring = _ring(policy, timer.kind, timer.started_at, timer.due_at, step)
    return replace(timer, step=step, next_at=max(ring, now + SOON)), "reminder"


def _warned_late(timer: Timer, now: datetime) -> Timer:
    """No claim is released unwarned (law 13): whom nobody could warn in time gets the rest of the limit from now on."""
    rest = (timer.due_at - timer.started_at) * (1 - SILENCE_WARNING)
    return replace(timer, step=1, due_at=now + rest, next_at=now + rest)


def _past_due(policy: Policy, calendar: Calendar, timer: Timer, now: datetime) -> tuple[Timer, str]:
    deadline = len(parts(policy, timer.kind))
    later = [fraction(timer.started_at, timer.due_at, one) for one in policy.overdue.multiples(timer.kind)]
    step = max(timer.step, deadline + 1 + sum(at <= now for at in later))
    again = due_at(now, policy.repeat, calendar).at
    ahead = [max(at, now + SOON) for at in later[step - deadline - 1 :]]
    ring = "deadline" if timer.step <= deadline else "late" if step > timer.step else "repeat"
    return replace(timer, step=step, next_at=min([again, *ahead])), ring


def reached(policy: Policy, before: Timer, after: Timer) -> Sequence[float]:
    """The multiples of the limit that a ring has reached, from the row *before* it to that *after* it."""
    deadline = len(parts(policy, before.kind)) + 1
    return policy.overdue.multiples(before.kind)[max(before.step - deadline, 0) : max(after.step - deadline, 0)]


def _ring(policy: Policy, kind: TimerKind, start: datetime, due: datetime, step: int) -> datetime:
    before_due = parts(policy, kind)
    return fraction(start, due, before_due[step]) if step < len(before_due) else due
