"""Measure this machine: ratios against the bare minimum of the same work, in one run.

A figure alone says little, because machines differ; a ratio inside one run says more. What each bench does, and its
target, stands in docs/benchmarks.md.
"""

import argparse
import asyncio
import json
import sys

from bot.bench import TAKES_HOURS, Row, Size, bench, benches
from bot.bench.machine import describe


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one or more of: {', '.join(benches())}")
    parser.add_argument("--short", action="store_true", help="seconds instead of minutes; the ratios are rougher")
    parser.add_argument("--json", action="store_true", help="one JSON object")


async def main(args: argparse.Namespace) -> int:
    """Run them one after another and print a table; 1 when a target was missed."""
    try:
        chosen = {name: bench(name) for name in args.names or _usual(_size(args))}
    except LookupError as error:
        print(f"huying: {error}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name, measure in chosen.items():
        print(f"{name} …", file=sys.stderr, flush=True)
        rows += await measure(_size(args)) if len(chosen) == 1 else await _apart(name, _size(args))
    if args.json:
        print(json.dumps({"machine": describe(), "size": _size(args), "rows": [row.as_json() for row in rows]}))
    else:
        _print(rows)
    return 1 if any(row.met is False for row in rows) else 0


def _usual(size: Size) -> list[str]:
    """Every bench; in full size without those that take hours, and says so."""
    left_out = TAKES_HOURS if size is Size.FULL else frozenset()
    for name in sorted(left_out):
        print(f"{name} takes hours and is left out; `huying bench {name}` runs it", file=sys.stderr, flush=True)
    return [name for name in benches() if name not in left_out]


def _size(args: argparse.Namespace) -> Size:
    return Size.SHORT if args.short else Size.FULL


async def _apart(name: str, size: Size) -> list[Row]:
    """One bench in a process of its own: what an earlier one left in memory must not count."""
    words = ["bench", name, "--json", *(["--short"] if size is Size.SHORT else [])]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, complaint = await process.communicate()
    if process.returncode not in (0, 1):
        raise RuntimeError(f"bench {name} failed: {complaint.decode('utf-8', 'replace')[-2000:]}")
    return [Row(**row) for row in json.loads(out)["rows"]]


def _print(rows: list[Row]) -> None:
    for name, value in describe().items():
        print(f"{name:<20} {value}")
    for row in rows:
        verdict = {True: "reached", False: "MISSED", None: ""}[row.met]
        ratio = "" if row.ratio is None else f"{row.ratio:.3g}"
        print(f"\n{row.bench}: {row.what}")
        print(f"    ratio {ratio}  {row.target}  {verdict}".rstrip())
        for name, figure in row.figures.items():
            print(f"    {name:<32} {figure:>14,.2f}")
