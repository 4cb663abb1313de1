"""Figures that are asked for now and then and kept for ``/metrics``, so that a scrape costs no question.

What a town's clock measures is asked by whoever holds it; what a machine has, by every process for itself.
"""

import shutil
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.clock import Clock
from bot.meters import Meters
from bot.pacing import BOT_RATE_PER_S
from bot.settings import Settings
from bot.ticker import Job
from broadcasts.model import RUNNING
from handlers._kit.services import Store
from routing.model import ENDS, Status
from routing.ports import Lane
from storage import measuring
from storage.backup import stamp_of
from storage.measuring import Running, Waiting

WAITING_S: Final = 5.0
RUNNING_S: Final = 15.0
CASES_S: Final = 60.0
MOST_OF_THE_TIME: Final = 0.01
"""At most so large a part of the time is spent counting open cases, however many there are."""


class TownMeasures:
    """What waits, what runs, what is open.

    Args:
        store: Asked beside the writer.
        clock: The town's; ages are told in real seconds.
        meters: Where the figures go.
        bots: So many tokens share the sending.
    """

    def __init__(self, store: Store, clock: Clock, meters: Meters, *, bots: int) -> None:
        self._store, self._clock, self._meters, self._bots = store, clock, meters, max(bots, 1)
        self._count_again_at = float("-inf")

    def all(self) -> list[Job]:
        """Every question with its pace."""
        return [
            Job("measure waiting", WAITING_S, self.wait),
            Job("measure running", RUNNING_S, self.run),
            Job("measure cases", CASES_S, self.count),
        ]

    async def wait(self) -> None:
        """Look at what stands in line."""
        now = self._clock.now()
        found: Waiting = await self._store.read(measuring.waiting, now)
        for lane in Lane:
            count, since = found.messages.get(lane, (0, None))
            self._meters.outbox_depth.labels(lane.name.lower()).set(count)
            self._meters.outbox_oldest.labels(lane.name.lower()).set(self._age_s(now, since))
        self._meters.inbox_depth.set(found.updates)
        self._meters.inbox_lag.set(self._age_s(now, found.updates_since))
        self._meters.aside.set(found.aside)
        self._meters.due.set(found.due)

    async def run(self) -> None:
        """Look at the broadcasts that run."""
        found: Sequence[Running] = await self._store.read(measuring.running)
        for state in RUNNING:
            self._meters.broadcasts.labels(state.value).set(sum(1 for one in found if one.state is state))
        chats = sum(one.chats for one in found)
        self._meters.progress.set(_share(sum(one.reached + one.failed for one in found), chats))
        households = sum(one.households for one in found)
        self._meters.coverage.set(_share(sum(one.confirmed for one in found), households))
        efficiencies = [each for one in found if (each := self._efficiency(one)) is not None]
        if efficiencies:
            self._meters.efficiency.set(efficiencies[-1])

    async def count(self) -> None:
        """Count the open cases, more seldom where that takes long."""
        begun = time.monotonic()
        if begun < self._count_again_at:
            return
        found: Mapping[tuple[str, bool], int] = await self._store.read(measuring.open_cases)
        for status in sorted(set(Status) - ENDS):
            counts = (found.get((status.value, overdue), 0) for overdue in (False, True))
            self._meters.open_cases.labels(status.value).set(sum(counts))
        self._meters.overdue_cases.set(sum(count for (_, overdue), count in found.items() if overdue))
        ended = time.monotonic()
        self._count_again_at = ended + (ended - begun) / MOST_OF_THE_TIME

    def _efficiency(self, one: Running) -> float | None:
        """The least time for what has been sent, to the time it took; ``None`` before the first message stands."""
        if one.begun_at is None or not one.reached:
            return None
        spent_s = ((one.sent_at or self._clock.now()) - one.begun_at).total_seconds() / self._clock.speed
        least_s = one.reached / (BOT_RATE_PER_S * self._bots)
        return min(1.0, least_s / spent_s) if spent_s > 0 else 1.0

    def _age_s(self, now: datetime, since: datetime | None) -> float:
        return max(0.0, (now - since).total_seconds()) / self._clock.speed if since else 0.0


class MachineMeasures:
    """The disk and the files. Nothing is opened: SQLite's locks are lost when another handle is closed."""

    def __init__(self, settings: Settings, meters: Meters) -> None:
        self._file, self._meters = settings.database_file, meters
        self.folder = (self._file or Path()).absolute().parent if self._file else Path().absolute()

    def look(self) -> None:
        """Read sizes and times; quick enough for the loop."""
        self._meters.disk.set(free_bytes(self.folder))
        if self._file is not None:
            self._meters.wal.set(_size(self._file.with_name(self._file.name + "-wal")))
            self._meters.backup.labels("sqlite").set(_changed_at(stamp_of(self._file)))


def free_bytes(folder: Path) -> float:
    """Room on the disk of *folder*; 0 where that can't be told."""
    try:
        return float(shutil.disk_usage(folder).free)
    except OSError:
        return 0.0


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _changed_at(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0


def _share(some: int, whole: int) -> float:
    return some / whole if whole else 1.0


def overdue(stores: Any, before: datetime) -> tuple[int, datetime | None]:
    """How many clocks should have rung before that instant and did not, and since when the first one."""
    due: tuple[int, datetime | None] = measuring.Measures(stores.connection, stores.city).due(before)
    return due
