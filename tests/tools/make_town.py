"""Make the tables of a town as CSV files: `python -m tests.tools.make_town DIR [--streets N] [--homes N] …`.

Without numbers it is Zhaoyuan's shape as published: 14 streets, 20 communities, 177 basic and 357 special grids, 115
departments, 945 workers.
"""

import argparse
import csv
from dataclasses import asdict
from pathlib import Path

from bot.bench.shape import ZHAOYUAN, Shape, tables


def make(folder: Path, shape: Shape = ZHAOYUAN) -> list[Path]:
    """Write units.csv, staff.csv and, with homes, households.csv into *folder*, which exists; returns their paths."""
    made = tables(shape)
    for sheet in made:
        with (folder / sheet.file).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, sheet.header)
            table.writeheader()
            table.writerows(row.cells for row in sheet.rows)
    return [folder / sheet.file for sheet in made]


def main() -> None:
    """Make the town that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    for name, count in asdict(ZHAOYUAN).items():
        parser.add_argument(f"--{name}", type=int, default=count)
    args = vars(parser.parse_args())
    folder: Path = args.pop("folder")
    folder.mkdir(parents=True, exist_ok=True)
    for path in make(folder, Shape(**args)):
        print(path)  # noqa: T201 - it is a command


if __name__ == "__main__":
    main()
