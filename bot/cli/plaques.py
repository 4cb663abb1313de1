"""Make the plaques that hang in buildings: whoever scans one reports from there in three taps.

Every grid gets a printable page (A4, four plaques to a sheet), and links.csv has all the links. A link is stored by its
digest only, so that it can be printed when it is issued and not later: what has its plaque already is passed over,
unless --again issues new ones. Old plaques keep working.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.cli._common import opened, settings
from bot.cli._plaque_page import page
from bot.cli._printing import Unmade, add_arguments_of_prints, fresh, prepare, usernames
from bot.tables import write
from routing.drafting import issue_plaque
from routing.model import Appointment, ChatKind, Post, Unit, UnitKind
from routing.ports import UnitOfWork

COLUMNS: Final = ("grid", "grid_name", "building", "link")
_GRIDS: Final = (UnitKind.BASIC, UnitKind.SPECIAL)


@dataclass(frozen=True, slots=True)
class Issued:
    """The plaques of one grid.

    Args:
        grid: Which.
        bot: Whose chat serves it; ``None`` when none does yet.
        workers: Who is named on them.
        secrets: Building and secret of each; an empty building is the whole grid.
        passed_over: How many buildings have theirs already.
    """

    grid: Unit
    bot: int | None
    workers: Sequence[Appointment]
    secrets: Sequence[tuple[str, str]]
    passed_over: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    add_arguments_of_prints(parser)
    parser.add_argument(
        "--again", action="store_true", help="issue new ones where there are some; old ones keep working"
    )


async def main(args: argparse.Namespace) -> int:
    """Issue and write them."""
    chosen = settings(args)
    try:
        names = await usernames(chosen, args.username)
        prepare(args.out, force=args.force)
        async with opened(chosen) as store:
            issued = await store.work(issue, args.grid, again=args.again, at=datetime.now(UTC))
        count = _write(args.out, issued, names)
    except Unmade as error:
        print(f"huying: {error}", file=sys.stderr)
        return 2
    print(f"{count} plaques made: a page per grid and a list of links in {args.out}")
    if passed_over := sum(one.passed_over for one in issued):
        print(f"{passed_over} passed over: issued before, and still working; --again issues new ones")
    return 0


def issue(uow: UnitOfWork, only: str | None, *, again: bool, at: datetime) -> list[Issued]:
    """Issue a secret for every building that has none, of every grid or *only* of one.

    Args:
        uow: The transaction.
        only: The code of a grid.
        again: Issue for those that have one, too.
        at: Now.

    Raises:
        Unmade: there is no such grid, or no grid at all.
    """
    grids = [unit for unit in uow.units.all() if unit.kind in _GRIDS and only in (None, unit.code)]
    if not grids:
        raise Unmade(f"There is no grid {only!r}." if only else "There are no grids. Run `huying import` first.")
    return [_issue_grid(uow, grid, again, at) for grid in grids]


def _issue_grid(uow: UnitOfWork, grid: Unit, again: bool, at: datetime) -> Issued:
    buildings = dict.fromkeys(grid.buildings or ("",))
    wanted = [name for name in buildings if uow.notebook.once(f"plaque:{grid.code}:{name}", at) or again]
    chat = uow.chats.of_unit(grid.code, ChatKind.RESIDENTS)
    return Issued(
        grid,
        chat.bot if chat else None,
        [one for one in uow.people.staff_of(grid.code) if one.post is Post.WORKER],
        [(name, issue_plaque(uow, grid.code, name)) for name in wanted],
        len(buildings) - len(wanted),
    )


def _write(folder: Path, issued: Sequence[Issued], names: Mapping[int, str]) -> int:
    """Write the pages and the list; returns how many plaques there are."""
    rows: list[dict[str, str]] = []
    try:
        for one in issued:
            username = names.get(one.bot or 0) or next(iter(names.values()))
            links = [(building, f"https://t.me/{username}?start=p{secret}") for building, secret in one.secrets]
            if links:
                path = fresh(folder, f"grid-{one.grid.code}", ".html")
                path.write_text(page(one.grid.name, one.workers, links), encoding="utf-8")
            rows += [
                {"grid": one.grid.code, "grid_name": one.grid.name, "building": building, "link": link}
                for building, link in links
            ]
        if rows:
            with fresh(folder, "links", ".csv").open("x", encoding="utf-8-sig", newline="") as out:
                write(rows, COLUMNS, "csv", out)
    except OSError as error:
        raise Unmade(
            f"The plaques were issued and could not be written: {error.strerror}. Run this again with --again."
        ) from error
    return len(rows)
