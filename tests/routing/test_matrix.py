"""Status × deed × scope × post, every one: what the table knows and the matrix grants is let in, nothing else."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from routing import casework, refusals
from routing.casework import event_of
from routing.lifecycle import MOVES
from routing.model import Appointment, Assist, AssistState, Case, CaseId, Household, PersonId, Post, Status, UnitCode
from routing.ports import UnitOfWork
from routing.rights import Scope
from tests.routing.test_rights import CLOCK_ONLY, DEEDS, MATRIX
from tests.routing.world import (
    CHEN,
    CITY,
    COMMUNITY,
    DEPARTMENT,
    GRID,
    GRID2,
    LI,
    POLICY,
    REPORTER,
    START,
    STREET,
    FakeTree,
    fresh,
)

WHOLE = CaseId(77)
OFFICE, CENTRE = UnitCode("29"), UnitCode("39")
"""Some units, one that gave out the part and one that is to call its reporter; the tree need not know them."""
UNIT_OF = {
    Scope.HOLDER: COMMUNITY,
    Scope.OWN: COMMUNITY,
    Scope.ABOVE: STREET,
    Scope.GRID: GRID,
    Scope.AROUND: STREET,
    Scope.ASSIST: GRID2,
    Scope.WHOLE: DEPARTMENT,
    Scope.RULING: OFFICE,
    Scope.CALLING: CENTRE,
    Scope.STANDING_IN: CITY,
}
"""Where somebody serves who stands so to a case that came up from a grid and is a part of what a department has.

Who rules and who calls stand beside the tree: no other way to stand to a case goes along with that. Who stands in for a
reviewer does so at the top, with a case that the top has.
"""


HOLDING = {Scope.STANDING_IN: CITY, Scope.AROUND: DEPARTMENT}
"""Who has the case, if not the community: the top, or a department, so that somebody is around the place, not above."""


def _case(status: Status, scope: Scope) -> Case:
    return fresh(
        status=status,
        unit=HOLDING.get(scope, COMMUNITY),
        holder=LI if scope is Scope.HOLDER else CHEN,
        parent=None if scope is Scope.STANDING_IN else WHOLE,
        assists=(Assist(GRID2, AssistState.WHISTLED, START),),
        rulers=(OFFICE,),
        calling=CENTRE,
    )


def _world(person: PersonId, scope: Scope, post: Post | None) -> UnitOfWork:
    posts = [Appointment(person, UNIT_OF[scope], post, "某某")] if post is not None else []
    home = Household("h", GRID, "3号楼", "1", "101", "CODE")
    members = frozenset({REPORTER, person}) if scope is Scope.HOUSEHOLD else frozenset({REPORTER})
    people: Any = SimpleNamespace(
        posts_of=lambda _: posts,
        household_of=lambda _: home,
        members_of=lambda _: members,
        staff_of=lambda unit: [one for one in posts if one.unit == unit],
    )
    whole = fresh(id=WHOLE, unit=DEPARTMENT)
    cases: Any = SimpleNamespace(get=lambda _: whole)
    known = {"units": FakeTree(), "people": people, "cases": cases, "policy": POLICY}
    return cast("UnitOfWork", SimpleNamespace(**known, here=None))


def _held(scope: Scope, post: Post | None) -> Iterator[str]:
    """The cells of the matrix in which somebody stands who stands so."""
    yield "anybody:any"
    if scope in (Scope.REPORTER, Scope.HOUSEHOLD):
        yield f"{scope.value}:any"
    for own in {scope, Scope.OWN} if scope in (Scope.HOLDER, Scope.STANDING_IN) else {scope}:
        yield f"{own.value}:{post.value if post else 'any'}"


STANDINGS = [
    *((scope, None) for scope in (Scope.ANYBODY, Scope.REPORTER, Scope.HOUSEHOLD)),
    *((scope, post) for scope in UNIT_OF for post in Post),
]


def test_every_scope_is_tried() -> None:
    assert {scope for scope, _ in STANDINGS} == set(Scope)


@pytest.mark.parametrize("name", DEEDS)
def test_nobody_does_what_the_status_or_the_matrix_does_not_allow(name: str) -> None:
    deed = DEEDS[name]
    granted = set() if MATRIX[name] == CLOCK_ONLY else set(MATRIX[name].split())
    for status in Status:
        known = (status, event_of(deed)) in MOVES
        for scope, post in STANDINGS:
            person = REPORTER if scope is Scope.REPORTER else LI
            case, world = _case(status, scope), _world(person, scope, post)
            expected: type[refusals.Refusal] | None = None
            if not known:
                expected = refusals.NotNow
            elif name == "Resolved" and scope is not Scope.HOLDER:
                expected = refusals.NotHolder
            elif not granted & set(_held(scope, post)):
                expected = refusals.NotReporter if granted == set(MATRIX["Rated"].split()) else refusals.NotYours
            assert _refused(world, case, person, deed) is expected, (status, scope, post)


def _refused(world: UnitOfWork, case: Case, person: PersonId, deed: casework.Deed) -> type[refusals.Refusal] | None:
    try:
        casework.check(world, case, person, deed)
    except refusals.Refusal as refused:
        return type(refused)
    return None


def test_the_units_of_the_world_stand_as_said() -> None:
    path = [unit.code for unit in FakeTree().path(COMMUNITY)]

    above = {Scope.HOLDER, Scope.OWN, Scope.ABOVE, Scope.AROUND, Scope.STANDING_IN}
    assert {scope for scope, unit in UNIT_OF.items() if unit in path} == above
    assert not {unit.code for unit in FakeTree().path(DEPARTMENT)} & {COMMUNITY, STREET, GRID, GRID2}
