"""The tables of a town of any shape, such as a published city's: its tree, its departments, its staff and its homes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from routing.sheet import HOUSEHOLDS, STAFF, UNITS, Sheet, SheetRow

CITY = "370000"
BUILDINGS = 4
FIRST_PERSON = 10_000
Cells = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Shape:
    """How many of what a town has.

    Args:
        streets: Below the city.
        communities: Below the streets, dealt out in turn.
        basic: Grids with homes, below the communities.
        special: Grids of markets, schools and the like.
        departments: Beside the city.
        workers: Dealt out to the grids in turn; every other unit has a leader and a dispatcher.
        homes: Households of each basic grid.
    """

    streets: int
    communities: int
    basic: int
    special: int
    departments: int
    workers: int
    homes: int = 0

    @property
    def grids(self) -> int:
        """Basic and special ones."""
        return self.basic + self.special


ZHAOYUAN = Shape(streets=14, communities=20, basic=177, special=357, departments=115, workers=945)
"""As the city published it."""


def tables(shape: Shape) -> list[Sheet]:
    """Units, staff and, where there are any, households; as `huying import` reads them."""
    units = list(_units(shape))
    made = [_sheet("units", UNITS, units), _sheet("staff", STAFF, list(_staff(units, shape.workers)))]
    homes = list(_homes(units, shape.homes))
    return [*made, _sheet("households", HOUSEHOLDS, homes)] if homes else made


def _units(shape: Shape) -> Iterator[Cells]:
    streets = [f"{CITY}{n:03}" for n in range(1, shape.streets + 1)]
    communities = [f"{street}{n:03}" for n, street in enumerate(islice(cycle(streets), shape.communities), start=1)]
    yield {"code": CITY, "name": "样例市", "level": "city"}
    for code in streets:
        yield {"code": code, "name": f"样例街道{code[-3:]}", "level": "street", "parent": CITY}
    for n in range(1, shape.departments + 1):
        yield {"code": f"{CITY}D{n:03}", "name": f"样例部门{n:03}", "level": "department", "parent": CITY}
    for code in communities:
        yield {"code": code, "name": f"样例社区{code[-3:]}", "level": "community", "parent": code[:-3]}
    for n, community in enumerate(islice(cycle(communities), shape.grids)):
        basic = n < shape.basic
        yield {
            "code": f"{community}{n + 1:03}", "name": f"样例网格{n + 1:03}", "level": "grid", "parent": community,
            "kind": "basic" if basic else "special", "households": shape.homes if basic else 0,
            "buildings": ";".join(f"{number}号楼" for number in range(1, BUILDINGS + 1)),
        }  # fmt: skip


def _staff(units: Sequence[Cells], workers: int) -> Iterator[Cells]:
    grids = [unit["code"] for unit in units if unit["level"] == "grid"]
    offices = [unit["code"] for unit in units if unit["level"] != "grid"]
    seats = [(code, "worker") for code in islice(cycle(grids), workers)]
    seats += [(code, post) for code in offices for post in ("leader", "dispatcher")]
    for person, (code, post) in enumerate(seats, start=FIRST_PERSON):
        yield {"telegram_id": person, "name": f"样例{person}", "unit": code, "post": post}


def _homes(units: Sequence[Cells], homes: int) -> Iterator[Cells]:
    for grid in (unit for unit in units if unit.get("kind") == "basic"):
        for number in range(homes):
            building, floor = number % BUILDINGS + 1, number // BUILDINGS + 1
            yield {
                "code": f"{grid['code']}-{number:04}", "grid": grid["code"], "building": f"{building}号楼",
                "unit_no": "1单元", "room": f"{floor}01",
            }  # fmt: skip


def _sheet(name: str, columns: Sequence[str], rows: Sequence[Cells]) -> Sheet:
    lines = (
        SheetRow(number, {column: str(row.get(column, "")) for column in columns})
        for number, row in enumerate(rows, start=2)
    )
    return Sheet(f"{name}.csv", tuple(columns), tuple(lines))
