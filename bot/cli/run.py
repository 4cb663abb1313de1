"""Run the bot until it is stopped (Ctrl-C or SIGTERM).

It polls Telegram, or with HUYING_WEBHOOK_URL set takes webhooks at POST /telegram/<bot id>; /healthz, /readyz and
/metrics are beside it. Over PostgreSQL several may run at once, each with all roles or with some of them.
"""

import argparse
import asyncio
from pathlib import Path

from bot import stacks
from bot.app import Huying
from bot.cli._common import settings
from bot.logs import configure, hear_what_nobody_caught
from bot.roles import Role, roles_of
from bot.safety import refuse_unsafe
from bot.signals import heed


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument(
        "--migrate", action="store_true", help="bring the database up to date first, or make it when there is none"
    )
    parser.add_argument(
        "--roles",
        metavar="ROLES",
        default=",".join(Role),
        help="what this program does of the whole, with commas between: %(default)s (that is all; a part needs "
        "PostgreSQL)",
    )


async def main(args: argparse.Namespace) -> int:
    """Start, say where it listens, and stay until the signal."""
    chosen = settings(args).with_tokens()
    configure(chosen.log, chosen.secrets)
    hear_what_nobody_caught()
    stacks.heed()
    await refuse_unsafe(chosen, args.env, Path("huying.toml"))
    app = Huying(chosen, roles=roles_of(args.roles), migrate=args.migrate)
    heed(app.stop)
    try:
        async with app:
            names = ", ".join(f"@{bot.username}" for bot in app.bots.values())
            print(f"{names} is up; health at http://{chosen.http_host}:{app.http_port}/readyz", flush=True)
            await app.run_until_stopped()
    except asyncio.CancelledError:
        print("stopped while starting; what had begun was ended in good order", flush=True)
    return 0
