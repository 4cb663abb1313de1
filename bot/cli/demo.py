"""Start a local Telegram, the bot and a sample town, and open the page where you play everybody.

Nothing leaves this machine: no account and no token are needed. The state is kept in a folder, so that a second start
goes on where the first one ended; --fresh begins anew.
"""

import argparse
import asyncio
import os
import shutil
import sys
import webbrowser
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bot.app import Huying
from bot.cli._common import opened
from bot.sample.story import Stage, play
from bot.sample.tour import tour_of
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Sandbox
from bot.settings import Secret, Settings, SettingsError
from routing.ports import UnitOfWork
from routing.town import load

DEMO_PACE: Final = 5.0
"""A newcomer who plays four people at once should not wait for the limits of one group."""
MARK: Final = ".huying-demo"
"""A file that shows that a folder is the demo's own, and may be cleared by --fresh."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--port", type=int, default=8088, help="of the chat page (0: any free one)")
    parser.add_argument("--fresh", action="store_true", help="forget the town's past and begin anew")
    parser.add_argument("--folder", type=Path, default=Path("huying-demo"), help="where the state is kept")
    parser.add_argument("--speed", type=float, default=1.0, help="run the town's clock this many times faster")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")


async def main(args: argparse.Namespace) -> int:
    """Run until it is stopped."""
    folder = _folder(args.folder, fresh=args.fresh)
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(_sandbox(args.port, folder))
        town = furnish(sandbox)
        sandbox.tour = tour_of(town)
        settings = Settings(
            bot_token=(Secret(TOKEN),),
            api_url=sandbox.url,
            database_url=f"sqlite+aiosqlite:///{folder / 'town.db'}",
            clock_speed=args.speed,
            http_port=0,
            quiet_hours="off",  # a visitor plays everybody, at any hour
        )
        is_new = await _import(settings, town)
        app = await stack.enter_async_context(Huying(settings, pace=DEMO_PACE))
        if is_new:
            print("Filling the sample town with its first cases …", flush=True)
            await Stage(sandbox, town).greet()
            await play(sandbox, town)
        _invite(sandbox, browser=not args.no_browser)
        await app.run_until_stopped()
    return 0


def _sandbox(port: int, folder: Path) -> Sandbox:
    return Sandbox(port=port, state=folder / "telegram")


def _folder(folder: Path, *, fresh: bool) -> Path:
    """The demo's folder, made or cleared.

    Raises:
        SettingsError: it holds something else.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise SettingsError(f"{folder} is not a folder of the demo and is not empty. Choose another with --folder.")
    if fresh and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    return folder


async def _import(settings: Settings, town: SampleTown) -> bool:
    """Load the town's tables; returns whether it was empty before."""
    async with opened(settings, migrate=True) as store:
        return await store.work(_load, town, settings.bot_ids[0])


def _load(uow: UnitOfWork, town: SampleTown, bot: int) -> bool:
    is_new = not uow.units.all()
    load(uow, town.sheets, bot=bot)
    return is_new


def _invite(sandbox: Sandbox, *, browser: bool) -> None:
    page = f"{sandbox.url}/#{sandbox.tour['steps'][0]['panes']}"
    print(f"\nHuying is running. Open this page:\n\n    {page}\n")
    print("A resident, a grid worker and the community desk stand side by side. The button Tour shows you around;")
    print("the name above a pane makes you anybody else. Try: /report 3号楼楼道灯坏了")
    print("Stop with Ctrl-C; the next start goes on from here.\n", flush=True)
    if browser and (sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY")):
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, page)
