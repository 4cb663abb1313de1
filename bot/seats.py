"""What only one program may do at a time, and what this one begins when its turn has come."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, Final

from bot.logs import describe
from bot.meters import Meters
from storage.errors import Fenced
from storage.leases import Lease
from storage.store import Store

log = logging.getLogger(__name__)

LOOK_S: Final = 1.0
Begin = Callable[[], Awaitable[None]]


class Seats:
    """The seats of one program, named by a part and what it is for, as in ``courier 42``.

    Where nobody else can write every seat is this program's at once. Otherwise it asks for those that it wants again
    and again. A seat is kept until the program ends; when it dies, its lease runs out and the others have it.
    """

    def __init__(self, store: Store, meters: Meters) -> None:
        self._store, self._meters = store, meters
        self._lease = store.tenure.lease if store.tenure else None
        self._wanted: dict[str, Begin] = {}
        self.held: set[str] = set()

    async def want(self, seat: str, begin: Begin) -> None:
        """Call *begin* as soon as nobody else has the seat: now, or later from `run`."""
        self._wanted[seat] = begin
        await self._try(seat)

    async def run(self) -> None:
        """Ask for what others have, for ever.

        Raises:
            Fenced: this program has been given up for dead.
        """
        while True:
            await asyncio.sleep(LOOK_S)
            for seat in list(self._wanted):
                try:
                    await self._try(seat)
                except Fenced:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it is, the next turn tries again
                    log.warning("seat not taken", extra={"seat": seat, "error": describe(error)})

    def has_all(self, part: str) -> bool:
        """Whether no seat of that part is left to others, as far as this program wants any."""
        return not any(seat.startswith(part) for seat in self._wanted) and any(
            seat.startswith(part) for seat in self.held
        )

    async def _try(self, seat: str) -> None:
        if self._lease is not None and not await self._store.work(_hold, self._lease, seat):
            return
        await self._wanted[seat]()
        del self._wanted[seat]
        self.held.add(seat)
        log.info("seat taken", extra={"seat": seat, "epoch": self._lease.epoch if self._lease else 0})
        for part, count in Counter(seat.partition(" ")[0] for seat in self.held).items():
            self._meters.seats.labels(part).set(count)


def _hold(stores: Any, lease: Lease, seat: str) -> bool:
    return bool(stores.leases.hold(lease, seat))
