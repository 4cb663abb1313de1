"""Start a local Telegram for any bot: the Bot API over HTTP, people to play, trouble to order, a page to look at.

It needs no settings, no account and no network. docs/sandbox.md tells what it can do and what is unlike Telegram.
"""

import argparse

from bot.sandbox import CannotListen, alone
from bot.settings import SettingsError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    alone.add_arguments(parser)


async def main(args: argparse.Namespace) -> int:
    """Listen until it is stopped.

    Raises:
        SettingsError: nobody can listen there.
    """
    try:
        await alone.serve(args, lambda line: print(line, flush=True))
    except CannotListen as error:
        raise SettingsError(f"{error} Choose another port with --port; 0 is any free one.") from None
    return 0
