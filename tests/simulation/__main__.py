"""Live one history, or several: ``python -m tests.simulation SEED``, ``python -m tests.simulation FIRST-LAST``."""

import argparse
import logging
import sys
import time

from tests.simulation.history import Outcome, live


def main() -> int:
    """Say what was wrong; exit 1 when anything was."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seeds", help="a seed, or a range of them as in 1-500")
    parser.add_argument("--tell", action="store_true", help="print everything that happens")
    parser.add_argument("--log", action="store_true", help="print what the program logs")
    args = parser.parse_args()
    first, _, last = args.seeds.partition("-")
    logging.disable(logging.NOTSET if args.log else logging.CRITICAL)
    if args.log:
        logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    begun, wrong = time.perf_counter(), 0
    outcomes: list[Outcome] = []
    for seed in range(int(first), int(last or first) + 1):
        outcome = live(seed, print if args.tell else None)
        outcomes.append(outcome)
        if outcome.wrong:
            wrong += 1
            print(outcome.report(), flush=True)  # noqa: T201 - it is a command
    print(_summed(outcomes), f"{time.perf_counter() - begun:.0f} s, {wrong} of {len(outcomes)} histories wrong")  # noqa: T201
    if len(outcomes) == 1:
        print(f"trace {outcomes[0].trace}")  # noqa: T201
    return 1 if wrong else 0


def _summed(outcomes: list[Outcome]) -> str:
    names = ("deeds", "updates", "calls", "commits", "faults", "crashes", "stops", "falls", "jumps", "cases", "doubles")
    return ", ".join(f"{sum(getattr(one, name) for one in outcomes)} {name}" for name in names)


if __name__ == "__main__":
    sys.exit(main())
