"""Who may do what: scope × post × action, as one table. Being an administrator of a Telegram chat gives no right."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final

from routing import conflicts, refusals
from routing.catalogue import TIP_OFF
from routing.events import (
    Approved,
    AssistDone,
    AssistStruck,
    CalledBack,
    CheckedIn,
    Claimed,
    Conferred,
    Dispatched,
    Escalated,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    Filed,
    HandedOver,
    Merged,
    Noted,
    Rated,
    Refused,
    Released,
    Resolved,
    Resumed,
    ReturnAsked,
    ReturnRuled,
    SentBack,
    Split,
    Supervised,
    Suspended,
    Transferred,
    Whistled,
    Withdrawn,
)
from routing.model import Appointment, Case, PersonId, Post, Status, UnitCode
from routing.moves.step import reviewing
from routing.ports import UnitOfWork


class Scope(StrEnum):
    """How somebody stands to a case."""

    ANYBODY = "anybody"
    REPORTER = "reporter"
    HOUSEHOLD = "household"  # shares the reporter's home
    HOLDER = "holder"  # and has a post in the holding unit
    OWN = "own"  # has a post in the holding unit
    GRID = "grid"  # has a post in the grid where it happened
    AROUND = "around"  # has a post in a unit above that grid, and not above the holding one
    ABOVE = "above"  # has a post in a unit above the holding one
    ASSIST = "assist"  # has a post in a unit that was whistled
    WHOLE = "whole"  # has a post in the unit that has the case of which it is a part, or above that
    CALLING = "calling"  # has a post in the unit that owes its silent reporter a call
    RULING = "ruling"  # has a post in a unit that may rule on the return or the extension that was asked for
    STANDING_IN = "standing_in"  # judges what their own unit did, for want of a reviewer and of anybody above


Grant = tuple[Scope, Post | None]
"""A scope, and the post needed in it (``None``: no post needed)."""

W, H, L, D, R, S, A = (
    Post.WORKER,
    Post.HELPER,
    Post.LEADER,
    Post.DISPATCHER,
    Post.REVIEWER,
    Post.SUPERVISOR,
    Post.ADMIN,
)
_HOLDING: Final = ((Scope.HOLDER, W), (Scope.HOLDER, L), (Scope.HOLDER, D))
_KEEPING: Final = (*_HOLDING, (Scope.HOLDER, H))
"""A helper who holds a case writes about it and passes it on; resolving it is for others."""
LEADING: Final = ((Scope.OWN, L), (Scope.OWN, D), (Scope.ABOVE, L), (Scope.ABOVE, D))
RULING_POSTS: Final = (L, D)
_REVIEWING: Final = ((Scope.ABOVE, R), (Scope.ABOVE, L), (Scope.OWN, R), (Scope.STANDING_IN, L))
_CALLING: Final = ((Scope.CALLING, L), (Scope.CALLING, D), (Scope.CALLING, R))
DECIDING: Final = frozenset({L, D, R})
"""Posts whose word a case may wait for."""

GRANTS: Final[Mapping[type[Event], frozenset[Grant]]] = {
    Filed: frozenset({(Scope.ANYBODY, None)}),
    Claimed: frozenset({(Scope.OWN, W), (Scope.OWN, L), (Scope.OWN, D), (Scope.OWN, H)}),
    Released: frozenset({*_KEEPING, *LEADING}),
    HandedOver: frozenset({*_KEEPING, *LEADING}),
    Noted: frozenset({(Scope.ANYBODY, None)}),  # narrowed by kind in `NOTE_GRANTS`
    Resolved: frozenset(_HOLDING),
    Dispatched: frozenset(LEADING),
    Escalated: frozenset({*_KEEPING, (Scope.OWN, L), (Scope.OWN, D)}),
    ReturnAsked: frozenset({*_HOLDING, (Scope.OWN, L), (Scope.OWN, D)}),
    ReturnRuled: frozenset((Scope.RULING, post) for post in RULING_POSTS),
    Transferred: frozenset(LEADING),
    Whistled: frozenset(LEADING),
    CheckedIn: frozenset((Scope.ASSIST, post) for post in (W, L, D)),
    AssistDone: frozenset((Scope.ASSIST, post) for post in (W, L, D)),
    AssistStruck: frozenset(LEADING),
    Conferred: frozenset(LEADING),
    ExtensionAsked: frozenset(_HOLDING),
    ExtensionRuled: frozenset((Scope.RULING, post) for post in RULING_POSTS),
    Suspended: frozenset(LEADING),
    Resumed: frozenset({*_HOLDING, *LEADING}),
    Supervised: frozenset({(Scope.ABOVE, L), (Scope.ABOVE, S), (Scope.ABOVE, D)}),
    Approved: frozenset(_REVIEWING),
    SentBack: frozenset(_REVIEWING),
    Rated: frozenset({(Scope.REPORTER, None), (Scope.HOUSEHOLD, None)}),
    CalledBack: frozenset(_CALLING),
    Merged: frozenset(LEADING),
    Split: frozenset({*_HOLDING, *LEADING}),
    Refused: frozenset(LEADING),
    Withdrawn: frozenset({(Scope.REPORTER, None), (Scope.WHOLE, L), (Scope.WHOLE, D)}),
}
"""Events that a person may cause. What is missing here only the clock can do."""

STAFF_NOTES: Final = frozenset({*_KEEPING, *LEADING, (Scope.GRID, W), (Scope.GRID, L), (Scope.OWN, W)})
_REACHING: Final = (
    Scope.OWN, Scope.GRID, Scope.AROUND, Scope.ABOVE, Scope.ASSIST, Scope.WHOLE, Scope.RULING, Scope.CALLING,
)  # fmt: skip
READING: Final = frozenset((scope, post) for scope in _REACHING for post in Post if post is not Post.OBSERVER)
"""Whose post lets them see a case unmasked."""
OBSERVING: Final = frozenset((scope, Post.OBSERVER) for scope in _REACHING)
"""Whose post lets them read a case once they have said why; each reading is written down."""
CONTACTING: Final = frozenset({*_HOLDING, *LEADING, *_CALLING})
"""Who may open how the reporter can be reached; of a tip-off see `routing.readings`."""


def standings(uow: UnitOfWork, person: PersonId, case: Case) -> Iterator[tuple[Scope, Appointment | None]]:
    """Every way in which *person* stands to *case*, with the post that makes it so.

    A post in a unit that must stay out of it makes nothing so, and none does for a person who must.
    """
    yield Scope.ANYBODY, None
    if person == case.reporter:
        yield Scope.REPORTER, None
    elif person in _housemates(uow, case.reporter):
        yield Scope.HOUSEHOLD, None
    if person in case.accused_people:
        return
    path = [unit.code for unit in uow.units.path(case.unit)]
    around = around_it(uow, case)
    beside = {
        Scope.ASSIST: {assist.unit for assist in case.assists},
        Scope.WHOLE: reach_of_whole(uow, case),
        Scope.RULING: frozenset(case.rulers),
        Scope.CALLING: frozenset({case.calling} - {None}),
    }
    for appointment in uow.people.posts_of(person):
        if conflicts.barred(uow.units, case, appointment.unit):
            continue
        if appointment.unit == case.unit:
            yield from ((scope, appointment) for scope in _within(uow, case, appointment))
        elif appointment.unit in path:
            yield Scope.ABOVE, appointment
        elif appointment.unit in around:
            yield Scope.GRID if appointment.unit == case.grid else Scope.AROUND, appointment
        for scope, units in beside.items():
            if appointment.unit in units:
                yield scope, appointment


def _within(uow: UnitOfWork, case: Case, one: Appointment) -> Iterator[Scope]:
    """How a post in the holding unit stands to the case."""
    if one.person == case.holder:
        yield Scope.HOLDER
    yield Scope.OWN
    if stands_in(uow, case, one):
        yield Scope.STANDING_IN


def stands_in(uow: UnitOfWork, case: Case, one: Appointment) -> bool:
    """Whether it falls to *one* to judge or review what their own unit did."""
    waits = case.status is Status.IN_REVIEW and one.unit == case.unit and one.post is L
    return waits and conflicts.clear(uow.units, case.accused).above(case.unit) is None and one in judges(uow, case)


def judges(uow: UnitOfWork, case: Case) -> list[Appointment]:
    """Who, in the unit that owes *case* a review or a judgement, may give it.

    Its reviewers, and its leaders if it is not their own unit's work. At the top, where nobody is above, leaders
    stand in when there is no reviewer: any but the holder, who does so where nobody else leads.
    """
    unit = reviewing(case, conflicts.clear(uow.units, case.accused), uow.policy)
    clear = [one for one in uow.people.staff_of(unit) if one.person not in case.accused_people]
    leaders = [one for one in clear if one.post is L]
    reviewers = [one for one in clear if one.post is R]
    if unit != case.unit:
        return [*reviewers, *leaders]
    if reviewers or conflicts.clear(uow.units, case.accused).above(unit) is not None:
        return reviewers
    return [one for one in leaders if one.person != case.holder] or leaders


def reviewing_units(uow: UnitOfWork, case: Case) -> frozenset[UnitCode]:
    """The unit that owes *case* a review or a judgement, and those above it; whoever stands below it has no say."""
    tree = conflicts.clear(uow.units, case.accused)
    return frozenset(unit.code for unit in tree.path(reviewing(case, tree, uow.policy)))


def decides(uow: UnitOfWork, person: PersonId, case: Case) -> bool:
    """Whether *case* waits for the word of *person*: a review, a judgement, a ruling, or a call to its reporter.

    Who handled a case does not call about it.
    """
    if case.status is Status.IN_REVIEW:
        return any(one.person == person for one in judges(uow, case))
    if case.calling is not None and person in (case.holder, case.reporter):
        return False
    owed = GRANTS[ReturnRuled] | GRANTS[ExtensionRuled] | GRANTS[CalledBack]
    return any(one and (scope, one.post) in owed for scope, one in standings(uow, person, case))


def around_it(uow: UnitOfWork, case: Case) -> frozenset[UnitCode]:
    """The grid where *case* happened, and everything above it: there it is followed wherever it goes. No tip-off is."""
    return frozenset(unit.code for unit in uow.units.path(case.grid)) if case.kind != TIP_OFF else frozenset()


def speaks_in(uow: UnitOfWork, unit: UnitCode, grid: UnitCode | None) -> bool:
    """Whether *unit* speaks in the residents' chat of *grid*: that grid, and its micro-grids, which have none."""
    return any(one.code == grid for one in uow.units.path(unit))


def reach_of_whole(uow: UnitOfWork, case: Case) -> frozenset[UnitCode]:
    """The unit that has the case of which *case* is a part, and everything above it."""
    if case.parent is None:
        return frozenset()
    return frozenset(unit.code for unit in uow.units.path(uow.cases.get(case.parent).unit))


def _housemates(uow: UnitOfWork, reporter: PersonId | None) -> frozenset[PersonId]:
    home = uow.people.household_of(reporter) if reporter is not None else None
    return uow.people.members_of(home.code) if home else frozenset()


Capacity = tuple[UnitCode | None, Post | None]
"""The unit and the post in which somebody acts; neither of a resident."""


def capacities(
    uow: UnitOfWork, person: PersonId, case: Case, grants: frozenset[Grant], meant: UnitCode | None = None
) -> list[Capacity]:
    """Every unit and post in which *person* may use one of *grants* on *case*, the one that is implied first.

    Implied is the unit *meant*, as the one whose check-in it is, else the unit whose chat they act in.

    Raises:
        NotReporter: there is none, and only the reporter or their household may.
        NotYours: there is none.
    """
    found: dict[Capacity, None] = {}
    for scope, one in standings(uow, person, case):
        if (scope, one.post if one else None) in grants:
            found[(one.unit, one.post) if one else (None, None)] = None
    if not found:
        raise refusals.NotReporter if grants == GRANTS[Rated] else refusals.NotYours
    if len(found) == 1:
        return list(found)
    implied = meant or implied_unit(uow)
    return sorted(found, key=lambda capacity: implied is None or capacity[0] != implied)


def implied_unit(uow: UnitOfWork) -> UnitCode | None:
    """The unit that the chat serves in which somebody acts; ``None`` in private."""
    return None if uow.here is None else uow.chats.get(uow.here).unit


def capacity(uow: UnitOfWork, person: PersonId, case: Case, grants: frozenset[Grant]) -> Capacity:
    """In which unit and post *person* uses one of *grants* on *case*: the one that the chat implies, if any.

    Raises:
        NotYours: in none.
    """
    return capacities(uow, person, case, grants)[0]


def may(uow: UnitOfWork, person: PersonId, case: Case, grants: frozenset[Grant]) -> bool:
    """Whether *person* may use one of *grants* on *case*."""
    try:
        capacity(uow, person, case, grants)
    except refusals.NotYours:
        return False
    return True


def allowed(uow: UnitOfWork, person: PersonId, case: Case) -> frozenset[type[Event]]:
    """Events that *person* has the right to cause on *case*, whatever its status."""
    held = {(scope, post.post if post else None) for scope, post in standings(uow, person, case)}
    return frozenset(event for event, grants in GRANTS.items() if grants & held)


def sees(uow: UnitOfWork, person: PersonId, case: Case) -> bool:
    """Whether *person* may read *case* unmasked: the reporter and whoever's post reaches it."""
    return person == case.reporter or may(uow, person, case, READING)
