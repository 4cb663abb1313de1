"""What the ticker calls: deadlines, albums, expiry, housekeeping, and the looks that keep the figures fresh.

Of several programs one does all this, and the figures are its.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import aiohttp

from bot.clock import Clock
from bot.logs import describe
from bot.measuring import TownMeasures
from bot.measuring import overdue as overdue_clocks
from bot.meters import Meters
from bot.roles import Role, alive_setting
from bot.settings import Secret, is_loopback
from bot.ticker import Job, Nightly
from broadcasts import ticking as broadcasting
from broadcasts.model import BroadcastId
from handlers import collect
from handlers._kit.services import Store
from handlers.desks import live
from routing import duty, months, recounting, retention, ticking
from routing.model import CaseId, Timer
from routing.records import ErasureReason
from storage.errors import in_the_way, is_trouble

log = logging.getLogger(__name__)

AT_ONCE: Final = 200  # timers per transaction, so that the writer is never held for long
SWEEP_S: Final = 1.0
QUICKEST_SWEEP_S: Final = 0.1  # in a rehearsal
BROADCASTS_S: Final = 0.25  # what is published waits half of that before it begins
LISTS_S: Final = 30.0
PROGRESS_S: Final = 10.0
FIGURES_S: Final = 5.0  # a group may take 18 calls a minute: the figures leave room for what people say there
GRACE_S: Final = 60.0  # a timer that rings later than this has been missed
INBOX_DAYS: Final = 8  # Telegram redelivers for one, and starts its numbers anew after a week of silence
OUTBOX_DAYS: Final = 30
EXPIRE_AT_ONCE: Final = 20  # cases per transaction: each shows its cards anew
LOOK_UP: Final = 1_000  # cases that are searched for at once


class Jobs:
    """The jobs of the town's clock. *store* wakes the couriers, so that what a deadline promised leaves at once.

    The heartbeat beats only while *well* is.

    *away_since* is the instant of the town since which nobody has looked at its clocks, when that is long ago.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        meters: Meters,
        *,
        heartbeat: Secret | None,
        away_since: datetime | None = None,
        bots: int = 1,
        well: Callable[[], bool] = lambda: True,
    ) -> None:
        self._store, self._clock, self._meters = store, clock, meters
        self._heartbeat, self._well = heartbeat, well
        self._measures = TownMeasures(store, clock, meters, bots=bots)
        self._swept_at = time.monotonic()
        self._away_since = away_since
        self._list_seen = ""  # the last list of a desk that was looked at

    def all(self) -> list[Job | Nightly]:
        """Every job with its pace."""
        jobs: list[Job | Nightly] = [
            Job("sweep", max(QUICKEST_SWEEP_S, SWEEP_S / self._clock.speed), self.sweep),
            Job("broadcasts", max(QUICKEST_SWEEP_S, BROADCASTS_S / self._clock.speed), self.broadcast),
            Job("figures", max(QUICKEST_SWEEP_S, FIGURES_S / self._clock.speed), self.show_figures),
            Job("progress", max(QUICKEST_SWEEP_S, PROGRESS_S / self._clock.speed), self.show_progress),
            Job("lists", LISTS_S, self.freshen),
            Job("collect", 0.5, self.collect),
            Job("alive", 5, self.show),
            Job("audit", 60, self.audit),
            Nightly("purge", 3, 30, self.purge),
            Nightly("expire", 3, 45, self.expire),
            Nightly("month", 0, 10, self.month),
            Nightly("recount", 0, 15, self.recount),
        ]
        self._meters.sweep_age.set_function(lambda: time.monotonic() - self._swept_at)
        jobs += self._measures.all()
        return [*jobs, Job("heartbeat", 60, self.beat)] if self._heartbeat else jobs

    async def sweep(self) -> None:
        """Ring every timer that is due, some at a time, so that other works come between.

        The first time after a downtime what was missed is summed up; so it is after a database that was away.
        """
        pause_s = time.monotonic() - self._swept_at
        if pause_s > GRACE_S and self._away_since is None:
            self._away_since = self._clock.now() - timedelta(seconds=pause_s * self._clock.speed)
        while await self._ring_some(self._clock.now()) and not _cancelled():
            pass
        while await self._store.work(duty.sweep, self._clock.now()) and not _cancelled():
            pass
        self._swept_at = time.monotonic()
        self._away_since = None

    async def _ring_some(self, now: datetime) -> int:
        """Ring some timers in one transaction; when one of them fails, each in its own.

        Returns:
            How many that were: with any, there may be more.
        """
        try:
            rang = await self._store.work(ticking.ring_due, now, AT_ONCE, away_since=self._away_since)
        except Exception as error:
            _waits(error)
            due = await self._store.read(_due, now, AT_ONCE)
            if not due:
                raise  # no timer is to blame
            log.warning("timers rung one by one", extra={"error": describe(error)})
        else:
            self._note_lateness(rang)
            return len(rang)
        return sum([await self._ring_alone(timer, now) for timer in due])

    def _note_lateness(self, rang: Sequence[Timer]) -> None:
        now = self._clock.now()
        for timer in rang:
            self._meters.lateness.observe(self._age_s(now, timer.next_at))

    async def _ring_alone(self, timer: Timer, now: datetime) -> bool:
        """Ring one timer; one that can't be rung is put off, so that it holds up nobody. False if it is due still."""
        try:
            await self._store.work(ticking.ring, timer, now, away_since=self._away_since)
            self._note_lateness([timer])
        except Exception as error:  # noqa: BLE001 - whatever it is, one timer must not silence all the others
            if _waits(error):
                return False
            await self._store.work(ticking.postpone, timer, now)
            self._meters.put_off.inc()
            extra = {"case": timer.case, "kind": timer.kind.value, "error": describe(error)}
            log.error("timer can't be rung and is put off", extra=extra)
        return True

    async def broadcast(self) -> None:
        """Do what is due of every broadcast, bit by bit in turn, each in its own transaction: none stops the others."""
        now = self._clock.now()
        due = await self._store.read(broadcasting.due, now)
        while due and not _cancelled():
            due = [one for one in due if await self._look(one, now) >= broadcasting.PER_LOOK]

    async def _look(self, broadcast: BroadcastId, now: datetime) -> int:
        """Do the next bit of one broadcast; returns how many things were done."""
        try:
            return await self._store.work(broadcasting.look, broadcast, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, one broadcast must not silence the others
            extra = {"broadcast": broadcast, "error": describe(error)}
            if is_trouble(error):  # it stays due; where the database fails everything, nothing is found due next time
                log.warning("broadcast waits for the database", extra=extra)
                return 0
            await self._store.work(broadcasting.postpone, broadcast, now)
            log.error("broadcast can't go on and is put off", extra=extra)
            return 0

    async def show_figures(self) -> None:
        """Show new figures under the messages of broadcasts and at their desks."""
        now = self._clock.now()
        while await self._store.work(broadcasting.refresh, now) >= broadcasting.PER_LOOK and not _cancelled():
            pass

    async def show_progress(self) -> None:
        """Show at the desks how far broadcasts have been sent."""
        await self._store.work(broadcasting.show_progress, self._clock.now())

    async def freshen(self) -> None:
        """Let the lists at the desks show what is so now."""
        lists = await self._store.read(live.turn, self._clock.now(), self._list_seen)
        if not lists:
            return
        self._list_seen = lists[-1].key
        stale = await self._store.read(live.stale, lists, self._clock.now())
        if stale:
            await self._store.work(live.freshen, stale, self._clock.now())

    async def collect(self) -> None:
        """Finish what nobody will write about any more, such as an album whose parts have stopped coming."""
        await self._store.work(collect, self._clock.now())

    async def show(self) -> None:
        """Note that the clock runs, settle what came too late, and let go what a clock that was set back would hold."""
        await self._store.work(_alive, self._clock.now(), self._clock.wall())

    async def recount(self) -> None:
        """When the calendar has got another year, count the deadlines again that were guessed in it."""
        if not await self._store.read(recounting.wanted):
            return
        after = await self._store.work(recounting.some, self._clock.now())
        while after is not None and not _cancelled():
            after = await self._store.work(recounting.some, self._clock.now(), after)
        log.info("provisional deadlines counted again")

    async def month(self) -> None:
        """Hand the desks at the top the sheet of the month that is over, once."""
        if await self._store.work(months.announce, self._clock.now()):
            log.info("monthly sheet promised")

    async def audit(self) -> None:
        """Look for timers that should have rung and did not: then this very process does not do its work."""
        missed_before = self._clock.now() - timedelta(seconds=GRACE_S * self._clock.speed)
        overdue, first = await self._store.read(overdue_clocks, missed_before)
        self._meters.overdue.set(overdue)
        self._meters.overdue_s.set(self._age_s(self._clock.now(), first))
        if overdue:
            log.error("deadlines have not rung", extra={"count": overdue})

    async def purge(self) -> None:
        """Forget what is settled for long; in a rehearsal, whose days are short, nothing is forgotten."""
        if self._clock.speed == 1.0:
            now = self._clock.now()
            await self._store.work(_purge, now - timedelta(days=INBOX_DAYS), now - timedelta(days=OUTBOX_DAYS))

    async def expire(self) -> None:
        """Erase what ended long ago and holds of people, some at a time; in a rehearsal nothing, as above."""
        now, erased = self._clock.now(), 0
        while self._clock.speed == 1.0 and not _cancelled():
            cases = await self._store.read(_expired, now, LOOK_UP)
            if not cases:
                break
            for first in range(0, len(cases), EXPIRE_AT_ONCE):
                await self._store.work(retention.expire, cases[first : first + EXPIRE_AT_ONCE], now)
            erased += len(cases)
        if self._clock.speed == 1.0 and (count := await self._store.work(_let_go, now)):
            log.warning("updates set aside were deleted", extra={"count": count})
        if erased:
            log.info("ended cases lost their words", extra={"count": erased})
        while self._clock.speed == 1.0 and not _cancelled():
            if not (count := await self._store.work(retention.expire_answers, now)):
                break
            log.info("ended broadcasts lost their answers", extra={"count": count})

    async def beat(self) -> None:
        """Tell whoever watches that deadlines ring and all else is well; when this stops, they raise the alarm."""
        if self._heartbeat is None or time.monotonic() - self._swept_at > GRACE_S or not self._well():
            return
        timeout, url = aiohttp.ClientTimeout(total=10), self._heartbeat.reveal()
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, trust_env=not is_loopback(url)) as session,
                session.get(url) as answer,
            ):
                answer.raise_for_status()
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("heartbeat not heard", extra={"error": describe(error)})

    def _age_s(self, now: datetime, since: datetime | None) -> float:
        """Real seconds between two instants of the town; 0 without a beginning."""
        return max(0.0, (now - since).total_seconds()) / self._clock.speed if since else 0.0


def _waits(error: Exception) -> bool:
    """Whether what failed is tried again at the next turn as it is, because others in the database hold what it needs.

    Any other trouble of the database is raised again: it fails everything, and nothing is put off for it.
    """
    if not is_trouble(error):
        return False
    if not in_the_way(error):
        raise error
    log.warning("others in the database are in the way", extra={"error": describe(error)})
    return True


def _cancelled() -> bool:
    """Whether somebody wants this task to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _alive(stores: Any, now: datetime, wall: datetime) -> None:
    stores.notebook.set_setting(alive_setting(Role.TICKER), wall.isoformat())
    stores.sending.expire(now)
    stores.sending.hasten(now)


def _due(stores: Any, now: datetime, limit: int) -> Sequence[Timer]:
    due: Sequence[Timer] = stores.timers.due(now, limit)
    return due


def _expired(stores: Any, now: datetime, limit: int) -> Sequence[CaseId]:
    cases: Sequence[CaseId] = stores.cases.expired(now - stores.policy.keeps_words, limit=limit)
    return cases


def _let_go(stores: Any, now: datetime) -> int:
    """Give up what has stood aside for as long as words are kept: it may hold some."""
    gone = int(stores.inbox.dismiss_before(now - stores.policy.keeps_words))
    if gone:
        stores.erasures.add(now, ErasureReason.EXPIRED, None, {"inbox": gone})
    return gone


def _purge(stores: Any, inbox_before: datetime, outbox_before: datetime) -> None:
    stores.inbox.purge(inbox_before)
    stores.sending.purge(outbox_before)
    stores.summaries.purge(outbox_before)
