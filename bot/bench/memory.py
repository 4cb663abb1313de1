"""B5: memory after 100,000 updates of 1,000 grids, and how much of it the second half added."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from bot.bench import Row, Size, at_most
from bot.bench.machine import resident_mb
from bot.bench.stand import Stand, resident, stand
from bot.bench.updates import chatter, report

MOST_MB = 160.0
MOST_GROWTH = 1.05
ONE_IN = 20  # updates that are a report; the rest is what neighbours say to one another
LOT = 1_000


async def measure(size: Size) -> list[Row]:
    """Feed the updates lot by lot, so that only the bot's own memory is left."""
    grids, updates = (50, 2_000) if size is Size.SHORT else (1_000, 100_000)
    with tempfile.TemporaryDirectory(prefix="huying-bench-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "town.db"
        await _migrated(path)
        async with stand(grids, path=path) as place:
            await _feed(place, range(1, updates // 2))
            half = resident_mb()
            await _feed(place, range(updates // 2, updates + 1))
            whole = resident_mb()
    figures = {"mb_after_half": half, "mb_at_the_end": whole, "updates": float(updates), "grids": float(grids)}
    return [
        at_most("memory", f"megabytes at the end / {MOST_MB:g}", whole / MOST_MB, 1.0, figures),
        at_most("memory", "memory at the end / after half of the updates", whole / half, MOST_GROWTH, figures),
    ]


async def _migrated(path: Path) -> None:
    """Make the tables in a process of its own, as an operator does: a running bot does not remember how."""
    code = f"from storage.schema import migrate; migrate({f'sqlite+aiosqlite:///{path}'!r})"
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=environ)
    if await process.wait():
        raise AssertionError("the database could not be made")


async def _feed(place: Stand, numbers: range) -> None:
    for first in range(numbers.start, numbers.stop, LOT):
        lot = range(first, min(first + LOT, numbers.stop))
        await place.feed([_update(place, number) for number in lot])


def _update(place: Stand, number: int) -> bytes:
    grid = number % len(place.chats)
    person = resident(grid + 1, number // len(place.chats) % 400)
    make, text = (report, "3号楼楼道灯坏了") if number % ONE_IN == 0 else (chatter, f"大家早上好 {number}")
    return make(number, place.chats[grid], person, text)
