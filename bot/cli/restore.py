"""Put a backup in the place of the database: checked first, never over an existing one.

Messages that were waiting in the backup are not sent again, because nobody can know which of them were sent since.
"""

import argparse
import asyncio
from pathlib import Path

from bot.cli._common import settings
from bot.settings import SettingsError
from storage.backup import restore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("file", type=Path, help="a file that `huying backup` wrote")


async def main(args: argparse.Namespace) -> int:
    """Restore it."""
    target = settings(args).database_file
    if target is None:
        raise SettingsError("HUYING_DATABASE_URL is no SQLite file; restore a PostgreSQL database with pg_restore.")
    await asyncio.to_thread(restore, args.file, target)
    print(f"restored {target} from {args.file}; cards are shown anew when the bot starts")
    return 0
