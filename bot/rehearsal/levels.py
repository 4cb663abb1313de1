"""What each level of the town did with the cases that it held, read from their logs alone. Times are the town's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from bot.rehearsal.figures import spread
from routing import months
from routing.catalogue import PRAISE
from routing.events import (
    Assigned,
    Claimed,
    DeadlinePassed,
    Event,
    ExtensionRuled,
    Rated,
    Reopened,
    Resolved,
    Whistled,
)
from routing.model import Case, Rating, TimerKind
from routing.months import WELL
from routing.ports import Entry
from storage.log import held, latest
from storage.reports import Reports
from storage.stores import Stores

HOUR_S: Final = 3600
COUNTED: Final[Mapping[type[Event], str]] = {
    **{kind: name for kind, name in months.COUNTED.items() if kind not in (Claimed, Assigned)},
    Whistled: "whistled",
}
"""Events that the unit causes which has the case, and the figure each of them raises."""


@dataclass(slots=True)
class Level:
    """One level's figures.

    Args:
        response_h: From getting a case to the first claim, one for each time that it was claimed.
        handle_h: From getting a case to its result.
        counts: Everything that is just counted.
        rated_first: The first rating of each case that the level had closed then.
        rated_final: The last one.
        held_s: For how long it had cases, all of them together.
    """

    response_h: list[float] = field(default_factory=list)
    handle_h: list[float] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    rated_first: list[Rating] = field(default_factory=list)
    rated_final: list[Rating] = field(default_factory=list)
    held_s: float = 0.0

    def count(self, name: str) -> None:
        """One more."""
        self.counts[name] = self.counts.get(name, 0) + 1

    def summary(self) -> dict[str, Any]:
        """As plain data; a share of nothing is ``None``."""
        response, handle = spread(self.response_h), spread(self.handle_h)
        return {
            "claimed": len(self.response_h),
            "response_h": response["median"],
            "response_p95_h": response["p95"],
            "response_late": self.counts.get("response_late", 0),
            "resolved": len(self.handle_h),
            "handle_h": handle["median"],
            "handle_p95_h": handle["p95"],
            "on_time": self.counts.get("on_time", 0),
            "late": self.counts.get("late", 0),
            "fell_overdue": self.counts.get("fell_overdue", 0),
            **{name: self.counts.get(name, 0) for name in (*COUNTED.values(), "extended", "absent", "reopened")},
            "rated": len(self.rated_first),
            "satisfied_first": _share(self.rated_first),
            "satisfied_final": _share(self.rated_final),
            "held_s": round(self.held_s),
        }


def by_level(stores: Stores, now: datetime) -> dict[str, Any]:
    """The figures of every level that had a case, from the top down, and both sides of the sum of their times."""
    level_of = {str(unit.code): unit.level for unit in stores.units.all()}
    levels: dict[str, Level] = {}
    age_s = 0.0
    for case, _ in Reports(stores.connection, stores.city).cases():
        entries = stores.log.of(case.id)
        until = latest(entries, case.archived_at or now)
        age_s += (until - case.filed_at).total_seconds()
        for unit, seconds in held(entries, until).items():
            levels.setdefault(level_of[unit], Level()).held_s += seconds
        rated = case.kind != PRAISE
        for unit, event, before in _steps(entries):
            if rated or not isinstance(event, Rated):
                _tell(levels.setdefault(level_of[unit], Level()), event, before)
        if rated:
            _rate(levels, level_of, case)
    order = {name: rank for rank, name in enumerate(stores.policy.levels)}
    shown = sorted(levels, key=lambda name: (order.get(name, len(order)), name))
    return {
        "levels": {name: levels[name].summary() for name in shown},
        "held_s": round(sum(level.held_s for level in levels.values())),
        "age_s": round(age_s),
    }


def _steps(entries: Sequence[Entry]) -> Iterator[tuple[str, Event, dict[str, Any]]]:
    """Every event after the first dispatch, with the unit whose doing it is and the case's fields before it."""
    state: dict[str, Any] = {}
    for entry in entries:
        before = dict(state)
        state |= entry.change
        unit = before.get("handler" if isinstance(entry.event, Rated | Reopened) else "unit")
        if unit is not None and before.get("dispatched_at") is not None:
            yield str(unit), entry.event, before


def _tell(level: Level, event: Event, before: Mapping[str, Any]) -> None:
    hours = (event.at - before["dispatched_at"]).total_seconds() / HOUR_S
    match event:
        case Claimed():
            level.response_h.append(hours)
            if event.at > before["respond_due_at"]:
                level.count("response_late")
        case Resolved():
            level.handle_h.append(hours)
            due = before["due_at"]
            level.count("on_time" if due is None or event.at <= due else "late")
        case DeadlinePassed(kind=TimerKind.HANDLE):
            level.count("fell_overdue")
        case DeadlinePassed(kind=TimerKind.CHECK_IN):
            level.count("absent")
        case ExtensionRuled(approve=True):
            level.count("extended")
        case Reopened():
            level.count("reopened")
        case Rated(rating=rating) if before.get("rating_first") is None:
            level.rated_first.append(rating)
        case _:
            if type(event) in COUNTED:
                level.count(COUNTED[type(event)])


def _rate(levels: dict[str, Level], level_of: Mapping[str, str], case: Case) -> None:
    """The last rating counts where the case was closed last."""
    if case.rating_final is not None and case.handler is not None:
        levels.setdefault(level_of[case.handler], Level()).rated_final.append(case.rating_final)


def _share(ratings: Sequence[Rating]) -> float | None:
    return round(sum(one in WELL for one in ratings) / len(ratings), 4) if ratings else None
