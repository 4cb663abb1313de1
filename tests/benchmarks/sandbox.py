"""How fast and how heavy the sandbox is: `python -m tests.benchmarks.sandbox`. Takes about a minute.

The same caller asks a bare aiohttp handler, which reads JSON and answers JSON, and then a sandbox that holds 12,000
groups of 100 people. Server and caller are two processes. Read the ratios, not the numbers: other work on the machine
moves all of them.
"""

import argparse
import asyncio
import os
import resource
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson
from aiohttp import web

from bot.sandbox import Sandbox
from bot.sandbox.posting import post
from bot.sandbox.state import snapshot

GROUPS: Final = 12_000
MEMBERS: Final = 100
CALLERS: Final = 16
SECONDS: Final = 1.5
ROUNDS: Final = 3
TOKEN: Final = "42:SANDBOX"
FIRST_GROUP: Final = -1_004_000_000_001
TEXT: Final = "<b>网格 3 号楼</b>:楼道灯坏了 &amp; 已受理 #路灯"
BUTTONS: Final = {"inline_keyboard": [[{"text": "接单", "callback_data": "claim:1"}]]}

Ask = Callable[[int], tuple[str, dict[str, Any]]]
CALLS: Final[dict[str, Ask]] = {
    "getMe": lambda _: ("getMe", {}),
    "sendMessage, plain": lambda number: ("sendMessage", {"chat_id": _group(number), "text": "hello"}),
    "sendMessage, HTML and a button": lambda number: (
        "sendMessage",
        {"chat_id": _group(number), "text": TEXT, "parse_mode": "HTML", "reply_markup": BUTTONS},
    ),
    "editMessageText": lambda number: (
        "editMessageText",
        {"chat_id": _group(number), "message_id": 2, "text": f"edit {number}"},
    ),
    "getChatMember": lambda number: ("getChatMember", {"chat_id": _group(number), "user_id": 700_000_001}),
}


def _group(number: int) -> int:
    return FIRST_GROUP - number % GROUPS


def main() -> None:
    """Measure, or be one of the servers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", choices=["bare", "sandbox"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    asyncio.run(_measure() if chosen.serve is None else _serve(chosen.serve))


async def _serve(what: str) -> None:
    async with _bare() if what == "bare" else _peopled() as ready:
        sys.stdout.write(f"{ready}\n")
        sys.stdout.flush()
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


@asynccontextmanager
async def _bare() -> AsyncIterator[str]:
    async def answer(request: web.Request) -> web.Response:
        orjson.loads(await request.read())
        return web.Response(body=orjson.dumps({"ok": True, "result": True}), content_type="application/json")

    app = web.Application()
    app.router.add_post("/bot{token}/{method}", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}\t"
    await runner.cleanup()


@asynccontextmanager
async def _peopled() -> AsyncIterator[str]:
    """A sandbox full of people; tells what it took to fill."""
    before_mb = _memory_mb()
    async with Sandbox() as sandbox:
        began = time.perf_counter()
        bot = sandbox.add_bot("Huying Sample", "huying_sample_bot", TOKEN)
        for number in range(GROUPS):
            people = [sandbox.add_person(f"Sample {number} {member}") for member in range(MEMBERS)]
            group = sandbox.add_group(f"网格 {number}", people[0], members=people[1:])
            sandbox.seat(group, bot, admin=True)
            post(sandbox.exchange, group, bot, {"text": "card"})
            sandbox.exchange.queue(bot).drop_all()
        filled_s = time.perf_counter() - began
        filled_mb = _memory_mb() - before_mb
        began = time.perf_counter()
        size = len(orjson.dumps(snapshot(sandbox.exchange)))
        saved_s = time.perf_counter() - began
        yield (
            f"{sandbox.url}\t{GROUPS:,} groups of {MEMBERS} people: filled in {filled_s:.0f} s, {filled_mb:.0f} MB; "
            f"a snapshot of {size / 1e6:.0f} MB in {saved_s:.1f} s"
        )


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@dataclass(frozen=True, slots=True)
class Server:
    """One of the two, in a process of its own, with what it tells of itself."""

    url: str
    pid: int
    story: str

    def cpu_s(self) -> float:
        """The CPU seconds that it has used; read where Linux keeps them."""
        ticks = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


async def _measure() -> None:
    async with _server("bare") as bare, _server("sandbox") as full, aiohttp.ClientSession() as session:
        sys.stdout.write(f"{full.story}\n\nCalls, {CALLERS} at once; median of {ROUNDS}\n")
        sys.stdout.write(f"{'':32}{'per second':>22}{'per CPU-second of the server':>34}\n")
        sys.stdout.write(f"{'':32}{'bare':>11}{'sandbox':>11}{'bare':>17}{'sandbox':>11}{'ratio':>6}\n")
        for name, ask in CALLS.items():
            await _compare(session, name, ask, bare, full)


async def _compare(session: aiohttp.ClientSession, name: str, ask: Ask, bare: Server, full: Server) -> None:
    """Ask both servers in turn, so that a change of the machine's mood meets both."""
    found: dict[str, list[tuple[float, float]]] = {bare.url: [], full.url: []}
    for _ in range(ROUNDS):
        for server in (bare, full):
            found[server.url].append(await _rates(session, server, ask))
    (bare_s, bare_cpu), (full_s, full_cpu) = (
        [statistics.median(rates) for rates in zip(*found[server.url], strict=True)] for server in (bare, full)
    )
    row = f"{bare_s:11,.0f}{full_s:11,.0f}{bare_cpu:17,.0f}{full_cpu:11,.0f}{full_cpu / bare_cpu:6.0%}"
    sys.stdout.write(f"{name:32}{row}\n")
    sys.stdout.flush()


async def _rates(session: aiohttp.ClientSession, server: Server, ask: Ask) -> tuple[float, float]:
    """Calls per second of the clock, and per second of the server's CPU."""
    began, cpu_began, done = time.perf_counter(), server.cpu_s(), 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() - began < SECONDS:
            done += 1
            await _call(session, server.url, *ask(done))

    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return done / (time.perf_counter() - began), done / (server.cpu_s() - cpu_began)


async def _call(session: aiohttp.ClientSession, root: str, method: str, params: dict[str, Any]) -> None:
    async with session.post(f"{root}/bot{TOKEN}/{method}", json=params) as response:
        body = await response.read()
    if response.status not in (200, 400) or (response.status == 400 and b"not modified" not in body):
        raise RuntimeError(f"{method}: {body.decode()}")


@asynccontextmanager
async def _server(what: str) -> AsyncIterator[Server]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.benchmarks.sandbox", "--serve", what),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    url, _, story = (await process.stdout.readline()).decode().strip("\n").partition("\t")
    yield Server(url, process.pid, story)
    process.stdin.close()
    await process.wait()


if __name__ == "__main__":
    main()
