"""Load emergency plans, so that one word at a desk and a second person's yes start everything in them.

A plan is a TOML file: `code`, `name`, perhaps `emergency = true`, and lists of `[[broadcasts]]`, `[[tasks]]` and
`[[rollcalls]]` (docs/broadcasts.md shows one). A plan with the same code is replaced; a fault is named with its key.
"""

import argparse
import sys
from pathlib import Path

from bot.checks.town import town_time
from bot.cli._common import opened, settings
from broadcasts import plans
from broadcasts.plan_files import BadPlan, Plan, read
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a plan as TOML")
    parser.add_argument("--check", action="store_true", help="only say what is wrong")


async def main(args: argparse.Namespace) -> int:
    """Load them all, or none."""
    try:
        texts = [(path.name, path.read_text(encoding="utf-8")) for path in args.files]
        found = [read(name, text) for name, text in texts]
        if not args.check:
            chosen = settings(args)
            async with opened(chosen) as store:
                await store.work(_keep, texts, chosen.clock_speed)
    except (BadPlan, UnicodeDecodeError) as error:
        print(f"huying: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"huying: {error.filename} cannot be read: {error.strerror}.", file=sys.stderr)
        return 1
    for plan in found:
        print(_said(plan, checked=args.check))
    return 0


def _keep(uow: Stores, texts: list[tuple[str, str]], speed: float) -> None:
    at = town_time(uow, speed)
    for name, text in texts:
        plans.keep(uow, name, text, at)


def _said(plan: Plan, *, checked: bool) -> str:
    parts = f"{len(plan.broadcasts)} broadcasts, {len(plan.tasks)} tasks, {len(plan.rollcalls)} roll-calls"
    return f"{plan.code} ({plan.name}) {'is fine' if checked else 'loaded'}: {parts}"
