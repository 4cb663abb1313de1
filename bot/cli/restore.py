"""Put a backup in the place of the database: checked first, never over an existing one.

Messages that were waiting in the backup are not sent again, because nobody can know which of them were sent since;
broadcasts whose time has passed since are drafts again or paused, and are named, for their desks to go on with; the
cards of open cases are shown anew. With --verify nothing is put anywhere: the backup is only proven to be good,
from its pages to the laws of every case. A PostgreSQL database is restored by pg_restore, then `huying restored`.
"""

import argparse
import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.cli._broadcasts import held_back
from bot.cli._common import opened, settings
from bot.cli.audit import broken_laws
from bot.roles import Role, alive_setting
from bot.settings import Settings, SettingsError
from storage import schema
from storage.backup import restore, verify
from storage.moving import chains, sums
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("file", type=Path, help="a file that `huying backup` wrote")
    parser.add_argument("--verify", action="store_true", help="only prove that it could be restored")


async def main(args: argparse.Namespace) -> int:
    """Restore it, or prove it."""
    chosen = settings(args)
    if args.verify:
        return await _prove(chosen, args.file)
    target = chosen.database_file
    if target is None:
        raise SettingsError(
            "HUYING_DATABASE_URL is no SQLite file; restore a PostgreSQL database with pg_restore, then run "
            "`huying restored`."
        )
    aside = await asyncio.to_thread(restore, args.file, target, forget=[alive_setting(Role.INGRESS)])
    print(f"restored {target} from {args.file}; cards are shown anew when the bot starts")
    print(held_back(aside.broadcasts), end="")
    return 0


async def _prove(chosen: Settings, file: Path) -> int:
    """Read every page, count and sum every row, follow every chain, ask every law."""
    copied = await asyncio.to_thread(verify, file)
    print(f"{file}: every page is sound; schema {copied.revision}")
    if copied.revision != schema.head():
        print(f"Restore it and run `huying migrate` (to {schema.head()}); the laws can be asked after that.")
        return 0
    there = replace(chosen, database_url=f"sqlite+aiosqlite:///{file}")
    async with opened(there, read_only=True) as store:
        rows, whole, broken = await store.read(_look, chosen.clock_speed)
    for name, (count, total) in rows.items():
        print(f"  {name:<16} {count:>10} rows  {total}")
    print(f"  {whole} cases with a whole log")
    for line in broken:
        print(line)
    print(f"{len(broken)} findings" if broken else "All laws hold. It can be restored.")
    return 1 if broken else 0


def _look(stores: Stores, speed: float) -> tuple[Mapping[str, tuple[int, str]], int, list[str]]:
    return sums(stores.connection), chains(stores.connection), broken_laws(stores, speed)
