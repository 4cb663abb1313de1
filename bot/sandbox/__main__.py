"""`python -m bot.sandbox`: the sandbox by itself, for trying any bot against it."""

import argparse
import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path

from bot.sandbox.sandbox import Sandbox


def main() -> None:
    """Listen until interrupted; says where."""
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox", description="A local Telegram for bots.")
    parser.add_argument("--port", type=int, default=8081, help="where to listen; 0 = any free port")
    parser.add_argument("--strict", action="store_true", help="enforce Telegram's flood limits")
    parser.add_argument("--state", type=Path, help="a folder to keep the world in")
    parser.add_argument("--bot", default="42:SANDBOX", help="the token of the bot that is there from the start")
    chosen = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(Sandbox(chosen.port, strict=chosen.strict, state=chosen.state), chosen.bot))


async def _run(sandbox: Sandbox, token: str) -> None:
    async with sandbox:
        if not sandbox.exchange.world.bots:
            _furnish(sandbox, token)
        sys.stdout.write(f"The sandbox listens on {sandbox.url} (Bot API: {sandbox.url}/bot{token}/getMe)\n")
        sys.stdout.flush()
        await _told_to_stop()


async def _told_to_stop() -> None:
    """Return when the process is asked to end, so that the world is saved."""
    stop = asyncio.Event()
    with suppress(NotImplementedError):  # no signals on Windows: there only an interrupt ends it
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


def _furnish(sandbox: Sandbox, token: str) -> None:
    """A bot, two people and a group to begin with."""
    bot = sandbox.add_bot("Sample Bot", "sample_bot", token)
    li = sandbox.add_person("Li Sample", "li_sample", "zh")
    zhang = sandbox.add_person("Zhang Sample", "zhang_sample", "en")
    group = sandbox.add_group("Sample group", li, members=[zhang])
    sandbox.seat(group, bot, admin=True)


if __name__ == "__main__":
    main()
