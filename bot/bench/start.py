"""B6: from the start of the process to "ready" with very many open cases stored."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from bot.bench import Row, Size, at_most
from bot.bench.stand import TOKEN, stand
from bot.bench.sweep import populate
from bot.sandbox import Sandbox

MOST_S = 3.0


async def measure(size: Size) -> list[Row]:
    """Start `huying run` as a process of its own against a local Telegram, twice.

    Python keeps what it has compiled, so only the first start after an installation has to compile the program.
    """
    count = 2_000 if size is Size.SHORT else 1_000_000
    with tempfile.TemporaryDirectory(prefix="huying-bench-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "town.db"
        async with stand(20, path=path) as place:
            await populate(place, count)
        async with Sandbox() as sandbox:
            sandbox.add_bot("Huying", "huying_bench_bot", TOKEN.reveal())
            first = await _start(path, sandbox.url)
            ready = await _start(path, sandbox.url)
    figures = {"seconds_to_ready": ready, "seconds_of_the_first_start": first, "open_cases": float(count)}
    return [at_most("start", f"seconds from start to ready / {MOST_S:g}", ready / MOST_S, 1.0, figures)]


async def _start(path: Path, url: str) -> float:
    """Seconds until the process says that it is up."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environ = {
        "HUYING_BOT_TOKEN": TOKEN.reveal(),
        "HUYING_API_URL": url,
        "HUYING_DATABASE_URL": f"sqlite+aiosqlite:///{path}",
        "HUYING_HTTP_PORT": "0",
    }
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "bot", "run"),
        env={**inherited, **environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        line = await process.stdout.readline() if process.stdout else b""
        spent = time.perf_counter() - started
        if b"is up" not in line:
            raise AssertionError(f"huying run did not start: {line!r}")
        return spent
    finally:
        process.terminate()
        await process.communicate()
