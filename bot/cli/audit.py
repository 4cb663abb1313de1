"""Check the laws over the whole database: exit 0 when all hold, 1 with a list of what is broken."""

import argparse

from bot.checks.town import town_time
from bot.cli._common import opened, settings
from routing.refusals import NoSuchCase
from storage.audit import Finding, findings
from storage.stores import Stores


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """The command has no arguments."""


async def main(args: argparse.Namespace) -> int:
    """Check them."""
    chosen = settings(args)
    async with opened(chosen, read_only=True) as store:
        broken = await store.read(broken_laws, chosen.clock_speed)
    for line in broken:
        print(line)
    print(f"{len(broken)} findings" if broken else "All laws hold.")
    return 1 if broken else 0


def broken_laws(stores: Stores, speed: float) -> list[str]:
    """A line for everything that must not be; *speed* is that of the town's clock."""
    return [f"{one.law}: {_where(stores, one)}{one.detail}" for one in findings(stores, town_time(stores, speed))]


def _where(stores: Stores, finding: Finding) -> str:
    """The case by its public number; one that cannot be read by its id."""
    if finding.case is None:
        return ""
    try:
        return f"case #{stores.cases.get(finding.case).number}: "
    except (NoSuchCase, ValueError, TypeError, KeyError):
        return f"case with id {finding.case}: "
