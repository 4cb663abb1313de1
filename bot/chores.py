"""What every program does for itself again and again, whatever the others do; what only one may do is in `jobs`."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bot.clock import Clock
from bot.ingress import Intake
from bot.listening import Listening
from bot.measuring import MachineMeasures
from bot.meters import Meters
from bot.roles import Role, alive_setting
from bot.telegram import App, forget_seen_ids, line_of
from bot.ticker import Job
from bot.worker import Worker
from handlers._kit.services import Store

log = logging.getLogger(__name__)

NAP_S: Final = 0.01  # sleeping so long and waking later shows how busy the loop is


class Chores:
    """The chores of one process.

    Args:
        worker: ``None`` where no updates are handled.
        intakes: Empty where none are taken in.
        applications: What python-telegram-bot must not make grow.
        forget: Called when what this program remembers of people and chats may be wrong.
        machine: Measures disk and files.
        report: Looks at this process as a whole.
        by_webhook: Updates come by webhook, so that only Telegram knows how many wait.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        meters: Meters,
        *,
        worker: Worker | None,
        intakes: Sequence[Intake],
        listening: Listening,
        applications: Sequence[App],
        forget: Callable[[], None],
        machine: MachineMeasures,
        by_webhook: bool,
        report: Callable[[], Awaitable[object]],
    ) -> None:
        self._store, self._clock, self._meters = store, clock, meters
        self._worker, self._intakes, self._listening, self._applications = worker, intakes, listening, applications
        self._forget, self._unlearned = forget, 0
        self._machine, self._by_webhook, self._report = machine, by_webhook, report

    def all(self) -> list[Job]:
        """Every chore with its pace."""
        chores = [Job("look", 5, self.look), Job("report", 10, self._report), Job("refill", 30, self.refill)]
        if self._intakes:
            chores += [Job("listen", 5, self.listen), Job("replay", 5, self.replay)]
            chores.append(Job("let go", 3600, self.let_go))
        return [*chores, Job("pending", 60, self.pending)] if self._by_webhook else chores

    async def look(self) -> None:
        """See how busy the loop is, and how much room there is."""
        self._machine.look()
        begun = time.monotonic()
        await asyncio.sleep(NAP_S)
        self._meters.lag_s = time.monotonic() - begun - NAP_S

    async def listen(self) -> None:
        """Note that updates are taken in, and learn where to listen."""
        unlearned = await self._store.work(_heard, self._clock.wall())
        if unlearned != self._unlearned:
            self._forget()
            self._unlearned = unlearned
        await self._listening.refresh(self._store)

    async def replay(self) -> None:
        """Take in what was spooled while the database was away."""
        for intake in self._intakes:
            if count := await intake.replay():
                log.info("spooled updates replayed", extra={"bot": intake.bot, "count": count})

    async def let_go(self) -> None:
        """Delete what has stood aside on the disk for as long as words are kept; what the database has goes nightly."""
        kept = await self._store.read(_kept_for)
        for intake in self._intakes:
            if count := await intake.let_go(self._clock.wall() - kept):
                log.warning("updates set aside on the disk were deleted", extra={"bot": intake.bot, "count": count})

    async def pending(self) -> None:
        """Ask Telegram how many updates wait for the webhooks."""
        for application in self._applications:
            line = line_of(application)
            info = await line.call("getWebhookInfo", {})
            self._meters.pending.labels(line.id).set(info.get("pending_update_count", 0))

    async def refill(self) -> None:
        """Hand the worker what waits in the inbox without its knowing, and keep PTB from growing."""
        if self._worker is not None:
            self._worker.refresh()
        for application in self._applications:
            forget_seen_ids(application)


def _kept_for(stores: Any) -> timedelta:
    kept: timedelta = stores.policy.keeps_words
    return kept


def _heard(stores: Any, wall: datetime) -> int:
    stores.notebook.set_setting(alive_setting(Role.INGRESS), wall.isoformat())
    return int(stores.notebook.unlearned())
