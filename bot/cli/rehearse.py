"""Let the sample town live through the messages of a file, and print the figures.

FILE is a table (.csv in UTF-8, or .xlsx) with the columns id, author, title, posted_at and body. Each message is filed
by its author through a local Telegram, claimed, resolved and rated; nothing leaves this machine. Exit 1 when a report
was lost or doubled, got stuck, or a law is broken.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from bot.rehearsal.conduct import Options, rehearse
from bot.rehearsal.feed import FeedLost
from bot.rehearsal.process import BotFailed
from bot.rehearsal.rows import BadRows, read_rows
from bot.rehearsal.table import table
from bot.settings import SettingsError

FAILED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    usual = Options()
    parser.add_argument("file", type=Path, metavar="FILE", help="the messages")
    parser.add_argument("--seed", type=int, default=usual.seed, help="of everything that people decide")
    parser.add_argument("--limit", type=_positive, metavar="N", help="only the N oldest messages")
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
    options = Options(args.seed, args.at_once, args.speed, args.patience)
    with _folder(args.keep) as folder, _progress(len(rows)) as advance:
        try:
            figures = asyncio.run(rehearse(rows, folder, options, advance))
        except (BotFailed, FeedLost) as failure:
            raise SettingsError(str(failure)) from failure
    if args.json:
        print(orjson.dumps(figures, option=orjson.OPT_INDENT_2).decode())
    else:
        Console().print(table(figures))
    broken = ("lost", "doubled", "unasked", "stuck", "findings", "poison")
    return FAILED if any(figures[name] for name in broken) else 0


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """The folder of the rehearsal: a new one that is kept, or one that goes when the rehearsal ends.

    Raises:
        SettingsError: the one to keep has something in it.
    """
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="huying-rehearsal-") as name:
            yield Path(name)
        return
    if keep.exists() and any(keep.iterdir()):
        raise SettingsError(f"{keep} is not empty. Choose another folder with --keep.")
    keep.mkdir(parents=True, exist_ok=True)
    yield keep.resolve()


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
