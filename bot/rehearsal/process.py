"""The bot under rehearsal: ``huying run`` as a process of its own, as it would run against Telegram."""

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from aiohttp import ClientSession

_ROOT: Final = str(Path(__file__).resolve().parent.parent.parent)
START_S: Final = 60.0
STOP_S: Final = 30.0
_ADDRESS: Final = re.compile(r"(http://\S+)/readyz")
_SAMPLE: Final = re.compile(r"^(\w+)(?:\{([^}]*)\})? (\S+)$")


class BotFailed(Exception):
    """The bot did not start, or ended before its time; the message names its log."""


class RunningBot:
    """The bot's process, and where it can be asked how it is."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, log: Path) -> None:
        self._process, self._url, self._log = process, url, log

    async def ended(self) -> None:
        """Wait for its end.

        Raises:
            BotFailed: it has come: nobody asked for it.
        """
        await self._process.wait()
        raise BotFailed(f"The bot ended with code {self._process.returncode}; its log is {self._log}.")

    async def waits(self, session: ClientSession) -> float:
        """For how many seconds the oldest update or message waits; 0 when nothing does."""
        async with session.get(f"{self._url}/readyz") as answer:
            figures = await answer.json()
        return max(figures["oldest_update_s"] or 0.0, figures["oldest_message_s"] or 0.0)

    async def counts(self, session: ClientSession) -> dict[str, float]:
        """Its counters by name and labels, such as ``huying_updates_received_total{kind="kept"}``."""
        async with session.get(f"{self._url}/metrics") as answer:
            return dict(_samples(await answer.text()))


@asynccontextmanager
async def running_bot(folder: Path, settings: Mapping[str, str], command: tuple[str, ...]) -> AsyncIterator[RunningBot]:
    """Run the bot while the block does; afterwards it is asked to stop and finishes what is in its hands.

    Args:
        folder: Takes its log; the process starts there, so that no file of the caller's folder is read.
        settings: Environment names and values.
        command: What comes after the Python interpreter.

    Raises:
        BotFailed: it did not start.
    """
    log = folder / "bot.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("HUYING_")}
    path = os.pathsep.join(filter(None, (_ROOT, inherited.get("PYTHONPATH"))))
    with log.open("wb") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            cwd=folder,
            env={**inherited, "PYTHONPATH": path, **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield RunningBot(process, await _address(process, log), log)
    finally:
        await _stop(process)


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    """Wait for the line in which the bot says that it is up."""
    if process.stdout is None:
        raise BotFailed("The bot's output can't be read.")
    try:
        async with asyncio.timeout(START_S):
            async for line in process.stdout:
                if found := _ADDRESS.search(line.decode(errors="replace")):
                    return found[1]
    except TimeoutError:
        pass
    raise BotFailed(f"The bot did not start; its log is {log}.")


async def _stop(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _samples(text: str) -> list[tuple[str, float]]:
    found = (_SAMPLE.match(line) for line in text.splitlines())
    return [(f"{one[1]}{{{one[2]}}}" if one[2] else one[1], float(one[3])) for one in found if one]
