"""The laws of the design over random histories: whatever people press and whenever, they hold after every step."""

from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import laws, refusals, replies
from routing.events import (
    Approved,
    Claimed,
    DeadlinePassed,
    Escalated,
    Event,
    ExtensionRuled,
    Noted,
    NoteKind,
    Rated,
    Released,
    Reopened,
    Resolved,
    ReturnAsked,
    ReturnReason,
    ReturnRuled,
    SentBack,
    Suspended,
)
from routing.model import ENDS, Case, PersonId, Rating, Status, TimerKind, UnitCode, WordsId
from tests.routing.histories import History, families, histories
from tests.routing.world import (
    CHEN,
    GRID,
    LI,
    POLICY,
    REPORTER,
    START,
    UNITS,
    ZHANG,
    FakeTree,
)

TREE = FakeTree()


@settings(max_examples=80)
@given(whole=families())
def test_a_whole_never_closes_before_its_parts_and_leaves_none_behind(whole: History) -> None:
    """Law 7, and law 1 of every part: one that is open has a clock, one that ended has none."""
    for one in whole.family():
        left = [part.case.id for part in one.parts if part.case.open]
        if one.case.status in laws.CLOSED or not one.case.open:
            assert left == []
        assert bool([row for row in one.timers.values() if row.next_at is not None]) == one.case.open
        assert {part.case.parent for part in one.parts} <= {one.case.id}
        assert list(laws.breaches(one.case, one.entries())) == []
        assert list(laws.unwatched(one.case, list(one.timers.values()))) == []
    for part in whole.family()[1:]:
        assert not any(isinstance(event, Rated) for event, _, _ in part.log), "the whole is rated, no part is"


@settings(max_examples=80)
@given(history=histories())
def test_the_audit_finds_no_fault_in_any_history(history: History) -> None:
    """Laws 1 to 9, 11, 13 and 14, as the audit asks them of a database."""
    assert list(laws.breaches(history.case, history.entries())) == []
    assert list(laws.unwatched(history.case, list(history.timers.values()))) == []


@settings(max_examples=60)
@given(history=histories())
def test_whom_a_case_is_about_never_has_it(history: History) -> None:
    """No unit that must stay out of it, none below that, and nobody who must, is left with it after any step."""
    case = history.case
    if case.status in (Status.OFFERED, Status.CLAIMED, Status.SUSPENDED):
        assert {unit.code for unit in TREE.path(case.unit)}.isdisjoint(case.accused)
        assert case.holder not in case.accused_people


@settings(max_examples=60)
@given(history=histories())
def test_what_is_told_in_confidence_stays_so_and_only_who_took_it_in_knows_from_whom(history: History) -> None:
    """A correction may make it confidential; nothing makes it public again, or lets another unit know the reporter."""
    hushed, accepted = False, None
    for _, before, change in history.log:
        hushed = hushed or before.confidential
        assert not hushed or change.get("confidential", True)
        accepted = accepted or change.get("accepted")
    assert history.case.accepted == accepted


@settings(max_examples=60)
@given(history=histories())
def test_no_word_of_the_handler_reaches_a_resident_before_review(history: History) -> None:
    """Law 8: where the policy asks for review, a rating is asked for only by the one who approves."""
    for event, _, change in history.log:
        if history.review and change.get("status") is Status.AWAITING_RATING:
            assert isinstance(event, Approved)


@settings(max_examples=60)
@given(
    presses=st.lists(st.sampled_from([Claimed, Resolved, Approved, SentBack, Rated]), max_size=40), review=st.booleans()
)
def test_a_reply_that_was_sent_back_never_reaches_a_resident(presses: list[type[Event]], review: bool) -> None:
    """Law 8: residents read what was approved, or given where nothing is reviewed, and nothing else."""
    history, given_last, let_out = History(review=review), WordsId(0), set[WordsId]()
    for number, sort in enumerate(presses, start=1):
        words: dict[str, Any] = {"words": WordsId(number), "photos": 1} if sort is Resolved else {}
        by = REPORTER if sort is Rated else LI if sort in (Claimed, Resolved) else CHEN
        rating: dict[str, Any] = {"rating": Rating.NOT_SATISFIED} if sort is Rated else {}
        if not history.tries(sort(at=history.now, by=by, **words, **rating)):
            continue
        given_last = WordsId(number) if sort is Resolved else given_last
        if sort is (Approved if review else Resolved):
            let_out.add(given_last)
        known = replies.replies(history.entries())
        assert {one for one, is_out in known.items() if is_out} == let_out


@settings(max_examples=60)
@given(history=histories())
def test_a_claim_is_taken_away_only_from_who_was_silent(history: History) -> None:
    """Law 13: the clock releases a claim only when the silence row, begun at the holder's last sign, has run out."""
    for (event, before, _), (earlier, _, _) in zip(history.log[1:], history.log, strict=False):
        if isinstance(event, Released) and event.by is None:
            assert before.status is Status.CLAIMED
            assert isinstance(earlier, DeadlinePassed)
            assert earlier.kind is TimerKind.SILENCE


@settings(max_examples=60)
@given(history=histories())
def test_no_case_can_be_forgotten(history: History) -> None:
    """Law 1: an unfinished case has a holding unit, somebody to act, and a clock that will ring."""
    case = history.case
    if not case.open:
        assert history.timers == {}
        return
    assert case.unit in UNITS
    assert (case.holder is not None) == (case.status in (Status.CLAIMED, Status.AWAITING_RATING)) or case.status in (
        Status.SUSPENDED,
        Status.IN_REVIEW,
    )
    assert [row for row in history.timers.values() if row.next_at is not None], "nothing will ever ring"
    assert case.due_at is not None


@settings(max_examples=40)
@given(history=histories())
def test_left_alone_every_case_rings_until_it_ends_or_somebody_acts(history: History) -> None:
    """Laws 1 and 9: the clock alone never brings a case to a stop without an end."""
    for _ in range(60):
        if not history.case.open:
            assert history.case.status in ENDS
            return
        rung = list(history.rings())
        assert rung, "an open case fell silent"
    assert history.case.status is not Status.AWAITING_RATING
    assert history.case.status is not Status.SUSPENDED or (TimerKind.RESUME, None) in history.timers


@settings(max_examples=60)
@given(history=histories())
def test_replaying_the_changes_rebuilds_the_case(history: History) -> None:
    """Law 11."""
    state = {field.name: getattr(history.born, field.name) for field in fields(Case)}
    held: dict[UnitCode, timedelta] = {}
    since: tuple[datetime, UnitCode] = (START, GRID)
    for event, _, change in history.log:
        state |= change
        if "unit" in change:
            held[since[1]] = held.get(since[1], timedelta()) + (event.at - since[0])
            since = (event.at, UnitCode(str(change["unit"])))
    held[since[1]] = held.get(since[1], timedelta()) + (history.now - since[0])

    assert Case(**state) == history.case
    assert sum(held.values(), timedelta()) == history.now - START


@settings(max_examples=60)
@given(history=histories())
def test_the_counted_limits_hold_in_every_history(history: History) -> None:
    """Laws 3, 5, 6 and 9: returns once per unit, few extensions, one suspension, ratings only by the reporter."""
    events = [event for event, _, _ in history.log]
    asked = [before.unit for event, before, _ in history.log if isinstance(event, ReturnAsked)]
    assert len(asked) == len(set(asked))
    assert not [1 for event, before, _ in history.log if isinstance(event, ReturnAsked) and before.designated]
    granted = sum(isinstance(event, ExtensionRuled) and event.approve for event in events)
    assert granted == history.case.extensions <= POLICY.most_extensions
    assert sum(isinstance(event, Suspended) for event in events) <= POLICY.most_suspensions
    assert {event.by for event in events if isinstance(event, Rated)} <= {REPORTER}
    for event, before, change in history.log:
        if isinstance(event, Escalated) and event.skip_to is None:
            above = TREE.above(before.unit)
            assert above is not None
            assert change["unit"] == above.code


@settings(max_examples=60)
@given(history=histories())
def test_each_closing_is_rated_at_most_once_and_a_bad_rating_starts_again(history: History) -> None:
    """Law 9."""
    closings = sum(change.get("status") is Status.AWAITING_RATING for _, _, change in history.log)
    ratings = [(event, after) for (event, _, after) in history.log if isinstance(event, Rated)]
    assert len(ratings) <= closings
    reopenings = sum(isinstance(event, Reopened) for event, _, _ in history.log)
    assert reopenings == history.case.reopened <= 1, "a second bad rating asks for a judgement instead of looping"
    if ratings and ratings[-1][0].rating is not Rating.NOT_SATISFIED:
        assert history.case.status is Status.ARCHIVED


@settings(max_examples=40)
@given(others=st.lists(st.sampled_from([LI, ZHANG, CHEN]), min_size=1, max_size=6))
def test_of_many_who_claim_one_wins_and_the_others_learn_who(others: list[int]) -> None:
    """Law 2."""
    history = History()
    first, *rest = [Claimed(at=START + timedelta(seconds=n), by=by) for n, by in enumerate(others)]  # type: ignore[arg-type]  # a sampled person
    history.step(first)
    for late in rest:
        with pytest.raises((refusals.AlreadyClaimed, refusals.AlreadyDone)) as refused:
            history.step(late)
        if late.by != first.by:
            assert refused.value.values == {"by": first.by}
    assert history.case.holder == first.by
    assert history.case.version == 3


@settings(max_examples=40)
@given(
    wait=st.integers(0, 5000),
    by=st.sampled_from([None, CHEN]),
    kind=st.sampled_from([NoteKind.NOTE, NoteKind.QUESTION]),
)
def test_the_clock_runs_from_the_dispatch_and_only_a_person_answers(
    wait: int, by: PersonId | None, kind: NoteKind
) -> None:
    """Law 4: claiming late wins no time; a question to the reporter answers, no note to colleagues, no machine does."""
    history = History()
    due = history.case.due_at
    history.now += timedelta(minutes=wait)
    history.step(Noted(at=history.now, by=by, kind=kind))
    answered = by is not None and kind is NoteKind.QUESTION
    assert ((TimerKind.RESPOND, None) in history.timers) != answered
    history.step(Claimed(at=history.now, by=LI))

    assert history.case.due_at == due
    assert (TimerKind.RESPOND, None) not in history.timers


def test_a_pause_for_the_reporter_moves_the_deadline_by_its_length() -> None:
    """Law 4: no level pays for the time that another one, or the reporter, held the case."""
    history = History()
    history.step(Claimed(at=START, by=LI))
    due = history.case.due_at
    history.step(Noted(at=START, by=LI, kind=NoteKind.QUESTION))
    history.now += timedelta(hours=30)
    history.step(Noted(at=history.now, by=REPORTER, kind=NoteKind.ANSWER))

    assert due is not None
    assert history.case.due_at == due + timedelta(hours=30)
    assert history.timers[(TimerKind.HANDLE, None)].due_at == history.case.due_at


def test_a_unit_that_was_refused_its_return_keeps_the_case_for_good() -> None:
    """Law 5."""
    history = History()
    returned = ReturnAsked(at=START + timedelta(minutes=5), by=LI, reason=ReturnReason.NOT_OUR_DUTY)
    history.step(returned)
    history.step(ReturnRuled(at=START + timedelta(minutes=9), by=CHEN, approve=False))

    assert history.case.designated
    with pytest.raises(refusals.Designated):
        history.step(replace(returned, at=START + timedelta(minutes=10)))


def test_a_silent_reporter_is_not_a_satisfied_one() -> None:
    """Law 9: one reminder, then archived without a rating."""
    history = History()
    history.step(Claimed(at=START, by=LI))
    history.step(Resolved(at=START, by=LI, words=None, photos=1))
    rings = []
    while history.case.open:
        rings += [timer.step for timer in history.rings()]

    assert rings == [0, 1]
    assert (history.case.status, history.case.rating_final) == (Status.ARCHIVED, None)
