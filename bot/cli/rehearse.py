"""Let the sample town live through the messages of a file, and print the figures.

FILE is a table (.csv in UTF-8, or .xlsx) with the columns id, author, title, posted_at and body. Each message is filed
by its author through a local Telegram and goes through the hierarchy, by the levels and the policy of --city, until it
is resolved and rated; nothing leaves this machine. Exit 1 when a report was lost or doubled, got stuck, or a law is
broken.
"""

import argparse
import asyncio
import contextlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bot.rehearsal.conduct import Options, rehearse
from bot.rehearsal.feed import FeedLost
from bot.rehearsal.process import BotFailed
from bot.rehearsal.rows import BadRows, read_rows
from bot.rehearsal.table import table
from bot.sample.town import cities
from bot.settings import SettingsError

FAILED: Final = 1
INTERRUPTED: Final = 130
BROKEN: Final = ("lost", "doubled", "unasked", "stuck", "findings", "poison")
"""The figures that must be 0 or empty."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    usual = Options()
    parser.add_argument("file", type=Path, metavar="FILE", help="the messages")
    parser.add_argument("--seed", type=int, default=usual.seed, help="of everything that people decide")
    parser.add_argument("--city", choices=cities(), default=usual.city, help="the shape of the town")
    parser.add_argument(
        "--rows", "--limit", dest="limit", type=_positive, metavar="N", help="only the N oldest messages"
    )
    parser.add_argument("--at-once", type=_positive, metavar="N", default=usual.at_once, help="reports in flight")
    parser.add_argument("--speed", type=float, metavar="N", default=usual.speed, help="of the town's clock")
    parser.add_argument("--patience", type=float, metavar="SECONDS", default=usual.patience_s, help="of the people")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep database, log and transcripts in this folder")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")


def run(args: argparse.Namespace) -> int:
    """Rehearse; returns the exit code."""
    try:
        rows = read_rows(args.file)[: args.limit]
    except BadRows as bad:
        print(bad, file=sys.stderr)
        return FAILED
    folder = _folder(args.keep)
    options = Options(args.seed, args.at_once, args.speed, args.patience, args.city)
    try:
        with _progress(len(rows)) as advance:
            figures = asyncio.run(_until_stopped(rehearse(rows, folder, options, advance)))
    except (BotFailed, FeedLost) as failure:
        raise SettingsError(str(failure)) from failure
    except (KeyboardInterrupt, asyncio.CancelledError):
        _clear(folder, args.keep)
        return INTERRUPTED
    if args.json:
        print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())
    else:
        Console().print(table(figures))
    if any(figures[name] for name in BROKEN) or figures["held_s"] != figures["age_s"]:
        print(f"huying: something went wrong; what there is to look into is in {folder}", file=sys.stderr)
        return FAILED
    _clear(folder, args.keep)
    return 0


async def _until_stopped(rehearsal: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    """The figures; SIGTERM ends the rehearsal as Ctrl-C does, so that the bot is not left running."""
    task = asyncio.ensure_future(rehearsal)
    with contextlib.suppress(NotImplementedError):  # Windows has no such handlers
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await task


def _folder(keep: Path | None) -> Path:
    """The folder of the rehearsal, an empty one.

    Raises:
        SettingsError: the one to keep has something in it.
    """
    if keep is None:
        return Path(tempfile.mkdtemp(prefix="huying-rehearsal-"))
    if keep.exists() and any(keep.iterdir()):
        raise SettingsError(f"{keep} is not empty. Choose another folder with --keep.")
    keep.mkdir(parents=True, exist_ok=True)
    return keep.resolve()


def _clear(folder: Path, keep: Path | None) -> None:
    """Remove a folder that nobody wanted to keep: it holds what people wrote."""
    if keep is None:
        shutil.rmtree(folder)


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error, one step for each report that has come to its end."""
    columns = (TextColumn("rehearsing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("reports", total=total)
        yield lambda: bar.advance(task)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number
