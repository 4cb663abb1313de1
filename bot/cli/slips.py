"""Print the door-code slips: whoever scans one at home is registered there at once.

Every grid gets a printable page (A4, ten slips to a sheet, cut along the lines) in the order of its doors, for the
worker who hands them over: being handed the slip at the door is what proves that somebody lives there. A slip can be
printed again at any time; when people move away their worker gives the home a new code, and the old slip opens nothing.
The pages hold every door's code: keep them like keys, and delete them when they are printed.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.cli._common import opened, settings
from bot.cli._printing import Unmade, add_arguments_of_prints, fresh, prepare, usernames
from bot.cli._slip_page import Slip, page
from routing.model import Appointment, ChatKind, Post, Unit, UnitKind
from routing.ports import UnitOfWork

_GRIDS: Final = (UnitKind.BASIC, UnitKind.SPECIAL)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed for one grid: its slips, whose chat serves it, and who hands them over."""

    grid: Unit
    bot: int | None
    workers: Sequence[Appointment]
    slips: Sequence[Slip]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_arguments_of_prints(parser)
    parser.add_argument("--unbound", action="store_true", help="only homes where nobody has registered yet")


async def main(args: argparse.Namespace) -> int:
    """Print them."""
    chosen = settings(args)
    try:
        names = await usernames(chosen, args.username)
        prepare(args.out, force=args.force)
        async with opened(chosen, read_only=True) as store:
            sheets = await store.read(slips, args.grid, only_unbound=args.unbound)
        pages, count = _write(args.out, sheets, names)
    except Unmade as error:
        print(f"huying: {error}", file=sys.stderr)
        return 2
    print(f"{count} slips on {pages} pages, one page per grid, in {args.out}")
    return 0


def slips(uow: UnitOfWork, only: str | None, *, only_unbound: bool) -> list[Sheet]:
    """The slips of every grid, or *only* of one, in the order of the doors.

    Raises:
        Unmade: there is no such grid, or no grid at all.
    """
    grids = [unit for unit in uow.units.all() if unit.kind in _GRIDS and only in (None, unit.code)]
    if not grids:
        raise Unmade(f"There is no grid {only!r}." if only else "There are no grids. Run `huying import` first.")
    return [_sheet(uow, grid, only_unbound) for grid in grids]


def _sheet(uow: UnitOfWork, grid: Unit, only_unbound: bool) -> Sheet:
    joined = uow.people.joined_in(grid.code) if only_unbound else {}
    homes = [home for home in uow.people.households_in(grid.code) if home.code not in joined]
    chat = uow.chats.of_unit(grid.code, ChatKind.RESIDENTS)
    return Sheet(
        grid,
        chat.bot if chat else None,
        [one for one in uow.people.staff_of(grid.code) if one.post is Post.WORKER],
        [Slip(" ".join(filter(None, (home.building, home.unit_no, home.room))), home.door_code) for home in homes],
    )


def _write(folder: Path, sheets: Sequence[Sheet], names: Mapping[int, str]) -> tuple[int, int]:
    """Write the pages; returns how many there are and how many slips are on them."""
    written = [sheet for sheet in sheets if sheet.slips]
    try:
        for sheet in written:
            username = names.get(sheet.bot or 0) or next(iter(names.values()))
            path = fresh(folder, f"slips-{sheet.grid.code}", ".html")
            path.touch(mode=0o600)
            path.write_text(page(sheet.grid.name, sheet.workers, sheet.slips, username), encoding="utf-8")
    except OSError as error:
        raise Unmade(f"The slips could not be written: {error.strerror}.") from error
    return len(written), sum(len(sheet.slips) for sheet in written)
