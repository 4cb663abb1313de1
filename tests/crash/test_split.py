"""The work is shared by several programs; each of them is killed or paused at random moments, and nobody notices.

The long form, for a night: ``HUYING_KILLS=200 HUYING_REPORTS=300 pytest tests/crash/test_split.py``.
``HUYING_CRASH_SEED`` repeats what people do, and which program is killed after how many calls.
"""

import os
import random
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.telegram import IN_FLIGHT
from tests import databases
from tests.crash.crowd import Crowd
from tests.crash.fleet import SPLIT, Fleet, sailing
from tests.crash.program import LOST_ITS_LEASE
from tests.crash.test_kill import (
    MOST_CALLS,
    a_send_in_flight,
    all_handled,
    disordered,
    some_calls,
    told_wrongly,
    unended,
)
from tests.databases import POSTGRESQL, fresh_database

KILLS = int(os.environ.get("HUYING_KILLS", "4"))
REPORTS = int(os.environ.get("HUYING_REPORTS", "20"))
SEED = int(os.environ.get("HUYING_CRASH_SEED", "0")) or secrets.randbelow(1_000_000)
LONGEST_FAIL_OVER_S = 24.0
"""Twice what it takes: eight seconds without a sign of life, two until that is seen, one until seats are asked for."""
pytestmark = pytest.mark.crash


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    with databases.on(POSTGRESQL):
        yield fresh_database(tmp_path / "none")


@pytest.mark.parametrize("by_webhook", [False, True], ids=["polling", "webhook"])
async def test_whichever_program_is_killed_nothing_is_lost_and_nothing_has_its_effect_twice(
    tmp_path: Path, database: str, by_webhook: bool
) -> None:
    print(f"HUYING_CRASH_SEED={SEED} HUYING_KILLS={KILLS} HUYING_REPORTS={REPORTS}")  # noqa: T201 - to repeat it
    async with sailing(tmp_path, database, SPLIT, seed=SEED, by_webhook=by_webhook) as (crowd, fleet, settings):
        await _killing(crowd, fleet)
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)
        assert await fleet.stop() == [0] * len(SPLIT)
        print(  # noqa: T201 - the figures of a long run
            f"{crowd.updates} messages and presses, {KILLS} kills of {len(SPLIT)} programs, "
            f"{crowd.board.doubles} cards doubled"
        )

        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await disordered(settings) == []
        assert await fleet["worker"].audit() == (0, "All laws hold.\n")
        assert crowd.board.doubles <= (KILLS + fleet.given_up) * IN_FLIGHT
        assert len(crowd.reports) == REPORTS


async def _killing(crowd: Crowd, fleet: Fleet) -> None:
    """Let people report meanwhile, and end the programs in turn, each after a number of calls that nobody foresaw."""
    rng = random.Random(SEED + 1)
    names = list(fleet.programs)
    rng.shuffle(names)
    for kill in range(KILLS):
        while len(crowd.reports) < REPORTS * (kill + 1) // KILLS:
            await crowd.report()
        await some_calls(crowd.sandbox, rng.randrange(1, MOST_CALLS))
        if rng.random() < 0.5:
            await a_send_in_flight(crowd.sandbox)
        program = fleet[names[kill % len(names)]]
        fleet.retire(program)
        await program.kill()
        crowd.sandbox.exchange.faults.orders.clear()
        fleet.revive(program)
        await fleet.begin(program)


async def test_those_that_stood_still_too_long_write_and_send_nothing_more(tmp_path: Path, database: str) -> None:
    print(f"HUYING_CRASH_SEED={SEED}")  # noqa: T201 - to repeat it
    async with sailing(tmp_path, database, SPLIT, seed=SEED) as (crowd, fleet, settings):
        await fleet.up(crowd.sandbox)
        await fleet.add("spare")  # it comes last, so every seat is another one's
        await fleet.up(crowd.sandbox)
        for _ in range(REPORTS // 2):
            await crowd.report()
        await some_calls(crowd.sandbox, MOST_CALLS)
        await a_send_in_flight(crowd.sandbox)
        began = datetime.now(UTC)
        for name in SPLIT:
            fleet.retire(fleet[name])
            fleet[name].pause()
        crowd.sandbox.exchange.faults.orders.clear()
        while len(crowd.reports) < REPORTS:
            await crowd.report()
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)

        waited_s = {seat: (at - began).total_seconds() for seat, at in fleet.seats("spare").items()}
        print(f"seconds until the spare one had their seats: {waited_s}")  # noqa: T201 - figures

        said = [await fleet[name].wake() for name in SPLIT]

        doubles = crowd.board.doubles
        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await disordered(settings) == []
        assert await fleet["worker"].audit() == (0, "All laws hold.\n")
        assert said == [LOST_ITS_LEASE] * len(SPLIT)
        assert doubles <= (1 + fleet.given_up) * IN_FLIGHT
        assert set(waited_s) == {"poller", "courier", "ticker"}
        assert 0 < min(waited_s.values()) < max(waited_s.values()) <= LONGEST_FAIL_OVER_S
