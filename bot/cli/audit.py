"""Check the laws over the whole database: exit 0 when all hold, 1 with a list of what is broken.

With --chain FILE it needs neither database nor settings: it proves that an export of events (`huying export events
--out FILE`) is as it was written down, no line altered, left out or displaced.
"""

import argparse
import sys
from pathlib import Path

from bot.checks.town import town_time
from bot.cli._common import opened, settings
from routing.refusals import NoSuchCase
from storage.audit import Finding, findings
from storage.chain import prove
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("--chain", type=Path, metavar="FILE", help="an export of events in JSON lines, instead")
    parser.add_argument("--seal", metavar="HEX", help="with --chain: the seal that the file has to have")


async def main(args: argparse.Namespace) -> int:
    """Check them."""
    if args.chain is not None:
        return check_chain(args.chain, args.seal)
    if args.seal is not None:
        print("huying: --seal belongs to an exported file; name it with --chain FILE.", file=sys.stderr)
        return 2
    chosen = settings(args)
    async with opened(chosen, read_only=True) as store:
        broken = await store.read(broken_laws, chosen.clock_speed)
    for line in broken:
        print(line)
    print(f"{len(broken)} findings" if broken else "All laws hold.")
    return 1 if broken else 0


def check_chain(file: Path, seal: str | None) -> int:
    """Prove an exported log; *seal* is what its seal was when somebody wrote it down."""
    try:
        with file.open(encoding="utf-8") as lines:
            proof = prove(lines)
    except (OSError, UnicodeDecodeError) as error:
        print(f"huying: {file} cannot be read: {error}.", file=sys.stderr)
        return 2
    faults = list(proof.faults)
    if seal is not None and seal != proof.seal:
        faults.append(f"the seal of this file is {proof.seal}, and not the one given: it is another export, or altered")
    for fault in faults:
        print(fault)
    whole = f"{proof.lines} lines of {len(proof.heads)} cases, seal {proof.seal}"
    print(f"{len(faults)} findings" if faults else f"The chain is whole: {whole}.")
    return 1 if faults else 0


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
