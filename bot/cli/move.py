"""Copy the whole database into an empty one of another engine, and check the copy: from SQLite to PostgreSQL, or back.

Stop the bot first. Afterwards put the new address into HUYING_DATABASE_URL; the old database stays as it is, and must
not be used again. A password is better kept in ~/.pgpass than written on the command line.
"""

import argparse
import asyncio

from bot.cli._common import settings
from storage.engines import database_at
from storage.moving import move


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "--to", required=True, metavar="URL", help="such as postgresql://huying@host/huying, an empty database"
    )


async def main(args: argparse.Namespace) -> int:
    """Move it."""
    source, target = database_at(settings(args).database_url), database_at(args.to)
    moved = await asyncio.to_thread(move, source, target)
    for table, rows in moved.rows.items():
        if rows:
            print(f"{table}: {rows}")
    print(f"{sum(moved.rows.values())} rows moved to {target.place}; {moved.chains} chains of hashes are whole.")
    print("Put the new address into HUYING_DATABASE_URL, run `huying doctor`, and start the bot.")
    return 0
