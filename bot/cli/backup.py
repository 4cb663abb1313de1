"""Copy the database into one file while the bot runs, and check the copy."""

import argparse
import asyncio
from pathlib import Path

from bot.cli._common import settings
from bot.settings import SettingsError
from storage.backup import backup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("file", type=Path, help="where to; it must not exist yet")


async def main(args: argparse.Namespace) -> int:
    """Copy it."""
    source = settings(args).database_file
    if source is None:
        raise SettingsError("HUYING_DATABASE_URL is no SQLite file; back a PostgreSQL database up with pg_dump.")
    await asyncio.to_thread(backup, source, args.file)
    print(f"wrote {args.file} ({args.file.stat().st_size / 1_048_576:.1f} MiB), checked")
    return 0
