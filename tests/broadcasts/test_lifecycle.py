"""The table of states: every state has its exit, and time alone brings everything to an end."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts import rules
from broadcasts.lifecycle import MOVES, Event, possible, step
from broadcasts.model import ENDS, RUNNING, Alert, Audience, Broadcast, BroadcastId, Chase, Class, Level, State
from broadcasts.refusals import NotThen
from broadcasts.rules import Hours
from routing.broadcast_lines import Broadcasting
from routing.calendar import Calendar
from routing.model import ChatId, PersonId, UnitCode

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in the town
HOURS = Hours(Calendar.load())
AUTHOR, APPROVER = PersonId(1), PersonId(2)


def made(**fields: Any) -> Broadcast:
    known: dict[str, Any] = {
        "id": BroadcastId(1),
        "number": 1,
        "state": State.DRAFT,
        "kind": Class.ALERT,
        "level": Level.ORANGE,
        "unit": UnitCode("s"),
        "author": AUTHOR,
        "chat": ChatId(1),
        "drafted_at": NOW,
        "audience": Audience(UnitCode("s")),
        "expires_at": NOW + timedelta(days=1),
    }
    return Broadcast(**{**known, **fields})


@pytest.mark.parametrize("state", [one for one in State if one not in ENDS])
def test_every_state_that_is_no_end_has_an_exit_and_can_be_cancelled_and_expires(state: State) -> None:
    assert {Event.CANCELLED, Event.EXPIRED} <= possible(state)


@pytest.mark.parametrize("state", [one for one in State if one in ENDS])
def test_what_has_ended_stays_ended(state: State) -> None:
    assert possible(state) == frozenset()
    with pytest.raises(NotThen):
        step(made(state=state), Event.RESUMED, NOW)


def test_every_state_can_be_reached_from_the_draft() -> None:
    reached = {State.DRAFT}
    for _ in State:
        reached |= {move.to for (state, _), move in MOVES.items() if state in reached}

    assert reached == set(State)


@given(history=st.lists(st.sampled_from(list(Event)), max_size=30))
def test_whatever_happens_what_lives_has_a_clock_and_what_ended_has_none(history: list[Event]) -> None:
    broadcast, at = made(), NOW
    for event in history:
        if event in possible(broadcast.state):
            at += timedelta(minutes=1)
            broadcast = step(broadcast, event, at, APPROVER)
            assert (rules.next_look(broadcast, at, HOURS) is None) == (broadcast.state in ENDS)
            assert (broadcast.begun_at is not None) >= (broadcast.state in RUNNING)


@given(
    history=st.lists(st.sampled_from([Event.RELEASED, Event.SUBMITTED, Event.REJECTED, Event.RECALLED]), max_size=12)
)
def test_what_goes_back_to_the_draft_needs_its_approval_anew(history: list[Event]) -> None:
    broadcast = made()
    for event in history:
        if event in possible(broadcast.state):
            broadcast = step(broadcast, event, NOW, APPROVER)
    if broadcast.state is State.DRAFT:
        assert broadcast.approver is None


@pytest.mark.parametrize(
    ("state", "event"),
    [(State.SCHEDULED, Event.RECALLED), (State.APPROVING, Event.RECALLED), (State.APPROVING, Event.REJECTED)],
)
def test_what_goes_back_to_the_draft_lives_its_days_from_then_on(state: State, event: Event) -> None:
    later = NOW + timedelta(days=8)
    draft = step(made(state=state, expires_at=NOW + timedelta(days=10)), event, later)

    assert rules.next_look(draft, later, HOURS) == later + rules.DRAFT_LIFE


def test_the_night_holds_up_what_is_neither_red_nor_orange() -> None:
    night, morning = datetime(2026, 11, 23, 15, 30, tzinfo=UTC), datetime(2026, 11, 23, 23, 0, tzinfo=UTC)

    assert rules.leaves_at(made(level=Level.RED), night, HOURS) == night
    assert rules.leaves_at(made(level=Level.YELLOW), night, HOURS) == morning
    assert rules.leaves_at(made(kind=Class.NOTICE, level=None), NOW, HOURS) == NOW
    assert rules.leaves_at(made(level=Level.BLUE, send_at=night), NOW, HOURS) == morning


def test_the_chase_waits_for_the_morning_too() -> None:
    evening = datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    notice = made(kind=Class.NOTICE, level=None, state=State.CHASING, begun_at=evening, window_s=12 * 3600)

    assert rules.chase_at(notice, 0, HOURS) == datetime(2026, 11, 23, 23, 0, tzinfo=UTC)
    assert rules.chase_at(replace(notice, level=Level.RED), 0, HOURS) == evening + timedelta(hours=3.6)
    assert rules.chase_at(notice, 3, HOURS) is None


def test_the_policy_says_when_the_silent_are_chased_and_which_step_comes_next() -> None:
    hours = Hours(HOURS.calendar, chasing=Broadcasting(group_at=None, private_at=0.25, doors_at=0.5))
    alert = made(state=State.CHASING, begun_at=NOW, window_s=4 * 3600)

    assert rules.chase_at(alert, 0, hours) == NOW + timedelta(hours=1)
    assert rules.chase_at(alert, 1, hours) == NOW + timedelta(hours=2)
    assert rules.chase_at(alert, 2, hours) is None
    assert [rules.step_of(number, hours) for number in (1, 2, 3)] == [Chase.PRIVATE, Chase.DOORS, Chase.DOORS]
    assert [rules.next_step(replace(alert, step=step), hours) for step in (0, 1, 2)] == [
        Chase.PRIVATE,
        Chase.DOORS,
        None,
    ]
    assert rules.next_step(replace(alert, state=State.PAUSED), hours) is None


def test_an_update_asks_again_only_when_the_level_rises_or_what_to_do_changes() -> None:
    first = made(alert=Alert(action="stay in"))

    assert not rules.asks_again(first, replace(first, text="more words"))
    assert not rules.asks_again(first, replace(first, level=Level.YELLOW))
    assert rules.asks_again(first, replace(first, level=Level.RED))
    assert rules.asks_again(first, replace(first, alert=Alert(action="leave")))
    notice = made(kind=Class.NOTICE, level=None, text="water is off")
    assert rules.asks_again(notice, replace(notice, text="water is off till six"))


def test_an_alert_says_which_of_its_parts_are_missing() -> None:
    bare = made(level=None, expires_at=None)
    assert rules.missing_parts(bare) == rules.PARTS
    whole = made(alert=Alert("snow", "station", NOW, NOW, "street", "much snow", "stay in"))
    assert rules.missing_parts(whole) == ()
    assert rules.missing_parts(made(kind=Class.NOTICE, level=None)) == ("text",)
    assert rules.missing_parts(made(kind=Class.EXERCISE, level=None, text="a drill")) == ()


def test_a_series_goes_on_with_its_next_turn_and_leaves_out_those_slept_through() -> None:
    first = made(kind=Class.NOTICE, level=None, send_at=NOW, repeat_s=86400, state=State.SENDING, begun_at=NOW, step=2)
    later = rules.repeated(first, BroadcastId(2), 2, NOW + timedelta(days=2, hours=1))

    assert later.send_at == NOW + timedelta(days=3)
    assert later.expires_at == NOW + timedelta(days=4)
    assert (later.state, later.begun_at, later.step, later.repeat_s) == (State.SCHEDULED, None, 0, 86400)
    assert rules.repeated(first, BroadcastId(2), 2, NOW).send_at == NOW + timedelta(days=1)
    with pytest.raises(ValueError, match="repeat"):
        rules.repeated(made(), BroadcastId(2), 2, NOW)
