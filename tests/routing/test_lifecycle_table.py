"""The table of moves: complete, closed, and honest about where each event leads."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import lifecycle, refusals
from routing.events import EVENTS, Event
from routing.lifecycle import MOVES
from routing.model import ENDS, Case, Status
from tests.routing.world import LI, REPORTER, START, an_event, facts, fresh

Data = st.DataObject
LATER = START + timedelta(hours=1)
OUTSIDE = [(status, cls) for status in Status for cls in EVENTS.values() if (status, cls) not in MOVES]


@pytest.mark.parametrize(("status", "event"), OUTSIDE, ids=lambda one: getattr(one, "__name__", str(one)))
@settings(max_examples=5)
@given(data=st.data())
def test_what_the_table_does_not_know_is_refused_by_name(
    status: Status, event: type[Event], data: st.DataObject
) -> None:
    case = fresh(status=status, holder=LI)
    made = data.draw(an_event(event, LATER, LI))

    with pytest.raises(refusals.NotNow) as refused:
        lifecycle.step(case, made, facts(case))
    assert refused.value.values == {"status": status.value, "event": event.__name__}


def test_every_unfinished_status_leads_to_an_end() -> None:
    leads: dict[Status, set[Status]] = {status: set() for status in Status}
    for (status, _), move in MOVES.items():
        leads[status] |= set(move.to)

    def reached(status: Status) -> set[Status]:
        seen, ahead = {status}, [status]
        while ahead:
            fresh_ones = leads[ahead.pop()] - seen
            seen |= fresh_ones
            ahead += fresh_ones
        return seen

    assert [status for status in Status if not reached(status) & ENDS] == []
    assert {status for status in Status if status not in reached(Status.RECEIVED)} == set()


def test_ends_have_no_way_out() -> None:
    assert lifecycle.ends() == ENDS


def test_every_event_is_known_somewhere() -> None:
    assert {event for _, event in MOVES} == set(EVENTS.values())


@pytest.mark.parametrize(("status", "event"), list(MOVES), ids=lambda one: getattr(one, "__name__", str(one)))
@settings(max_examples=30)
@given(data=st.data())
def test_a_move_leads_where_the_table_says_or_is_refused(
    status: Status, event: type[Event], data: st.DataObject
) -> None:
    by = data.draw(st.sampled_from([LI, REPORTER, None]))
    case = _somewhere(status, data)
    made = data.draw(an_event(event, LATER, by))
    try:
        after = lifecycle.step(case, made, facts(case, review=data.draw(st.booleans()))).case
    except refusals.Refusal:
        return
    assert after.status in MOVES[(status, event)].to
    assert (after.id, after.number, after.grid, after.reporter, after.filed_at) == (1, 1, case.grid, REPORTER, START)


def _somewhere(status: Status, data: Data) -> Case:
    holding = status in (Status.CLAIMED, Status.SUSPENDED, Status.IN_REVIEW, Status.AWAITING_RATING)
    return fresh(
        status=status,
        holder=LI if holding else None,
        handler="1111" if holding else None,
        dispatched_at=START,
        due_at=START + timedelta(days=data.draw(st.integers(0, 3))),
        reopened=data.draw(st.integers(0, 2)),
    )
