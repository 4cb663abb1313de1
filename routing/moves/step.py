"""What a rule is given and what it answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from routing import emergency
from routing.calendar import Calendar
from routing.catalogue import Matter
from routing.changing import changed
from routing.effects import Arm, Effect
from routing.limits import Measure, due_at
from routing.model import Case, PersonId, Timer, TimerKind, Unit, UnitCode
from routing.policy import Policy
from routing.records import Entry


class Tree(Protocol):
    """The units as far as a rule needs them."""

    def get(self, code: UnitCode) -> Unit:
        """The unit, or `LookupError`."""
        ...

    def above(self, code: UnitCode) -> Unit | None:
        """Its parent in the tree; ``None`` at the top."""
        ...

    def path(self, code: UnitCode) -> tuple[Unit, ...]:
        """The unit itself, its parent, and so on to the top."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything outside the case that a rule may look at."""

    policy: Policy
    calendar: Calendar
    tree: Tree
    same_day: bool = False  # the catalogue's word on the matter
    needs_evidence: bool = False
    open_parts: int = 0  # split parts not yet at an end
    household_of_reporter: frozenset[PersonId] = frozenset()
    colleagues: frozenset[PersonId] = frozenset()  # whoever may claim in the holding unit
    matters: Mapping[str, Matter] = field(default_factory=dict)  # the catalogue, by code
    timers: Callable[[], Sequence[Timer]] = tuple  # its clocks as they stand
    past: Callable[[], Sequence[Entry]] = tuple  # its log so far
    rules: Callable[[UnitCode], bool] = lambda _unit: True  # whether a unit has somebody who may rule
    heard: Callable[[Case, UnitCode, datetime], datetime] = lambda _case, _unit, at: at  # when who is asked there hears

    def due(self, clock: TimerKind, case: Case, start: datetime, unit: UnitCode | None = None) -> tuple[datetime, bool]:
        """When *clock*, begun at *start*, runs out while *unit* (default: the holding one) has the case.

        The time to answer, and a same day, begin once those who are asked can hear of it.
        """
        holder = unit or case.unit
        level, policy = self.tree.get(holder).level, emergency.in_force(self.policy, self.tree, holder)
        limit = policy.limit_for(clock, case, level, same_day=self.same_day)
        same_day = clock is TimerKind.HANDLE and limit.measure is Measure.SAME_DAY
        begins = self.heard(case, holder, start) if same_day or clock is TimerKind.RESPOND else start
        due = due_at(begins, limit, self.calendar)
        return due.at, due.provisional

    def promised(self, case: Case, start: datetime) -> tuple[datetime | None, bool]:
        """When *case*, given out at *start*, has to be solved; no time where the law decides and not the unit."""
        return (None, False) if case.matter in self.policy.legal else self.due(TimerKind.HANDLE, case, start)

    def due_now(self, case: Case, at: datetime) -> datetime | None:
        """When *case* has to be solved if what holds its clock ended at *at*; no time where the law decides."""
        since = self.paused_since() if case.due_at is not None else None
        return case.due_at if case.due_at is None or since is None else case.due_at + (at - since)

    def paused_since(self) -> datetime | None:
        """Since when the clock to solve it stands still."""
        row = self._clock(TimerKind.HANDLE)
        return row.paused_at if row is not None else None

    def stands(self, clock: TimerKind, at: datetime) -> datetime | None:
        """When *clock* runs out if what holds it ended at *at*; no time where it does not run."""
        row = self._clock(clock)
        return None if row is None else row.due_at + (at - (row.paused_at or at))

    def _clock(self, kind: TimerKind) -> Timer | None:
        return next((timer for timer in self.timers() if timer.kind is kind), None)

    def stamp(self, unit: UnitCode) -> str:
        """Name and version of the policy that holds for *unit* now."""
        return emergency.stamp(self.policy, self.tree, unit)

    def held(self, case: Case) -> bool:
        """Whether the clocks of whoever works on *case* stand still until its reporter answers."""
        return case.waiting and self.policy.question_pauses

    def reviewer(self, case: Case) -> UnitCode:
        """Who reviews what the handler of *case* wrote, as `reviewing` tells."""
        return reviewing(case, self.tree, self.policy)

    def arm(self, clock: TimerKind, case: Case, start: datetime, unit: UnitCode | None = None) -> Arm:
        """An `Arm` effect for *clock*."""
        begins = self.heard(case, unit or case.unit, start) if clock is TimerKind.RESPOND else start
        return Arm(clock, begins, self.due(clock, case, begins, unit)[0], unit)


def reviewing(case: Case, tree: Tree, policy: Policy) -> UnitCode:
    """Who reviews what the handler of *case* wrote: the level that the policy names, else the one above it.

    A judgement (law 9) always belongs to the level above.
    """
    path = tree.path(case.handler or case.unit)
    for unit in () if case.judged else path:
        if unit.level == policy.review_at:
            return unit.code
    return path[1].code if len(path) > 1 else path[0].code


@dataclass(frozen=True, slots=True)
class Outcome:
    """The case after the move, and what the move asks for."""

    case: Case
    effects: tuple[Effect, ...] = ()


Rule = Callable[[Case, Any, Facts], Outcome]


def outcome(case: Case, *effects: Effect, **changes: Any) -> Outcome:
    """The *case* with *changes*, and *effects*."""
    return Outcome(changed(case, changes) if changes else case, effects)
