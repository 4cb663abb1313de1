"""Check the laws over the whole database: exit 0 when all hold, 1 with a list of what is broken."""

import argparse

from bot.cli._common import opened, settings
from storage.audit import Finding, findings
from storage.stores import Stores


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """The command has no arguments."""


async def main(args: argparse.Namespace) -> int:
    """Check them."""
    async with opened(settings(args), read_only=True) as store:
        broken = await store.read(_all)
    for finding in broken:
        where = f"case {finding.case}: " if finding.case is not None else ""
        print(f"{finding.law}: {where}{finding.detail}")
    print(f"{len(broken)} findings" if broken else "All laws hold.")
    return 1 if broken else 0


def _all(stores: Stores) -> list[Finding]:
    return list(findings(stores))
