"""R22: a program that may write no byte any more acknowledges nothing, says why, and goes on by itself afterwards.

The system itself forbids it to write (``RLIMIT_FSIZE``), so that database, log, spool and all find no room.
"""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cli._common import opened
from tests.crash.crowd import PATIENCE_S
from tests.crash.program import Program
from tests.crash.test_kill import all_handled, running, told_wrongly, unended

pytestmark = pytest.mark.crash
REPORTS = 4


@contextmanager
def no_room(pid: int) -> Iterator[None]:
    """No file of that process may have a byte more than none meanwhile."""
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("by_webhook", [False, True], ids=["polling", "webhook"])
async def test_on_a_full_disk_nothing_is_lost_and_it_goes_on_by_itself(tmp_path: Path, by_webhook: bool) -> None:
    async with running(tmp_path, by_webhook=by_webhook) as (crowd, program, settings):
        for _ in range(REPORTS):
            await crowd.report()
        await all_handled(crowd.sandbox, settings)
        queue = crowd.sandbox.exchange.queues[crowd._town.bot.id]
        with no_room(program.pid):
            known = {one.message for one in crowd.reports}
            for _ in range(REPORTS):
                await crowd.report()
            said = await not_ready(program)
            assert "Make room" in said
            during = await told_wrongly(settings, [one for one in crowd.reports if one.message not in known])
            assert len(during) == REPORTS, "none of them is a case yet"
            assert len(queue.pending) >= REPORTS, "and Telegram has every one of them"
            assert list((tmp_path / "spool").glob("*.json")) == []
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)
        async with opened(settings, read_only=True) as store:
            assert await store.read(lambda stores: stores.inbox.poisoned()) == []
        assert await program.stop() == 0
        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await program.audit() == (0, "All laws hold.\n")
        assert crowd.board.doubles == 0


async def not_ready(program: Program) -> str:
    """What the program says of its disk, as soon as it says that it is not well."""
    async with asyncio.timeout(PATIENCE_S), aiohttp.ClientSession() as session:
        while True:
            async with session.get(f"http://127.0.0.1:{program.port}/readyz") as response:
                report: dict[str, Any] = await response.json()
            for check in report["checks"]:
                if check["check"] == "disk" and not check["well"]:
                    assert response.status == 503
                    return str(check["says"])
