"""Who may leave next, of one bot: the message that the pump lets go, or a part that follows one which has left."""

import asyncio
import contextlib
from collections.abc import Callable

from bot.pacing import Pacer
from routing.ports import Lane
from storage.sendings import Head


class Turns:
    """The gate through which whatever is paced leaves, one call after the other.

    An album waits until there is room for all of it, and nothing else leaves meanwhile. The pump and the parts that
    wait take turns, so that neither keeps the other waiting for longer than that.

    Args:
        pacer: The pace of the bot.
        steady: Seconds.

    Attributes:
        gate: Whoever holds it may call `come`; those who want it get it in the order in which they came.
        waiting: The lanes of the parts that wait.
    """

    def __init__(self, pacer: Pacer, steady: Callable[[], float]) -> None:
        self._pacer, self._steady = pacer, steady
        self.gate, self._foremost = asyncio.Lock(), asyncio.Lock()
        self.waiting: list[Lane] = []

    async def come(self, longest_halt_s: float, count: int = 1) -> bool:
        """Wait until so many messages may leave; whether they may: not when the bot is to be silent for longer."""
        while (pause_s := self._pacer.bot_free_for(count) - self._steady()) > 0:
            if self._pacer.halted_until - self._steady() > longest_halt_s:
                return False
            await asyncio.sleep(pause_s)
        return True

    async def part(self, head: Head, count: int) -> float:
        """A part of so many messages leaves as soon as it may; returns when that is."""
        self.waiting.append(head.lane)
        try:
            while True:
                await self.rest(head, count)
                async with self._foremost, self.gate:
                    if await self.come(0, count):
                        return self.spend(head, count)
        finally:
            self.waiting.remove(head.lane)

    async def rest(self, head: Head, count: int = 1) -> None:
        """Wait until that chat has room for so many messages, and the bot is not to be silent."""
        free_at = max(self._pacer.chat_free_for(head, count), self._pacer.halted_until)
        await asyncio.sleep(max(free_at - self._steady(), 0))

    def spend(self, head: Head, count: int = 1) -> float:
        """It leaves now; returns when that is."""
        now = self._steady()
        self._pacer.spend(now, head, head.lane, count)
        return now


async def until(event: asyncio.Event, seconds: float) -> None:
    """Wait for *event*, but not longer than that."""
    if seconds > 0:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await event.wait()
