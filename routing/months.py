"""What each unit did in each month, from the logs alone: counted again, it comes out the same."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any, Final

from routing import telling
from routing.calendar import Calendar
from routing.catalogue import PRAISE
from routing.events import (
    Assigned,
    CalledBack,
    Claimed,
    Conferred,
    DeadlinePassed,
    Escalated,
    Event,
    ExtensionRuled,
    Noted,
    Rated,
    Reopened,
    Resolved,
    ReturnAsked,
    Split,
    Suspended,
    Transferred,
    Whistled,
)
from routing.model import Assist, AssistState, Rating, TimerKind, Told, UnitCode
from routing.ports import UnitOfWork
from routing.records import History, Lane, Promise, Step

COUNTED: Final[Mapping[type[Event], str]] = {
    Claimed: "claimed",
    Assigned: "assigned",
    Escalated: "sent_up",
    ReturnAsked: "returned",
    Transferred: "transferred",
    Suspended: "suspended",
}
"""Events that the unit causes which has the case, and what each of them is called in a sheet."""
CALLED: Final[Mapping[AssistState, str]] = {
    AssistState.WHISTLED: "called",
    AssistState.CHECKED_IN: "in_time",
    AssistState.LATE: "came_late",
    AssistState.ABSENT: "absent",
}
"""What became of a call, booked on the unit that was called."""
WELL: Final = frozenset({Rating.SATISFIED, Rating.FAIR})
NAMED: Final = ("month", "unit", "unit_name", "level")
FIGURES: Final = (
    "came", "praise", "corrected", "claimed", "assigned", "solved", "on_time", "late", "sent_up", "returned",
    "transferred", "extended", "suspended", "joint", "whistles", *CALLED.values(), "reopened", "rated_first",
    "satisfied_first", "rated_final", "satisfied_final", "called_back", "reached", "told_satisfied", "not_called",
    "held_s",
)  # fmt: skip
FIELDS: Final = ("unit", "kind", "matter", "handler", "due_at", "assists", "calling", "waiting", "overdue")
"""What of a case a sheet is made from."""
HANDED_OUT: Final = "months.handed_out"
"""The setting that names the last month whose sheet the desks have got."""
_JOINT: Final = (Whistled, Split, Conferred)
Place = tuple[str, str]  # a month and a unit


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the town, from *begins* until just before *ends*."""

    name: str
    begins: datetime
    ends: datetime


def month_of(calendar: Calendar, at: datetime) -> Month:
    """The month that the town's clocks show at that instant."""
    first = calendar.local(at).date().replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Month(f"{first:%Y-%m}", calendar.at(first), calendar.at(following))


@dataclass(slots=True)
class Sheets:
    """The rows, as they grow from one history after the other; nothing counts that happened at *until* or later."""

    calendar: Calendar
    until: datetime
    counts: defaultdict[Place, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _months: list[Month] = field(default_factory=list)
    _begins: list[datetime] = field(default_factory=list)

    def add(self, history: History) -> None:
        """Count what happened to one case; of a praise neither whether it was in time nor how it was rated."""
        unit, handler, calling, due = "", "", "", None
        waiting, overdue, praise, corrected = False, False, False, False
        assists: tuple[Assist, ...] = ()
        joint, ratings = set[Place](), list[tuple[Place, Rating]]()
        for step in history.steps:
            kind, month = step.kind, self._month(step.at).name
            here = self.counts[month, unit]
            _do(here, step, None if due is None or praise else step.at > due and (overdue or not waiting))
            if kind in _JOINT and (month, unit) not in joint:
                joint.add((month, unit))
                here["joint"] += 1
            elif kind is Reopened:
                self.counts[month, handler]["reopened"] += 1
            elif kind is Rated and not praise:
                ratings.append(((month, handler), _rating(step)))
            elif kind is Noted and "matter" in step.change and not corrected:
                corrected = step.event().by is not None
                here["corrected"] += corrected
            elif calling and kind in (CalledBack, DeadlinePassed):
                _phone(self.counts[month, calling], step.event())
            change = step.change
            praise = change.get("kind", PRAISE if praise else "") == PRAISE
            if "unit" in change:
                unit = str(change["unit"])
                self.counts[month, unit]["came"] += 1
                self.counts[month, unit]["praise"] += praise
            handler = str(change.get("handler") or handler)
            calling = str(change.get("calling", calling) or "")
            found = change.get("due_at", due)
            due = found if isinstance(found, datetime) else None
            waiting, overdue = bool(change.get("waiting", waiting)), bool(change.get("overdue", overdue))
            if "assists" in change:
                assists = self._call(month, unit, assists, change["assists"])
        for which, (place, rating) in zip(("first", "final"), (*ratings[:1], *ratings[-1:]), strict=False):
            self.counts[place][f"rated_{which}"] += 1
            self.counts[place][f"satisfied_{which}"] += rating in WELL
        self._hold(history)

    def _call(self, month: str, unit: str, before: Iterable[Assist], after: Any) -> tuple[Assist, ...]:
        """Both sides of a whistle: who calls, and who of those called was there in time, came late, or was absent."""
        known = {one.unit: one.state for one in before}
        for assist in after:
            if (name := CALLED.get(assist.state)) and known.get(assist.unit) is not assist.state:
                self.counts[month, assist.unit][name] += 1
                if assist.state is AssistState.WHISTLED:
                    self.counts[month, assist.by or unit]["whistles"] += 1
        return tuple(after)

    def _hold(self, history: History) -> None:
        """The seconds of each unit in each month; all rows together are the age of all cases.

        What a clock that was set back goes through again is counted once.
        """
        seen = list(accumulate((one.at for one in history.steps), max))
        held = zip(seen, history.steps, strict=True)
        steps = [(at, str(one.change["unit"])) for at, one in held if "unit" in one.change]
        if not steps:
            return
        end = max(min(history.ended_at or self.until, self.until), seen[-1])
        for (since, unit), (until, _) in pairwise([*steps, (end, "")]):
            for month, span in self._by_month(since, until):
                self.counts[month, unit]["held_s"] += round(span.total_seconds())

    def _by_month(self, since: datetime, until: datetime) -> Iterator[tuple[str, timedelta]]:
        while since < until:
            month = self._month(since)
            yield month.name, min(until, month.ends) - since
            since = month.ends

    def _month(self, at: datetime) -> Month:
        """The same as `month_of`, remembered: there are few months and many steps."""
        place = bisect_right(self._begins, at) - 1
        if place >= 0 and at < self._months[place].ends:
            return self._months[place]
        month = month_of(self.calendar, at)
        self._begins.insert(place + 1, month.begins)
        self._months.insert(place + 1, month)
        return month


def _do(figures: Counter[str], step: Step, late: bool | None) -> None:
    """Book what the unit did that has the case, and whether it was in time; none where there was no time to keep.

    A date that goes by while the reporter's answer is awaited is no delay, unless the clock ran and said so.
    """
    if name := COUNTED.get(step.kind):
        figures[name] += 1
    elif step.kind is ExtensionRuled:
        figures["extended"] += _approved(step)
    elif step.kind is Resolved:
        figures["solved"] += 1
        if late is not None:
            figures["late" if late else "on_time"] += 1


def _phone(figures: Counter[str], event: Event) -> None:
    """Book on the unit that is to call that a reporter was called back, or that nobody did it in time."""
    if isinstance(event, CalledBack):
        figures["called_back"] += 1
        figures["reached"] += event.told is not Told.NOT_REACHED
        figures["told_satisfied"] += event.told in (Told.SATISFIED, Told.FAIR)
    elif isinstance(event, DeadlinePassed):
        figures["not_called"] += event.kind is TimerKind.CALL_BACK


def _approved(step: Step) -> bool:
    event = step.event()
    return isinstance(event, ExtensionRuled) and event.approve


def _rating(step: Step) -> Rating:
    event = step.event()
    if not isinstance(event, Rated):
        raise TypeError(f"{type(event).__name__} is no rating")
    return event.rating


def rows(uow: UnitOfWork, until: datetime, only: Month | None = None) -> Iterator[dict[str, Any]]:
    """A row for each month and unit that had something to do with a case until then; of *only* that month, if given."""
    sheets = Sheets(uow.calendar, until)
    for history in uow.log.histories(until, FIELDS, since=only.begins if only else None):
        sheets.add(history)
    for (month, code), counts in sorted(sheets.counts.items()):
        figures = {name: counts[name] for name in FIGURES}
        if any(figures.values()) and (only is None or month == only.name):
            unit = uow.units.find(UnitCode(code)) if code else None
            name, level = (unit.name, unit.level) if unit else ("", "")
            yield {"month": month, "unit": code, "unit_name": name, "level": level, **figures}


def announce(uow: UnitOfWork, now: datetime) -> bool:
    """Promise the sheet of the month that is over to the desks at the top, once; returns whether there was one to give.

    A month in which nobody had a case has none.
    """
    over = month_of(uow.calendar, month_of(uow.calendar, now).begins - timedelta(days=1))
    lived = uow.log.histories(over.ends, (), since=over.begins)
    if uow.notebook.setting(HANDED_OUT) == over.name or next(lived, None) is None:
        return False
    uow.notebook.set_setting(HANDED_OUT, over.name)
    morning = uow.policy.quiet.until(uow.calendar, now) if uow.policy.quiet is not None else None
    for unit in uow.units.all():
        for chat in telling.desk_of(uow, unit.code) if unit.level == uow.policy.levels[0] else ():
            key, params = f"month:{over.name}:{unit.code}:{chat.id}", {"at": over.begins.timestamp()}
            uow.outbox.promise(Promise(key, chat.id, "month_sheet", params, lane=Lane.DIGEST, not_before=morning))
    return True
