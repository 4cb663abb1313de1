"""What commands that print sheets share: the bot's address, the folder, and names of files."""

import argparse
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from telegram.error import TelegramError

from bot.checks.api import line_to
from bot.failures import classify
from bot.settings import Settings

_USERNAME: Final = re.compile(r"@?([A-Za-z][A-Za-z0-9_]{3,31})")


class Unmade(Exception):
    """Nothing was printed; the text says why and what to do."""


def add_arguments_of_prints(parser: argparse.ArgumentParser) -> None:
    """The arguments that all of them have."""
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where to; made if it is not there")
    parser.add_argument("--grid", metavar="CODE", help="only this grid")
    parser.add_argument(
        "--force", action="store_true", help="write into a folder that is not empty; nothing is overwritten"
    )
    parser.add_argument("--username", help="the bot's, when Telegram can't be asked")


async def usernames(chosen: Settings, given: str | None) -> Mapping[int, str]:
    """The bots' usernames by id, the first bot first."""
    if given is not None:
        match = _USERNAME.fullmatch(given)
        if match is None:
            raise Unmade(f"{given!r} is no username; it looks like my_town_bot.")
        return dict.fromkeys(chosen.bot_ids or (0,), match[1])
    chosen = chosen.with_tokens()
    names = {}
    for token, bot in zip(chosen.bot_token, chosen.bot_ids, strict=True):
        try:
            async with line_to(token, chosen.api_url) as line:
                names[bot] = str((await line.call("getMe", {}))["username"])
        except TelegramError as error:
            reason = classify(error).reason
            raise Unmade(f"Telegram does not say what bot {bot} is called ({reason}); give --username NAME.") from error
    return names


def prepare(folder: Path, *, force: bool) -> None:
    """Have a folder that can be written, before anything is issued that would be lost."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not force:
            raise Unmade(f"{folder} is not empty; choose another folder, or --force to write into it.")
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise Unmade(f"{folder} cannot be written: {error.strerror}.") from error


def fresh(folder: Path, stem: str, ending: str) -> Path:
    """A file that is not there yet, named like *stem*; whatever that is made of, it never leaves *folder*."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", stem)[:60].strip("-")
    number, path = 1, folder / f"{plain}{ending}"
    while path.exists():
        number += 1
        path = folder / f"{plain}-{number}{ending}"
    return path
