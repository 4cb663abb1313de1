"""What time it is in the sandbox: the machine's own time, or a hand that a test moves."""

import asyncio
import heapq
import itertools
import time
from typing import Protocol


class Clock(Protocol):
    """Tells the sandbox's time, in seconds since 1970 (UTC)."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when *seconds* of this clock have gone by."""
        ...


class RealClock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait *seconds* of real time."""
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that stands still until it is advanced; sleepers wake in the order of their alarms."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start
        self._order = itertools.count()
        self._alarms: list[tuple[float, int, asyncio.Future[None]]] = []

    def now(self) -> float:
        """Seconds since 1970."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody has advanced the clock by *seconds*."""
        if seconds <= 0:
            return
        alarm: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._alarms, (self._now + seconds, next(self._order), alarm))
        await alarm

    @property
    def sleepers(self) -> int:
        """How many wait for the clock to move."""
        return sum(not alarm.done() for _, _, alarm in self._alarms)

    def advance(self, seconds: float) -> None:
        """Move the hand forward by *seconds* and wake whoever was due.

        Raises:
            ValueError: *seconds* is negative; time does not run backwards here.
        """
        if seconds < 0:
            raise ValueError("the clock can only be advanced")
        self._now += seconds
        while self._alarms and self._alarms[0][0] <= self._now:
            _, _, alarm = heapq.heappop(self._alarms)
            if not alarm.done():
                alarm.set_result(None)
