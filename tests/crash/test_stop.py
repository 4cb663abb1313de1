"""Asked to stop (SIGTERM), the program ends in good order: nothing in hand is left in doubt, and nobody holds it up.

Its webhook says 503 with Retry-After meanwhile, which Telegram obeys; a call that is just carried out is waited for;
somebody who has sent half of a request is not.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cli._common import opened
from bot.sample.town import TOKEN
from bot.sandbox import Sandbox
from storage.stores import Stores
from tests.crash.test_kill import running

pytestmark = pytest.mark.crash
SLOW_S = 6.0
BOT = int(TOKEN.partition(":")[0])
LONGEST_S = 30.0
HEADERS = {"X-Telegram-Bot-Api-Secret-Token": "hush-hush-hush-hush-hush", "Content-Type": "application/json"}


def chatter(number: int) -> dict[str, Any]:
    """An update that concerns the bot in no way."""
    chat, person = {"id": -5, "type": "group", "title": "x"}, {"id": 9, "is_bot": False, "first_name": "N"}
    message = {"message_id": number, "date": 1, "chat": chat, "from": person, "text": "大家早上好"}
    return {"update_id": 900_000_000 + number, "message": message}


@asynccontextmanager
async def half_a_request(port: int) -> AsyncIterator[None]:
    """Somebody promises a body of 500 bytes and sends one."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    writer.write(f"POST /telegram/{BOT} HTTP/1.1\r\nHost: x\r\n{head}Content-Length: 500\r\n\r\n{{".encode())
    await writer.drain()
    try:
        yield
    finally:
        writer.close()


async def a_send_under_way(sandbox: Sandbox, town: Any) -> None:
    """Somebody asks, and Telegram takes its time to answer the call that answers them."""
    person = town.residents(town.grids[0])[0]
    await sandbox.act(person, "start", bot=town.bot.username)
    await sandbox.wait_for(
        lambda telegram: any(one["from"]["is_bot"] for one in telegram.private(person, town.bot)), LONGEST_S
    )
    sandbox.fail_next(method="sendMessage", how="slow", seconds=SLOW_S)
    await sandbox.act(person, "send_text", chat=f"private:{town.bot.username}", text="/help")
    assert await sandbox.exchange.hub.until(lambda: not sandbox.exchange.faults.orders, LONGEST_S)


async def refused(session: aiohttp.ClientSession, port: int) -> tuple[int, str | None]:
    """Post until it is answered otherwise than with 200."""
    for number in range(1_000_000):
        url = f"http://127.0.0.1:{port}/telegram/{BOT}"
        async with session.post(url, json=chatter(number), headers=HEADERS) as response:
            if response.status != 200:
                return response.status, response.headers.get("Retry-After")
    raise AssertionError("it never closed its doors")


async def test_asked_to_stop_it_finishes_what_is_in_flight_and_refuses_the_rest(tmp_path: Path) -> None:
    async with running(tmp_path, by_webhook=True) as (crowd, program, settings):
        port = int(program._settings["HUYING_HTTP_PORT"])
        await a_send_under_way(crowd.sandbox, crowd._town)
        async with half_a_request(port), aiohttp.ClientSession() as session, asyncio.timeout(LONGEST_S):
            begun = time.monotonic()
            stopping = asyncio.create_task(program.stop())
            assert await refused(session, port) == (503, "3")
            assert await stopping == 0
        spent_s = time.monotonic() - begun
        print(f"stopped in {spent_s:.1f} s, of which {SLOW_S} s Telegram's")  # noqa: T201 - a figure to look at
        assert spent_s < LONGEST_S
        assert "stopped" in program._last_words()
        async with opened(settings) as store:  # the database is free at once
            states = dict((await store.read(_states)).by_state)
    assert states["sent"] >= 1
    assert states.get("sending", 0) == states.get("in_doubt", 0) == 0


async def test_asked_to_stop_in_the_middle_of_a_burst_it_leaves_no_doubt(tmp_path: Path) -> None:
    async with running(tmp_path, by_webhook=False) as (crowd, program, settings):
        for _ in range(6):
            await crowd.report()
        sent = sum(crowd.sandbox.tally.values())
        await crowd.sandbox.exchange.hub.until(lambda: sum(crowd.sandbox.tally.values()) >= sent + 8, LONGEST_S)
        async with asyncio.timeout(LONGEST_S):
            assert await program.stop() == 0
        crowd.cancel()
        async with opened(settings) as store:
            states = dict((await store.read(_states)).by_state)
        assert states.get("sending", 0) == states.get("in_doubt", 0) == 0
        assert await program.audit() == (0, "All laws hold.\n")


def _states(stores: Stores) -> Any:
    return stores.sending.stats()
