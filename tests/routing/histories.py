"""Cases and families of cases that live through random presses and rings: the laws are asked of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st

from routing import clocks, lifecycle, refusals
from routing.catalogue import TIP_OFF
from routing.changing import changes
from routing.effects import Arm, Disarm, Effect, EndParts, Follow, Pause, Redate, Unpause
from routing.events import (
    Approved,
    Claimed,
    DeadlinePassed,
    Dispatched,
    Event,
    Filed,
    Merged,
    Noted,
    Rated,
    RatingLapsed,
    RefusalReason,
    Refused,
    Reopened,
    Resolved,
    Split,
    Withdrawn,
)
from routing.model import Case, CaseId, Rating, Timer, TimerKind, UnitCode
from routing.policy import Policy
from routing.records import Entry
from tests.routing.world import (
    CALENDAR,
    CHEN,
    COMMUNITY,
    GRID,
    GRID2,
    LI,
    POLICY,
    REPORTER,
    START,
    ZHANG,
    FakeTree,
    an_event,
    facts,
    fresh,
)

TREE = FakeTree()
Row = tuple[TimerKind, UnitCode | None]
ACCUSED: list[dict[str, object]] = [{}, {}, {"accused": (GRID2,)}, {"accused": (COMMUNITY,)}, {"accused_people": (LI,)}]
HUSHED: list[dict[str, object]] = [{}, {}, {"kind": TIP_OFF, "confidential": True}]
"""Whom a case may be about, and whether it was told in confidence; as often as not neither."""


class History:
    """One case living through events, with its deadline rows and its log, as the desk would keep them."""

    def __init__(self, *, review: bool = False, case: Case | None = None, policy: Policy = POLICY) -> None:
        self.policy = policy
        self.case, self.timers = case or fresh(), dict[Row, Timer]()
        self.born = self.case
        self.review, self.now, self.parts = review, self.case.filed_at, list[History]()
        self.log: list[tuple[Event, Case, dict[str, object]]] = []
        self.step(Filed(at=self.now, by=REPORTER))
        self.step(Dispatched(at=self.now, to=GRID, rule="test", policy=POLICY.stamp))

    def step(self, event: Event) -> None:
        """Let it happen, with what follows from it; a refusal changes nothing."""
        left = sum(part.case.open for part in self.parts)
        known = facts(self.case, review=self.review, open_parts=left, policy=self.policy)
        made = lifecycle.step(self.case, event, replace(known, timers=lambda: tuple(self.timers.values())))
        if isinstance(event, Split):
            self.parts += [self._part(number, event) for number in event.parts]
        before, self.case = self.case, replace(self._shifted(made.case, made.effects), version=self.case.version + 1)
        self.log.append((event, before, changes(before, self.case)))
        for effect in made.effects:
            self._carry_out(effect)

    def tries(self, event: Event) -> bool:
        """Whether it could happen."""
        held = (self.case, dict(self.timers), len(self.log))
        try:
            self.step(event)
        except refusals.Refusal:
            self.case, self.timers = held[0], held[1]
            del self.log[held[2] :]
            return False
        return True

    def rings(self) -> Iterator[Timer]:
        """Let time pass until the next row is due, and ring it as the sweep would."""
        due = [row for row in self.timers.values() if row.next_at is not None]
        if not due:
            return
        timer = min(due, key=lambda row: row.next_at or START)
        self.now = max(self.now, timer.next_at or self.now)
        after, ring = clocks.rung(self.policy, CALENDAR, timer, self.now)
        self.timers[(timer.kind, timer.unit)] = after
        if ring == "deadline":
            self.tries(DeadlinePassed(at=self.now, kind=timer.kind, assist=timer.unit))
        yield timer

    def _shifted(self, case: Case, effects: tuple[Effect, ...]) -> Case:
        kinds = {kind for effect in effects if isinstance(effect, Unpause) for kind in effect.kinds}
        row = self.timers.get((TimerKind.HANDLE, None))
        anew = any(isinstance(effect, Arm) and effect.kind is TimerKind.HANDLE for effect in effects)
        if not anew and TimerKind.HANDLE in kinds and row is not None and row.paused_at is not None:
            return replace(case, due_at=row.due_at + (self.now - row.paused_at))
        return case

    def _carry_out(self, effect: Effect) -> None:
        match effect:
            case Arm(kind, start, due_at, unit):
                self.timers[(kind, unit)] = clocks.armed(self.policy, self.case.id, kind, start, due_at, unit)
            case Disarm(kinds, unit):
                for row in [row for row in self.timers if row[0] in kinds and unit in (None, row[1])]:
                    del self.timers[row]
            case Pause(kinds):
                self._all(kinds, lambda row: clocks.paused(row, self.now))
            case Unpause(kinds):
                self._all(kinds, lambda row: clocks.resumed(self.policy, row, self.now))
            case Redate(kind, due_at):
                self._all((kind,), lambda row: clocks.redated(self.policy, row, due_at, self.now))
            case Follow(event):
                self.step(event)
            case EndParts():
                for part in self.parts:
                    if part.case.open:
                        part.step(Withdrawn(at=self.now))

    def _part(self, number: CaseId, event: Split) -> "History":
        case = fresh(id=number, parent=self.case.id, reporter=None, filed_at=event.at)
        return History(review=self.review, case=case)

    def entries(self) -> list[Entry]:
        """Its log as the audit reads it."""
        return [Entry(seq, event, change, "") for seq, (event, _, change) in enumerate(self.log, start=1)]

    def family(self) -> list["History"]:
        """The case and its parts."""
        return [self, *(one for part in self.parts for one in part.family())]

    def _all(self, kinds: tuple[TimerKind, ...], change: object) -> None:
        assert callable(change)
        for row in [row for row in self.timers if row[0] in kinds]:
            self.timers[row] = change(self.timers[row])


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A case after up to thirty presses and rings, most of which the rules refuse."""
    about: dict[str, object] = draw(st.sampled_from(ACCUSED))
    hushed: dict[str, object] = draw(st.sampled_from(HUSHED))
    history = History(review=draw(st.booleans()), case=fresh(**about, **hushed))
    for _ in range(draw(st.integers(0, 30))):
        history.now += timedelta(minutes=draw(st.integers(1, 3000)))
        if draw(st.integers(0, 4)) == 0:
            list(history.rings())
            continue
        sort = draw(
            st.sampled_from(sorted(lifecycle.possible(history.case.status) or {Noted}, key=lambda c: c.__name__))
        )
        if sort in (DeadlinePassed, RatingLapsed, Reopened):
            continue  # only the clock and the rules themselves cause these
        by = draw(st.sampled_from([LI, ZHANG, CHEN, REPORTER, history.case.holder or LI]))
        if by not in history.case.accused_people:  # who must stay out of it has no right to anything
            over = [unit.code for unit in TREE.path(history.case.unit)]
            event = draw(an_event(sort, history.now, by))
            history.tries(replace(event, unit=draw(st.sampled_from([None, *over])) if event.by else None))
        if not history.case.open:
            break
    return history


@st.composite
def families(draw: st.DrawFn) -> History:
    """A case that is split, and then pressed here and there, the whole and its parts."""
    whole = History(review=draw(st.booleans()))
    ids = iter(range(10, 90))
    whole.step(Claimed(at=START, by=LI))
    whole.step(Split(at=START, by=LI, parts=(CaseId(next(ids)),)))
    for _ in range(draw(st.integers(1, 40))):
        one = draw(st.sampled_from([one for one in whole.family() if one.case.open] or [whole]))
        one.now = max(other.now for other in whole.family()) + timedelta(minutes=draw(st.integers(1, 600)))
        by = one.case.holder or draw(st.sampled_from([LI, ZHANG]))
        pressed: list[Event] = [
            Split(at=one.now, by=by, parts=(CaseId(next(ids)),)),
            Claimed(at=one.now, by=by),
            Resolved(at=one.now, by=by, words=None, photos=1),
            Approved(at=one.now, by=CHEN),
            Rated(at=one.now, by=REPORTER, rating=draw(st.sampled_from(Rating))),
            draw(
                st.sampled_from(
                    [
                        Merged(at=one.now, by=CHEN, into=CaseId(99)),
                        Refused(at=one.now, by=CHEN, reason=RefusalReason.OUTSIDE_DUTY),
                        Withdrawn(at=one.now, by=REPORTER),
                        Withdrawn(at=one.now, by=CHEN),
                    ]
                )
            ),
        ]
        one.tries(draw(st.sampled_from(pressed)))
    return whole
