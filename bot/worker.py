"""The worker: brings every stored update to the handlers, in order within a chat, chats beside one another."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import islice, takewhile
from types import MappingProxyType
from typing import Any, Final, NamedTuple, Protocol

import orjson
from telegram import Update

from bot.blame import Blame, Trial, blamed, rest_s
from bot.logs import describe
from bot.lots import Lots
from bot.meters import Meters
from bot.rush import Rush
from bot.telegram import App, line_of
from handlers import Receipt, current_update
from handlers._kit.services import Store
from storage.inbox import AlreadyHandled

log = logging.getLogger(__name__)

CHATS_AT_ONCE: Final = 32
IN_MEMORY: Final = 2_000  # updates; what is beyond stays in the inbox until there is room
PER_CHAT: Final = 200
IN_A_ROW: Final = 20  # updates of one chat before the others have their turn
PATIENCE_S: Final = 60.0
RETRIES_S: Final = (0.5, 3.0)  # pauses before the second and the third try; a third failure is poison

Id = tuple[int, int]  # bot, update id


class Row(Protocol):
    """An update in the inbox."""

    @property
    def bot(self) -> int: ...  # noqa: D102 - the Protocol's docstring says it

    @property
    def update_id(self) -> int: ...  # noqa: D102

    @property
    def queue(self) -> str: ...  # noqa: D102

    @property
    def raw(self) -> bytes: ...  # noqa: D102

    @property
    def attempts(self) -> int: ...  # noqa: D102


class Taken(NamedTuple):
    """A row as the worker keeps it, whether it came from the inbox or straight from the network."""

    bot: int
    update_id: int
    queue: str
    raw: bytes
    attempts: int = 0
    by_itself: bool = False  # it was tried together with others, in vain
    trial: Trial | None = None  # its tries, while an outage is blamed for them


class Worker:
    """Handles the updates of all bots.

    Plain reports at the head of a chat are filed together with those of others, by the *lots* of their bot.

    Memory is a cache of the inbox: at most `IN_MEMORY` updates wait in it and at most `PER_CHAT` of one chat. A chat
    that had to leave some in the inbox takes no newer ones until those have been fetched, so that its order holds.
    """

    alone = True
    """Nobody else handles updates."""

    def __init__(
        self,
        store: Store,
        applications: Mapping[int, App],
        clock: Callable[[], datetime],
        meters: Meters,
        lots: Mapping[int, Lots] = MappingProxyType({}),
        rush: Rush | None = None,
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._store, self._applications, self._clock, self._meters = store, applications, clock, meters
        self._lots, self._rush, self._patience_s = lots, rush or Rush(), patience_s
        self._queues: dict[str, deque[Taken]] = {}
        self._known: set[Id] = set()
        self._ready: deque[str] = deque()
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._resting: dict[str, asyncio.TimerHandle] = {}
        self._behind: set[str] = set()
        self._missed: set[str] = set()  # chats that an update was left out of while the inbox was being read
        self._ended: set[Id] | None = None  # updates that have ended since then
        self._unread = True  # the inbox may hold older updates than these of chats that nothing is known of
        self._refill: asyncio.Task[None] | None = None
        self._stopping = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._turned: dict[str, float] = {}  # when a chat that is being served went on to its next update
        meters.resting.set_function(lambda: len(self._resting))

    @property
    def beat_age_s(self) -> float:
        """Seconds since the slowest of the chats that are being served went on; 0 when there is none."""
        now = time.monotonic()
        return now - min(self._turned.values(), default=now)

    async def start(self) -> int:
        """Fetch what an earlier life left in the inbox; returns how many updates that is at least."""
        self.refresh()
        if self._refill is not None:
            await self._refill
        return len(self._known)

    def offer(self, row: Taken) -> None:
        """Take an update that has just been committed to the inbox; without room it stays there until later."""
        if (row.bot, row.update_id) in self._known or self._stopping:
            return
        if self._unread or row.queue in self._behind or not self._room(row.queue):
            self._idle.clear()
            self._behind.add(row.queue)
            self._missed.add(row.queue)
            self._want_more()
            return
        self._take(row)

    def holds(self, queue: str) -> bool:
        """Whether updates of that chat wait or are being handled: what comes now must wait behind them."""
        return self._unread or queue in self._queues or queue in self._behind

    def make_room(self) -> None:
        """More came at once than can be handled at once: for a moment taking in goes before handling."""
        self._rush.seen()

    def refresh(self) -> None:
        """Look into the inbox for what nobody offered, such as an update revived by hand."""
        if not self._fetching:
            self._refill = asyncio.create_task(self._fetch(), name="refill")

    async def wait_idle(self) -> None:
        """Return when nothing is being handled, waiting or resting, in memory or known to be in the inbox."""
        await self._idle.wait()

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Start nothing new and wait up to *grace_s* for what is being handled; the rest stays in the inbox."""
        self._stopping = True
        for timer in self._resting.values():
            timer.cancel()
        tasks = [*self._busy.values(), *([self._refill] if self._refill else [])]
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _room(self, queue: str) -> bool:
        return len(self._known) < IN_MEMORY and len(self._queues.get(queue, ())) < PER_CHAT

    def _take(self, row: Taken) -> None:
        self._idle.clear()
        self._known.add((row.bot, row.update_id))
        waiting = self._queues.setdefault(row.queue, deque())
        waiting.append(row)
        if len(waiting) == 1 and row.queue not in self._busy:
            self._ready.append(row.queue)
            self._start_ready()

    def _start_ready(self) -> None:
        while self._ready and len(self._busy) < CHATS_AT_ONCE and not self._stopping:
            queue = self._ready.popleft()
            self._busy[queue] = asyncio.create_task(self._serve(queue), name=f"chat {queue}")

    async def _serve(self, queue: str) -> None:
        """Handle some updates of one chat; then the chat waits its turn, rests before a retry, or is done."""
        waiting, rest_s = self._queues[queue], 0.0
        try:
            for _ in range(IN_A_ROW):
                self._turned[queue] = time.monotonic()
                if await self._file(waiting):
                    break
                async with self._rush.turn():
                    rest_s = await self._handle(waiting)
                if rest_s or not waiting or self._stopping:
                    break
        except Exception:
            log.exception("inbox unreachable")
            rest_s = RETRIES_S[-1]
        finally:
            del self._busy[queue]
            self._turned.pop(queue, None)
            self._after(queue, rest_s)

    def _after(self, queue: str, rest_s: float) -> None:
        if self._stopping:
            return
        if rest_s:
            self._resting[queue] = asyncio.get_running_loop().call_later(rest_s, self._rested, queue)
        elif self._queues[queue]:
            self._ready.append(queue)
        else:
            del self._queues[queue]
            self._emptied(queue)
        self._want_more()
        self._start_ready()
        if not (self._queues or self._behind or self._unread):
            self._idle.set()

    def _emptied(self, queue: str) -> None:
        """Nothing of that chat is left in memory."""

    def _rested(self, queue: str) -> None:
        del self._resting[queue]
        self._ready.append(queue)
        self._start_ready()

    async def _file(self, waiting: deque[Taken]) -> bool:
        """Have the plain reports at the head filed with others; returns whether the chat has had its turn thereby.

        Where that took none, or stopped at one, this one must be handled alone.
        """
        lots = self._lots.get(waiting[0].bot)
        if lots is None:
            return False
        fit = takewhile(lambda row: not (row.by_itself or row.attempts), islice(waiting, IN_A_ROW))
        lines = lots.plain(row.raw for row in fit)
        if not lines:
            return False
        begun = time.monotonic()
        done = await lots.file(lines)
        for _ in range(done):
            self._meters.handling.observe(time.monotonic() - begun)
            self._drop_first(waiting)
        return done == len(lines)

    async def _handle(self, waiting: deque[Taken]) -> float:
        """Handle the first update of a chat; returns the pause in seconds before it must be tried again, or 0."""
        row = waiting[0]
        receipt, begun = Receipt(row.bot, row.update_id), time.monotonic()
        with self._meters.handling.time():
            error = await self._process(row, receipt)
        if isinstance(error, AlreadyHandled):
            self._meters.duplicates.inc()
        elif error is not None:
            again = await self._failed(row, error, begun)
            if again is not None:
                waiting[0] = again
                return rest_s(error, again.attempts, RETRIES_S)
        elif not receipt.settled:
            await self._store.work(_finish, row.bot, row.update_id, self._clock())
        self._drop_first(waiting)
        return 0.0

    def _drop_first(self, waiting: deque[Taken]) -> None:
        """It is done, or set aside."""
        row = waiting.popleft()
        self._known.discard((row.bot, row.update_id))
        if self._ended is not None:
            self._ended.add((row.bot, row.update_id))

    async def _process(self, row: Taken, receipt: Receipt) -> Exception | None:
        """Let the handlers have it; returns what went wrong. PTB itself never raises what a handler raised."""
        token = current_update.set(receipt)
        try:
            async with asyncio.timeout(self._patience_s):
                application = self._applications[row.bot]
                update = Update.de_json(orjson.loads(row.raw), application.bot)
                await application.process_update(update)
        except Exception as error:  # noqa: BLE001 - whatever it is, the update failed and the chat must go on
            return error
        finally:
            current_update.reset(token)
        return receipt.error

    async def _failed(self, row: Taken, error: Exception, begun: float) -> Taken | None:
        """Note the failure of a try that began then; returns the update as it waits for another, ``None`` for none."""
        whose, trial = blamed(error), None
        extra = {"bot": row.bot, "update_id": row.update_id, "attempt": row.attempts + 1, "blame": whose.value}
        if whose in {Blame.DATABASE, Blame.TELEGRAM}:
            answered_at = self._meters.committed_at if whose is Blame.DATABASE else self._answered_at(row.bot)
            trial = (row.trial or Trial(begun, begun)).failed(time.monotonic(), answered_at)
        if whose is Blame.UPDATE or (trial is not None and trial.hopeless):
            poison = await self._store.work(
                _fail, row.bot, row.update_id, describe(error), self._clock(), for_good=whose is not Blame.UPDATE
            )
            if poison:
                self._meters.poison.inc()
                log.error("update set aside as poison", exc_info=error, extra=extra)
                return None
        self._meters.retries.labels(whose.value).inc()
        where = error if whose is Blame.UPDATE else None
        log.warning("update failed and will be tried again", exc_info=where, extra=extra | {"error": describe(error)})
        return row._replace(attempts=row.attempts + 1, trial=trial)

    def _answered_at(self, bot: int) -> float:
        """When Telegram last answered that bot."""
        return line_of(self._applications[bot]).answered_at

    def _want_more(self) -> None:
        """Fetch from the inbox once half of the memory is free again."""
        wanted = self._behind or self._unread
        if wanted and not self._fetching and not self._stopping and len(self._known) <= IN_MEMORY // 2:
            self.refresh()

    @property
    def _fetching(self) -> bool:
        return self._refill is not None and not self._refill.done()

    async def _fetch(self) -> None:
        """Take from the inbox what memory has room for, oldest first."""
        self._missed.clear()
        ended: set[Id] = set()
        self._ended = ended
        limit = len(self._known) + IN_MEMORY
        try:
            rows: list[Row] = await self._store.read(_pending, limit)
        except Exception:
            log.exception("inbox unreachable")
            asyncio.get_running_loop().call_later(RETRIES_S[-1], self._want_more)
            return
        finally:
            self._ended = None
        full: set[str] = set()
        for row in rows:
            update = (row.bot, row.update_id)
            if update in self._known or update in ended or row.bot not in self._applications:
                continue
            if row.queue in full or not self._room(row.queue):
                full.add(row.queue)
            else:
                self._take(Taken(row.bot, row.update_id, row.queue, row.raw, row.attempts))
        everything_seen = len(rows) < limit
        self._behind = full | self._missed | (set() if everything_seen else self._behind)
        self._unread = self._unread and not everything_seen
        if self._behind or self._unread:
            asyncio.get_running_loop().call_later(RETRIES_S[0], self._want_more)
        elif not self._queues:
            self._idle.set()


def _pending(stores: Any, limit: int) -> list[Row]:
    return list(stores.inbox.pending(limit))


def _finish(stores: Any, bot: int, update_id: int, now: datetime) -> None:
    """Mark an update done that no work was done for; a second time changes nothing."""
    try:
        stores.inbox.done(bot, update_id, now)
    except AlreadyHandled:
        return


def _fail(stores: Any, bot: int, update_id: int, error: str, now: datetime, *, for_good: bool) -> bool:
    return bool(stores.inbox.failed(bot, update_id, error, now, for_good=for_good))
