"""Check the laws over the whole database: exit 0 when all hold, 1 with a list of what is broken.

With --chain FILE it needs neither database nor settings: it proves that an export of events (`huying export events
--out FILE`) is as it was written down, no line altered, left out or displaced; with several files, the oldest first,
that each of them goes on from where the one before it ended.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bot.checks.town import town_time
from bot.cli._common import opened, settings
from routing.refusals import NoSuchCase
from storage.audit import Finding, findings
from storage.chain import Proof, prove
from storage.stores import Stores


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument(
        "--chain",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="exports of events in JSON lines, the oldest first, instead",
    )
    parser.add_argument("--seal", metavar="HEX", help="with --chain: the seal that the first file has to have")


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


def check_chain(files: Sequence[Path], seal: str | None) -> int:
    """Prove exported logs, the oldest first; *seal* is what the first one's was when somebody wrote it down."""
    faults, before = 0, Proof()
    for file in files:
        try:
            with file.open(encoding="utf-8") as lines:
                proof = prove(lines, before.heads)
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
            print(f"huying: {file} cannot be read: {why}.", file=sys.stderr)
            return 2
        faults += _tell(file if len(files) > 1 else None, proof, seal if file is files[0] else None)
        before = proof
    if faults:
        print(f"{faults} findings")
    return 1 if faults else 0


def _tell(file: Path | None, proof: Proof, seal: str | None) -> int:
    """Print what is wrong with one export, or that nothing is; returns how many faults it has."""
    where = f"{file}: " if file else ""
    faults = list(proof.faults)
    if seal is not None and seal != proof.seal:
        faults.append(f"the seal of this file is {proof.seal}, and not the one given: it is another export, or altered")
    for fault in faults:
        print(f"{where}{fault}")
    if not faults:
        print(f"{where}The chain is whole: {proof.lines} lines of {len(proof.heads)} cases, seal {proof.seal}.")
    return len(faults)


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
