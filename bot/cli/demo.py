"""Start a local Telegram, the bot and a sample town, and open the page where you play everybody.

Nothing leaves this machine: no account and no token are needed. --city shows a town in the shape of one of the
published cities, by its policy. The state is kept in a folder, one for each city, so that a second start goes on where
the first one ended; --fresh begins anew.
"""

import argparse
import asyncio
import os
import shutil
import sys
import webbrowser
from pathlib import Path
from typing import Final

from bot.logs import configure
from bot.sample.showing import showing
from bot.sample.town import USUAL, cities
from bot.sandbox import CannotListen, Sandbox
from bot.settings import SettingsError

MARK: Final = ".huying-demo"
"""A file that shows that a folder is the demo's own, and may be cleared by --fresh."""
LOG: Final = "huying.log"
FOLDER: Final = "huying-demo"
"""Where the usual town's state is kept; a city's is kept beside it, under its name."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--city", choices=cities(), default=USUAL, help="the shape of the town")
    parser.add_argument("--port", type=int, default=8088, help="of the chat page (0: any free one)")
    parser.add_argument("--fresh", action="store_true", help="forget the town's past and begin anew")
    parser.add_argument("--folder", type=Path, help=f"where the state is kept ({FOLDER}, or {FOLDER}-CITY)")
    parser.add_argument("--speed", type=float, default=1.0, help="run the town's clock this many times faster")
    parser.add_argument("--no-browser", action="store_true", help="print the address and open nothing")


async def main(args: argparse.Namespace) -> int:
    """Run until it is stopped.

    Raises:
        SettingsError: the folder is not the demo's, or nobody can listen at the port.
    """
    folder = _folder(args.folder or Path(_usual_folder(args.city)), fresh=args.fresh)
    with (folder / LOG).open("a", encoding="utf-8", buffering=1) as log:
        configure(stream=log)
        try:
            return await _show(args, folder)
        except CannotListen as error:
            advice = "Is another demo running? Stop it, or choose another port with --port; 0 is any free one."
            raise SettingsError(f"{error} {advice}") from None


async def _show(args: argparse.Namespace, folder: Path) -> int:
    async with _sandbox(args.port, folder) as sandbox:
        print(f"Starting the sample town ({args.city}); the first time it gets its first cases …", flush=True)
        async with showing(sandbox, args.city, folder, speed=args.speed) as app:
            _invite(sandbox, folder, browser=not args.no_browser)
            await app.run_until_stopped()
    return 0


def _usual_folder(city: str) -> str:
    return FOLDER if city == USUAL else f"{FOLDER}-{city}"


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


def _invite(sandbox: Sandbox, folder: Path, *, browser: bool) -> None:
    page = f"{sandbox.url}/#{sandbox.tour['steps'][0]['panes']}"
    print(f"\nHuying is running. Open this page:\n\n    {page}\n")
    print("Several people's phones stand side by side. The button Tour shows you around, with a story of this town;")
    print("the name above a pane makes you anybody else. Try: /report 3号楼楼道灯坏了")
    print("Stop with Ctrl-C; the next start goes on from here.")
    print(f"What the program has to say to its operator goes to {folder / LOG}.\n", flush=True)
    if browser and (sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY")):
        asyncio.get_running_loop().run_in_executor(None, webbrowser.open, page)
