"""The sandbox as a program of its own."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.world import Json
from tests.sandbox.conftest import TOKEN

WAYS = [["-c", "import sys; from bot.cli import main; sys.exit(main())", "sandbox"], ["-m", "bot.sandbox"]]


@asynccontextmanager
async def _running(way: list[str], *words: str) -> AsyncIterator[str]:
    """The program while it runs; yields its address. It must end well when it is told to."""
    command = [sys.executable, *way, "--port", "0", *words]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        address = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert address is not None, line
        yield address[0]
        process.terminate()
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _get(address: str, **params: str | int) -> Json:
    async with aiohttp.ClientSession() as session, session.get(address, params=params) as response:
        body: Json = await response.json()
        return body


async def _post(address: str, **fields: object) -> Json:
    async with aiohttp.ClientSession() as session, session.post(address, json=fields) as response:
        body: Json = await response.json()
        return body


@pytest.mark.parametrize("way", WAYS, ids=["huying sandbox", "python -m bot.sandbox"])
async def test_the_world_outlives_the_program(way: list[str], tmp_path: Path) -> None:
    state = ("--state", str(tmp_path / "world"))
    async with _running(way, *state) as url:
        people = (await _get(f"{url}/sandbox/state"))["people"]
        group = (await _get(f"{url}/sandbox/state", **{"as": people[0]["id"]}))["chats"][0]["id"]
        told = await _post(f"{url}/bot{TOKEN}/sendMessage", chat_id=group, text="still here")
    async with _running(way, *state) as url:
        again = await _get(f"{url}/sandbox/messages", **{"as": people[0]["id"], "chat": group})

    assert told["ok"]
    assert again["messages"][-1]["text"] == "still here"


async def test_a_strict_sandbox_with_a_manual_clock_is_paced_by_its_user() -> None:
    async with _running(WAYS[0], "--strict", "--manual-clock", "--bot", "7:OTHER") as url:
        people = (await _get(f"{url}/sandbox/state"))["people"]
        group = (await _get(f"{url}/sandbox/state", **{"as": people[0]["id"]}))["chats"][0]["id"]
        told = [await _post(f"{url}/bot7:OTHER/sendMessage", chat_id=group, text="x") for _ in range(6)]
        before = (await _post(f"{url}/sandbox/control", do="clock"))["result"]["now"]
        after = (await _post(f"{url}/sandbox/control", do="clock", advance=1))["result"]["now"]
        late = await _post(f"{url}/bot7:OTHER/sendMessage", chat_id=group, text="x")

    assert [answer.get("error_code") for answer in told] == [None] * 5 + [429]
    assert after == before + 1
    assert late["ok"]
