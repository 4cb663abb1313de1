"""A worker beside others on one database: it takes chats that nobody holds, and lets go of each when it is done."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from bot.logs import describe
from bot.lots import Lots
from bot.meters import Meters
from bot.rush import Rush
from bot.telegram import App
from bot.worker import IN_A_ROW, RETRIES_S, Row, Taken, Worker
from storage.leases import Lease
from storage.store import Store
from storage.tenure import Tenure

log = logging.getLogger(__name__)

CHATS: Final = 16
"""So many chats are held at once, besides those that rest before a retry: more would only wait here instead of being
handled by another program."""
POLL_S: Final = 0.5
"""So often it looks without any hint."""


INBOX, OUTBOX = "inbox", "outbox"
"""What programs ring each other for."""


class Anybody:
    """Where updates go when any of several programs may handle them."""

    alone = False

    def __init__(self, worker: Worker | None, tenure: Tenure) -> None:
        self._worker, self._tenure = worker, tenure

    def offer(self, row: Taken) -> None:
        """Let whoever handles updates look into the inbox."""
        if self._worker is not None:
            self._worker.offer(row)
        self._tenure.ring(INBOX)

    def make_room(self) -> None:
        """For a moment taking in goes before handling, in this program."""
        if self._worker is not None:
            self._worker.make_room()

    def holds(self, queue: str) -> bool:
        """Whether updates of that chat are here; where else they may be, the inbox knows."""
        return self._worker is not None and self._worker.holds(queue)


class SharingWorker(Worker):
    """Handles the chats that it holds. An update that comes in here is a hint to look, as one from elsewhere is.

    Args:
        store: With others beside.
        applications: By bot.
        clock: Now.
        meters: Counts.
        lots: By bot.
        rush: Makes room for taking in.
        tenure: In whose name chats are held.
        forget: Called when what this program remembers of people and chats may be wrong.
    """

    def __init__(
        self,
        store: Store,
        applications: Mapping[int, App],
        clock: Callable[[], datetime],
        meters: Meters,
        lots: Mapping[int, Lots] = MappingProxyType({}),
        rush: Rush | None = None,
        *,
        tenure: Tenure,
        forget: Callable[[], None],
    ) -> None:
        super().__init__(store, applications, clock, meters, lots, rush)
        self._lease, self._forget = tenure.lease, forget
        self._unlearned: int | None = None
        self._unread = False  # what waits is known to the inbox only
        self._hint = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._looked_at = time.monotonic()

    @property
    def beat_age_s(self) -> float:
        """Seconds since it last looked for updates, or since the slowest of its chats went on."""
        return max(super().beat_age_s, time.monotonic() - self._looked_at)

    async def start(self) -> int:
        """Take the first chats, and go on looking; returns how many updates these brought."""
        await self._take_some()
        self._looking = asyncio.create_task(self._look(), name="inbox")
        return len(self._known)

    def offer(self, row: Taken) -> None:
        """Look soon: what was committed before it, perhaps by another program, comes first."""
        del row
        self.refresh()

    def refresh(self) -> None:
        """Look soon."""
        self._hint.set()

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Start nothing new, wait up to *grace_s* for what is being handled, and let go of the chats."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await super().stop(grace_s=grace_s)
        try:
            await self._store.work(_let_go, self._lease)
        except Exception as error:  # noqa: BLE001 - the lease is given up next, and they with it
            log.warning("chats not let go", extra={"error": describe(error)})

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_S):
                    await self._hint.wait()
            self._hint.clear()
            taken = await self._take_some()
            self._looked_at = time.monotonic()
            if not taken:
                await asyncio.sleep(RETRIES_S[0])

    async def _take_some(self) -> bool:
        """Let go of the chats that are done and take others; returns whether the database could be asked."""
        queues = list(self._queues)
        room = CHATS - len(queues) + len(self._resting)
        try:
            bots = list(self._applications)
            unlearned, rows = await self._store.work(_turn, self._lease, queues, bots, max(room, 0))
        except Exception:
            log.exception("inbox unreachable")
            return False
        if unlearned != self._unlearned:
            self._forget()
            self._unlearned = unlearned
        for row in rows:
            self._take(Taken(row.bot, row.update_id, row.queue, row.raw, row.attempts))
        return True

    def _emptied(self, queue: str) -> None:
        """It can be let go, and there is room for another one."""
        del queue
        self.refresh()


def _turn(
    stores: Any, lease: Lease, queues: Sequence[str], bots: Sequence[int], room: int
) -> tuple[int, Sequence[Row]]:
    """Keep just *queues*, and take others as there is *room*. What a broken COMMIT left behind is let go, too."""
    stores.leases.let_go_chats(lease, but=queues)
    rows: Sequence[Row] = stores.leases.take(lease, bots, room, IN_A_ROW) if room else []
    return stores.leases.unlearned(), rows


def _let_go(stores: Any, lease: Lease) -> None:
    stores.leases.let_go_chats(lease, but=())
