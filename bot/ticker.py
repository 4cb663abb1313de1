"""The ticker: calls the process's few periodic jobs. What is due, and when, stands in rows, never here.

It counts in the loop's steady seconds. A scheduler that goes by the date stands still for an hour when the clock is put
back by one, and after days of sleep counts through every run that was missed.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from bot.meters import Meters

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do every *every_s* seconds of real time; a late run stands for all those missed."""

    name: str
    every_s: float
    call: Callable[[], Awaitable[object]]


class Ticker:
    """Runs the jobs, each at most once at a time. A job that fails is logged and called again at its next turn."""

    def __init__(self, jobs: Sequence[Job], meters: Meters) -> None:
        self._jobs, self._meters = tuple(jobs), meters
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = asyncio.Event()
        self.ended_at = {job.name: time.monotonic() for job in jobs}

    def start(self) -> None:
        """Begin; every job runs at once, then at its pace."""
        self._tasks = [asyncio.create_task(self._repeat(job), name=f"job {job.name}") for job in self._jobs]

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Start nothing new and wait up to *grace_s* for the jobs under way."""
        self._stopping.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _repeat(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self._stopping.is_set():
            await self._run(job)
            now = loop.time()
            due += job.every_s * max(1, -((due - now) // job.every_s))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), due - now)

    async def _run(self, job: Job) -> None:
        try:
            await job.call()
        except Exception:
            log.exception("job failed", extra={"job": job.name})
        else:
            self.ended_at[job.name] = time.monotonic()
            self._meters.last_run.labels(job.name).set(time.time())
