"""How long seats stay empty: ``python -m tests.tools.fail_over [TIMES]``.

Two whole programs on one PostgreSQL database. Again and again the one that polls, sends and rings the clocks is killed
(SIGKILL), and then made to stand still (SIGSTOP), as when its machine is gone; printed is after how many seconds the
other one has begun to do each of the three.
"""

import asyncio
import contextlib
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests import databases
from tests.crash.crowd import Crowd
from tests.crash.fleet import Fleet, sailing
from tests.databases import POSTGRESQL, fresh_database

SEATS = {"poller", "courier", "ticker"}
LONGEST_S = 60.0


async def main(times: int) -> None:
    """Measure both ways, and print."""
    for how in ("killed", "stands still"):
        with tempfile.TemporaryDirectory() as folder, databases.on(POSTGRESQL):
            waits = await measured(Path(folder), how, times)
        for seat, seconds in sorted(waits.items()):
            figures = f"{min(seconds):.2f} / {statistics.median(seconds):.2f} / {max(seconds):.2f}"
            print(f"{how}: {seat} min / median / max {figures} s of {times}")  # noqa: T201 - figures


async def measured(folder: Path, how: str, times: int) -> dict[str, list[float]]:
    """Take the seats away from whoever has them so many times; returns the seconds of each until it was taken again."""
    waits = defaultdict[str, list[float]](list)
    database = fresh_database(folder / "none")
    async with sailing(folder, database, {"one": ()}, seed=1) as (crowd, fleet, _):
        await _until(lambda: set(fleet.seats("one")) == SEATS)
        await fleet.add("other")  # it comes last, so every seat is the first one's
        await fleet.up(crowd.sandbox)
        for _ in range(times):
            for seat, seconds in (await _taken_away(crowd, fleet, how)).items():
                waits[seat].append(seconds)
        await crowd.finish()
    return waits


async def _taken_away(crowd: Crowd, fleet: Fleet, how: str) -> dict[str, float]:
    owner, other = sorted(fleet.programs, key=lambda name: -max(_begun(fleet, name)))
    old = fleet[owner]
    fleet.retire(old)
    began = datetime.now(UTC)
    if how == "killed":
        await old.kill()
    else:
        old.pause()
    await crowd.report()
    await _until(lambda: sum(at > began.timestamp() for at in _begun(fleet, other)) == len(SEATS))
    seconds = {seat: (at - began).total_seconds() for seat, at in fleet.seats(other).items()}
    await old.end()
    fleet.revive(old)
    log = old.folder / "bot.log"
    said = log.stat().st_size
    await fleet.begin(old)
    await _until(lambda: b"is up" in log.read_bytes()[said:])
    return seconds


def _begun(fleet: Fleet, name: str) -> list[float]:
    return [at.timestamp() for at in fleet.seats(name).values()] or [0.0]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(LONGEST_S):
        while not holds():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 5))
