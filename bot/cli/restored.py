"""Say that the database was put back to an earlier moment, as after pg_restore; run it before the bot starts.

Most messages that waited at that moment were sent since: they are set aside as in doubt, broadcasts whose time has
passed are drafts again or paused, and the cards of open cases are shown anew when the bot starts. `huying restore`
does this by itself.
"""

import argparse
from datetime import UTC, datetime

from bot.cli._broadcasts import held_back
from bot.cli._common import opened, settings
from bot.roles import Role, alive_setting
from storage.backup import SetAside, quarantine
from storage.stores import Stores


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """The command has no arguments."""


async def main(args: argparse.Namespace) -> int:
    """Set aside what waited."""
    async with opened(settings(args)) as store:
        aside = await store.work(_set_aside, datetime.now(UTC))
    print(f"set aside {aside.messages} messages that waited; cards are shown anew when the bot starts")
    print(held_back(aside.broadcasts), end="")
    return 0


def _set_aside(stores: Stores, now: datetime) -> SetAside:
    return quarantine(stores.connection, now, [alive_setting(Role.INGRESS)])
