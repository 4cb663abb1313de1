"""The ticker: calls the process's few periodic jobs. What is due, and when, stands in rows, never here."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.schedulers.asyncio import AsyncIOScheduler

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
        self._meters = meters
        self._running: set[asyncio.Task[None]] = set()
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self.ended_at = {job.name: time.monotonic() for job in jobs}
        for job in jobs:
            self._scheduler.add_job(
                self._run,
                "interval",
                seconds=job.every_s,
                args=[job],
                id=job.name,
                coalesce=True,
                misfire_grace_time=None,  # APScheduler's default drops what is a second late
                max_instances=1,
                next_run_time=datetime.now(UTC),
            )

    def start(self) -> None:
        """Begin; every job runs at once, then at its pace."""
        self._scheduler.start()

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Start nothing new and wait up to *grace_s* for the jobs under way."""
        if self._scheduler.running:
            self._scheduler.pause()
            if self._running:
                await asyncio.wait(set(self._running), timeout=grace_s)
            self._scheduler.shutdown(wait=False)

    async def _run(self, job: Job) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._running.add(task)
        try:
            await job.call()
        except Exception:
            log.exception("job failed", extra={"job": job.name})
        else:
            self.ended_at[job.name] = time.monotonic()
            self._meters.last_run.labels(job.name).set(time.time())
        finally:
            if task is not None:
                self._running.discard(task)
