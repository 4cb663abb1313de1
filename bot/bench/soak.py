"""Memory and open handles of the whole program after a day of town life, with those after half of it.

``HUYING_SOAK_HOURS`` says how long that day takes: 24 is the long form, at the pace of real life; in the full bench the
town's clock runs so fast that it takes six minutes. The short one is a quarter of a day.
"""

import asyncio
import os
import time
from typing import Final

from aiohttp import ClientSession

from bot.bench import Row, Size, at_most
from bot.bench.live import Live, live

MOST_GROWTH: Final = 1.05
GRIDS: Final = 20
FULL_HOURS: Final = 0.1
SHORT_S: Final = 6.0
DAY_H: Final = 24.0
QUARTER_H: Final = 6.0
PAUSE_S: Final = 0.25
REPORT_EVERY: Final = 37  # messages: so that nobody reports more than 20 times in an hour
MEMORY: Final = "process_resident_memory_bytes"
HANDLES: Final = "process_open_fds"
_SUBJECTS: Final = ("楼道灯坏了", "垃圾桶满了没人清", "小区北门路面破损", "健身器材坏了")


async def measure(size: Size) -> list[Row]:
    """Let neighbours talk and report, some four times a second, and look at the process half-way and at the end."""
    hours = float(os.environ.get("HUYING_SOAK_HOURS", str(FULL_HOURS)))
    spent_s, town_h = (SHORT_S, QUARTER_H) if size is Size.SHORT else (hours * 3600, DAY_H)
    async with live(GRIDS, homes=20, speed=max(1.0, town_h * 3600 / spent_s)) as place, ClientSession() as session:
        said = await _live(place, spent_s / 2, 0)
        half = await place.process.counts(session)
        said = await _live(place, spent_s / 2, said)
        whole = await place.process.counts(session)
    figures = {
        "hours": spent_s / 3600,
        "town_hours": max(spent_s / 3600, town_h),
        "messages": float(said),
        "half_mb": half[MEMORY] / 1e6,
        "end_mb": whole[MEMORY] / 1e6,
        "half_handles": half[HANDLES],
        "end_handles": whole[HANDLES],
    }
    half_way, handles = "memory at the end / after half of the time", "open handles at the end / after half of the time"
    return [
        at_most("soak", half_way, whole[MEMORY] / half[MEMORY], MOST_GROWTH, figures),
        at_most("soak", handles, whole[HANDLES] / half[HANDLES], MOST_GROWTH, figures),
    ]


async def _live(place: Live, spent_s: float, said: int) -> int:
    """Let people speak in turn for so long; returns how much has been said by then."""
    end = time.monotonic() + spent_s
    while time.monotonic() < end:
        grid, subject = said % len(place.grids), _SUBJECTS[said // 7 % len(_SUBJECTS)]
        text = f"/report {said}号楼{subject}" if said % REPORT_EVERY == 0 else f"大家早上好 {said}"
        await place.sandbox.act(place.resident(grid), "send_text", chat=place.grids[grid].id, text=text)
        said += 1
        await asyncio.sleep(PAUSE_S)
    return said
