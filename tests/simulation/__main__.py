"""Live one history, or several: ``python -m tests.simulation SEED``, ``python -m tests.simulation FIRST-LAST``.

With ``--mutant NAME`` a mistake is planted in the program, and the command ends at the first history that finds it.
"""

import argparse
import logging
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Final

from tests.simulation.history import Outcome, live
from tests.simulation.mutants import MUTANTS

STEPS_S: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 60.0)
"""The columns of the histogram of lateness."""


def main() -> int:
    """Say what was wrong; exit 1 when anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seeds", help="a seed, or a range of them as in 1-500")
    parser.add_argument("--tell", action="store_true", help="print everything that happens")
    parser.add_argument("--log", action="store_true", help="print what the program logs")
    parser.add_argument("--mutant", choices=MUTANTS, help="plant this mistake, and stop when it is found")
    args = parser.parse_args()
    first, _, last = args.seeds.partition("-")
    logging.disable(logging.NOTSET if args.log else logging.CRITICAL)
    if args.log:
        logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    begun, wrong = time.perf_counter(), 0
    outcomes: list[Outcome] = []
    with MUTANTS[args.mutant].plant() if args.mutant else nullcontext():
        for seed in range(int(first), int(last or first) + 1):
            outcome = live(seed, print if args.tell else None)
            outcomes.append(outcome)
            if outcome.wrong:
                wrong += 1
                print(outcome.report(), flush=True)  # noqa: T201 - it is a command
                if args.mutant:
                    break
    print(_summed(outcomes), f"{time.perf_counter() - begun:.0f} s, {wrong} of {len(outcomes)} histories wrong")  # noqa: T201
    for what, late_s in (
        ("clocks", [late for one in outcomes for late in one.lateness_s]),
        ("sends", [late for one in outcomes for late in one.waits_s]),
    ):
        print(_histogram(what, late_s))  # noqa: T201
    if len(outcomes) == 1:
        print(f"trace {outcomes[0].trace}")  # noqa: T201
    return 1 if wrong else 0


def _histogram(what: str, late_s: Sequence[float]) -> str:
    """How many were late by at most so many seconds."""
    shares = (f"<= {step:g} s: {100 * sum(late <= step for late in late_s) / len(late_s):.1f} %" for step in STEPS_S)
    return f"{len(late_s)} {what}: " + (", ".join(shares) + f", at most {max(late_s):.1f} s" if late_s else "none")


def _summed(outcomes: list[Outcome]) -> str:
    names = ("deeds", "updates", "calls", "commits", "faults", "crashes", "stops", "falls", "jumps", "cases", "doubles")
    return ", ".join(f"{sum(getattr(one, name) for one in outcomes)} {name}" for name in names)


if __name__ == "__main__":
    sys.exit(main())
