"""What each unit did in each month, and which cases are late and for how long: from the logs, so always the same."""

import io
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from bot.tables import write
from routing.events import (
    Assigned,
    Claimed,
    Conferred,
    Escalated,
    Event,
    ExtensionRuled,
    Rated,
    Reopened,
    Resolved,
    ReturnAsked,
    Split,
    Suspended,
    Transferred,
    Whistled,
)
from routing.model import Case, Rating, Status, UnitCode
from routing.ports import Entry
from storage.reports import Reports
from storage.stores import Stores

COUNTED: Final[Mapping[type[Event], str]] = {
    Claimed: "claimed",
    Assigned: "assigned",
    Escalated: "sent_up",
    ReturnAsked: "returned",
    Transferred: "transferred",
    Suspended: "suspended",
}
MONTHS: Final = (
    "month", "unit", "unit_name", "level", "came", "claimed", "assigned", "solved", "on_time", "late", "sent_up",
    "returned", "transferred", "extended", "suspended", "joint", "reopened", "rated_first", "satisfied_first",
    "rated_final", "satisfied_final", "held_s",
)  # fmt: skip
LATE: Final = (
    "number", "category", "unit", "unit_name", "status", "filed_at", "age_days", "due_at", "late_days", "last",
    "last_at",
)  # fmt: skip
_WELL: Final = frozenset({Rating.SATISFIED, Rating.FAIR})
_JOINT: Final = (Whistled, Split, Conferred)
_DAY: Final = timedelta(days=1)
Place = tuple[str, str]  # a month and a unit


@dataclass(slots=True)
class _Sheets:
    """The rows, as they grow from one log after the other."""

    stores: Stores
    now: datetime
    counts: defaultdict[Place, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def month(self, at: datetime) -> str:
        """As the town's clocks show it."""
        return f"{self.stores.calendar.local(at):%Y-%m}"

    def add(self, case: Case, entries: Sequence[Entry]) -> None:
        """Count what happened to *case*."""
        unit, handler, due = "", "", None
        seen, ratings = set[Place](), list[tuple[Place, Rating]]()
        for entry in entries:
            event, place = entry.event, (self.month(entry.event.at), unit)
            if name := COUNTED.get(type(event)):
                self.counts[place][name] += 1
            if isinstance(event, _JOINT) and place not in seen:
                seen.add(place)
                self.counts[place]["joint"] += 1
            if isinstance(event, ExtensionRuled) and event.approve:
                self.counts[place]["extended"] += 1
            if isinstance(event, Resolved):
                self.counts[place]["solved"] += 1
                if due is not None:
                    self.counts[place]["late" if event.at > due else "on_time"] += 1
            if isinstance(event, Reopened):
                self.counts[self.month(event.at), handler]["reopened"] += 1
            if isinstance(event, Rated):
                ratings.append(((self.month(event.at), handler), event.rating))
            if "unit" in entry.change:
                unit = str(entry.change["unit"])
                self.counts[self.month(event.at), unit]["came"] += 1
            handler = str(entry.change.get("handler") or handler)
            found = entry.change.get("due_at", due)
            due = found if isinstance(found, datetime) else None
        for which, (place, rating) in zip(("first", "final"), (ratings[:1] + ratings[-1:]), strict=False):
            self.counts[place][f"rated_{which}"] += 1
            self.counts[place][f"satisfied_{which}"] += rating in _WELL
        self._hold(case, entries)

    def _hold(self, case: Case, entries: Sequence[Entry]) -> None:
        """The seconds of each unit in each month; all rows together are the age of all cases."""
        steps = [(one.event.at, str(one.change["unit"])) for one in entries if "unit" in one.change]
        end = case.archived_at or (entries[-1].event.at if not case.open else self.now)
        for (since, unit), (until, _) in pairwise([*steps, (max(end, steps[-1][0]), "")] if steps else []):
            for begins, ends in self._by_month(since, until):
                self.counts[self.month(begins), unit]["held_s"] += round((ends - begins).total_seconds())

    def _by_month(self, since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        while since < until:
            first = self.stores.calendar.local(since).date().replace(day=1)
            following = self.stores.calendar.at((first + 31 * _DAY).replace(day=1))
            yield since, min(until, following)
            since = following


def export_months(stores: Stores, form: str, now: datetime | None = None) -> str:
    """One row for each month and unit that had something to do with a case then."""
    sheets = _Sheets(stores, now or stores.clock())
    for case, _ in Reports(stores.connection, stores.city).cases():
        sheets.add(case, stores.log.of(case.id))
    out = io.StringIO()
    write(_months(sheets), MONTHS, form, out)
    return out.getvalue()


def _months(sheets: _Sheets) -> Iterator[dict[str, Any]]:
    for (month, code), counts in sorted(sheets.counts.items()):
        unit = sheets.stores.units.find(UnitCode(code)) if code else None
        named = {
            "month": month,
            "unit": code,
            "unit_name": unit.name if unit else "",
            "level": unit.level if unit else "",
        }
        yield {**named, **{name: counts[name] for name in MONTHS[4:]}}


def export_late(stores: Stores, form: str, now: datetime | None = None) -> str:
    """Every open case that is past its date, the oldest first, with how late it is and what was done last."""
    out = io.StringIO()
    write(_late(stores, now or stores.clock()), LATE, form, out)
    return out.getvalue()


def _late(stores: Stores, now: datetime) -> Iterator[dict[str, Any]]:
    resting = (Status.SUSPENDED, Status.AWAITING_RATING)
    found = [case for case, _ in Reports(stores.connection, stores.city).cases() if case.open]
    late = [case for case in found if case.due_at is not None and case.due_at < now and case.status not in resting]
    for case in sorted(late, key=lambda one: one.filed_at):
        last = stores.log.of(case.id)[-1].event
        unit = stores.units.find(case.unit)
        yield {
            "number": case.number,
            "category": case.matter,
            "unit": case.unit,
            "unit_name": unit.name if unit else "",
            "status": case.status.value,
            "filed_at": stores.calendar.local(case.filed_at).isoformat(timespec="seconds"),
            "age_days": (now - case.filed_at) // _DAY,
            "due_at": stores.calendar.local(case.due_at or now).isoformat(timespec="seconds"),
            "late_days": (now - (case.due_at or now)) // _DAY,
            "last": type(last).__name__,
            "last_at": stores.calendar.local(last.at).isoformat(timespec="seconds"),
        }
