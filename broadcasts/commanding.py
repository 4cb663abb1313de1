"""Who may give orders in an emergency: posts in a unit, seen when it is done, whatever chat it comes from."""

from typing import Final

from routing import refusals
from routing.model import Appointment, ChatId, ChatKind, PersonId, Post, Unit, UnitCode, UnitKind
from routing.ports import UnitOfWork

COMMANDING: Final = frozenset({Post.LEADER, Post.DISPATCHER, Post.BROADCASTER})
"""Posts that give out tasks and roll-calls below their unit."""
SWITCHING: Final = frozenset({Post.LEADER, Post.BROADCASTER})
"""Posts that ask for the emergency mode and for plans."""
APPROVING: Final = frozenset({Post.LEADER, Post.APPROVER})
"""Posts, in the unit or above it, whose word a second person gives."""
RUNNING: Final = frozenset({Post.WORKER, Post.HELPER, Post.LEADER})
"""Posts that answer a roll-call for a household, at its door."""
_BESIDE: Final = frozenset({UnitKind.DEPARTMENT, UnitKind.PARTNER})


def unit_here(uow: UnitOfWork, person: PersonId, chat: ChatId, posts: frozenset[Post]) -> Unit:
    """In whose name *person* speaks from *chat*: the desk's unit, in private that of their highest fitting post.

    Raises:
        NotYours: no post of theirs reaches it, or the chat is no place for it.
    """
    where = uow.chats.get(chat)
    if where.kind is ChatKind.DESK and where.unit is not None:
        check(uow, person, where.unit, posts)
        return uow.units.get(where.unit)
    fitting = [uow.units.get(one.unit) for one in uow.people.posts_of(person) if one.post in posts]
    if where.kind is not ChatKind.PRIVATE or not fitting:
        raise refusals.NotYours
    return min(fitting, key=lambda unit: len(uow.units.path(unit.code)))


def check(uow: UnitOfWork, person: PersonId, unit: UnitCode, posts: frozenset[Post]) -> None:
    """See that *person* holds one of *posts* in *unit* or above it.

    Raises:
        NotYours: they hold none.
    """
    if not holds(uow, person, unit, posts):
        raise refusals.NotYours


def holds(uow: UnitOfWork, person: PersonId, unit: UnitCode, posts: frozenset[Post]) -> bool:
    """Whether *person* holds one of *posts* in *unit* or above it; nobody does where there is no such unit."""
    if uow.units.find(unit) is None:
        return False
    path = {one.code for one in uow.units.path(unit)}
    return any(one.unit in path and one.post in posts for one in uow.people.posts_of(person))


def staff_below(uow: UnitOfWork, unit: UnitCode, posts: frozenset[Post]) -> dict[PersonId, Appointment]:
    """Everybody below *unit* with one of *posts*, each once, however many of them they hold.

    Departments and partners beside the tree are whistled, not ordered about.
    """
    found: dict[PersonId, Appointment] = {}
    for one in uow.units.below(unit):
        if one.kind in _BESIDE:
            continue
        for appointment in uow.people.staff_of(one.code):
            if appointment.post in posts:
                found.setdefault(appointment.person, appointment)
    return found


def approvers(uow: UnitOfWork, unit: UnitCode, asker: PersonId) -> list[PersonId]:
    """Who may say yes for *unit*: those of the nearest level that has anybody but the asker."""
    for one in uow.units.path(unit):
        staff = {post.person for post in uow.people.staff_of(one.code) if post.post in APPROVING} - {asker}
        if staff:
            return sorted(staff)
    return []
