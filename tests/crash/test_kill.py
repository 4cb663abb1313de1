"""Killed with SIGKILL at random moments of a burst, the bot loses no report, files none twice and ends every case.

The long form, for a night: ``HUYING_KILLS=200 HUYING_REPORTS=300 pytest tests/crash`` (a resident may file 20 reports
in an hour, so 360 are the most). ``HUYING_CRASH_SEED`` repeats a run as far as the machine's scheduling allows: it
decides what people do, and after how many calls the program is killed.
"""

import asyncio
import os
import random
import secrets
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.cli._common import opened
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Sandbox
from bot.settings import Secret, Settings
from bot.telegram import IN_FLIGHT
from routing.ports import UnitOfWork
from routing.town import load
from storage.states import Delivery
from storage.stores import Stores
from tests.crash.crowd import PATIENCE_S, Crowd, Told
from tests.crash.program import Program, witnessed
from tests.link import Link

KILLS = int(os.environ.get("HUYING_KILLS", "6"))
REPORTS = int(os.environ.get("HUYING_REPORTS", "24"))
SEED = int(os.environ.get("HUYING_CRASH_SEED", "0")) or secrets.randbelow(1_000_000)
MOST_CALLS = 40
"""A life ends after so many calls at most; a dozen of them belong to its start."""
START_S, QUIET_S = 20.0, 8.0
"""So long a life may take to its first call, and so long it says nothing when it has nothing to do."""
pytestmark = pytest.mark.crash


@pytest.mark.parametrize("by_webhook", [False, True], ids=["polling", "webhook"])
async def test_killed_at_random_it_loses_no_report_and_doubles_no_more_than_was_in_flight(
    tmp_path: Path, by_webhook: bool
) -> None:
    print(f"HUYING_CRASH_SEED={SEED} HUYING_KILLS={KILLS} HUYING_REPORTS={REPORTS}")  # noqa: T201 - to repeat it
    async with running(tmp_path, by_webhook=by_webhook) as (crowd, program, settings):
        await burst_of_kills(crowd, program)
        await crowd.finish()
        await all_handled(crowd.sandbox, settings)
        assert await program.stop() == 0
        print(  # noqa: T201 - the figures of a long run
            f"{crowd.updates} messages and presses, {KILLS} kills, {crowd.board.doubles} cards doubled"
        )

        assert await told_wrongly(settings, crowd.reports) == []
        assert await unended(settings, crowd.reports) == []
        assert await disordered(settings) == []
        assert await program.audit() == (0, "All laws hold.\n")
        assert crowd.board.doubles <= KILLS * IN_FLIGHT
        assert len(crowd.reports) == REPORTS


@asynccontextmanager
async def running(
    folder: Path, *, by_webhook: bool, prelude: str = "", link: Link | None = None
) -> AsyncIterator[tuple[Crowd, Program, Settings]]:
    """The sample town with its people, and the bot as a process, up for the first time.

    Args:
        folder: For its database and log.
        by_webhook: Whether updates come in by webhook.
        prelude: Python that its process runs first.
        link: Lies between the bot and the sandbox, if it is given.
    """
    async with Sandbox() as sandbox:
        town = furnish(sandbox)
        url = f"sqlite+aiosqlite:///{folder / 'town.db'}"
        settings = Settings(bot_token=(Secret(TOKEN),), api_url=sandbox.url, database_url=url, quiet_hours="off")
        async with opened(settings, migrate=True) as store:
            await store.work(_load, town, settings.bot_ids[0])
        api = sandbox.url
        if link is not None:
            link.behind, api = int(api.rpartition(":")[2]), f"http://127.0.0.1:{link.port}"
        program = Program(folder, api, by_webhook=by_webhook, prelude=prelude)
        crowd = Crowd(sandbox, town, program, random.Random(SEED))
        try:
            async with witnessed(lambda: [program]):
                await program.start()
                await crowd.greet()
                yield crowd, program, settings
        finally:
            crowd.cancel()


async def burst_of_kills(crowd: Crowd, program: Program) -> None:
    """Let people report, a few in each life, and end each life after a number of calls that nobody foresaw."""
    rng = random.Random(SEED + 1)
    for kill in range(KILLS):
        while len(crowd.reports) < REPORTS * (kill + 1) // KILLS:
            await crowd.report()
        await some_calls(crowd.sandbox, rng.randrange(1, MOST_CALLS))
        if rng.random() < 0.5:
            await a_send_in_flight(crowd.sandbox)
        await program.kill()
        crowd.sandbox.exchange.faults.orders.clear()
        await program.start()


async def some_calls(sandbox: Sandbox, count: int) -> None:
    """Return when the bot has made so many calls more; or when it says nothing, having nothing to do."""
    hub, patience_s = sandbox.exchange.hub, START_S
    goal = sum(sandbox.tally.values()) + count
    while (made := sum(sandbox.tally.values())) < goal:
        if not await hub.until(lambda made=made: sum(sandbox.tally.values()) > made, patience_s):  # type: ignore[misc]  # a default binds it
            return
        patience_s = QUIET_S


async def a_send_in_flight(sandbox: Sandbox) -> None:
    """Return when Telegram has carried a send out and keeps its answer back; or when the bot has nothing to send."""
    sandbox.fail_next(method="sendMessage", how="slow", seconds=60)
    await sandbox.exchange.hub.until(lambda: not sandbox.exchange.faults.orders, 2.0)


async def all_handled(sandbox: Sandbox, settings: Settings) -> None:
    """Return when no update waits, at Telegram or in the inbox, and nothing is on its way out.

    What somebody killed had in flight is settled by who comes after, even when everybody has got it by then.
    """
    hub = sandbox.exchange.hub
    queues = sandbox.exchange.queues.values()
    async with asyncio.timeout(PATIENCE_S), opened(settings, read_only=True) as store:
        while any(queue.pending for queue in queues) or await store.read(_pending):
            seen = hub.changes
            await hub.until(lambda seen=seen: hub.changes > seen, 1.0)  # type: ignore[misc]  # a default binds it


async def told_wrongly(settings: Settings, reports: Sequence[Told]) -> list[str]:
    """Reports that did not become exactly one case, and cases that nobody reported."""
    async with opened(settings, read_only=True) as store:
        found = await store.read(_cases_by_message)
        count = await store.read(_count)
    wrong = [f"{one.tag}: {found.get((one.chat, one.message), 0)} cases" for one in reports
             if found.get((one.chat, one.message)) != 1]  # fmt: skip
    return wrong + ([f"{count} cases of {len(reports)} reports"] if count != len(reports) else [])


async def unended(settings: Settings, reports: Sequence[Told]) -> list[str]:
    """Reports whose case is not where its reporter brought it: archived, or reopened once."""
    async with opened(settings, read_only=True) as store:
        states = await store.read(_states)
    return [
        f"{one.tag}: {states.get((one.chat, one.message))}"
        for one in reports
        if not _ended(states.get((one.chat, one.message), ("", 0)), content=one.content)
    ]


async def disordered(settings: Settings) -> list[int]:
    """Chats in which something said later became an earlier case."""
    async with opened(settings, read_only=True) as store:
        rows = await store.read(_in_order)
    messages: defaultdict[int, list[int]] = defaultdict(list)
    for chat, message in rows:
        messages[chat].append(message)
    return [chat for chat, told in messages.items() if told != sorted(told)]


def _ended(state: tuple[str, int], *, content: bool) -> bool:
    status, reopened = state
    return state == ("archived", 0) if content else status != "archived" and reopened == 1


_OF_MESSAGES = (
    "FROM words w JOIN chats c ON c.city_id = w.city_id AND c.id = w.chat "
    "JOIN cases k ON k.city_id = w.city_id AND k.id = w.case_id WHERE w.kind = 'report'"
)


def _cases_by_message(stores: Stores) -> dict[tuple[int, int], int]:
    rows = stores.connection.exec_driver_sql(
        f"SELECT c.telegram_id, w.message_id, count(DISTINCT k.id) {_OF_MESSAGES} GROUP BY 1, 2"
    )
    return {(chat, message): count for chat, message, count in rows}


def _in_order(stores: Stores) -> list[tuple[int, int]]:
    found = stores.connection.exec_driver_sql(f"SELECT c.telegram_id, w.message_id {_OF_MESSAGES} ORDER BY k.id")
    return [(chat, message) for chat, message in found]


def _states(stores: Stores) -> dict[tuple[int, int], tuple[str, int]]:
    rows = stores.connection.exec_driver_sql(f"SELECT c.telegram_id, w.message_id, k.status, k.reopened {_OF_MESSAGES}")
    return {(chat, message): (status, reopened) for chat, message, status, reopened in rows}


def _count(stores: Stores) -> int:
    return int(stores.connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one())


def _pending(stores: Stores) -> bool:
    return bool(stores.inbox.pending(1)) or stores.sending.stats().by_state.get(Delivery.SENDING, 0) > 0


def _load(uow: UnitOfWork, town: SampleTown, bot: int) -> None:
    load(uow, town.sheets, bot=bot)
