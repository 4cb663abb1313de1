"""Law 5 over random histories of cases that are sent around: who rules on a return, and when that is the last word."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import conflicts, laws, refusals
from routing.events import (
    DeadlinePassed,
    Dispatched,
    Escalated,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    Noted,
    NoteKind,
    ReturnAsked,
    ReturnReason,
    ReturnRuled,
    Transferred,
)
from routing.model import Case, Status, TimerKind, UnitCode, WordsId
from tests.routing.histories import History
from tests.routing.world import (
    CHEN,
    CITY,
    COMMUNITY,
    DEPARTMENT,
    GRID,
    GRID2,
    LI,
    POLICY,
    START,
    STREET,
    UNITS,
    FakeTree,
    fresh,
)

TREE = FakeTree()
MINUTE = timedelta(minutes=1)


def _above(unit: UnitCode | None) -> UnitCode | None:
    found = None if unit is None else TREE.above(unit)
    return None if found is None else found.code


def _below(unit: UnitCode) -> list[UnitCode]:
    return [code for code in UNITS if unit in {one.code for one in TREE.path(code)[1:]}]


def _pressed(draw: st.DrawFn, history: History) -> Event:
    """One of the things by which a case comes from one unit to another, as the desk would let somebody press it."""
    case, at = history.case, history.now
    over = [unit.code for unit in TREE.path(case.unit)]
    giver = draw(st.sampled_from([unit for unit in over if _below(unit)] or [CITY]))
    beside = [code for code, unit in UNITS.items() if unit.parent == TREE.get(case.unit).parent]
    choices: dict[str, Event] = {
        "dispatch": Dispatched(
            at=at, by=CHEN, unit=giver, to=draw(st.sampled_from(_below(giver))), rule="person", policy="p"
        ),
        "transfer": Transferred(
            at=at, by=LI, unit=draw(st.sampled_from([case.unit, *over])), to=draw(st.sampled_from(beside))
        ),
        "escalate": Escalated(at=at, by=LI, unit=case.unit, words=WordsId(1)),
        "return": ReturnAsked(at=at, by=LI, unit=case.unit, reason=ReturnReason.WRONG_AREA),
        "extend": ExtensionAsked(at=at, by=LI, unit=case.unit),
        "conflict": Noted(at=at, by=CHEN, kind=NoteKind.CONFLICT, accused=(draw(st.sampled_from([COMMUNITY, GRID2])),)),
    }
    sorts = ["dispatch", "return", "return", "return", "transfer", "transfer", "escalate", "extend", "conflict"]
    return choices[draw(st.sampled_from(sorts))]


@st.composite
def sent_around(draw: st.DrawFn) -> History:
    """A case that is given, passed on, returned and ruled on, quickly enough for returns to be in time."""
    part = {"parent": 7, "reporter": None} if draw(st.booleans()) else {}
    history = History(case=fresh(**part))
    for _ in range(draw(st.integers(1, 16))):
        history.now += timedelta(minutes=draw(st.sampled_from([1, 1, 5, 20, 3000])))
        case = history.case
        if case.ruling is not None and draw(st.integers(0, 3)):
            unit, approve = draw(st.sampled_from(list(UNITS))), draw(st.booleans())
            to = draw(st.sampled_from([code for code in (unit, *_below(unit)) if code != case.unit] or [CITY]))
            ruled = (
                ReturnRuled(at=history.now, by=CHEN, unit=unit, approve=approve, to=to if approve else None)
                if case.ruling == "return"
                else ExtensionRuled(at=history.now, by=CHEN, unit=unit, approve=approve)
            )
            history.tries(ruled)
        elif draw(st.integers(0, 5)) == 0:
            list(history.rings())
        else:
            history.tries(_pressed(draw, history))
    return history


def _told(history: History) -> Iterator[tuple[Event, Case, dict[str, object], UnitCode | None, int]]:
    """Each line of the log, with who had given the case to its unit by then, and how often it was handed over."""
    giver, handed = None, 0
    for event, before, change in history.log:
        yield event, before, change, giver, handed
        unit = change.get("unit", before.unit)
        match event:
            case Dispatched():
                giver = event.unit if event.by is not None else None
            case ReturnRuled(approve=True):
                giver, handed = event.unit, handed + 1
            case Transferred():
                giver, handed = (giver if event.unit == before.unit else event.unit), handed + 1
            case Escalated():
                giver = None
        giver = None if giver == unit else giver


@settings(max_examples=50)
@given(history=sent_around())
def test_whoever_dispatched_it_is_asked_and_after_two_hand_overs_the_level_above_them(history: History) -> None:
    for event, before, change, giver, handed in _told(history):
        assert (before.dispatcher, before.handovers) == (giver, handed)
        if isinstance(event, ReturnAsked | ExtensionAsked):
            tree = conflicts.clear(TREE, before.accused)
            level_above = tree.above(before.unit)
            assert level_above is not None
            over = {unit.code for unit in tree.path(before.unit)[1:]}
            knows = giver if giver in over or (before.parent and giver and tree.path(giver)[:1]) else None
            knows = knows if isinstance(event, ReturnAsked) else None
            if knows is not None and handed >= POLICY.most_handovers:
                higher = tree.above(knows)
                knows = higher.code if higher else knows
            assert change["rulers"] == (knows or level_above.code,)


@settings(max_examples=50)
@given(history=sent_around())
def test_nobody_else_rules_but_those_above_once_it_is_late(history: History) -> None:
    asked: list[UnitCode] = []
    for event, before, change, _, _ in _told(history):
        if isinstance(event, ReturnRuled | ExtensionRuled):
            assert event.unit in before.rulers
        late = isinstance(event, DeadlinePassed) and event.kind is TimerKind.RULING
        new = change.get("rulers", before.rulers)
        assert isinstance(new, tuple)
        if late and len(new) > len(before.rulers):
            assert new[:-1] == before.rulers
            assert new[-1] == _above(before.rulers[-1])
        elif new != before.rulers and new:
            asked = list(new)
            assert len(asked) == 1
    assert (history.case.rulers != ()) == (history.case.ruling is not None)
    for unit in UNITS:
        if history.case.ruling is not None and unit not in history.case.rulers:
            ruled = ReturnRuled if history.case.ruling == "return" else ExtensionRuled
            with pytest.raises(refusals.NotYours):
                history.step(ruled(at=history.now, by=CHEN, unit=unit, approve=True))


@settings(max_examples=50)
@given(history=sent_around())
def test_it_is_not_kicked_around(history: History) -> None:
    """Two hand-overs, and no unit passes it on; the ruling that follows is the last word."""
    for event, before, change, _, handed in _told(history):
        if handed >= POLICY.most_handovers:
            assert not (isinstance(event, Transferred) and event.unit == before.unit)
            if isinstance(event, ReturnRuled):
                assert change.get("designated", before.designated)
    assert list(laws.breaches(history.case, history.entries())) == []
    assert list(laws.unwatched(history.case, list(history.timers.values()))) == []


def _asked(dispatcher: UnitCode, to: UnitCode, **case: object) -> History:
    history = History(case=fresh(**case))
    history.step(Dispatched(at=START, by=CHEN, unit=dispatcher, to=to, rule="person", policy="p"))
    history.step(ReturnAsked(at=START + MINUTE, by=LI, unit=to, reason=ReturnReason.NOT_OUR_DUTY))
    return history


def test_a_city_that_dispatched_straight_to_a_grid_rules_itself() -> None:
    history = _asked(CITY, GRID2)

    assert history.case.rulers == (CITY,)
    assert (TimerKind.RULING, CITY) in history.timers
    for unit in (COMMUNITY, STREET, GRID):
        with pytest.raises(refusals.NotYours):
            history.step(ReturnRuled(at=START + 2 * MINUTE, by=CHEN, unit=unit, approve=True, to=COMMUNITY))
    history.step(ReturnRuled(at=START + 2 * MINUTE, by=CHEN, unit=CITY, approve=True, to=GRID))
    assert (history.case.unit, history.case.dispatcher, history.case.handovers) == (GRID, CITY, 1)


def test_a_street_that_cut_a_part_for_a_department_beside_it_rules_on_its_return() -> None:
    history = _asked(STREET, DEPARTMENT, parent=7)
    assert history.case.rulers == (STREET,)

    history = _asked(STREET, DEPARTMENT)
    assert history.case.rulers == (CITY,), "beside the tree only what is a part has a dispatcher"


def test_a_dispatcher_that_stands_accused_rules_no_longer() -> None:
    history = _asked(STREET, DEPARTMENT, parent=7)
    history.step(Noted(at=START + 2 * MINUTE, by=CHEN, kind=NoteKind.CONFLICT, accused=(STREET,)))

    assert (history.case.unit, history.case.rulers) == (DEPARTMENT, (CITY,))
    assert {unit for kind, unit in history.timers if kind is TimerKind.RULING} == {CITY}


def test_each_level_that_lets_a_ruling_wait_gets_its_superior_beside_it() -> None:
    history = _asked(COMMUNITY, GRID2)
    while history.case.rulers != (COMMUNITY, STREET, CITY):
        assert list(history.rings())
        assert history.case.status is Status.OFFERED
    assert {unit for kind, unit in history.timers if kind is TimerKind.RULING} == {COMMUNITY, STREET, CITY}
    history.step(ReturnRuled(at=history.now, by=CHEN, unit=STREET, approve=False))
    assert history.case.designated
    assert not history.case.rulers
