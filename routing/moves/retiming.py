"""Running clocks follow the emergency mode: sooner when it begins, and back to the usual time when it ends."""

from datetime import datetime
from typing import Final

from routing import emergency
from routing.effects import Arm, Effect
from routing.events import Noted
from routing.limits import due_at
from routing.model import Case, Status, TimerKind
from routing.moves.step import Facts, Outcome, outcome
from routing.moves.waiting import hold

RUNNING: Final = (Status.OFFERED, Status.CLAIMED)
"""Statuses in which somebody is held to the time to answer and to solve."""


def count_anew(case: Case, event: Noted, facts: Facts) -> Outcome:
    """Count the deadlines by the limits that hold now.

    When the mode begins they are counted from that moment, and none becomes later. When it ends they are counted from
    the dispatch again, with every extension, and none becomes sooner; what is over by those limits, too, stays late.
    """
    on = emergency.is_on(facts.tree, case.unit)
    stamped = outcome(case, policy=facts.stamp(case.unit)).case
    if case.status not in RUNNING:
        return Outcome(stamped)
    effects: list[Effect] = []
    changes: dict[str, object] = {}
    due, provisional = _solved_by(stamped, event.at, facts, on=on)
    if _better(facts.due_now(case, event.at), due, event.at, on=on):
        effects.append(Arm(TimerKind.HANDLE, event.at, due))
        changes |= {"due_at": due, "provisional": provisional, "overdue": False}
    if case.responded_at is None:
        answered = facts.due(TimerKind.RESPOND, stamped, event.at if on else case.dispatched_at or event.at)[0]
        if _better(case.respond_due_at, answered, event.at, on=on):
            effects.append(Arm(TimerKind.RESPOND, event.at, answered))
            changes["respond_due_at"] = answered
    if "due_at" in changes:
        effects.extend(hold(case, facts))
    return outcome(stamped, *effects, **changes)


def _solved_by(case: Case, at: datetime, facts: Facts, *, on: bool) -> tuple[datetime, bool]:
    if on:
        return facts.due(TimerKind.HANDLE, case, at)
    due, provisional = facts.due(TimerKind.HANDLE, case, case.dispatched_at or at)
    limit = facts.policy.limit_for(TimerKind.HANDLE, case, facts.tree.get(case.unit).level, same_day=False)
    for _ in range(case.extensions):
        longer = due_at(due, limit, facts.calendar)
        due, provisional = longer.at, provisional or longer.provisional
    return due, provisional


def _better(before: datetime | None, after: datetime, now: datetime, *, on: bool) -> bool:
    """Whether *after* takes the place of a time that was promised; what the law decides has none."""
    if before is None:
        return False
    return after < before if on else after > max(before, now)
