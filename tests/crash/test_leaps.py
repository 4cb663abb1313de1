"""The clock of a running program is set forward and back: what is due rings at once, once, and work goes on.

Its process asks a file how wrong its clock is; the machine's own is left alone.
"""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path

import pytest

from bot.cli._common import opened
from bot.settings import Settings
from storage.stores import Stores
from tests.crash.crowd import PATIENCE_S, Crowd
from tests.crash.test_kill import all_handled, running, told_wrongly, unended

pytestmark = pytest.mark.crash
WRONG_CLOCK = """
import time
_time, _time_ns = time.time, time.time_ns
def _wrong_by():
    try:
        with open("wrong-by") as file:
            return float(file.read())
    except OSError:
        return 0.0
time.time = lambda: _time() + _wrong_by()
time.time_ns = lambda: _time_ns() + int(_wrong_by() * 1e9)
"""
HOUR_S = 3_600.0
"""Ten hours of the town, whose clock runs ten times as fast: every case that nobody took is overdue then."""
LATEST_S = 10.0


async def test_clocks_ring_at_once_and_once_however_the_time_is_set(tmp_path: Path) -> None:
    async with running(tmp_path, by_webhook=False, prelude=WRONG_CLOCK) as (crowd, program, settings):
        unclaimed = [await nobody_takes(crowd, number) for number in range(3)]
        await all_handled(crowd.sandbox, settings)
        assert await rung(settings) == Counter()

        set_clock(tmp_path, HOUR_S)
        late_s = await until_rung(crowd, settings, len(unclaimed))
        first = await rung(settings)
        for wrong_by_s in (0.0, HOUR_S, 0.0):
            set_clock(tmp_path, wrong_by_s)
            await crowd.report()
            await crowd.finish()  # a case whose life spans the leap back would be as old as its clock was wrong
        await all_handled(crowd.sandbox, settings)
        print(f"{late_s:.1f} s after the clock was set forward all {len(first)} had rung")  # noqa: T201 - a figure

        assert late_s <= LATEST_S
        again = await rung(settings)
        assert {case: again[case] for case in first} == first, "none rang again for the same moment"
        assert await program.stop() == 0
        assert await told_wrongly(settings, [*crowd.reports]) == [f"{len(crowd.reports) + 3} cases of 3 reports"]
        assert await unended(settings, crowd.reports) == []
        assert await program.audit() == (0, "All laws hold.\n")
        assert crowd.board.doubles == 0


async def nobody_takes(crowd: Crowd, number: int) -> int:
    """Somebody reports what nobody will take; returns the number of the message."""
    who = crowd._town.residents(crowd._grids[0])[number]
    group = crowd._town.chats[crowd._grids[0]]
    sent = await crowd.sandbox.act(who, "send_text", chat=group.id, text=f"/report {number + 1}号楼楼道灯坏了")
    return int(sent["message_id"])


def set_clock(folder: Path, wrong_by_s: float) -> None:
    """From now on the clock of the program in *folder* is wrong by so much."""
    (folder / "new").write_text(str(wrong_by_s))
    os.replace(folder / "new", folder / "wrong-by")  # noqa: PTH105 - at once, for whoever is just reading


async def rung(settings: Settings) -> Counter[int]:
    """How often the time to respond has rung for each case: once when it is over, and once for a multiple of it."""
    async with opened(settings, read_only=True) as store:
        return await store.read(_rung)


def _rung(stores: Stores) -> Counter[int]:
    sql = "SELECT case_id FROM log WHERE event = 'DeadlinePassed' AND data LIKE '%respond%'"
    return Counter(case for (case,) in stores.connection.exec_driver_sql(sql))


async def until_rung(crowd: Crowd, settings: Settings, count: int) -> float:
    """Wait until so many have rung; returns for how many seconds."""
    hub, begun = crowd.sandbox.exchange.hub, time.monotonic()
    async with asyncio.timeout(PATIENCE_S):
        while len(await rung(settings)) < count:
            seen = hub.changes
            await hub.until(lambda seen=seen: hub.changes > seen, 1.0)  # type: ignore[misc]  # a default binds it
    return time.monotonic() - begun
