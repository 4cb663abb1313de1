"""The life of this program beside others: its lease is kept, the dead are dropped, and hints are passed around.

It has a connection of its own, because a sign of life must not stand in line behind the works. It hangs on the event
loop on purpose: a program whose loop stands still does nothing for anybody and is to lose its lease.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final, TypeVar

from sqlalchemy import Engine

from storage.errors import Fenced
from storage.leases import SPAN, Lease, Leases

log = logging.getLogger(__name__)

T = TypeVar("T")

RENEW_S: Final = 2.0
HURRY_S: Final = 0.5
"""So soon it tries again when it could not give a sign of life."""
SURE: Final = SPAN - timedelta(seconds=1)
"""So long after a sign of life nobody else can have taken over, whoever's clock goes a little wrong."""
PAUSE_S: Final = 0.05
"""So often hints are passed on at most: they go through one lock of the whole server."""
AGAIN_S: Final = 5.0
_CHANNEL: Final = "huying"


class Tenure:
    """The time in which this program may write.

    Args:
        engine: Its connections see what is committed, each statement anew.
        city: Whose rows.
        lease: What it entered with.
    """

    def __init__(self, engine: Engine, city: str, lease: Lease) -> None:
        self._engine, self._city, self.lease = engine, city, lease
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lease")
        self._alone, self._ended = True, False
        self._kept, self._renewed = elapsed(), asyncio.Event()
        self._rung: set[str] = set()
        self._bell = asyncio.Event()
        self._hearing: asyncio.Task[None] | None = None
        self._fate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeping = asyncio.create_task(self._keep(), name="lease")
        self._keeping.add_done_callback(lambda _: self.fenced())
        self._ringing = asyncio.create_task(self._ring(), name="bell")

    async def lost(self) -> None:
        """Return when the tenure has been ended.

        Raises:
            Fenced: it has ended otherwise: others have taken over.
        """
        await asyncio.shield(self._fate)

    def fenced(self) -> None:
        """Others have taken over, as a work has been told: nothing done here counts any more."""
        if not self._fate.done():
            self._fate.set_exception(Fenced(self.lease.epoch))
        self._renewed.set()

    async def sure(self) -> None:
        """Return when nobody can have taken over, which is at once unless this program has just stood still.

        To be asked before something leaves that cannot be taken back: what a lost lease has written is refused, what it
        sends is not.

        Raises:
            Fenced: others have taken over.
        """
        while elapsed() - self._kept >= SURE.total_seconds():
            if self.over:
                raise Fenced(self.lease.epoch)
            self._renewed.clear()
            await self._renewed.wait()

    @property
    def over(self) -> bool:
        """Whether it has been ended, or others have taken over."""
        return self._fate.done()

    def ring(self, topic: str) -> None:
        """Tell the other programs, a little later and perhaps in vain, that there is something of that kind to do."""
        if not self._alone:
            self._rung.add(topic)
            self._bell.set()

    def hear(self, told: Callable[[str], None]) -> None:
        """Call *told* with each topic that some program rings; nothing may depend on it."""
        self._hearing = asyncio.create_task(self._hear(told), name="hints")

    async def end(self) -> None:
        """Let go of everything at once; when that fails, others begin when the lease has run out.

        A second call changes nothing.
        """
        if self._ended:
            return
        self._ended = True
        if self._fate.done():
            self._fate.exception()  # whoever did not ask does not care
        else:
            self._fate.set_result(None)
        tasks = [task for task in (self._keeping, self._ringing, self._hearing) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            await self._do(lambda leases: leases.leave(self.lease))
        except Exception as error:  # noqa: BLE001 - the program ends either way
            log.warning("lease not given up", extra={"error": type(error).__name__})
        await asyncio.to_thread(self._thread.shutdown)
        self._engine.dispose()

    async def _keep(self) -> None:
        """Keep the lease. While the database is away nobody can drop it; when it is back all get one turn first.

        So they do when the whole machine has stood still: whoever wakes first must not take the others for dead.
        """
        steady = False
        while True:
            await asyncio.sleep(RENEW_S if steady else HURRY_S)
            begun = elapsed()
            steady = steady and begun - self._kept < SURE.total_seconds()
            try:
                self._alone = await self._do(self._renew, steady)
                steady = True
            except Fenced:
                return
            except Exception as error:  # noqa: BLE001 - whatever it is, the next turn shows whether the lease is ours
                log.warning("lease not renewed", extra={"error": type(error).__name__})
                steady = False
            else:
                self._kept = begun
                self._renewed.set()

    def _renew(self, leases: Leases, look: bool) -> bool:
        """Keep the lease and drop what is dead; returns whether no other program is left."""
        now = leases.now()
        leases.keep(self.lease, now + SPAN)
        leases.shorten(now)
        if look and (dead := leases.drop_dead(now)):
            log.warning("others gave no sign of life", extra={"epochs": ",".join(map(str, dead))})
        return leases.living() <= 1

    async def _ring(self) -> None:
        while True:
            await self._bell.wait()
            self._bell.clear()
            topics, self._rung = self._rung, set()
            with suppress(Exception):  # a hint that is lost costs a second
                await self._do(_tell, topics)
            await asyncio.sleep(PAUSE_S)

    async def _hear(self, told: Callable[[str], None]) -> None:
        import psycopg  # where one program writes nobody listens, nor needs the driver

        from storage.patience import ALERT

        arguments = {**ALERT, **self._engine.dialect.create_connect_args(self._engine.url)[1]}
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(autocommit=True, **arguments) as connection:
                    await connection.execute(f"LISTEN {_CHANNEL}")
                    async for note in connection.notifies():
                        city, _, topic = note.payload.rpartition("/")
                        if city == self._city:
                            told(topic)
            except psycopg.Error as error:
                log.info("hints not heard", extra={"error": type(error).__name__})
            await asyncio.sleep(AGAIN_S)

    async def _do(self, what: Callable[..., T], *args: Any) -> T:
        """Run *what* over the leases, in a transaction on the connection of the tenure."""

        def within() -> T:
            with self._engine.begin() as connection:
                return what(Leases(connection, self._city), *args)

        return await asyncio.get_running_loop().run_in_executor(self._thread, within)


def elapsed() -> float:
    """Seconds on a clock that goes on while the program, or where that can be told the machine, stands still."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def _tell(leases: Leases, topics: Collection[str]) -> None:
    for topic in topics:
        leases.tell(_CHANNEL, topic)
