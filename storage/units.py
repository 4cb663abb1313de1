"""The tree of units."""

from collections.abc import Iterable, Sequence
from dataclasses import fields

from sqlalchemy import Connection, Select, select

from routing.model import Unit, UnitCode
from storage.part import Part, columns, given, mine
from storage.portable import or_replace
from storage.tables import units

_FIELDS = tuple(field.name for field in fields(Unit))
_FIND = select(*columns(units)).where(mine(units), units.c.code == given("code"))
_AMONG = select(*columns(units)).where(mine(units), units.c.code.in_(given("codes", many=True)))
_ALL = select(*columns(units)).where(mine(units)).order_by(units.c.code)
_CHILDREN = select(*columns(units)).where(mine(units), units.c.parent == given("parent")).order_by(units.c.code)
_PUT = or_replace(units)


def subtree(code: str) -> Select[str]:
    """The codes of a unit and all below it, by the unit that is given as *code*.

    The city goes along from unit to child: else SQLite reads all units of the city once for each of them.
    """
    root = select(units.c.city_id, units.c.code).where(mine(units), units.c.code == given(code))
    tree, child = root.cte("tree", recursive=True), units.alias("child")
    below = select(child.c.city_id, child.c.code).where(
        child.c.city_id == tree.c.city_id, child.c.parent == tree.c.code
    )
    return select(tree.union(below).c.code)


_BELOW = select(*columns(units)).where(mine(units), units.c.code.in_(subtree("code"))).order_by(units.c.code)


class SqlUnits(Part):
    """`routing.ports.Units` over one transaction; what it has read once it does not read again."""

    def __init__(self, connection: Connection, city: str) -> None:
        super().__init__(connection, city)
        self._known: dict[UnitCode, Unit | None] = {}
        self._paths: dict[UnitCode, tuple[Unit, ...]] = {}

    def get(self, code: UnitCode) -> Unit:
        """The unit, or `LookupError`."""
        unit = self.find(code)
        if unit is None:
            raise LookupError(f"there is no unit {code}")
        return unit

    def find(self, code: UnitCode) -> Unit | None:
        """The unit, if there is one."""
        if code not in self._known:
            row = self._first(_FIND, code=code)
            self._known[code] = Unit(*row) if row else None
        return self._known[code]

    def above(self, code: UnitCode) -> Unit | None:
        """Its parent in the tree; ``None`` at the top."""
        parent = self.get(code).parent
        return None if parent is None else self.get(parent)

    def path(self, code: UnitCode) -> tuple[Unit, ...]:
        """The unit itself, its parent, and so on to the top."""
        if code not in self._paths:
            self._paths[code] = self._path(code)
        return self._paths[code]

    def learn(self, codes: Iterable[UnitCode]) -> None:
        """Read these units and everything above them, level by level."""
        wanted = set(codes) - self._known.keys()
        while wanted:
            self._known |= dict.fromkeys(wanted)
            found = [Unit(*row) for row in self._all(_AMONG, codes=sorted(wanted))]
            self._known |= {unit.code: unit for unit in found}
            wanted = {unit.parent for unit in found if unit.parent is not None} - self._known.keys()

    def _path(self, code: UnitCode) -> tuple[Unit, ...]:
        path: list[Unit] = []
        step: UnitCode | None = code
        while step is not None:
            unit = self.get(step)
            if unit in path:
                raise LookupError(f"unit {step} stands above itself")
            path.append(unit)
            step = unit.parent
        return tuple(path)

    def all(self) -> Sequence[Unit]:
        """Every unit, parents before children."""
        return _parents_first(Unit(*row) for row in self._all(_ALL))

    def below(self, code: UnitCode) -> Sequence[Unit]:
        """The unit and all its descendants, parents before children; nothing when there is no such unit."""
        return _parents_first(Unit(*row) for row in self._all(_BELOW, code=code))

    def children(self, code: UnitCode) -> Sequence[Unit]:
        """The units right below it, departments included."""
        return [Unit(*row) for row in self._all(_CHILDREN, parent=code)]

    def put(self, unit: Unit) -> None:
        """Write or replace it."""
        self._put(_PUT, {name: getattr(unit, name) for name in _FIELDS})
        self._known[unit.code] = unit
        self._paths.clear()


def _parents_first(units: Iterable[Unit]) -> Sequence[Unit]:
    """Put every unit after its parent, if the parent is among them; a circle is cut where it was entered."""
    by_code = {unit.code: unit for unit in units}
    placed: dict[UnitCode, Unit] = {}
    for unit in by_code.values():
        chain: list[Unit] = []
        step: Unit | None = unit
        while step is not None and step.code not in placed and step not in chain:
            chain.append(step)
            step = by_code.get(step.parent) if step.parent else None
        placed |= {one.code: one for one in reversed(chain)}
    return list(placed.values())
