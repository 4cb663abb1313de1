"""How updates come in: judged, stored, and only then confirmed to Telegram."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol

import orjson
from telegram.error import Conflict, RetryAfter

from bot.failures import seconds
from bot.logs import describe
from bot.meters import Meters
from bot.spool import Spool
from bot.telegram import Line
from bot.worker import Taken
from handlers._kit.services import Store

log = logging.getLogger(__name__)

SHORTEST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 30.0
DATABASE_S: Final = 10.0  # longer than this no webhook waits for the database
_HOLDERS: Final = ("message", "edited_message", "my_chat_member", "chat_member", "chat_join_request")


class Judge(Protocol):
    """Tells what concerns the bot from chatter."""

    def judge(self, updates: Sequence[Mapping[str, Any]]) -> list[bool]:
        """One verdict per update."""
        ...


class Intake:
    """What happens to the updates of one bot before Telegram is told that they were received.

    Chatter is dropped in memory. The rest is committed to the inbox, then offered to the worker.
    """

    def __init__(
        self,
        bot: int,
        judge: Judge,
        store: Store,
        offer: Callable[[Taken], None],
        clock: Callable[[], datetime],
        meters: Meters,
        spool: Spool,
    ) -> None:
        self.bot = bot
        self._judge, self._store, self._offer, self._clock, self._meters = judge, store, offer, clock, meters
        self._spool = spool

    async def keep(self, updates: Sequence[Mapping[str, Any]], offset: int | None = None) -> None:
        """Commit what concerns us; with *offset*, the place to poll from is committed beside it.

        Raises:
            Exception: the database could not commit; nothing of the batch counts as received.
        """
        rows = self._rows(updates)
        if not rows:
            return
        fresh = await self._store.work(_receive, rows, self._clock(), offset_setting(self.bot), offset)
        for row, new in zip(rows, fresh, strict=True):
            if new:
                self._offer(row)
            else:
                self._meters.duplicates.inc()

    async def keep_or_spool(self, update: Mapping[str, Any]) -> None:
        """Commit one update, or while the database is away, write it to disk; either way it is safe afterwards.

        Raises:
            OSError: neither worked; Telegram must keep it.
        """
        try:
            async with asyncio.timeout(DATABASE_S):
                await self.keep([update])
        except Exception as error:
            log.exception("update spooled to disk", extra={"bot": self.bot, "error": describe(error)})
            raw = orjson.dumps(update)
            await asyncio.to_thread(self._spool.put, self.bot, update["update_id"], raw)
            self._meters.spooled.set(len(self._spool))

    async def replay(self) -> int:
        """Commit this bot's spooled updates and drop their files; returns how many there were."""
        count = 0
        for bot, update_id, raw in self._spool.waiting():
            if bot == self.bot:
                await self.keep([orjson.loads(raw)])
                self._spool.drop(bot, update_id)
                count += 1
        self._meters.spooled.set(len(self._spool))
        return count

    def _rows(self, updates: Sequence[Mapping[str, Any]]) -> list[Taken]:
        """The updates that concern us, as rows."""
        try:
            verdicts = self._judge.judge(updates)
        except Exception:  # an update of a shape that nobody foresaw is for the worker to fail on, once
            log.exception("updates not judged")
            verdicts = [True] * len(updates)
        rows = []
        for update, ours in zip(updates, verdicts, strict=True):
            self._meters.received.labels("kept" if ours else "chatter").inc()
            if ours:
                rows.append(Taken(self.bot, update["update_id"], queue_of(self.bot, update), orjson.dumps(update)))
        return rows


def queue_of(bot: int, update: Mapping[str, Any]) -> str:
    """The chat in whose order the update must be handled."""
    holder = next((update[kind] for kind in _HOLDERS if kind in update), None)
    if holder is None:
        holder = update.get("callback_query", {}).get("message", {})
    return f"{bot}:{holder.get('chat', {}).get('id', 'none')}"


def offset_setting(bot: int) -> str:
    """Where the place to poll from is kept."""
    return f"poll.offset:{bot}"


def _receive(stores: Any, rows: Sequence[Taken], now: datetime, setting: str, offset: int | None) -> list[bool]:
    fresh = [bool(stores.inbox.receive(row.bot, row.update_id, row.queue, row.raw, now)) for row in rows]
    if offset is not None:
        stores.notebook.set_setting(setting, str(offset))
    return fresh


def _setting(stores: Any, key: str) -> str | None:
    value: str | None = stores.notebook.setting(key)
    return value


class Poller:
    """Asks Telegram for one bot's updates, again and again.

    Asking from an offset confirms everything before it, so the offset moves only when the batch is committed.
    """

    def __init__(self, line: Line, intake: Intake, store: Store, meters: Meters) -> None:
        self._line, self._intake, self._store, self._meters = line, intake, store, meters
        self._stopping = asyncio.Event()
        self._pause_s = 0.0
        self.polled_at = time.monotonic()

    @property
    def age_s(self) -> float:
        """Seconds since Telegram last answered a poll."""
        return time.monotonic() - self.polled_at

    async def run(self) -> None:
        """Poll until `stop`; troubles are waited out."""
        kept = await self._store.read(_setting, offset_setting(self._intake.bot))
        offset = int(kept) if kept else None
        webhook_gone = False
        while not self._stopping.is_set():
            try:
                if not webhook_gone:
                    await self._line.call("deleteWebhook", {"drop_pending_updates": False})
                    webhook_gone = True
                offset = await self._poll_once(offset)
                self._pause_s = 0.0
            except Exception as error:  # noqa: BLE001 - polling must outlive every trouble
                webhook_gone = webhook_gone and not isinstance(error, Conflict)
                await self._rest(error)

    def stop(self) -> None:
        """End `run` at its next turn; a poll that is waiting may be cancelled, nothing is confirmed by it."""
        self._stopping.set()

    async def _poll_once(self, offset: int | None) -> int | None:
        """One poll and its commit; returns the next offset."""
        updates = await self._line.poll(offset)
        self.polled_at = time.monotonic()
        self._meters.poll_age.labels(self._intake.bot).set(0)
        if not updates:
            return offset
        after = int(updates[-1]["update_id"]) + 1
        await self._intake.keep(updates, after)
        return after

    async def _rest(self, error: Exception) -> None:
        """Wait longer after each trouble in a row, or as long as Telegram asks."""
        self._pause_s = min(max(self._pause_s * 2, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)
        pause_s = seconds(error) if isinstance(error, RetryAfter) else self._pause_s
        log.warning(
            "polling interrupted", extra={"bot": self._intake.bot, "error": describe(error), "pause_s": pause_s}
        )
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause_s)
