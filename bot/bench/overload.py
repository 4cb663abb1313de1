"""R28: memory, order and intake while many times more updates come than can be handled.

A process of its own takes them by webhook, as fast as a few connections bring them, and then works them off.
"""

import asyncio
import os
import socket
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import text

from bot.bench import Row, Size, at_least, at_most
from bot.bench.stand import BOT, TOKEN, USERNAME, open_store, resident, stand
from bot.bench.updates import report
from bot.sandbox import Sandbox
from storage.store import Store

MOST_MB = 512.0
LEAST_PER_S = 1_000.0
GRIDS = 40
PER_PERSON = 10
CONNECTIONS = 100
LONGEST_LOOK_S = 1.0
SECRET = "overload-overload-overload"  # noqa: S105 - opens nothing but this process


async def measure(size: Size) -> list[Row]:
    """Flood it, watch it, wait until it is done, and look whether everything is there in its order."""
    count = 400 if size is Size.SHORT else 6_000
    with tempfile.TemporaryDirectory(prefix="huying-bench-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "town.db"
        async with stand(GRIDS, path=path) as place:
            chats = list(place.chats)
        raws = [_report(number, chats) for number in range(1, count + 1)]
        async with Sandbox() as sandbox:
            _people(sandbox, chats)
            async with _running(path, sandbox.url) as (process, url):
                started = time.perf_counter()
                await _flood(url, raws)
                flooded = time.perf_counter() - started
                await _worked_off(path, count, sandbox)
                done = time.perf_counter() - started
                peak = _peak_mb(process.pid)
        await _in_order(path, count)
    accepted, handled = count / flooded, count / done
    figures = {
        "accepted_per_s": accepted,
        "handled_per_s": handled,
        "times_too_many": accepted / handled,
        "peak_mb": peak,
        "updates": float(count),
    }
    return [
        at_most("overload", f"highest memory in megabytes / {MOST_MB:g}", peak / MOST_MB, 1.0, figures),
        at_least("overload", f"updates accepted a second / {LEAST_PER_S:g}", accepted / LEAST_PER_S, 1.0, figures),
    ]


def _report(number: int, chats: Sequence[int]) -> bytes:
    grid = number % len(chats)
    person = resident(grid + 1, number // (len(chats) * PER_PERSON))
    return report(number, chats[grid], person, f"{number}号楼楼道灯坏了")


def _people(sandbox: Sandbox, chats: Sequence[int]) -> None:
    bot = sandbox.add_bot("Huying", USERNAME, TOKEN.reveal(), privacy=False)
    owner = sandbox.add_person("Owner")
    for number, chat in enumerate(chats):
        sandbox.add_group(f"Group {number}", owner, members=[bot], id=chat)


@asynccontextmanager
async def _running(path: Path, telegram: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """`huying run`, and where its webhook is."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environ = {
        "HUYING_BOT_TOKEN": TOKEN.reveal(),
        "HUYING_API_URL": telegram,
        "HUYING_DATABASE_URL": f"sqlite+aiosqlite:///{path}",
        "HUYING_WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "HUYING_WEBHOOK_SECRET": SECRET,
        "HUYING_HTTP_PORT": str(port),
        "HUYING_QUIET_HOURS": "off",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        cwd=path.parent,
        env={**os.environ, **environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        line = await process.stdout.readline() if process.stdout else b""
        if b"is up" not in line:
            raise AssertionError(f"huying run did not start: {line!r}")
        yield process, f"http://127.0.0.1:{port}/telegram/{BOT}"
    finally:
        process.terminate()
        await process.communicate()


async def _flood(url: str, raws: Sequence[bytes]) -> None:
    """Bring them all, in order for each chat, over connections that stay open."""
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}

    async def bring(some: Sequence[bytes]) -> None:
        for raw in some:
            async with session.post(url, data=raw, headers=headers) as answer:
                if answer.status != 200:
                    raise AssertionError(f"an update was answered with {answer.status}")

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
        await asyncio.gather(*(bring(raws[first::CONNECTIONS]) for first in range(CONNECTIONS)))


async def _worked_off(path: Path, count: int, telegram: Sandbox) -> None:
    """Return when every update has become a case; the process works on as long as it calls Telegram."""
    store, hub = await _looking(path), telegram.exchange.hub
    try:
        while await store.read(lambda stores: stores.inbox.waiting()):
            seen = hub.changes
            await hub.until(lambda seen=seen: hub.changes > seen, LONGEST_LOOK_S)  # type: ignore[misc]  # a default binds it
        filed = await store.read(lambda stores: len(stores.cases.open_ids()))
    finally:
        await store.close()
    if filed != count:
        raise AssertionError(f"{count} updates were accepted, and {filed} cases were filed")


async def _in_order(path: Path, count: int) -> None:
    """In each chat what came first has the smaller number."""
    store = await _looking(path)
    try:
        rows = await store.read(_reports)
    finally:
        await store.close()
    by_chat: dict[int, list[int]] = defaultdict(list)
    for chat, message in rows:
        by_chat[chat].append(message)
    if len(rows) != count or any(messages != sorted(messages) for messages in by_chat.values()):
        raise AssertionError("reports of one chat were handled in another order than they came")


def _reports(stores: Any) -> list[tuple[int, int]]:
    rows = stores.connection.execute(
        text(
            "SELECT w.chat, w.message_id FROM words w JOIN cases c ON c.city_id = w.city_id AND c.id = w.case_id "
            "WHERE w.kind = 'report' ORDER BY c.number"
        )
    )
    return [(row[0], row[1]) for row in rows]


async def _looking(path: Path) -> Store:
    return await open_store(path, migrate=False, read_only=True)


def _peak_mb(pid: int) -> float:
    """The most memory that a process has had, in megabytes; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    (line,) = (line for line in status.read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / 1e6
