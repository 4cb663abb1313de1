"""The courier of one bot token: one pump that takes promises from the outbox and carries them to Telegram."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from telegram import InputFile

from bot.clock import Clock
from bot.failures import Failure, Kind, classify
from bot.letters import Letter, put_back, take_up
from bot.meters import Meters
from bot.pacing import Halt, Pacer
from bot.settlement import Delivery, Result, recover, settle
from bot.telegram import IN_FLIGHT, Line
from handlers._kit.services import Store
from handlers._kit.views import Attachment
from routing.model import ChatId
from routing.ports import Lane
from storage.errors import Fenced
from storage.sendings import Head

log = logging.getLogger(__name__)

POLL_S: Final = 1.0
ROUND_S: Final = 5.0  # however long a halt is, the pump goes round so often
LOOK_S: Final = 0.03  # what was seen holds for so long: shorter than a turn at Telegram's pace, longer in a rehearsal
PER_LANE: Final = 16
AHEAD_S: Final = 0.1  # so long before it may leave, the next message is taken up and its text made
PATIENCE_S: Final = 45.0  # how long the later parts of a message are tried
LONGEST_TROUBLE_S: Final = 30.0
UNAUTHORISED_S: Final = 60.0
_NOT_SENT: Final = frozenset({Kind.OFFLINE, Kind.FLOOD})


class Courier:
    """Sends what one bot has promised.

    Args:
        store: Where the outbox is.
        line: The bot's line to Telegram.
        bot: The bot's Telegram id.
        clock: The town's clock, by which messages expire; paces and pauses count in seconds of *steady*.
        meters: Counts.
        locale: The town's language.
        sure: Returns when no other courier can have taken over; asked before each call.
    """

    def __init__(
        self,
        store: Store,
        line: Line,
        bot: int,
        clock: Clock,
        meters: Meters,
        *,
        locale: str = "zh",
        pacer: Pacer | None = None,
        steady: Callable[[], float] = time.monotonic,
        sure: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        self.bot = bot
        self._store, self._line, self._clock, self._meters = store, line, clock, meters
        self._locale, self._pacer, self._steady, self._sure = locale, pacer or Pacer(), steady, sure
        self._wake, self._landed, self._stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._resting = asyncio.Event()  # the pump stands still
        self._resting.set()
        self._heads: Mapping[Lane, Sequence[Head]] = {}
        self._looked_at = float("-inf")
        self._flying: dict[ChatId, asyncio.Task[None]] = {}
        self._troubles = 0
        self._beaten_at = steady()
        meters.rate.labels(bot).set_function(lambda: self._pacer.rate_per_s)
        meters.halted.labels(bot).set_function(lambda: max(0.0, self._pacer.halted_until - self._steady()))

    @property
    def beat_age_s(self) -> float:
        """Seconds since it last went round, or last looked whether the database is back."""
        return self._steady() - self._beaten_at

    @property
    def stopping(self) -> bool:
        """Whether `stop` has been called."""
        return self._stopping.is_set()

    def wake(self) -> None:
        """Something may have been promised: look at once."""
        self._wake.set()

    async def recover(self) -> int:
        """Settle what an earlier life left in flight and take over its pauses; returns how many were in flight."""
        interrupted, halts = await self._store.work(recover, self.bot, self._clock.now(), self._clock.wall())
        for scope, until in halts.items():
            kind, _, number = scope.partition(":")
            if kind == "chat" or number == str(self.bot):
                rest_s = (until - self._clock.wall()).total_seconds()
                self._pacer.halt(Halt(ChatId(int(number)) if kind == "chat" else None, self._steady() + rest_s))
        return interrupted

    async def run(self) -> None:
        """Send until `stop`; troubles are waited out."""
        self._resting.clear()
        try:
            while not self._stopping.is_set():
                self._beaten_at = self._steady()
                try:
                    await self._step()
                except Exception:
                    log.exception("outbox unreachable", extra={"bot": self.bot})
                    await _until(self._stopping, POLL_S)
        finally:
            self._resting.set()

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Take up nothing new and wait up to *grace_s* for what is in flight, so that nothing is left in doubt."""
        self._stopping.set()
        for event in (self._wake, self._landed):
            event.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await self._resting.wait()  # what it is just taking up is sent too
                while self._flying:
                    await asyncio.wait(list(self._flying.values()))
        for task in self._flying.values():
            task.cancel()

    async def _step(self) -> None:
        """Take up one message, or wait for as long as none may leave."""
        if len(self._flying) >= IN_FLIGHT:
            self._landed.clear()
            if not self._stopping.is_set():
                await self._landed.wait()
            return
        pause_s = self._pacer.bot_free_at - self._steady()
        if pause_s > AHEAD_S:
            await _until(self._stopping, min(pause_s - AHEAD_S, ROUND_S))
            return
        if not any(self._heads.values()) or (self._wake.is_set() and self._steady() - self._looked_at >= LOOK_S):
            await self._look()
        chosen = self._pacer.choose(max(self._steady(), self._pacer.bot_free_at), self._heads)
        if chosen is None:
            self._heads = {}
            resting = self._pacer.resting(self._steady()).values()
            await _until(self._wake, min([POLL_S, *(at - self._steady() for at in resting)]))
            return
        self._heads = {lane: [head for head in heads if head is not chosen] for lane, heads in self._heads.items()}
        await self._dispatch(chosen)

    async def _look(self) -> None:
        """See what waits, for chats that may be written to.

        Asked on the writer's thread: these few quick statements cost a reader ten times as long in hops.
        """
        self._wake.clear()
        self._looked_at = now = self._steady()
        skip = {*self._pacer.resting(now), *self._flying}
        self._heads = await self._store.work(_heads, self.bot, self._clock.now(), skip)

    async def _dispatch(self, head: Head) -> None:
        """Mark the message as being sent, make its text, and let it go."""
        if head.chat in self._flying:  # the same chat stood first in two lanes
            return
        letter = await self._store.work(take_up, head.id, self._clock.now(), self._locale)
        if letter is None:
            return
        while (pause_s := self._pacer.bot_free_at - self._steady()) > 0:
            if pause_s > AHEAD_S:  # the bot has been halted meanwhile
                await self._store.work(put_back, head.id, self._clock.now())
                return
            await asyncio.sleep(pause_s)
        self._pacer.spend(self._steady(), head, head.lane)
        self._flying[head.chat] = asyncio.create_task(self._carry(head, letter), name=f"send {head.id}")

    async def _carry(self, head: Head, letter: Letter) -> None:
        """Send one letter and write down what became of it."""
        try:
            delivery = await self._deliver(head, letter)
            result = await self._settle(letter, delivery)
            if result is Result.SENT and letter.sending.promise.pin and not letter.is_edit:
                await self._pin(letter, delivery)
        except Fenced:
            log.warning("message left to who took over", extra={"bot": self.bot, "outbox": letter.sending.id})
        finally:
            del self._flying[head.chat]
            self._landed.set()
            self._wake.set()

    async def _deliver(self, head: Head, letter: Letter) -> Delivery:
        """Make the calls of a letter in order; the first one that fails for good ends it."""
        message_id: int | None = None
        deadline = self._steady() + PATIENCE_S
        for number, (method, params) in enumerate(letter.calls):
            failure = await self._later_part(head, method, params, deadline) if number else None
            if not number:
                answer = await self._call(method, params)
                failure = answer if isinstance(answer, Failure) else None
                message_id = None if failure else _message_id(answer)
            if failure is not None:
                return Delivery(message_id, failure, self._halt(head, failure))
        return Delivery(message_id)

    async def _later_part(self, head: Head, method: str, params: Mapping[str, Any], deadline: float) -> Failure | None:
        """Send a part that follows the first one; what is surely not sent is tried again until *deadline*."""
        while True:
            await asyncio.sleep(max(self._pacer.free_at([head]) - self._steady(), 0))
            self._pacer.spend(self._steady(), head, head.lane)
            answer = await self._call(method, params)
            if not isinstance(answer, Failure) or answer.kind not in _NOT_SENT or self._steady() > deadline:
                return answer if isinstance(answer, Failure) else None
            self._halt(head, answer)

    async def _call(self, method: str, params: Mapping[str, Any]) -> Any:
        """Call Telegram; returns its answer, or the `Failure`."""
        if self._sure is not None:
            await self._sure()
        try:
            filled = {name: await self._filled(value) for name, value in params.items()}
            with self._meters.send_time.time():
                answer = await self._line.call(method, filled)
        except Exception as error:  # noqa: BLE001 - every error has a class and a consequence
            return classify(error)
        self._troubles = 0
        return answer

    async def _filled(self, value: Any) -> Any:
        """A parameter as Telegram takes it: a file is made now, beside the writer and off the loop."""
        if not isinstance(value, Attachment):
            return value
        content = await asyncio.to_thread(value.make, await self._store.read(value.read))
        return InputFile(content, filename=value.name)

    def _halt(self, head: Head, failure: Failure) -> tuple[str, datetime] | None:
        """Pause what the failure means; returns scope and end of a pause that must survive a restart."""
        now = self._steady()
        match failure.kind:
            case Kind.FLOOD:
                asked_s = failure.retry_after_s or 1.0
                halt = self._pacer.refused(now, head, asked_s, jitter_s=random.uniform(0, min(1.0, asked_s / 10)))  # noqa: S311 - spreads load
                scope = f"bot:{self.bot}" if halt.chat is None else f"chat:{halt.chat}"
                self._meters.refused.labels(scope.partition(":")[0]).inc()
                self._meters.refused_s.observe(asked_s)
                return scope, self._clock.wall() + timedelta(seconds=halt.until - now)
            case Kind.UNAUTHORISED:
                self._pacer.halt(Halt(None, now + UNAUTHORISED_S))
            case Kind.OFFLINE | Kind.IN_DOUBT:
                # The first trouble may be one connection's; from the second on Telegram itself is in trouble.
                pause_s = min(0.5 * 2**self._troubles, LONGEST_TROUBLE_S) if self._troubles else 0.1
                self._troubles += 1
                self._pacer.halt(Halt(None, now + pause_s))
        return None

    async def _settle(self, letter: Letter, delivery: Delivery) -> Result:
        """Write the outcome down; while the database is away, wait for it."""
        while True:
            try:
                result = await self._store.work(settle, letter, delivery, self._clock.now())
                break
            except Fenced:
                raise
            except Exception:
                log.exception("outcome not written", extra={"bot": self.bot, "outbox": letter.sending.id})
                self._beaten_at = self._steady()
                await asyncio.sleep(POLL_S)
        method = letter.calls[0][0]
        self._meters.sends.labels(method, letter.sending.promise.lane.name.lower(), result).inc()
        if delivery.failure is not None and delivery.failure.kind is not Kind.NOT_MODIFIED:
            extra = {"bot": self.bot, "outbox": letter.sending.id, "method": method, "result": result.value}
            log.warning("message not simply sent", extra={**extra, "reason": delivery.failure.reason})
        return result

    async def _pin(self, letter: Letter, delivery: Delivery) -> None:
        """Pin what was just sent; where the bot has no right to, the message stays as good as it was."""
        where = {"chat_id": letter.sending.chat.telegram_id, "message_id": delivery.message_id}
        answer = await self._call("pinChatMessage", {**where, "disable_notification": True})
        if isinstance(answer, Failure):
            log.warning("message not pinned", extra={"bot": self.bot, "reason": answer.reason})


def _heads(stores: Any, bot: int, now: datetime, skip: Collection[ChatId]) -> Mapping[Lane, Sequence[Head]]:
    heads: Mapping[Lane, Sequence[Head]] = stores.sending.ready_heads(bot, now, PER_LANE, skip)
    return heads


def _message_id(answer: Any) -> int | None:
    """The id of what was sent; of an album, its first part's. An edit gives back the message it changed."""
    first = answer[0] if isinstance(answer, list) and answer else answer
    return int(first["message_id"]) if isinstance(first, dict) and "message_id" in first else None


async def _until(event: asyncio.Event, seconds: float) -> None:
    """Wait for *event*, but not longer than that."""
    if seconds > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(event.wait(), seconds)
