"""The sandbox by itself: a server for any bot, with a small world to begin with."""

import argparse
import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from bot.sandbox.clock import ManualClock
from bot.sandbox.sandbox import Sandbox

TOKEN: Final = "42:SANDBOX"  # noqa: S105 - an invented token


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command line of a sandbox by itself."""
    parser.add_argument("--port", type=int, default=8081, help="where to listen (0: any free port)")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on; there is no password")
    parser.add_argument("--strict", action="store_true", help="enforce Telegram's flood limits")
    parser.add_argument("--state", type=Path, metavar="DIR", help="keep the world in this folder between two runs")
    parser.add_argument("--manual-clock", action="store_true", help="let time stand still until it is told to move")
    parser.add_argument("--bot", default=TOKEN, metavar="TOKEN", help="token of the bot that a new world has")


async def serve(args: argparse.Namespace, say: Callable[[str], None]) -> None:
    """Listen until the process is told to stop; *say* is told where, once somebody can call there."""
    clock = ManualClock() if args.manual_clock else None
    async with Sandbox(args.port, strict=args.strict, clock=clock, state=args.state, host=args.host) as sandbox:
        if not sandbox.exchange.world.bots:
            _furnish(sandbox, args.bot)
        say(f"The sandbox listens on {sandbox.url}, the chat page is there too. Stop with Ctrl-C.")
        for bot in sandbox.exchange.world.bots.values():
            say(f"@{bot.username}: {sandbox.url}/bot{bot.token}/getMe")
        await _told_to_stop()


async def _told_to_stop() -> None:
    """Return when the process is asked to end, so that the world is saved."""
    stop = asyncio.Event()
    with suppress(NotImplementedError):  # no signals on Windows: there an interrupt ends it
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


def _furnish(sandbox: Sandbox, token: str) -> None:
    """A bot, two people and a group to begin with."""
    bot = sandbox.add_bot("Sample Bot", "sample_bot", token)
    li = sandbox.add_person("Li Sample", "li_sample", "zh")
    zhang = sandbox.add_person("Zhang Sample", "zhang_sample", "en")
    group = sandbox.add_group("Sample group", li, members=[zhang])
    sandbox.seat(group, bot, admin=True)
