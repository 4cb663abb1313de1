"""The table of moves, walked from a fresh report: the rules take every arrow, and every end is reached."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from routing import events, lifecycle, refusals
from routing.effects import Follow
from routing.events import Event, NoteKind, RefusalReason, ReturnReason, SupervisionKind
from routing.lifecycle import MOVES
from routing.model import ENDS, Case, CaseId, Rating, Status, TimerKind, Told, WordsId
from routing.moves.step import Facts
from routing.policy import Policy, presets
from tests.routing.world import (
    CHEN,
    COMMUNITY,
    DEPARTMENT,
    GRID,
    GRID2,
    LI,
    REPORTER,
    STREET,
    UNITS,
    ZHANG,
    facts,
    fresh,
)

HOUR = timedelta(hours=1)
EVE = datetime(2026, 12, 31, 1, 0, tzinfo=UTC)
"""Working days counted from here on are guessed."""
Arrow = tuple[Status, type[Event], Status]
Key = tuple[object, ...]


def _events(case: Case, at: datetime) -> Iterator[Event]:
    """One or two of each sort: whatever the walk needs to get everywhere."""
    by, words = case.holder or LI, WordsId(1)
    yield events.Filed(at=at, by=REPORTER)
    yield events.Dispatched(at=at, to=GRID, rule="r", policy="p")
    yield events.Dispatched(at=at, by=CHEN, unit=COMMUNITY, to=GRID2, rule="r", policy="p", until=at + 9 * HOUR)
    yield events.Claimed(at=at, by=LI)
    yield events.Assigned(at=at, to=LI, rule="r", policy="p")
    yield events.Released(at=at, by=by)
    yield events.HandedOver(at=at, by=by, to=ZHANG if case.holder == LI else LI)
    yield events.Escalated(at=at, by=by, words=words, photos=1)
    yield events.ReturnAsked(at=at, by=by, reason=ReturnReason.WRONG_AREA)
    yield events.ReturnRuled(at=at, by=CHEN, approve=True, to=GRID2)
    yield events.ReturnRuled(at=at, by=CHEN, approve=False)
    yield events.Transferred(at=at, by=CHEN, unit=COMMUNITY, to=GRID2 if case.unit == GRID else GRID)
    yield events.Whistled(at=at, by=CHEN, unit=COMMUNITY, units=(DEPARTMENT,), place="东门", meet_at=at + HOUR)
    yield events.CheckedIn(at=at, by=LI, assist=DEPARTMENT)
    yield events.AssistDone(at=at, by=LI, assist=DEPARTMENT)
    yield events.AssistStruck(at=at, by=CHEN, unit=STREET, assist=DEPARTMENT, words=words)
    yield events.Conferred(at=at, by=CHEN, words=words)
    yield events.ExtensionAsked(at=at, by=by)
    yield events.ExtensionRuled(at=at, by=CHEN, approve=True)
    yield events.Suspended(at=at, by=CHEN, until=at + 48 * HOUR)
    yield events.Resumed(at=at, by=CHEN)
    yield events.Supervised(at=at, by=CHEN, kind=SupervisionKind.COUNCIL)
    yield from (events.Noted(at=at, by=by, kind=kind, matter="01037") for kind in NoteKind)
    yield events.Resolved(at=at, by=by, words=words, photos=1)
    yield events.Approved(at=at, by=CHEN)
    yield events.SentBack(at=at, by=CHEN)
    yield from (events.Rated(at=at, by=REPORTER, rating=rating) for rating in Rating)
    yield events.RatingLapsed(at=at)
    yield from (events.CalledBack(at=at, by=CHEN, told=told) for told in Told)
    yield events.Reopened(at=at)
    yield events.Merged(at=at, by=CHEN, into=CaseId(2))
    yield events.Split(at=at, by=CHEN, parts=(CaseId(3),))
    yield events.Refused(at=at, by=CHEN, reason=RefusalReason.OUTSIDE_DUTY)
    yield events.Withdrawn(at=at, by=REPORTER)
    yield events.Withdrawn(at=at, by=CHEN, unit=COMMUNITY)
    yield events.Recounted(at=at, due_at=at + 90 * HOUR, provisional=False)
    yield from (events.DeadlinePassed(at=at, kind=kind, assist=DEPARTMENT) for kind in TimerKind)


def _key(case: Case) -> Key:
    """What of a case the rules decide by, as far as it leads to other statuses."""
    called = (*(assist.over for assist in case.assists), case.calling, case.told, case.calls)
    level = UNITS[case.unit].level
    held, again = case.holder is not None, case.reopened > 0
    return case.status, level, held, case.ruling, case.judged, again, called, case.parent is None


def _walk(policy: Policy) -> tuple[set[Arrow], dict[Key, set[Key]], dict[Key, Status]]:
    """Every arrow that the rules take under *policy*, and which states lead to which."""
    whole = replace(fresh(), policy=policy.stamp)
    ahead = deque([(whole, EVE), (replace(whole, parent=CaseId(9), reporter=None), EVE)])
    taken, leads, known = set[Arrow](), dict[Key, set[Key]](), dict[Key, Status]()
    while ahead:
        case, at = ahead.popleft()
        if (key := _key(case)) in known:
            continue
        known[key], leads[key] = case.status, set()
        around = replace(facts(case), policy=policy)
        for event in _events(case, at + timedelta(minutes=1)):
            for arrow, after in _steps(case, event, around):
                taken.add(arrow)
                leads[key].add(_key(after))
                ahead.append((after, event.at))
    return taken, leads, known


def _steps(case: Case, event: Event, known: Facts) -> Iterator[tuple[Arrow, Case]]:
    """The step, and what follows from it at once; nothing when a rule refuses."""
    try:
        made = lifecycle.step(case, event, known)
    except refusals.Refusal:
        return
    followed = [effect.event for effect in made.effects if isinstance(effect, Follow)]
    arrow = (case.status, type(event), made.case.status)
    yield arrow, made.case
    for one in followed:
        yield from _steps(made.case, one, known)


def _policy(name: str, review: bool) -> Policy:
    policy = Policy.load(name)
    return replace(policy, review_required=review, review_at=policy.review_at if review else None)


def test_every_arrow_of_the_table_is_taken_by_the_rules_and_no_other() -> None:
    policies = [_policy("default", review) for review in (True, False)]
    clock = [line for line in Policy.load("zhaoyuan").limits if line.clock is TimerKind.CALL_BACK]
    policies.append(replace(policies[0], call_back="city", call_tries=2, limits=(*policies[0].limits, *clock)))
    taken = {arrow for policy in policies for arrow in _walk(policy)[0]}
    refusing = {(Status.ARCHIVED, events.Rated), (Status.OFFERED, events.Rated), (Status.CLAIMED, events.Claimed)}
    table = {(status, event, to) for (status, event), move in MOVES.items() for to in move.to}

    assert taken <= table
    assert {arrow for arrow in table - taken if arrow[:2] not in refusing} == set()


@pytest.mark.parametrize("name", presets())
@pytest.mark.parametrize("review", [True, False])
def test_under_every_policy_every_state_reaches_an_end_and_every_end_is_reached(name: str, review: bool) -> None:
    _, leads, known = _walk(_policy(name, review))
    good = {key for key, status in known.items() if status in ENDS}
    while more := {key for key, to in leads.items() if to & good} - good:
        good |= more

    assert [key for key in known if key not in good] == []
    assert {status for status in known.values() if status in ENDS} == ENDS
    assert not [key for key, status in known.items() if status in ENDS and leads[key] - {key}]
