"""回访: silence is followed by a call where the policy says so, and what is heard in it is nobody's rating (law 9)."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import laws, refusals
from routing.checked import BadPolicy
from routing.events import Approved, CalledBack, Claimed, Dispatched, Rated, RatingLapsed, Reopened, Resolved
from routing.model import PersonId, Rating, Status, TimerKind, Told, UnitCode, WordsId
from routing.policy import Policy, presets
from tests.routing.histories import History
from tests.routing.world import CHEN, CITY, COMMUNITY, GRID, LI, REPORTER, STREET, ZHANG, fresh

TOWN = Policy.load("zhaoyuan")
SAID = WordsId(7)


def _closed(*, policy: Policy = TOWN, unit: UnitCode = GRID, **case: object) -> History:
    history = History(policy=policy, case=fresh(**case))
    if unit != GRID:
        history.step(Dispatched(at=history.now, by=CHEN, unit=CITY, to=unit, rule="person", policy="p"))
    history.step(Claimed(at=history.now, by=LI))
    history.step(Resolved(at=history.now, by=LI, words=WordsId(3), photos=1))
    return history


def _silent(**case: object) -> History:
    """A case whose reporter has not rated it in time."""
    history = _closed(**case)  # type: ignore[arg-type]  # fields of the case
    while history.case.open and history.case.calling is None:
        list(history.rings())
    return history


def _calls(history: History, told: Told, by: PersonId = CHEN) -> None:
    history.now += timedelta(minutes=5)
    history.step(CalledBack(at=history.now, by=by, unit=history.case.calling, told=told, words=SAID))


def test_whoever_says_nothing_is_called_by_the_level_that_the_policy_names() -> None:
    history = _silent()

    assert (history.case.status, history.case.calling) == (Status.AWAITING_RATING, CITY)
    assert set(history.timers) == {(TimerKind.CALL_BACK, CITY)}
    assert list(laws.unwatched(history.case, list(history.timers.values()))) == []


@pytest.mark.parametrize("told", [Told.SATISFIED, Told.FAIR])
def test_what_is_heard_is_kept_apart_and_the_reporter_may_still_rate(told: Told) -> None:
    history = _silent()
    _calls(history, told)

    case = history.case
    assert (case.status, case.told, case.calling) == (Status.AWAITING_RATING, told, None)
    assert (case.rating_first, case.rating_final) == (None, None)
    history.step(Rated(at=history.now, by=REPORTER, rating=Rating.NOT_SATISFIED))
    assert (history.case.status, history.case.rating_final) == (Status.OFFERED, Rating.NOT_SATISFIED)


def test_after_a_call_silence_ends_it_as_unrated_and_nobody_calls_again() -> None:
    history = _silent()
    _calls(history, Told.SATISFIED)
    while history.case.open:
        assert list(history.rings())

    assert (history.case.status, history.case.told, history.case.rating_final) == (
        Status.ARCHIVED,
        Told.SATISFIED,
        None,
    )
    assert sum(isinstance(event, CalledBack) for event, _, _ in history.log) == 1


def test_not_satisfied_on_the_phone_starts_again_once_and_then_asks_for_a_judgement() -> None:
    history = _silent()
    _calls(history, Told.NOT_SATISFIED)
    assert (history.case.status, history.case.unit, history.case.reopened) == (Status.OFFERED, COMMUNITY, 1)
    assert history.case.rating_final is None

    history.step(Claimed(at=history.now, by=LI))
    history.step(Resolved(at=history.now, by=LI, words=WordsId(4), photos=1))
    assert (history.case.told, history.case.calls) == (None, 0)
    while history.case.calling is None:
        list(history.rings())
    _calls(history, Told.NOT_SATISFIED)
    assert (history.case.status, history.case.judged, history.case.reopened) == (Status.IN_REVIEW, True, 1)
    history.step(Approved(at=history.now, by=CHEN))
    assert (history.case.status, history.case.rating_final) == (Status.ARCHIVED, None)


def test_who_is_not_reached_is_called_as_often_as_the_policy_says() -> None:
    history = _silent()
    _calls(history, Told.NOT_REACHED)
    assert (history.case.calling, history.case.calls, history.case.told) == (CITY, 1, None)
    _calls(history, Told.NOT_REACHED)

    assert (history.case.status, history.case.told, history.case.rating_final) == (
        Status.ARCHIVED,
        Told.NOT_REACHED,
        None,
    )


def test_a_call_that_nobody_makes_ends_as_unrated_after_its_clock() -> None:
    history = _silent()
    while history.case.open:
        assert list(history.rings())

    assert (history.case.status, history.case.told, history.case.calls) == (Status.ARCHIVED, None, 0)
    assert history.timers == {}


def test_neither_the_handler_nor_the_reporter_nor_another_unit_writes_down_a_call() -> None:
    history = _silent()
    for by, unit in ((LI, CITY), (REPORTER, CITY), (CHEN, STREET), (None, CITY)):
        with pytest.raises(refusals.NotYours):
            history.step(CalledBack(at=history.now, by=by, unit=unit, told=Told.SATISFIED, words=SAID))
    history.step(Rated(at=history.now, by=REPORTER, rating=Rating.FAIR))
    assert history.case.calling is None
    closed = _closed()
    with pytest.raises(refusals.NotNow):
        closed.step(CalledBack(at=closed.now, by=CHEN, unit=CITY, told=Told.SATISFIED, words=SAID))


@pytest.mark.parametrize("case", [{"reporter": None}, {"kind": "tip_off", "confidential": True}])
def test_whom_nobody_knows_or_may_know_is_not_called(case: dict[str, object]) -> None:
    history = _silent(**case)

    assert history.case.status is Status.ARCHIVED


def test_nobody_calls_about_their_own_unit_s_work_and_by_default_nobody_calls() -> None:
    assert _silent(unit=CITY).case.status is Status.ARCHIVED
    assert _silent(unit=STREET).case.calling == CITY
    assert _silent(policy=Policy.load()).case.status is Status.ARCHIVED
    assert {name for name in presets() if Policy.load(name).call_back} == {"zhaoyuan", "dongying"}


@settings(max_examples=40)
@given(data=st.data())
def test_however_people_call_and_rate_no_call_is_a_rating_and_every_case_ends(data: st.DataObject) -> None:
    history = _closed()
    for _ in range(data.draw(st.integers(1, 12))):
        if not history.case.open:
            break
        by = data.draw(st.sampled_from([CHEN, ZHANG, LI, REPORTER]))
        told = data.draw(st.sampled_from(Told))
        unit = data.draw(st.sampled_from([CITY, STREET]))
        pressed = [
            CalledBack(at=history.now, by=by, unit=unit, told=told, words=SAID),
            CalledBack(at=history.now, by=CHEN, unit=CITY, told=told, words=SAID),
            Rated(at=history.now, by=by, rating=data.draw(st.sampled_from(Rating))),
            Claimed(at=history.now, by=LI),
            Resolved(at=history.now, by=LI, words=WordsId(3), photos=1),
        ]
        if data.draw(st.booleans()):
            list(history.rings())
        else:
            history.tries(data.draw(st.sampled_from(pressed)))
    assert list(laws.breaches(history.case, history.entries())) == []
    assert list(laws.unwatched(history.case, list(history.timers.values()))) == []
    rated = [event for event, _, _ in history.log if isinstance(event, Rated)]
    assert history.case.rating_final == (rated[-1].rating if rated else None)
    assert (history.case.calling is None) or (TimerKind.CALL_BACK, history.case.calling) in history.timers
    ends = [event for event, _, _ in history.log if isinstance(event, RatingLapsed | Reopened)]
    assert history.case.calls <= TOWN.call_tries + 1
    assert len([event for event in ends if isinstance(event, Reopened)]) <= 1


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        ('by = "city"\ntries', 'by = "grid"\ntries', "call_back.by: must be one of city, street, community"),
        ("tries = 2", "tries = 0", "call_back.tries: must be at least 1"),
        ('clock = "call_back"', 'clock = "check_in"', "limits"),
    ],
)
def test_a_section_that_nobody_could_follow_is_refused(tmp_path: Path, before: str, after: str, reason: str) -> None:
    text = (Path(__file__).parents[2] / "routing/policies/zhaoyuan.toml").read_text("utf-8")
    assert text.count(before) == 1
    file = tmp_path / "ours.toml"
    file.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(BadPolicy) as refused:
        Policy.load(str(file))
    assert reason in str(refused.value)
