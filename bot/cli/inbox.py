"""Show updates that wait or were set aside; let those be tried again, or give them up.

An update that failed three times is set aside so that the others go on. One that was kept on the disk while the
database was away, and could not be taken in afterwards, stays there, in `spool`. What somebody wrote in it is shown
with --raw only. To let it be tried again, or to give it up, stop the bot, and start it afterwards. What is given up is
deleted, and nobody is told: if it was a report, file it yourself first. What came to a bot that nobody serves any more
is not tried again: see it with --raw, file what matters yourself, and give it up with --drop. After
`retention.case_days` all of it goes by itself.
"""

import argparse
import json
import sys
from collections.abc import Collection
from typing import Any

import orjson

from bot.checks.finding import some
from bot.cli._common import opened, settings
from bot.settings import Settings
from bot.spool import spool_of
from routing.membership import is_retired
from storage.inbox import SetAside
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--revive", metavar="BOT:ID", help="let this update, or with `all` every one, be tried again")
    what.add_argument("--drop", metavar="BOT:ID", help="delete this update, or with `all` every one, unhandled")
    what.add_argument("--raw", metavar="BOT:ID", help="print this update as Telegram sent it; people's words and all")
    parser.add_argument("--json", action="store_true", help="one JSON object")


async def main(args: argparse.Namespace) -> int:
    """Do one of the four; 1 when the update that was named is not among those set aside, or can't be tried again."""
    chosen_settings = settings(args)
    async with opened(chosen_settings, read_only=not (args.revive or args.drop)) as store:
        aside, waiting = await store.read(_look)
        spool = spool_of(chosen_settings)
        spool.seal_with(store.ring)
        on_disk = list(spool.aside())
        aside += on_disk
        wanted = args.revive or args.drop or args.raw
        chosen = aside if wanted == "all" else [one for one in aside if name_of(one) == wanted]
        if wanted and not chosen and wanted != "all":
            print(
                f"huying: Nothing that is called {wanted} was set aside. `huying inbox` lists what was.",
                file=sys.stderr,
            )
            return 1
        if args.revive or args.drop:
            in_rows, in_files = (_revive, spool.revive) if args.revive else (_drop, spool.dismiss)
            lost = await store.read(_unserved, chosen, chosen_settings) if args.revive else set()
            stay, chosen = ([one for one in chosen if (one.bot in lost) is gone] for gone in (True, False))
            await store.work(in_rows, [one for one in chosen if one not in on_disk])
            for one in on_disk:
                if one in chosen:
                    in_files(one.bot, one.update_id)
            print(
                f"{len(chosen)} " + ("will be tried again at the next start." if args.revive else "deleted, unhandled.")
            )
            if stay:
                print(some(len(stay), "stays: its bot has", "stay: their bot has") + " no token; see --raw, --drop.")
            return 1 if stay and not chosen else 0
    if args.raw:
        for one in chosen:
            print(one.raw.decode("utf-8", "replace"))
        return 0
    figures = {"waiting": waiting, "set_aside": [describe(one) for one in aside]}
    if args.json:
        print(json.dumps(figures))
        return 0
    print(f"waiting    {waiting}\nset aside  {len(aside)}")
    for one in aside:
        print("  " + "  ".join(str(value) for value in describe(one).values()))
    return 0


def name_of(one: SetAside) -> str:
    """How the command line names it."""
    return f"{one.bot}:{one.update_id}"


def describe(one: SetAside) -> dict[str, Any]:
    """What may be shown of it: which, since when, of what kind, and why; nothing that somebody wrote."""
    return {
        "update": name_of(one),
        "set_aside_at": one.finished_at.isoformat(timespec="seconds"),
        "kind": _kind(one.raw),
        "error": one.error,
    }


def _kind(raw: bytes) -> str:
    """The kind of update, if its bytes are one at all."""
    try:
        update = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return "unreadable"
    return next((key for key in update if key != "update_id"), "empty") if isinstance(update, dict) else "unreadable"


def _look(stores: Stores) -> tuple[list[SetAside], int]:
    return list(stores.inbox.aside(max(stores.inbox.set_aside(), 1))), stores.inbox.waiting()


def _unserved(stores: Stores, chosen: Collection[SetAside], given: Settings) -> set[int]:
    """Their bots for which nobody would handle anything; on a server others may, until they are given up."""
    strangers = {one.bot for one in chosen} - set(given.bot_ids)
    return {bot for bot in strangers if given.database_file is not None or is_retired(stores, bot)}


def _drop(stores: Stores, chosen: list[SetAside]) -> None:
    for one in chosen:
        stores.inbox.dismiss(one.bot, one.update_id)


def _revive(stores: Stores, chosen: list[SetAside]) -> None:
    for one in chosen:
        stores.inbox.revive(one.bot, one.update_id)
