"""Who may broadcast what, to whom: posts in a unit, checked when it is done. A chat's administrators have no right."""

from collections.abc import Mapping
from typing import Final

from broadcasts import refusals
from broadcasts.model import Broadcast, Class
from broadcasts.ports import UnitOfWork
from routing.model import ChatId, ChatKind, PersonId, Post, UnitCode

_SPEAKING: Final = frozenset({Post.BROADCASTER, Post.LEADER})
COMPOSING: Final[Mapping[Class, frozenset[Post]]] = {
    Class.ALERT: _SPEAKING,
    Class.EXERCISE: _SPEAKING,
    Class.NOTICE: _SPEAKING | {Post.DISPATCHER, Post.WORKER},
    Class.REMINDER: _SPEAKING | {Post.DISPATCHER, Post.WORKER},
}
"""Posts that may speak to everybody below their unit."""
APPROVING: Final = frozenset({Post.APPROVER, Post.LEADER})
"""Posts, in the unit or above it, whose word lets red and orange out."""
STEERING: Final = frozenset({Post.BROADCASTER, Post.LEADER, Post.APPROVER})
"""Posts, in the unit or above it, that may pause, cancel and update."""
KNOCKING: Final = frozenset({Post.WORKER, Post.HELPER, Post.LEADER, Post.DISPATCHER})
"""Posts, in the grid or above it, that may say what was found at a door."""


def holds(uow: UnitOfWork, person: PersonId, unit: UnitCode, posts: frozenset[Post]) -> bool:
    """Whether *person* has one of *posts* in *unit* or above it."""
    path = {one.code for one in uow.units.path(unit)}
    return any(one.unit in path and one.post in posts for one in uow.people.posts_of(person))


def speaking_unit(uow: UnitOfWork, person: PersonId, chat: ChatId, kind: Class) -> UnitCode:
    """In whose name *person* broadcasts from *chat*: the desk's unit, in private the highest unit of a fitting post.

    Raises:
        NotBroadcaster: none.
    """
    where = uow.chats.get(chat)
    if where.kind is ChatKind.DESK and where.unit is not None:
        if holds(uow, person, where.unit, COMPOSING[kind]):
            return where.unit
        raise refusals.NotBroadcaster(unit=where.unit)
    fitting = [one.unit for one in uow.people.posts_of(person) if one.post in COMPOSING[kind]]
    if not fitting:
        raise refusals.NotBroadcaster(unit="")
    return min(fitting, key=lambda code: len(uow.units.path(code)))


def classes(uow: UnitOfWork, person: PersonId, chat: ChatId) -> tuple[Class, ...]:
    """What *person* may broadcast from *chat*; nothing for most people."""
    found = []
    for kind in Class:
        try:
            speaking_unit(uow, person, chat, kind)
        except refusals.NotBroadcaster:
            continue
        found.append(kind)
    return tuple(found)


def check_author(uow: UnitOfWork, person: PersonId, broadcast: Broadcast) -> None:
    """Refuse whoever may not write this broadcast.

    Raises:
        NotBroadcaster: they may not.
    """
    if not holds(uow, person, broadcast.unit, COMPOSING[broadcast.kind]):
        raise refusals.NotBroadcaster(unit=broadcast.unit)


def check_approver(uow: UnitOfWork, person: PersonId, broadcast: Broadcast) -> None:
    """Refuse whoever may not approve it.

    Raises:
        OwnApproval: they wrote it.
        NotBroadcaster: they hold no post for it.
    """
    if person == broadcast.author:
        raise refusals.OwnApproval
    if not holds(uow, person, broadcast.unit, APPROVING):
        raise refusals.NotBroadcaster(unit=broadcast.unit)


def check_steering(uow: UnitOfWork, person: PersonId, broadcast: Broadcast) -> None:
    """Refuse whoever may not pause, cancel or update it; a notice's own author always may.

    Raises:
        NotBroadcaster: they may not.
    """
    own = person == broadcast.author and holds(uow, person, broadcast.unit, COMPOSING[broadcast.kind])
    if not own and not holds(uow, person, broadcast.unit, STEERING):
        raise refusals.NotBroadcaster(unit=broadcast.unit)


def check_knocking(uow: UnitOfWork, person: PersonId, grid: UnitCode) -> None:
    """Refuse whoever may not say what was found at the doors of *grid*.

    Raises:
        NotBroadcaster: they may not.
    """
    if uow.units.find(grid) is None:
        raise refusals.NotBroadcaster(unit=grid)
    within = {one.code for one in uow.units.below(grid)} | {one.code for one in uow.units.path(grid)}
    if not any(one.unit in within and one.post in KNOCKING for one in uow.people.posts_of(person)):
        raise refusals.NotBroadcaster(unit=grid)


def check_reading(uow: UnitOfWork, person: PersonId, broadcast: Broadcast) -> None:
    """Refuse whoever has no post in its unit, above it, or below it.

    Raises:
        NoSuchBroadcast: they have none, so they need not know of it.
    """
    path = {one.code for one in uow.units.path(broadcast.unit)}
    for one in uow.people.posts_of(person):
        if one.unit in path or broadcast.unit in {unit.code for unit in uow.units.path(one.unit)}:
            return
    raise refusals.NoSuchBroadcast


def check_audience(uow: UnitOfWork, broadcast: Broadcast, unit: UnitCode) -> None:
    """Refuse an audience that does not lie below the unit in whose name it is said.

    Raises:
        OutOfScope: it lies elsewhere.
    """
    found = uow.units.find(unit)
    if found is None or broadcast.unit not in {one.code for one in uow.units.path(unit)}:
        raise refusals.OutOfScope
