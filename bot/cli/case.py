"""Show one case with its history and its clocks."""

import argparse
import json
import sys
from typing import Any

from bot.cli._common import opened, settings
from bot.cli.export import as_row
from routing.model import WordsKind
from routing.refusals import NoSuchCase
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("number", type=int)
    parser.add_argument("--json", action="store_true", help="one JSON object")


async def main(args: argparse.Namespace) -> int:
    """Show it."""
    async with opened(settings(args), read_only=True) as store:
        try:
            found = await store.read(describe, args.number)
        except NoSuchCase:
            print(f"huying: There is no case #{args.number}.", file=sys.stderr)
            return 1
    if args.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    for name, value in found.items():
        if not isinstance(value, list):
            print(f"{name}: {'' if value is None else value}")
    print("\nhistory:")
    for line in found["history"]:
        print("  " + "  ".join(str(part) for part in line.values() if part is not None))
    print("\nclocks:")
    for clock in found["clocks"]:
        rings = "paused" if clock["paused"] else f"rings {clock['rings_at'] or 'never'}"
        print(f"  {clock['kind']}  due {clock['due_at']}  {rings}")
    return 0


def describe(stores: Stores, number: int) -> dict[str, Any]:
    """Everything about the case with that number, masked as exports are.

    Raises:
        NoSuchCase: there is none.
    """
    case = stores.cases.by_number(number)
    report = next(iter(stores.words.of(case.id, WordsKind.REPORT)), None)
    row = as_row(stores, case, report.text if report else "")
    local = stores.calendar.local
    row["history"] = [
        {"seq": one.seq, "at": local(one.event.at).isoformat(timespec="seconds"), "event": type(one.event).__name__,
         "unit": one.event.unit, "post": one.event.post and one.event.post.value}
        for one in stores.log.of(case.id)
    ]  # fmt: skip
    row["clocks"] = [
        {"kind": timer.kind.value, "due_at": local(timer.due_at).isoformat(timespec="seconds"), "rings_at":
         timer.next_at and local(timer.next_at).isoformat(timespec="seconds"), "paused": timer.paused_at is not None}
        for timer in stores.timers.of(case.id)
    ]  # fmt: skip
    return row
