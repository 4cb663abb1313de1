"""Bring the database's schema up to date, or make the database when there is none.

Stop the bot first and keep a backup (`huying backup FILE`): a newer schema can't be read by an older program.
"""

import argparse

from bot.settings import Settings
from storage import schema


def run(args: argparse.Namespace) -> int:
    """Migrate and say from where to where."""
    url = Settings.load(env_file=args.env).database_url
    before = schema.current(url)
    schema.migrate(url)
    after = schema.current(url)
    if before is None:
        print(f"Made the database (schema {after}).")
    else:
        print(f"The database is up to date ({after})." if before == after else f"Migrated from {before} to {after}.")
    return 0
