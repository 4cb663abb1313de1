"""Plain reports that wait in the inbox: those of many chats are filed together, as on their way in.

Under a flood the way in stores and nothing else, so that Telegram never waits for rules; the work is done here, a small
lot at a time, and between two lots whatever is taken in has its turn.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import orjson

from bot.logs import describe
from bot.rush import Rush
from handlers import Plain
from handlers._kit.plain import Chorus
from handlers._kit.services import Store

log = logging.getLogger(__name__)

LOT: Final = 40
"""So many reports share a transaction, or the run of one chat where that is longer: some 20 ms of the writer."""

Part = tuple[Sequence[Plain], "asyncio.Future[int]"]


class Lots:
    """Files what the chats of one bot have waiting; one lot at a time.

    Args:
        bot: Its Telegram id.
        chorus: Recognises and hears.
        store: Wakes whoever waits for what was promised.
        clock: Now.
        rush: Makes room for taking in.
    """

    def __init__(self, bot: int, chorus: Chorus, store: Store, clock: Callable[[], datetime], rush: Rush) -> None:
        self._bot, self._chorus, self._store, self._clock, self._rush = bot, chorus, store, clock, rush
        self._parts: list[Part] = []
        self._filing: asyncio.Task[None] | None = None

    def plain(self, raws: Iterable[bytes]) -> Sequence[Plain]:
        """Those updates that can be filed together, from the first one up to the first that can't."""
        lines = []
        for raw in raws:
            try:
                line = self._chorus.recognise(orjson.loads(raw))
            except (orjson.JSONDecodeError, AttributeError):  # bytes that are no update
                break
            if line is None:
                break
            lines.append(line)
        return lines

    async def file(self, lines: Sequence[Plain]) -> int:
        """File *lines*, of one chat and in its order, and mark them done in the inbox, in the same transaction.

        Returns:
            How many of them, from the first one: what is left goes the long way and has left no trace.
        """
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._parts.append((lines, future))
        if self._filing is None or self._filing.done():
            self._filing = asyncio.create_task(self._file(), name=f"lots {self._bot}")
        return await future

    async def _file(self) -> None:
        while self._parts:
            async with self._rush.turn():
                await self._file_some()

    async def _file_some(self) -> None:
        lot = self._next()
        done = [0] * len(lot)
        try:
            done = await self._store.work(_filed, self._chorus, self._bot, [part for part, _ in lot], self._clock())
        except Exception as error:  # noqa: BLE001 - each goes the long way, where its own error has its consequence
            log.warning("reports go the long way", extra={"bot": self._bot, "error": describe(error)})
        finally:  # whatever ended it, nobody waits for ever
            for (_, future), count in zip(lot, done, strict=True):
                if not future.done():
                    future.set_result(count)

    def _next(self) -> Sequence[Part]:
        """Parts that share a transaction; at least one, whatever its length."""
        lot, lines = [self._parts[0]], len(self._parts[0][0])
        for part in self._parts[1:]:
            lines += len(part[0])
            if lines > LOT:
                break
            lot.append(part)
        del self._parts[: len(lot)]
        return lot


def _filed(stores: Any, chorus: Chorus, bot: int, parts: Sequence[Sequence[Plain]], now: datetime) -> list[int]:
    """File what can be filed; returns how many of each part, from its first.

    Raises:
        storage.inbox.AlreadyHandled: one of them is done, or set aside; this transaction must leave no trace.
    """
    outcomes = iter(chorus.hear(stores, [line for part in parts for line in part], now))
    filed = [[line.update for line in part if next(outcomes)] for part in parts]
    stores.inbox.all_done(bot, [update for part in filed for update in part], now)
    return [len(part) for part in filed]
