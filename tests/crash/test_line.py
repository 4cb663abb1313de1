"""The link to Telegram is cut, slow, full of garbage, silent and refused: nothing is lost, and copies are bounded."""

import os
import secrets
from pathlib import Path

import pytest

from bot.telegram import IN_FLIGHT
from tests.crash.crowd import Crowd
from tests.crash.test_kill import all_handled, disordered, running, some_calls, told_wrongly, unended
from tests.link import Link, Way, link_to

ROUNDS = int(os.environ.get("HUYING_KILLS", "1"))
SEED = int(os.environ.get("HUYING_CRASH_SEED", "0")) or secrets.randbelow(1_000_000)
TROUBLES = 5
"""In each round."""
pytestmark = pytest.mark.crash


async def cutting(link: Link, crowd: Crowd) -> int:
    await crowd.report()
    return link.cut()


async def garbling(link: Link, crowd: Crowd) -> int:
    link.garble(3)
    await crowd.report()
    return 0


async def delaying(link: Link, crowd: Crowd) -> int:
    link.delay_s = 0.2
    await crowd.report()
    await some_calls(crowd.sandbox, 5)
    link.delay_s = 0.0
    return 0


async def silencing(link: Link, crowd: Crowd, way: Way = Way.SILENT) -> int:
    link.way = way
    await crowd.report()
    await crowd.sandbox.exchange.hub.until(lambda: False, 1.0)
    link.way = Way.OPEN
    return link.cut()


async def refusing(link: Link, crowd: Crowd) -> int:
    return await silencing(link, crowd, Way.REFUSED)


async def test_whatever_happens_to_the_link_to_telegram_every_report_ends(tmp_path: Path) -> None:
    print(f"HUYING_CRASH_SEED={SEED}")  # noqa: T201 - to repeat it
    async with link_to(0, SEED) as link, running(tmp_path, by_webhook=False, link=link) as (crowd, program, settings):
        cut = 0
        for _ in range(ROUNDS):
            for trouble in (cutting, garbling, delaying, silencing, refusing):
                told = await crowd.report()
                await some_calls(crowd.sandbox, 3)
                cut += await trouble(link, crowd)
                await crowd.carded(told)  # it has recovered, so that no message suffers everything
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)
        assert await program.stop() == 0
        print(f"{crowd.updates} messages and presses, {crowd.board.doubles} cards doubled")  # noqa: T201 - figures

        assert cut > 0, "there was something to cut"
        assert link.garbled > 0, "and to spoil"
        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await disordered(settings) == []
        assert await program.audit() == (0, "All laws hold.\n")
        assert crowd.board.doubles <= ROUNDS * TROUBLES * IN_FLIGHT
