"""Running clocks follow the emergency mode: sooner when it begins, and back to the usual time when it ends."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from routing import emergency
from routing.dates import counted
from routing.effects import Arm, Effect, Pause
from routing.events import Noted
from routing.limits import Due
from routing.model import Case, Status, TimerKind
from routing.moves.step import Facts, Outcome, outcome
from routing.moves.waiting import hold
from routing.policy import EMERGENCY

RUNNING: Final = (Status.OFFERED, Status.CLAIMED)
"""Statuses in which somebody is held to the time to answer and to solve."""
_BESIDE: Final = (TimerKind.SILENCE, TimerKind.REPLY, TimerKind.RULING)
"""Clocks beside those two that follow: of a holder who says nothing, of a question, of who owes a ruling."""


def in_step(case: Case, facts: Facts) -> bool:
    """Whether the limits of *case* are those of the mode that its unit is in."""
    return case.policy.endswith(EMERGENCY) == emergency.is_on(facts.tree, case.unit)


def count_anew(case: Case, event: Noted, facts: Facts) -> Outcome:
    """Count the deadlines by the limits that hold now.

    When the mode begins they are counted from that moment, and none becomes later. When it ends they are counted from
    the dispatch again, with every extension and pause, a date set by hand stands, and none becomes sooner; what is over
    by those limits, too, stays late. The other clocks have no date that the case bears; see `_beside`.
    """
    on = emergency.is_on(facts.tree, case.unit)
    stamped = outcome(case, policy=facts.stamp(case.unit)).case
    if case.status not in RUNNING:
        return Outcome(stamped)
    effects: list[Effect] = []
    changes: dict[str, object] = {}
    due = _solved_by(stamped, event.at, facts, on=on)
    if due is not None and _better(facts.due_now(case, event.at), due.at, event.at, on=on):
        effects.append(Arm(TimerKind.HANDLE, event.at, due.at))
        changes |= {"due_at": due.at, "provisional": due.provisional, "overdue": False}
    if case.responded_at is None:
        answered = facts.due(TimerKind.RESPOND, stamped, event.at if on else case.dispatched_at or event.at)[0]
        if _better(case.respond_due_at, answered, event.at, on=on):
            effects.append(Arm(TimerKind.RESPOND, event.at, answered))
            changes["respond_due_at"] = answered
    if "due_at" in changes:
        effects.extend(hold(case, facts))
    effects.extend(_beside(stamped, event.at, facts, on=on))
    return outcome(stamped, *effects, **changes)


def _beside(case: Case, at: datetime, facts: Facts, *, on: bool) -> Iterator[Effect]:
    """The other clocks: sooner from now on when the mode begins, and by the calm limit from their start when it ends.

    Their start stays what it was, else calm could not be counted from it. One that stands still does so still. What
    somebody is late with stays late.
    """
    for timer in facts.timers():
        late = timer.due_at <= at and timer.kind is not TimerKind.SILENCE
        if timer.kind not in _BESIDE or late:
            continue
        paused = timedelta() if timer.paused_at is None else at - timer.paused_at
        rings = max(timer.due_at, timer.next_at or timer.due_at) + paused  # later than due: put off to the morning
        start = timer.started_at + paused
        due = facts.due(timer.kind, case, at if on else start, timer.unit)[0]
        if _better(rings, due, at, on=on):
            yield Arm(timer.kind, start, due, timer.unit)
            if timer.paused_at is not None:
                yield Pause((timer.kind,))


def _solved_by(case: Case, at: datetime, facts: Facts, *, on: bool) -> Due | None:
    if on:
        return Due(*facts.due(TimerKind.HANDLE, case, at))
    due, since = counted(case, facts), facts.paused_since()
    return due if due is None or since is None else Due(due.at + (at - since), due.provisional)


def _better(before: datetime | None, after: datetime, now: datetime, *, on: bool) -> bool:
    """Whether *after* takes the place of a time that was promised; what the law decides has none."""
    if before is None:
        return False
    return after < before if on else after > max(before, now)
