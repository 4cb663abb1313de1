"""How many households can be reached at all: those with at least one member among those that there are (应入尽入)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from routing import admission, refusals
from routing.model import Appointment, Household, PersonId, Post, Unit, UnitCode, UnitKind
from routing.ports import UnitOfWork

GRIDS: Final = frozenset({UnitKind.BASIC, UnitKind.SPECIAL})
BLIND: Final = frozenset({Post.OBSERVER})
"""Posts that get to see figures and no doors."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """One grid, or several taken together.

    Args:
        households: How many there are: those registered, or those that the unit declares, if that is more. A special
            grid counts its registered units and nothing else.
        bound: How many have at least one member.
        people: How many people that are.
    """

    households: int = 0
    bound: int = 0
    people: int = 0

    @property
    def missing(self) -> int:
        """Households with nobody."""
        return self.households - self.bound

    @property
    def percent(self) -> int | None:
        """The share with a member, rounded down, so that 100 means all; ``None`` where there is no household."""
        return self.bound * 100 // self.households if self.households else None

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.households + other.households, self.bound + other.bound, self.people + other.people)


def by_grid(uow: UnitOfWork, top: UnitCode) -> list[tuple[Unit, Coverage]]:
    """Every grid of a subtree with its coverage, the one with the most missing households first."""
    grids = [unit for unit in uow.units.below(top) if unit.kind in GRIDS]
    settled = uow.people.settled([grid.code for grid in grids])
    rows = [(grid, _of(grid, settled)) for grid in grids]
    return sorted(rows, key=lambda row: (-row[1].missing, row[0].code))


def total(rows: Iterable[tuple[Unit, Coverage]]) -> Coverage:
    """All of them together."""
    return sum((coverage for _, coverage in rows), Coverage())


def _of(grid: Unit, settled: Mapping[UnitCode, tuple[int, int, int]]) -> Coverage:
    registered, bound, people = settled.get(grid.code, (0, 0, 0))
    declared = grid.households if grid.kind is UnitKind.BASIC else 0
    return Coverage(max(registered, declared), bound, people)


@dataclass(frozen=True, slots=True)
class Building:
    """One building of a grid: its homes that have a member and those that have none, by door."""

    name: str
    bound: tuple[Household, ...]
    unbound: tuple[Household, ...]


def by_building(uow: UnitOfWork, grid: UnitCode) -> list[Building]:
    """The homes of a grid, building by building."""
    joined = uow.people.joined_in(grid)
    found: dict[str, tuple[list[Household], list[Household]]] = {}
    for home in uow.people.households_in(grid):
        bound, unbound = found.setdefault(home.building, ([], []))
        (bound if home.code in joined else unbound).append(home)
    return [Building(name, tuple(bound), tuple(unbound)) for name, (bound, unbound) in found.items()]


def scope(uow: UnitOfWork, person: PersonId, chat_unit: UnitCode | None) -> Unit:
    """Whose coverage *person* looks at: the desk's, where they are at one, else that of their highest post.

    Raises:
        NotYours: they hold no post that reaches it.
    """
    posts = uow.people.posts_of(person)
    if chat_unit is not None:
        if not _reaching(uow, posts, chat_unit):
            raise refusals.NotYours
        return uow.units.get(chat_unit)
    if not posts:
        raise refusals.NotYours
    return min((uow.units.get(post.unit) for post in posts), key=lambda unit: len(uow.units.path(unit.code)))


def check(uow: UnitOfWork, person: PersonId, unit: UnitCode, *, doors: bool = False) -> None:
    """See that *person* has a post in *unit* or above it; with *doors* one that needs to know who lives where.

    Raises:
        NotYours: they have none.
    """
    reaching = _reaching(uow, uow.people.posts_of(person), unit)
    if not any(post.post not in BLIND for post in reaching) if doors else not reaching:
        raise refusals.NotYours


def _reaching(uow: UnitOfWork, posts: Sequence[Appointment], unit: UnitCode) -> list[Appointment]:
    if uow.units.find(unit) is None:
        return []
    path = {one.code for one in uow.units.path(unit)}
    return [post for post in posts if post.unit in path]


def vacate(uow: UnitOfWork, person: PersonId, door_code: str) -> tuple[Household, frozenset[PersonId]]:
    """The people of a home have moved away: nobody is bound to it any more, and its old slip opens nothing.

    Args:
        uow: The transaction.
        person: Whoever says so; somebody with a post that reaches the grid.
        door_code: The slip's.

    Returns:
        The home with its new door code, and who was bound to it.

    Raises:
        NotYours: no post of theirs reaches it.
        WrongCode: there is no such home, or it has changed hands already.
    """
    home = uow.people.household_by_door_code(door_code)
    if home is None:
        raise admission.WrongCode
    check(uow, person, home.grid, doors=True)
    members = uow.people.members_of(home.code)
    for member in members:
        uow.people.leave_household(member)
    fresh = uow.ids.door_code()
    while uow.people.household_by_door_code(fresh) is not None:
        fresh = uow.ids.door_code()
    renewed = Household(home.code, home.grid, home.building, home.unit_no, home.room, fresh)
    uow.people.put_household(renewed)
    return renewed, members
