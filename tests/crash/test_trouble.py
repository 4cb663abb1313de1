"""PostgreSQL or the link to it fails under load, and programs are replaced under load: nothing is lost or doubled.

The long form, with 40 restarts of the server: ``HUYING_KILLS=40 HUYING_REPORTS=300 pytest FILE``
"""

import asyncio
import os
import secrets
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.telegram import IN_FLIGHT
from storage.engines import database_at
from tests import databases, postgres
from tests.crash.crowd import Crowd
from tests.crash.fleet import IN_THREE, sailing
from tests.crash.test_kill import all_handled, disordered, some_calls, told_wrongly, unended
from tests.databases import POSTGRESQL, fresh_database
from tests.link import Way, link_to

REPORTS = int(os.environ.get("HUYING_REPORTS", "15"))
SEED = int(os.environ.get("HUYING_CRASH_SEED", "0")) or secrets.randbelow(1_000_000)
RESTARTS = int(os.environ.get("HUYING_KILLS", "3"))
PATIENCE_S = 120.0
LONGEST_RECOVERY_S = 30.0
FORGOTTEN = 2
"""So many of the last numbers a server that died gives again: their draws were not on the disk yet."""
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
            assert await disordered(settings) == []
            assert await fleet["all"].audit() == (0, "All laws hold.\n")
            assert crowd.board.doubles <= (3 + fleet.given_up) * IN_FLIGHT, "each trouble may leave sends in doubt"


async def test_when_the_server_is_restarted_under_load_all_programs_go_on_by_themselves(
    tmp_path: Path, database: str
) -> None:
    print(f"HUYING_CRASH_SEED={SEED}")  # noqa: T201 - to repeat it
    async with sailing(tmp_path, database, IN_THREE, seed=SEED, by_webhook=True) as (crowd, fleet, settings):
        await fleet.up(crowd.sandbox)
        recovered_s = []
        for way in islice(cycle(("immediate", "fast")), RESTARTS):
            await _reports(crowd, REPORTS // RESTARTS)
            await some_calls(crowd.sandbox, 10)
            await asyncio.to_thread(postgres.restart, way)
            if way == "immediate":
                await asyncio.to_thread(_forget_numbers, database)
            begun, told = time.monotonic(), await crowd.report()
            await crowd.carded(told)
            recovered_s.append(time.monotonic() - begun)
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)
        lives = fleet.lives
        assert await fleet.stop() == [0] * len(IN_THREE)
        print(f"seconds from the server's start to the card of the next report: {recovered_s}")  # noqa: T201 - figures

        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await disordered(settings) == []
        assert await fleet["worker"].audit() == (0, "All laws hold.\n")
        assert lives == len(IN_THREE) + fleet.given_up, "none ended because the server was away"
        assert crowd.board.doubles <= fleet.given_up * IN_FLIGHT, "none died, so each knows what it has sent"
        assert max(recovered_s) <= LONGEST_RECOVERY_S


def _forget_numbers(database: str) -> None:
    """What a crash seldom does by itself, however often the server is restarted: it takes a filing at that moment."""
    engine = database_at(database).writing()
    with engine.connect() as connection, connection.begin():
        forget = "UPDATE counters SET count = greatest(count - :draws, 0) WHERE counter = 'case number'"
        connection.execute(text(forget), {"draws": FORGOTTEN})
    engine.dispose()


async def test_every_part_of_a_split_is_replaced_in_turn_and_nothing_is_lost_or_said_twice(
    tmp_path: Path, database: str
) -> None:
    print(f"HUYING_CRASH_SEED={SEED}")  # noqa: T201 - to repeat it
    async with sailing(tmp_path, database, IN_THREE, seed=SEED, by_webhook=True) as (crowd, fleet, settings):
        await fleet.up(crowd.sandbox)
        await _reports(crowd, REPORTS - REPORTS // 4 * len(IN_THREE))
        await asyncio.gather(*(fleet.add(f"new {name}", roles) for name, roles in IN_THREE.items()))
        await fleet.up(crowd.sandbox)
        for name in IN_THREE:
            old = fleet[name]
            fleet.retire(old)
            stopping = asyncio.create_task(old.stop())
            await _reports(crowd, REPORTS // 4)
            assert await stopping == 0, name
            fleet.programs.pop(name)
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)
        assert await fleet.stop() == [0] * len(IN_THREE)

        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await disordered(settings) == []
        assert await fleet["new worker"].audit() == (0, "All laws hold.\n")
        assert len(crowd.reports) == REPORTS
        assert crowd.board.doubles <= fleet.given_up * IN_FLIGHT, "whoever stops in good order leaves nothing in doubt"


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
        gap_s = (fleet.seats("new")["poller"] - asked).total_seconds()
        print(f"{gap_s:.2f} s after it was asked to stop the other one polled")  # noqa: T201 - a figure
        fleet.programs.pop("old")
        assert await fleet.stop() == [0]

        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await disordered(settings) == []
        assert gap_s <= LONGEST_GAP_S
        assert crowd.board.doubles <= fleet.given_up * IN_FLIGHT, "whoever stops in good order leaves nothing in doubt"
