"""List which department owns which matter, or check that every matter has an owner and a limit.

`check` names what nobody owns, what is misnamed, what has no limit, and departments without staff or a desk chat,
each with how to mend it: exit 1 when something is found.
"""

import argparse

from bot.checks import Finding, Level
from bot.checks.catalogue import Offices, gather, judge
from bot.cli._common import opened, settings
from bot.cli._findings import as_json, as_text
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", dest="deed", required=True)
    deeds.add_parser("list", help="every matter with the department that owns it in this town")
    check = deeds.add_parser("check", help="what nobody owns, or nobody would hear of, and how to mend it")
    check.add_argument("--json", action="store_true", help="one JSON object, with every single item")


async def main(args: argparse.Namespace) -> int:
    """Do it."""
    async with opened(settings(args), read_only=True) as store:
        if args.deed == "list":
            print(await store.read(_listed))
            return 0
        findings = await store.read(_judged)
    print(as_json(findings) if args.json else as_text(findings))
    return 1 if any(one.level is Level.FAILURE for one in findings) else 0


def _judged(stores: Stores) -> list[Finding]:
    return list(judge(gather(stores)))


def _listed(stores: Stores) -> str:
    offices = gather(stores)
    return "\n".join(
        f"{code}  {matter.zh}  {matter.department or '-'}  {_owners(offices, code)}"
        for code, matter in sorted(offices.matters.items())
    )


def _owners(offices: Offices, code: str) -> str:
    return ", ".join(f"{unit.name} ({unit.code})" for unit in offices.owners(offices.matters[code])) or "-"
