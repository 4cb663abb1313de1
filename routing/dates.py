"""A deadline counted again from everything that has ever moved it: limits, extensions, pauses, dates set by hand."""

from datetime import datetime

from routing import emergency
from routing.events import (
    DeadlinePassed,
    Dispatched,
    Event,
    ExtensionRuled,
    Noted,
    NoteKind,
    Recounted,
    Released,
    Resumed,
    Suspended,
)
from routing.limits import Due, due_at
from routing.model import Case, TimerKind
from routing.moves.step import Facts


def counted(case: Case, facts: Facts) -> Due | None:
    """When *case* has to be solved by the calendar and the limits of now: every step that moved the date, again.

    What a switch of the emergency mode did counts while the mode lasts, not after it. ``None`` where the law decides.
    """
    calm = not emergency.is_on(facts.tree, case.unit)
    due: Due | None = None
    told: datetime | None = None
    for entry in facts.past():
        if "due_at" not in entry.change:
            continue
        before, told = told, _instant(entry.change["due_at"])
        if isinstance(entry.event, Recounted) or (calm and _switches(entry.event)):
            continue
        if told is None:
            due = None
        elif due is not None and before is not None and _shifts(entry.event):
            due = Due(due.at + (told - before), due.provisional)
        else:
            due = _begun(entry.event, told, due, case, facts)
    return due


def _begun(event: Event, told: datetime, before: Due | None, case: Case, facts: Facts) -> Due:
    """A date that *event* set: by hand, as an extension of the one *before*, or by the limit from then on."""
    if isinstance(event, Dispatched) and event.until is not None:
        return Due(told, provisional=False)
    if isinstance(event, ExtensionRuled) and before is not None:
        limit = facts.policy.limit_for(TimerKind.HANDLE, case, facts.tree.get(case.unit).level, same_day=False)
        return due_at(max(before.at, event.at), limit, facts.calendar)
    at, provisional = facts.due(TimerKind.HANDLE, case, event.at)
    return Due(at, provisional)


def _switches(event: Event) -> bool:
    return isinstance(event, Noted) and event.kind is NoteKind.LIMITS


def _shifts(event: Event) -> bool:
    """Whether *event* ends a pause, and so moves the date by its length."""
    if isinstance(event, Noted):
        return event.kind is NoteKind.ANSWER
    return isinstance(event, Resumed | Suspended | Released | DeadlinePassed)


def _instant(value: object) -> datetime | None:
    return value if isinstance(value, datetime) else None
