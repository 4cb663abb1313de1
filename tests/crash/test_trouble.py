"""The link to PostgreSQL fails under load, and programs are replaced under load: nothing is lost or doubled."""

import asyncio
import os
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.telegram import IN_FLIGHT
from tests import databases, postgres
from tests.crash.crowd import Crowd
from tests.crash.fleet import sailing
from tests.crash.test_kill import all_handled, some_calls, told_wrongly, unended
from tests.databases import POSTGRESQL, fresh_database
from tests.link import Way, link_to

REPORTS = int(os.environ.get("HUYING_REPORTS", "15"))
SEED = int(os.environ.get("HUYING_CRASH_SEED", "0")) or secrets.randbelow(1_000_000)
PATIENCE_S = 120.0
LONGEST_GAP_S = 3.0
"""So long nobody may take updates in while programs are replaced."""
pytestmark = pytest.mark.crash


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    with databases.on(POSTGRESQL):
        yield fresh_database(tmp_path / "none")


async def _reports(crowd: Crowd, count: int) -> None:
    for _ in range(count):
        await crowd.report()


async def test_whatever_happens_to_the_link_every_report_ends_and_what_came_meanwhile_was_kept_on_disk(
    tmp_path: Path, database: str
) -> None:
    print(f"HUYING_CRASH_SEED={SEED}")  # noqa: T201 - to repeat it
    name = database.rpartition("@/")[2].partition("?")[0]
    async with link_to(await asyncio.to_thread(postgres.server), SEED) as link:
        through = link.url(name)
        async with sailing(tmp_path, database, {"all": ()}, seed=SEED, by_webhook=True, through=through) as sailed:
            crowd, fleet, settings = sailed
            await fleet.up(crowd.sandbox)
            await _reports(crowd, REPORTS // 3)
            await some_calls(crowd.sandbox, 10)
            link.cut()
            await some_calls(crowd.sandbox, 5)
            link.garble(3)
            await some_calls(crowd.sandbox, 5)
            link.way = Way.REFUSED
            link.cut()
            await _reports(crowd, REPORTS // 3)
            spool, hub = fleet["all"].folder / "spool", crowd.sandbox.exchange.hub
            assert await hub.until(lambda: any(spool.glob("*.json")), PATIENCE_S), "what comes now is kept on the disk"
            link.way, begun = Way.OPEN, time.monotonic()
            assert await hub.until(lambda: not any(spool.glob("*.json")), PATIENCE_S)
            recovered_s = time.monotonic() - begun
            link.delay_s = 0.01
            await _reports(crowd, REPORTS - 2 * (REPORTS // 3))
            link.delay_s = 0.0
            await crowd.finish()
            await all_handled(crowd.sandbox, settings)
            await fleet.stop()
            print(f"the spool was empty {recovered_s:.1f} s after the database was back")  # noqa: T201 - a figure

            assert await told_wrongly(settings, crowd.reports) == []
            assert await unended(settings, crowd.reports) == []
            assert await fleet["all"].audit() == (0, "All laws hold.\n")
            assert crowd.board.doubles <= (3 + fleet.given_up) * IN_FLIGHT, "each trouble may leave sends in doubt"


async def test_programs_are_replaced_one_by_one_and_nothing_is_lost_or_said_twice(
    tmp_path: Path, database: str
) -> None:
    print(f"HUYING_CRASH_SEED={SEED}")  # noqa: T201 - to repeat it
    async with sailing(tmp_path, database, {"old": ()}, seed=SEED) as (crowd, fleet, settings):
        await fleet.up(crowd.sandbox)
        await _reports(crowd, REPORTS // 2)
        await fleet.add("new")
        await fleet.up(crowd.sandbox)
        fleet.retire(fleet["old"])
        asked = datetime.now(UTC)
        stopping = asyncio.create_task(fleet["old"].stop())
        await _reports(crowd, REPORTS - REPORTS // 2)
        assert await stopping == 0
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)
        gap_s = (_began(fleet["new"].folder / "bot.log") - asked).total_seconds()
        print(f"{gap_s:.2f} s after it was asked to stop the other one polled")  # noqa: T201 - a figure
        fleet.programs.pop("old")
        assert await fleet.stop() == [0]

        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert gap_s <= LONGEST_GAP_S
        assert crowd.board.doubles <= fleet.given_up * IN_FLIGHT, "whoever stops in good order leaves nothing in doubt"


def _began(log: Path) -> datetime:
    """When a program began to poll."""
    line = next(line for line in log.read_text("utf-8").splitlines() if 'seat taken  seat="poller' in line)
    return datetime.fromisoformat(line.split()[0])
