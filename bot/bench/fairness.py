"""One group, or one person, floods the bot: how much longer the others wait for what they ask."""

import asyncio
import time
from collections.abc import Sequence
from statistics import median

import orjson

from bot.bench import Row, Size, at_most
from bot.bench.stand import BOT, USERNAME, Stand, resident, stand
from bot.bench.updates import mention, private

LONGEST_S = 1.0
GRIDS = 40
LOOK_S = 0.001


async def measure(size: Size) -> list[Row]:
    """Reports of other groups, one at a time, alone and then beside a flood that goes on for longer than they do."""
    flood, asked = (150, 10) if size is Size.SHORT else (3_000, 200)
    rows = []
    async with stand(GRIDS) as place:
        await _others(place, 1, GRIDS)  # so that every statement has been built once
        alone = await _others(place, 1_000, asked)
        for number, (who, raws) in enumerate((("group", _group(place, flood)), ("person", _person(flood))), 1):
            for first in range(0, flood, 100):
                await place.intake.keep([orjson.loads(raw) for raw in raws[first : first + 100]])
            beside = await _others(place, number * 100_000, asked)
            left = await place.store.read(lambda stores: stores.inbox.waiting())
            if not left:
                raise AssertionError("the flood was over before the others had been measured")
            await place.worker.wait_idle()
            figures = {
                "flood": float(flood),
                "left_of_it": float(left),
                "median_s": median(beside),
                "longest_s": max(beside),
                "median_alone_s": median(alone),
                "longest_alone_s": max(alone),
            }
            what = f"longest wait of {asked} others in seconds, while one {who} floods / {LONGEST_S:g}"
            rows.append(at_most("fairness", what, max(beside) / LONGEST_S, 1.0, figures))
    return rows


def _group(place: Stand, count: int) -> Sequence[bytes]:
    """What many people of the first group say to the bot."""
    return [
        mention(10_000 + n, place.chats[0], resident(1, n % 300), USERNAME, f"{n}号楼楼道灯坏了") for n in range(count)
    ]


def _person(count: int) -> Sequence[bytes]:
    """What one person writes in private."""
    return [private(500_000 + n, resident(1, 1), f"{n}号楼楼道灯坏了") for n in range(count)]


async def _others(place: Stand, first: int, count: int) -> list[float]:
    """Seconds from the bytes of a report to its commit, for people of the other groups; one after another."""
    waits = []
    for number in range(first, first + count):
        grid = 1 + number % (GRIDS - 1)
        chat = place.chats[grid]
        update = mention(number, chat, resident(grid + 1, number % 300), USERNAME, "路灯不亮")
        began = time.perf_counter()
        await place.intake.keep([orjson.loads(update)])
        while place.worker.holds(f"{BOT}:{chat}"):  # noqa: ASYNC110 - nobody else tells
            await asyncio.sleep(LOOK_S)
        waits.append(time.perf_counter() - began)
    return waits
