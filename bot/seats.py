"""What only one program may do at a time, and what this one begins when its turn has come."""

import asyncio
import contextlib
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
SEATS: Final = "seats"
"""What programs ring each other for when one of them leaves a seat."""
Begin = Callable[[], Awaitable[None]]


class Seats:
    """The seats of one program, named by a part and what it is for, as in ``courier 42``.

    Where nobody else can write every seat is this program's at once. Otherwise it asks for those that it wants again
    and again. A seat is kept until the program ends; when it dies, its lease runs out and the others have it.
    """

    def __init__(self, store: Store, meters: Meters) -> None:
        self._store, self._meters = store, meters
        self._lease = store.tenure.lease if store.tenure else None
        meters.lease_epoch.set(self._lease.epoch if self._lease else 0)
        meters.lease_held.set_function(lambda: float(store.tenure is None or not store.tenure.over))
        self._wanted: dict[str, Begin] = {}
        self._look = asyncio.Event()
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
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):  # wait_for may swallow the end of the program, up to Python 3.11
                    await self._look.wait()
            self._look.clear()
            for seat in list(self._wanted):
                try:
                    await self._try(seat)
                except Fenced:
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it is, the next turn tries again
                    log.warning("seat not taken", extra={"seat": seat, "error": describe(error)})

    def look(self) -> None:
        """Ask at once: somebody has left a seat."""
        self._look.set()

    async def leave(self, seat: str) -> None:
        """Let others begin; what was done here has ended. When that fails they begin when the lease is given up."""
        self.held.discard(seat)
        if self._store.tenure is None or self._lease is None:
            return
        try:
            await self._store.work(_let_go, self._lease, seat)
        except Exception as error:  # noqa: BLE001 - the program ends, and its lease with it
            log.warning("seat not left", extra={"seat": seat, "error": describe(error)})
        else:
            self._store.tenure.ring(SEATS)

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


def _let_go(stores: Any, lease: Lease, seat: str) -> None:
    stores.leases.let_go(lease, [seat])
