"""Make the tables of a town of any size: `python -m tests.tools.make_town DIR [--units N] [--homes N]`.

The tree has one city, a street per sixty units, a community per eight, a department per street, and grids for the
rest, every tenth of them special. Every grid has two workers, every other unit a leader and a dispatcher.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from routing.sheet import HOUSEHOLDS, STAFF, UNITS

BUILDINGS = 4
Row = Mapping[str, object]


def make(folder: Path, units: int = 177, homes: int = 4) -> list[Path]:
    """Write units.csv, staff.csv and households.csv into *folder*; returns their paths.

    Args:
        folder: It exists.
        units: How many units the town has, at least six.
        homes: Households per grid.
    """
    rows = list(_units(units))
    grids = [row for row in rows if row["level"] == "grid"]
    tables: tuple[tuple[str, Sequence[str], Sequence[Row]], ...] = (
        ("units.csv", UNITS, [{**row, "households": homes if row in grids else ""} for row in rows]),
        ("staff.csv", STAFF, list(_staff(rows))),
        ("households.csv", HOUSEHOLDS, list(_households(grids, homes))),
    )
    for name, columns, content in tables:
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(content)
    return [folder / name for name, _, _ in tables]


def _units(count: int) -> Iterator[Row]:
    streets = [f"37{number:03}" for number in range(1, max(1, count // 60) + 1)]
    communities = [f"{streets[n % len(streets)]}{n:03}" for n in range(max(1, count // 8))]
    yield {"code": "37", "name": "样例市", "level": "city"}
    for code in streets:
        yield {"code": code, "name": f"样例街道{code[-3:]}", "level": "street", "parent": "37"}
        yield {"code": f"D{code}", "name": f"样例部门{code[-3:]}", "level": "department", "parent": code}
    for code in communities:
        yield {"code": code, "name": f"样例社区{code[-3:]}", "level": "community", "parent": code[:5]}
    for n in range(count - 1 - 2 * len(streets) - len(communities)):
        community = communities[n % len(communities)]
        yield {
            "code": f"{community}{n:03}", "name": f"样例网格{n:03}", "level": "grid", "parent": community,
            "kind": "special" if n % 10 == 9 else "basic",
            "buildings": ";".join(f"{number}号楼" for number in range(1, BUILDINGS + 1)),
        }  # fmt: skip


def _staff(units: Sequence[Row]) -> Iterator[Row]:
    for number, unit in enumerate(units):
        posts = ("worker", "worker") if unit["level"] == "grid" else ("leader", "dispatcher")
        for second, post in enumerate(posts):
            person = 10_000 + 2 * number + second
            yield {"telegram_id": person, "name": f"样例{person}", "unit": unit["code"], "post": post}


def _households(grids: Sequence[Row], homes: int) -> Iterator[Row]:
    for grid in grids:
        for number in range(homes):
            building, floor = number % BUILDINGS + 1, number // BUILDINGS + 1
            yield {
                "code": f"{grid['code']}-{number:04}", "grid": grid["code"], "building": f"{building}号楼",
                "unit_no": "1单元", "room": f"{floor}01",
            }  # fmt: skip


def main() -> None:
    """Make the town that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--units", type=int, default=177)
    parser.add_argument("--homes", type=int, default=300, help="households per grid")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    for path in make(args.folder, args.units, args.homes):
        print(path)  # noqa: T201 - it is a command


if __name__ == "__main__":
    main()
