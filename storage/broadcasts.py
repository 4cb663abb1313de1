"""The broadcasts: read, listed, and saved unless they moved meanwhile."""

from collections.abc import Collection, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import insert, literal_column, or_, select, update

from broadcasts.model import Broadcast, BroadcastId, State
from broadcasts.refusals import NoSuchBroadcast
from routing.model import CaseId, UnitCode
from routing.refusals import Stale
from storage.notebook import Counters
from storage.part import Part, columns, given, mine
from storage.tables import broadcasts, targets

_NUMBERS: Final = "broadcast number"
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIELDS: Final = tuple(field.name for field in fields(Broadcast))
_COLUMNS: Final = columns(broadcasts)
_ALL = select(*_COLUMNS).where(mine(broadcasts))
_ADD = insert(broadcasts)
_IN_ORDER = _ALL.order_by(broadcasts.c.id)
_GET = _ALL.where(broadcasts.c.id == given("id"))
_BY_NUMBER = _ALL.where(broadcasts.c.number == given("number"))
_BY_ORIGIN = (
    _ALL.where(broadcasts.c.origin != literal_column("''"), broadcasts.c.origin == given("origin"))
    .order_by(broadcasts.c.id.desc())
    .limit(1)
)
_CHAIN = _IN_ORDER.where(or_(broadcasts.c.id == given("first"), broadcasts.c.first == given("first")))
_SAVE = update(broadcasts).where(
    mine(broadcasts), broadcasts.c.id == given("id"), broadcasts.c.version == given("version")
)
_DUE = (
    _ALL.where(broadcasts.c.next_at.is_not(None), broadcasts.c.next_at <= given("now"))
    .order_by(broadcasts.c.next_at, broadcasts.c.id)
    .limit(given("limit"))
)
_OF = (
    _ALL.where(broadcasts.c.unit.in_(given("units", many=True)), broadcasts.c.state.in_(given("states", many=True)))
    .order_by(broadcasts.c.id.desc())
    .limit(given("limit"))
    .offset(given("offset"))
)
_OF_GRID = (
    _ALL.select_from(
        broadcasts.join(targets, (targets.c.city_id == broadcasts.c.city_id) & (targets.c.broadcast == broadcasts.c.id))
    )
    .where(targets.c.grid == given("grid"), broadcasts.c.state.in_(given("states", many=True)))
    .order_by(broadcasts.c.id.desc())
    .limit(given("limit"))
)


class SqlBroadcasts(Part):
    """`broadcasts.ports.Broadcasts` over one transaction."""

    def add(self, broadcast: Broadcast) -> None:
        """Write a new one."""
        self._put(_ADD, _values(broadcast))

    def get(self, broadcast: BroadcastId) -> Broadcast:
        """Read it, or raise `NoSuchBroadcast`."""
        return _one(self._first(_GET, id=broadcast))

    def by_number(self, number: int) -> Broadcast:
        """Read it by its public number, or raise `NoSuchBroadcast`."""
        return _one(self._first(_BY_NUMBER, number=number))

    def by_origin(self, origin: str) -> Broadcast | None:
        """The newest one that relays that CAP message (``sender,identifier,sent``)."""
        row = self._first(_BY_ORIGIN, origin=origin)
        return _made(row) if row else None

    def chain(self, first: BroadcastId) -> Sequence[Broadcast]:
        """That one and everything that was written to take its place, or the place of what did, oldest first."""
        return [_made(row) for row in self._all(_CHAIN, first=first)]

    def save(self, broadcast: Broadcast) -> Broadcast:
        """Write it with its version counted up.

        Raises:
            Stale: another transaction wrote it first.
        """
        saved = replace(broadcast, version=broadcast.version + 1)
        if not self._run(_SAVE, _values(saved), id=broadcast.id, version=broadcast.version).rowcount:
            raise Stale(CaseId(broadcast.id))
        return saved

    def next_number(self) -> int:
        """The next public number; a rolled-back draft gives its number back."""
        return Counters(self._connection, self._city).count(_NUMBERS, _SINCE)

    def due(self, now: datetime, limit: int) -> Sequence[Broadcast]:
        """Those whose ``next_at`` has come, earliest first."""
        return [_made(row) for row in self._all(_DUE, now=now, limit=limit)]

    def of(
        self, units: Collection[UnitCode], states: Collection[State], *, limit: int, offset: int = 0
    ) -> Sequence[Broadcast]:
        """Those in the name of *units* that stand at one of *states*, newest first."""
        rows = self._all(_OF, units=list(units), states=list(states), limit=limit, offset=offset)
        return [_made(row) for row in rows]

    def of_grid(self, grid: UnitCode, states: Collection[State], *, limit: int) -> Sequence[Broadcast]:
        """Those that went to a grid and stand at one of *states*, newest first."""
        return [_made(row) for row in self._all(_OF_GRID, grid=grid, states=list(states), limit=limit)]

    def all(self) -> Sequence[Broadcast]:
        """Every one, oldest first."""
        return [_made(row) for row in self._all(_IN_ORDER)]


def _values(broadcast: Broadcast) -> dict[str, Any]:
    return {name: getattr(broadcast, name) for name in _FIELDS}


def _made(row: Any) -> Broadcast:
    return Broadcast(**row._asdict())


def _one(row: Any) -> Broadcast:
    if row is None:
        raise NoSuchBroadcast
    return _made(row)
