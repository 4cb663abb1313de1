"""A town that lives as long as the fuzzing: what comes in goes the whole way, into a real database."""

import asyncio
import itertools
from collections.abc import Sequence
from contextlib import AsyncExitStack
from functools import cache
from typing import Any, Final

import orjson

from bot import worker
from bot.bench.stand import BOT, Stand, now, stand
from storage.audit import findings
from storage.inbox import SetAside
from storage.stores import Stores

GRIDS: Final = 2
GROUPS: Final = tuple(-1_000_000_000_000 - number for number in range(1, GRIDS + 1))
PATIENCE_S: Final = 120.0
AUDIT_EVERY: Final = 200


class FuzzedTown:
    """The bot with its handlers and its database, and no network. Made once for a process by `town`."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._stack = AsyncExitStack()
        self.answered: set[str] = set()
        self._numbers = itertools.count(1)
        self._fed = 0
        worker.RETRIES_S = (0.0001, 0.0001)  # type: ignore[misc]  # nobody waits here
        self.stand: Stand = self.loop.run_until_complete(
            self._stack.enter_async_context(stand(GRIDS, households=3, answer=self._hear))
        )

    def close(self) -> None:
        """Let go of the database."""
        self.loop.run_until_complete(self._stack.aclose())
        self.loop.close()

    def feed(self, updates: Sequence[Any], *, numbered: bool = True) -> list[SetAside]:
        """Take *updates* in as from polling; returns those set aside, after all the others were done.

        Raises:
            AssertionError: one of them was lost, or is stuck.
            TimeoutError: the worker has not come to an end.
        """
        whole = [{"update_id": next(self._numbers), **update} for update in updates] if numbered else list(updates)
        return self.loop.run_until_complete(self._feed([orjson.dumps(update) for update in whole], len(whole)))

    def read(self, question: Any) -> Any:
        """Ask the database."""
        return self.loop.run_until_complete(self.stand.store.read(question))

    async def _feed(self, raws: list[bytes], batch: int) -> list[SetAside]:
        store = self.stand.store
        async with asyncio.timeout(PATIENCE_S):
            await self.stand.feed(raws, max(batch, 1))
            waiting, aside = await store.read(_left)
            assert waiting == 0, "an update is stuck"
            if aside:
                await store.work(_forget, aside)
            self._fed += len(raws)
            if self._fed >= AUDIT_EVERY:
                self._fed = 0
                broken = await store.read(_laws)
                assert broken == [], broken
        return aside

    def _hear(self, callback_id: str, _text: str | None = None, _alert: bool = False) -> None:
        self.answered.add(callback_id)


def _left(stores: Stores) -> tuple[int, list[SetAside]]:
    return stores.inbox.waiting(), list(stores.inbox.aside())


def _forget(stores: Stores, aside: Sequence[SetAside]) -> None:
    for one in aside:
        stores.inbox.revive(one.bot, one.update_id)
        stores.inbox.done(one.bot, one.update_id, now())


def _laws(stores: Stores) -> list[str]:
    return [str(one) for one in findings(stores, now())]


@cache
def town() -> FuzzedTown:
    """The town of this process."""
    return FuzzedTown()


__all__ = ["BOT", "GROUPS", "FuzzedTown", "town"]
