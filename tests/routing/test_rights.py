"""Who may do what: the whole matrix, written out, so that nothing widens by accident."""

from collections.abc import Sequence
from itertools import combinations
from types import SimpleNamespace
from typing import Any, cast

import pytest

from routing import refusals, rights
from routing.casework import Deed, grants_of
from routing.catalogue import TIP_OFF
from routing.desk import NOTE_GRANTS
from routing.events import EVENTS, Claimed, Dispatched, Filed, Noted, NoteKind, Rated, Resolved
from routing.model import Appointment, Assist, AssistState, Household, PersonId, Post, UnitCode
from routing.ports import UnitOfWork
from routing.rights import GRANTS, Scope
from tests.routing.world import (
    CHEN,
    CITY,
    COMMUNITY,
    DEPARTMENT,
    GRID,
    GRID2,
    LI,
    REPORTER,
    START,
    STREET,
    FakeTree,
    fresh,
)

CLOCK_ONLY = "-"
_LEAD = "own:leader own:dispatcher above:leader above:dispatcher"
_HOLD = "holder:worker holder:leader holder:dispatcher"
_STAFF = f"{_HOLD} {_LEAD} holder:helper grid:worker grid:leader own:worker"
MATRIX = {
    "Filed": "anybody:any",
    "Dispatched": _LEAD,
    "Assigned": CLOCK_ONLY,
    "Claimed": "own:worker own:helper own:leader own:dispatcher",
    "Released": f"{_HOLD} {_LEAD} holder:helper",
    "HandedOver": f"{_HOLD} {_LEAD} holder:helper",
    "Escalated": f"{_HOLD} holder:helper own:leader own:dispatcher",
    "ReturnAsked": f"{_HOLD} own:leader own:dispatcher",
    "ReturnRuled": "ruling:leader ruling:dispatcher",
    "Transferred": _LEAD,
    "Whistled": _LEAD,
    "CheckedIn": "assist:worker assist:leader assist:dispatcher",
    "AssistDone": "assist:worker assist:leader assist:dispatcher",
    "AssistStruck": _LEAD,
    "Conferred": _LEAD,
    "ExtensionAsked": _HOLD,
    "ExtensionRuled": "ruling:leader ruling:dispatcher",
    "Suspended": _LEAD,
    "Resumed": f"{_HOLD} {_LEAD}",
    "Supervised": "above:leader above:dispatcher above:supervisor",
    "Noted": "anybody:any",
    "Resolved": _HOLD,
    "Approved": "above:leader above:reviewer own:reviewer standing_in:leader",
    "SentBack": "above:leader above:reviewer own:reviewer standing_in:leader",
    "Rated": "reporter:any household:any",
    "CalledBack": "calling:leader calling:dispatcher calling:reviewer",
    "RatingLapsed": CLOCK_ONLY,
    "Reopened": CLOCK_ONLY,
    "Merged": _LEAD,
    "Split": f"{_HOLD} {_LEAD}",
    "Refused": _LEAD,
    "Withdrawn": "reporter:any whole:leader whole:dispatcher",
    "Recounted": CLOCK_ONLY,
    "DeadlinePassed": CLOCK_ONLY,
    "note": _STAFF,
    "question": _STAFF,
    "correction": _STAFF,
    "conflict": _LEAD,
    "answer": "reporter:any household:any",
    "more": "reporter:any household:any",
    "edited": "reporter:any household:any",
    "me_too": "anybody:any",
    "limits": CLOCK_ONLY,
}
DEEDS: dict[str, Deed] = {**EVENTS, **{kind.value: kind for kind in NoteKind}}


def test_the_matrix_names_every_deed() -> None:
    assert MATRIX.keys() == DEEDS.keys()
    assert NOTE_GRANTS.keys() == set(NoteKind)


@pytest.mark.parametrize("name", DEEDS)
def test_scope_post_and_deed_are_exactly_as_written_out(name: str) -> None:
    listed = set() if MATRIX[name] == CLOCK_ONLY else set(MATRIX[name].split())
    given = grants_of(DEEDS[name])
    for scope in Scope:
        for post in (None, *Post):
            cell = f"{scope.value}:{post.value if post else 'any'}"
            assert ((scope, post) in given) == (cell in listed), cell


def test_what_only_the_clock_does_is_granted_to_nobody() -> None:
    assert {name for name, deed in DEEDS.items() if not grants_of(deed)} == {
        name for name, cell in MATRIX.items() if cell == CLOCK_ONLY
    }


def _world(posts: dict[PersonId, list[Appointment]], home: set[PersonId] | None = None) -> UnitOfWork:
    """A unit of work that knows the tree, these posts, and one household."""
    household = Household("h", GRID, "3号楼", "1", "101", "CODE")
    people: Any = SimpleNamespace(
        posts_of=lambda person: posts.get(person, []),
        household_of=lambda person: household if home and person in home else None,
        members_of=lambda _code: frozenset(home or ()),
    )
    return cast("UnitOfWork", SimpleNamespace(units=FakeTree(), people=people))


def _post(person: PersonId, unit: str, post: Post) -> dict[PersonId, list[Appointment]]:
    return {person: [Appointment(person, unit, post, "某某")]}  # type: ignore[arg-type]  # a code of the small world


@pytest.mark.parametrize(
    ("unit", "holds", "scopes"),
    [
        (GRID, False, {Scope.ANYBODY, Scope.OWN}),
        (GRID, True, {Scope.ANYBODY, Scope.OWN, Scope.HOLDER}),
        (COMMUNITY, False, {Scope.ANYBODY, Scope.ABOVE}),
        (STREET, False, {Scope.ANYBODY, Scope.ABOVE}),
        (GRID2, False, {Scope.ANYBODY}),
        (DEPARTMENT, False, {Scope.ANYBODY, Scope.ASSIST}),
        (CITY, False, {Scope.ANYBODY, Scope.ABOVE, Scope.RULING}),
    ],
)
def test_how_somebody_stands_follows_from_where_they_serve(unit: str, holds: bool, scopes: set[Scope]) -> None:
    called = (Assist(DEPARTMENT, AssistState.WHISTLED, START),)
    case = fresh(holder=LI if holds else CHEN, assists=called, rulers=(CITY,))
    uow = _world(_post(LI, unit, Post.WORKER))

    assert {scope for scope, _ in rights.standings(uow, LI, case)} == scopes


def test_the_grid_keeps_its_eyes_on_what_went_up() -> None:
    case = fresh(unit=STREET)
    uow = _world(_post(LI, GRID, Post.WORKER))

    assert {scope for scope, _ in rights.standings(uow, LI, case)} == {Scope.ANYBODY, Scope.GRID}
    assert rights.sees(uow, LI, case)
    with pytest.raises(refusals.NotYours):
        rights.capacity(uow, LI, case, GRANTS[Claimed])


@pytest.mark.parametrize("unit", [COMMUNITY, STREET])
def test_the_levels_around_the_place_read_what_went_past_them_and_no_more(unit: UnitCode) -> None:
    case = fresh(unit=DEPARTMENT)
    uow = _world(_post(LI, unit, Post.LEADER))

    assert {scope for scope, _ in rights.standings(uow, LI, case)} == {Scope.ANYBODY, Scope.AROUND}
    assert rights.sees(uow, LI, case)
    assert not rights.allowed(uow, LI, case) - {Filed, Noted}


@pytest.mark.parametrize("unit", [GRID, COMMUNITY])
def test_a_tip_off_is_not_for_those_past_whom_it_went(unit: UnitCode) -> None:
    uow = _world(_post(LI, unit, Post.LEADER))

    assert not rights.sees(uow, LI, fresh(unit=STREET, kind=TIP_OFF))
    assert rights.sees(uow, LI, fresh(unit=unit, kind=TIP_OFF))


def test_housemates_rate_but_do_not_read_and_neighbours_do_neither() -> None:
    mate, neighbour = PersonId(8), PersonId(9)
    uow = _world({}, {REPORTER, mate})

    assert rights.may(uow, mate, fresh(), GRANTS[Rated])
    assert not rights.sees(uow, mate, fresh())
    assert rights.sees(uow, REPORTER, fresh())
    assert not rights.may(uow, neighbour, fresh(), GRANTS[Rated])


def test_a_post_elsewhere_gives_no_right_here() -> None:
    uow = _world(_post(CHEN, GRID2, Post.LEADER))

    for deed in (Claimed, Resolved, Dispatched, NoteKind.NOTE):
        assert not rights.may(uow, CHEN, fresh(), grants_of(deed)), deed
    assert not rights.sees(uow, CHEN, fresh())


def test_the_capacity_names_unit_and_post() -> None:
    uow = _world(_post(CHEN, COMMUNITY, Post.DISPATCHER))

    assert rights.capacity(uow, CHEN, fresh(), GRANTS[Dispatched]) == (COMMUNITY, Post.DISPATCHER)
    assert rights.allowed(uow, CHEN, fresh()) >= {Dispatched}
    assert Claimed not in rights.allowed(uow, CHEN, fresh())


PLACES = (GRID, COMMUNITY, STREET, GRID2, DEPARTMENT)
HATS = [(unit, post) for unit in PLACES for post in Post]


def _hatted(hats: Sequence[tuple[UnitCode, Post]], chat: UnitCode | None = None) -> UnitOfWork:
    """A unit of work in which Li has these posts and acts in the chat of that unit, or in private."""
    uow: Any = _world({LI: [Appointment(LI, unit, post, "某某") for unit, post in hats]})
    uow.here = 1 if chat else None
    uow.chats = SimpleNamespace(get=lambda _id: SimpleNamespace(unit=chat))
    return cast("UnitOfWork", uow)


def _scopes_of(unit: UnitCode) -> set[Scope]:
    """How somebody of *unit* stands to a case that Li holds in the grid; a department was called, the street rules."""
    if unit == GRID:
        return {Scope.HOLDER, Scope.OWN}
    return {COMMUNITY: {Scope.ABOVE}, STREET: {Scope.ABOVE, Scope.RULING}, DEPARTMENT: {Scope.ASSIST}}.get(unit, set())


@pytest.mark.parametrize("name", DEEDS)
def test_of_two_posts_the_one_that_the_chat_implies_acts(name: str) -> None:
    """Action × post × scope, every pair of posts, every chat: the matrix says who may, the chat as what."""
    case = fresh(holder=LI, assists=(Assist(DEPARTMENT, AssistState.WHISTLED, START),), rulers=(STREET,))
    grants = frozenset(grant for grant in grants_of(DEEDS[name]) if grant[1] is not None)
    fits = {hat: any((scope, hat[1]) in grants for scope in _scopes_of(hat[0])) for hat in HATS}
    for one, other in combinations(HATS, 2):
        for chat in (None, one[0], other[0]):
            uow = _hatted([one, other], chat)
            fitting = [hat for hat in (one, other) if fits[hat]]
            if not fitting:
                assert not rights.may(uow, LI, case, grants), (one, other)
                continue
            implied = [hat for hat in fitting if hat[0] == chat]
            assert rights.capacity(uow, LI, case, grants) == (implied or fitting)[0], (one, other, chat)


def test_a_unit_that_is_meant_goes_before_the_chat() -> None:
    uow = _hatted([(COMMUNITY, Post.LEADER), (STREET, Post.LEADER)], COMMUNITY)

    assert rights.capacities(uow, LI, fresh(), GRANTS[Dispatched], STREET) == [
        (STREET, Post.LEADER),
        (COMMUNITY, Post.LEADER),
    ]
