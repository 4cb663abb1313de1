"""The ticker: calls the process's few periodic jobs. What is due, and when, stands in rows, never here.

What must not stand still goes by the loop's steady seconds: a scheduler that goes by the date waits for an hour when
the clock is put back by one, and after days of sleep counts through every run that was missed. What belongs to an hour
of the night goes by the date, and there APScheduler knows of time zones and changes of the hour.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from bot.meters import Meters

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do at the start and every *every_s* seconds of real time; a late run stands for all those missed."""

    name: str
    every_s: float
    call: Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Nightly:
    """Something to do at the start and once a night, at *hour* and *minute* of the town's time zone."""

    name: str
    hour: int
    minute: int
    call: Callable[[], Awaitable[object]]


class Ticker:
    """Runs the jobs, each at most once at a time. A job that fails is logged and called again at its next turn."""

    def __init__(self, jobs: Sequence[Job | Nightly], meters: Meters, zone: tzinfo) -> None:
        self._jobs, self._meters, self._zone = tuple(jobs), meters, zone
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Event()
        self._nights = AsyncIOScheduler(timezone=zone)
        self.ended_at = {job.name: time.monotonic() for job in jobs}

    def start(self) -> None:
        """Begin; every job runs at once, then at its pace."""
        for job in self._jobs:
            if isinstance(job, Job):
                self._keep(asyncio.create_task(self._repeat(job), name=f"job {job.name}"))
                continue
            self._nights.add_job(
                self._at_night,
                CronTrigger(hour=job.hour, minute=job.minute, timezone=self._zone),
                args=[job],
                id=job.name,
                coalesce=True,
                misfire_grace_time=None,  # APScheduler's default drops what is a second late
                next_run_time=datetime.now(self._zone),
            )
        self._nights.start()

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Start nothing new and wait up to *grace_s* for the jobs under way."""
        self._stopping.set()
        if self._nights.running:
            self._nights.remove_all_jobs()
            self._nights.shutdown(wait=False)
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _repeat(self, job: Job) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while not self._stopping.is_set():
            await self._run(job)
            now = loop.time()
            due += job.every_s * max(1, -((due - now) // job.every_s))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(due - now):
                    await self._stopping.wait()

    async def _at_night(self, job: Nightly) -> None:
        """Run it in a task of ours, which a stop waits for; the scheduler's own would be cancelled."""
        task = asyncio.create_task(self._run(job), name=f"job {job.name}")
        self._keep(task)
        await asyncio.shield(task)

    async def _run(self, job: Job | Nightly) -> None:
        try:
            await job.call()
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            log.exception("job broken off", extra={"job": job.name})  # by what it waited for: the next turn comes
        except Exception:
            log.exception("job failed", extra={"job": job.name})
        else:
            self.ended_at[job.name] = time.monotonic()
            self._meters.last_run.labels(job.name).set(time.time())
