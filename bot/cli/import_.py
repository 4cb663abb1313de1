"""Load units, staff, households and duty rosters from CSV or XLSX files: all of it or nothing.

Which kind a file is shows in its header:

  units:       code,name,level,parent,kind,residents_chat,desk_chat,households,buildings,bounds,phone
  staff:       telegram_id,name,unit,post,phone,stationed_at
  households:  code,grid,building,unit_no,room,telegram_ids
  roster:      unit,telegram_id,from,to   (times such as 2026-11-23 17:30; whose shifts the span of the file replaces)

Every bad row is named with file, row, column and reason. A second import updates; what a file leaves out stays.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.cli._common import opened, settings
from bot.settings import SettingsError
from bot.sheets import BadSheet, read
from routing.loading import BadTown, Loaded
from routing.ports import UnitOfWork
from routing.sheet import KINDS, Sheet
from routing.town import load


class _DryRun(Exception):
    def __init__(self, loaded: Loaded) -> None:
        super().__init__()
        self.loaded = loaded


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a .csv (UTF-8) or .xlsx file")
    parser.add_argument(
        "--bot", type=int, metavar="ID", help="whose chats the chat columns name; the first token's if not given"
    )
    parser.add_argument("--dry-run", action="store_true", help="check everything and write nothing")
    parser.add_argument(
        "--replace-staff", action="store_true", help="take away the posts that the staff file does not have"
    )


async def main(args: argparse.Namespace) -> int:
    """Load the files."""
    chosen = settings(args)
    if not chosen.bot_ids:
        raise SettingsError("HUYING_BOT_TOKEN is not set: the chats in a units file belong to a bot. Put it into .env.")
    bot = chosen.bot_ids[0] if args.bot is None else args.bot
    if bot not in chosen.bot_ids:
        known = ", ".join(map(str, chosen.bot_ids))
        raise SettingsError(f"HUYING_BOT_TOKEN holds no token of the bot {bot}, only of {known}.")
    sheets, unreadable = _read_all(args.files)
    if unreadable:
        return _refuse(unreadable)
    async with opened(chosen) as store:
        try:
            loaded = await store.work(_load, sheets, bot, args.replace_staff, args.dry_run)
        except _DryRun as dry:
            loaded = dry.loaded
        except BadTown as bad:
            return _refuse(bad.problems)
    _print(loaded, dry_run=args.dry_run)
    return 0


def _read_all(files: Sequence[Path]) -> tuple[list[Sheet], list[BadSheet]]:
    sheets, unreadable = [], []
    for path in files:
        try:
            sheets.append(read(path))
        except BadSheet as bad:
            unreadable.append(bad)
    return sheets, unreadable


def _refuse(problems: Sequence[object]) -> int:
    for problem in problems:
        print(problem, file=sys.stderr)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    print(f"{count}; nothing was imported.", file=sys.stderr)
    return 1


def _load(uow: UnitOfWork, sheets: list[Sheet], bot: int, replace: bool, dry_run: bool) -> Loaded:
    loaded = load(uow, sheets, bot=bot, replace_staff=replace)
    if dry_run:
        raise _DryRun(loaded)  # leaving by an exception leaves no trace
    return loaded


def _print(loaded: Loaded, *, dry_run: bool) -> None:
    would = "would be " if dry_run else ""
    for kind in KINDS:
        counts = [book.get(kind, 0) for book in (loaded.new, loaded.changed, loaded.same)]
        if any(counts):
            print(f"{kind}: {counts[0]} {would}new, {counts[1]} {would}changed, {counts[2]} the same")
    if not (loaded.new or loaded.changed or loaded.same):
        print("the files have no rows below their headers")
    if loaded.dismissed:
        print(f"staff: {loaded.dismissed} {would}dismissed")
    if loaded.dropped:
        print(f"roster: {loaded.dropped} {would}dropped, because the file has others for that time")
    if loaded.missing:
        print(f"not in the file and kept: {', '.join(loaded.missing)}")
