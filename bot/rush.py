"""A rush: updates come faster than they can be handled. Then handling makes room for taking in, and still goes on.

Why: both are Python in one process, and one of them runs at a time. Whoever brings an update waits for it to be taken
in; what was taken in can wait.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from typing import Final

CALM_S: Final = 0.25
"""So long after the last crowd it is over."""
ROOM: Final = 3.0
"""For each second of handling so many are left to taking in, so that a quarter of the time is handling's."""


class Rush:
    """Known to whatever handles updates. *steady* counts seconds."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._seen_at = float("-inf")
        self._taken = False
        self._free = asyncio.Event()

    @property
    def on(self) -> bool:
        """Whether there is one."""
        return self._steady() - self._seen_at < CALM_S

    def seen(self) -> None:
        """More came at once than can be handled at once."""
        self._seen_at = self._steady()

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Handle something within; in a rush one at a time, and then nobody for `ROOM` times as long.

        None waits for another when the rush is over, nor rests after an error.
        """
        while self.on and self._taken:
            await self._wait(CALM_S)
        if counts := self.on:
            self._taken = True
        begun = self._steady()
        try:
            yield
            end = self._steady() + ROOM * (self._steady() - begun)
            while counts and self.on and (left := end - self._steady()) > 0:
                await self._wait(min(left, CALM_S))
        finally:
            if counts:
                self._taken = False
                self._free.set()

    async def _wait(self, seconds: float) -> None:
        """Until the turn is free, but not longer than that."""
        self._free.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._free.wait()
