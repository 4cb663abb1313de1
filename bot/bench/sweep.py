"""B4: a sweep of the clocks that finds 100 due among very many open cases, against one among few."""

import time
from datetime import timedelta

from bot.bench import Row, Size, at_most
from bot.bench.crowd import fill, ring_at
from bot.bench.stand import Stand, now, resident, stand
from bot.bench.updates import report
from routing import ticking

TARGET = 1.5
DUE = 100
TURNS = 5


async def measure(size: Size) -> list[Row]:
    """The best of some sweeps in each database; every sweep rings, tells and shows what it must."""
    few, many = (1_000, 10_000) if size is Size.SHORT else (10_000, 1_000_000)
    small, large = await _sweep(few), await _sweep(many)
    figures = {f"seconds_with_{few}": small, f"seconds_with_{many}": large, "due": float(DUE)}
    return [at_most("sweep", f"sweep with {many:,} open cases / with {few:,}", large / small, TARGET, figures)]


async def _sweep(count: int) -> float:
    """Seconds."""
    async with stand(20) as place:
        await populate(place, count)
        spent = []
        for turn in range(TURNS):
            at = now() + timedelta(minutes=turn)
            await ring_at(place.store, DUE, at)
            started = time.perf_counter()
            rang = await place.store.work(ticking.sweep, at, DUE * 2)
            spent.append(time.perf_counter() - started)
            if rang != DUE:
                raise AssertionError(f"{rang} clocks rang instead of {DUE}")
        return min(spent)


async def populate(place: Stand, count: int) -> None:
    """File some cases through the front door and copy them until there are *count*, none of them due for a year."""
    chats = place.chats
    raws = [
        report(n, chats[n % len(chats)], resident(n % len(chats) + 1, n), f"{n}号楼楼道灯坏了") for n in range(1, 101)
    ]
    await place.feed(raws)
    await fill(place.store, count, now() + timedelta(days=365))
