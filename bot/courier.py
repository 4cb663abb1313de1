"""The courier of one bot token: one pump that takes promises from the outbox and carries them to Telegram."""

import asyncio
import contextlib
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from bot.clock import Clock
from bot.failures import Failure, Kind, classify
from bot.letters import Letter, filled, message_id_of, messages_in, put_back, taken_up
from bot.loans import Loans, NotLent
from bot.logs import describe
from bot.meters import Meters
from bot.pacing import Halt, Pacer
from bot.pins import Pins
from bot.settlement import Delivery, Result, pause, recover, settle, settle_anyhow
from bot.telegram import IN_FLIGHT, Line
from bot.turns import Turns, until
from handlers._kit.services import Store
from routing.model import ChatId
from routing.ports import Doubt, Lane
from storage.errors import Fenced, is_trouble
from storage.sendings import Head

log = logging.getLogger(__name__)

POLL_S: Final = 1.0
ROUND_S: Final = 5.0  # however long a halt is, the pump goes round so often
LOOK_S: Final = 0.1  # what was seen holds for so long, unless all of it is taken up before
PER_LANE: Final = 16
AHEAD_S: Final = 0.1  # what may leave within so long is taken up, and its text made, in one transaction
MOST_READY: Final = 4  # so many wait ready to leave: they are in doubt, too, when the program dies
KEPT: Final = 3  # so many of the places under way are not for messages whose lane has parts that wait
PATIENCE_S: Final = 45.0  # how long a later part of a message is tried again
LONGEST_TROUBLE_S: Final = 30.0
UNAUTHORISED_S: Final = 60.0
MOST_UNWRITTEN: Final = 3  # so often an outcome is written down with all that follows
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
        lines: Of the town's other bots, from which files are borrowed that this one does not know.
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
        lines: Mapping[int, Line] | None = None,
    ) -> None:
        self.bot = bot
        self._store, self._line, self._clock, self._meters = store, line, clock, meters
        self._locale, self._pacer, self._steady, self._sure = locale, pacer or Pacer(), steady, sure
        self._loans, self._turns = Loans(lines or {}), Turns(self._pacer, steady)
        self._pins = Pins(self._turns)
        self._wake, self._landed, self._stopping = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._resting = asyncio.Event()  # the pump stands still
        self._resting.set()
        self._heads: Mapping[Lane, Sequence[Head]] = {}
        self._looked_at = float("-inf")
        self._ready: deque[tuple[Head, Letter]] = deque()  # taken up, in the order in which they leave
        self._loaded, self._left, self._loading = asyncio.Event(), asyncio.Event(), False
        self._flying: dict[ChatId, asyncio.Task[None]] = {}
        self._unsure: set[int] = set()  # marked as being sent or not: the database's answer was lost
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
        for scope, end in halts.items():
            kind, _, number = scope.partition(":")
            if kind == "chat" or number == str(self.bot):
                rest_s = (end - self._clock.wall()).total_seconds()
                self._pacer.halt(Halt(ChatId(int(number)) if kind == "chat" else None, self._steady() + rest_s))
        return interrupted

    async def run(self) -> None:
        """Send until `stop`; troubles are waited out.

        Two works go on beside each other, so that the way to the disk and back never costs a turn: one takes messages
        up, a few at a time, and the other lets them go, each at its moment.
        """
        self._resting.clear()
        self._loading = True
        try:
            async with asyncio.TaskGroup() as works:
                works.create_task(self._pump(), name=f"pump {self.bot}")
                while not self._stopping.is_set():
                    self._beaten_at = self._steady()
                    try:
                        await self._load()
                    except Exception:
                        log.exception("outbox unreachable", extra={"bot": self.bot})
                        await until(self._stopping, POLL_S)
                self._loading = False
                self._loaded.set()
        finally:
            self._resting.set()

    async def stop(self, *, grace_s: float = 10.0) -> None:
        """Take up nothing new and wait up to *grace_s* for what is in flight, so that nothing is left in doubt."""
        self._stopping.set()
        for event in (self._wake, self._landed, self._left):
            event.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                await self._resting.wait()  # what is taken up is sent too
                while self._flying:
                    await asyncio.wait(list(self._flying.values()))
        for task in self._flying.values():
            task.cancel()

    async def _load(self) -> None:
        """Take up what may leave next, or wait until something may."""
        if self._unsure:
            unsure = sorted(self._unsure)
            await self._store.work(put_back, unsure, self._clock.now())
            self._unsure.difference_update(unsure)
        room = min(MOST_READY, 1 + int(AHEAD_S * self._pacer.rate_per_s)) - len(self._ready)
        if room <= 0:
            self._left.clear()
            if not self._stopping.is_set():
                await self._left.wait()
            return
        pause_s = self._pacer.halted_until - self._steady()
        if pause_s > AHEAD_S:
            await until(self._stopping, min(pause_s - AHEAD_S, ROUND_S))
            return
        if not any(self._heads.values()) or (self._wake.is_set() and self._steady() - self._looked_at >= LOOK_S):
            await self._look()
        chosen = self._plan(room)
        if not chosen:
            self._heads = {}
            resting = self._pacer.resting(self._steady()).values()
            await until(self._wake, min([POLL_S, *(at - self._steady() for at in resting)]))
            return
        self._heads = {lane: [head for head in heads if head not in chosen] for lane, heads in self._heads.items()}
        await self._take_up(chosen)

    def _plan(self, room: int) -> Sequence[Head]:
        """What leaves next, at most *room* messages, none of them to a chat for which one is on its way already.

        A lane whose parts wait for their turns begins nothing in the last places: the others would wait for them, too.
        """
        busy = {*self._flying, *(head.chat for head, _ in self._ready)}
        late = self._turns.waiting if len(busy) - len(self._pins.chats) >= IN_FLIGHT - KEPT else []
        lanes = [lane for lane in self._heads if lane not in late]
        heads = {lane: [head for head in self._heads[lane] if head.chat not in busy] for lane in lanes}
        now = max(self._steady(), self._pacer.bot_free_at)
        return self._pacer.plan(now, heads, room, [head.lane for head, _ in self._ready])

    async def _look(self) -> None:
        """See what waits, for chats that may be written to.

        Asked on the writer's thread: these few quick statements cost a reader ten times as long in hops.
        """
        self._wake.clear()
        self._looked_at, now = self._steady(), self._clock.now()
        skip = {*self._pacer.resting(self._looked_at), *self._flying, *(head.chat for head, _ in self._ready)}
        self._heads = await self._store.work(lambda stores: stores.sending.ready_heads(self.bot, now, PER_LANE, skip))

    async def _take_up(self, heads: Sequence[Head]) -> None:
        """Mark messages as being sent, make their texts, and lay them ready."""
        ids = [head.id for head in heads]
        self._unsure.update(ids)
        letters = await taken_up(self._store, ids, self._clock.now(), self._locale)
        self._unsure.difference_update(ids)
        self._ready += [(head, letters[head.id]) for head in heads if head.id in letters]
        self._loaded.set()

    async def _pump(self) -> None:
        """Let messages go that are ready, each as soon as it may, until there are none and no more will come."""
        while self._ready or self._loading:
            if not self._ready:
                self._loaded.clear()
                await self._loaded.wait()
            elif self._pacer.halted_until - self._steady() > AHEAD_S:
                await self._put_back()
            elif len(self._flying) - len(self._pins.chats) >= IN_FLIGHT:
                self._landed.clear()
                await self._landed.wait()
            else:
                async with self._turns.gate:
                    if await self._turns.come(AHEAD_S):
                        self._let_go()

    def _let_go(self) -> None:
        """The first one that is ready leaves now; an album is given to its own turn, for which its group needs room."""
        first = self._pacer.first([head.lane for head, _ in self._ready])
        head, letter = self._ready[first]
        del self._ready[first]
        self._left.set()
        left_at = self._turns.spend(head) if messages_in(letter.outgoing.params) == 1 else None
        self._flying[head.chat] = asyncio.create_task(self._carry(head, letter, left_at), name=f"send {head.id}")

    async def _put_back(self) -> None:
        """The bot has been told to be silent: what has not left waits in the outbox with the rest.

        When the answer is lost nobody knows whether it is still marked as being sent, so it does not leave either.
        """
        silent = [head.id for head, _ in self._ready]
        try:
            await self._store.work(put_back, silent, self._clock.now())
        except Exception:
            log.exception("outbox unreachable", extra={"bot": self.bot})
            self._unsure.update(silent)
        for _ in silent:
            self._ready.popleft()
        self._left.set()

    async def _carry(self, head: Head, letter: Letter, left_at: float | None) -> None:
        """Send one letter, which leaves then or in its turn, and write down what became of it."""
        try:
            delivery = await self._deliver(head, letter, left_at)
            result = await self._settle(letter, delivery)
            if result is Result.SENT and letter.sending.promise.pin and not letter.is_edit:
                self._landed.set()
                await self._pin(head, letter, delivery)
        except Fenced:
            log.warning("message left to who took over", extra={"bot": self.bot, "outbox": letter.sending.id})
        finally:
            del self._flying[head.chat]
            self._landed.set()
            self._wake.set()

    async def _deliver(self, head: Head, letter: Letter, left_at: float | None) -> Delivery:
        """Make the calls of a letter in order; the first one that fails for good ends it.

        A later one in doubt does not: it is treated as the promise says, and the others follow.
        """
        (method, params), *rest = letter.calls
        again = letter.sending.promise.doubt is not Doubt.DROP
        answer = await self._paced(head, method, params, left_at)
        if isinstance(answer, Failure):
            return Delivery(None, answer, self._halt(head, answer))
        delivery = Delivery(message_id_of(answer))
        for method, params in rest:
            failure = await self._later_part(head, method, params, again=again)
            if failure is not None:
                delivery = Delivery(delivery.message_id, failure, self._halt(head, failure))
                if failure.kind is not Kind.IN_DOUBT:
                    break
        return delivery

    async def _later_part(self, head: Head, method: str, params: Mapping[str, Any], *, again: bool) -> Failure | None:
        """Send what follows a first part; what is surely not sent is tried again for `PATIENCE_S`.

        What is in doubt is repeated once, if it may be sent *again*.
        """
        deadline: float | None = None
        while True:
            answer = await self._paced(head, method, params)
            if not isinstance(answer, Failure):
                return None
            deadline, in_doubt = deadline or self._steady() + PATIENCE_S, answer.kind is Kind.IN_DOUBT
            if not (answer.kind in _NOT_SENT or (in_doubt and again)) or self._steady() > deadline:
                return answer
            again = again and not in_doubt
            await self._heed(head, answer)

    async def _paced(self, head: Head, method: str, params: Mapping[str, Any], left_at: float | None = None) -> Any:
        """Call Telegram in its turn, unless that was taken *left_at* already; returns as `_call` does."""
        count = messages_in(params)
        left_at = await self._turns.part(head, count) if left_at is None else left_at
        answer = await self._call(method, params)
        self._pacer.answered(left_at, self._steady(), count)
        return answer

    async def _call(self, method: str, params: Mapping[str, Any]) -> Any:
        """Call Telegram; returns its answer, or the `Failure`."""
        if self._sure is not None:
            await self._sure()
        try:
            answer = await self._loans.carry(params, partial(self._say, method))
        except NotLent as error:
            return error.failure
        except Exception as error:  # noqa: BLE001 - every error has a class and a consequence
            return classify(error)
        self._troubles = 0
        return answer

    async def _say(self, method: str, params: Mapping[str, Any]) -> Any:
        params = {name: await filled(self._store, value) for name, value in params.items()}
        with self._meters.send_time.time():
            return await self._line.call(method, params)

    def _halt(self, head: Head, failure: Failure) -> tuple[str, datetime, timedelta] | None:
        """Pause what the failure means; returns scope, end and length of a pause that must survive a restart."""
        now = self._steady()
        match failure.kind:
            case Kind.FLOOD:
                asked_s = failure.retry_after_s or 1.0
                halt = self._pacer.refused(now, head, asked_s, jitter_s=random.uniform(0, min(1.0, asked_s / 10)))  # noqa: S311 - spreads load
                scope = f"bot:{self.bot}" if halt.chat is None else f"chat:{halt.chat}"
                self._meters.refused.labels(scope.partition(":")[0]).inc()
                self._meters.refused_s.observe(asked_s)
                length = timedelta(seconds=halt.until - now)
                return scope, self._clock.wall() + length, length
            case Kind.UNAUTHORISED:
                self._pacer.halt(Halt(None, now + UNAUTHORISED_S))
            case Kind.OFFLINE | Kind.IN_DOUBT:
                # The first trouble may be one connection's; from the second on Telegram itself is in trouble.
                pause_s = min(0.5 * 2**self._troubles, LONGEST_TROUBLE_S) if self._troubles else 0.1
                self._troubles += 1
                self._pacer.halt(Halt(None, now + pause_s))
        return None

    async def _heed(self, head: Head, failure: Failure) -> None:
        """Pause what the failure means, and after a restart as well, though the letter is not settled by it."""
        halt = self._halt(head, failure)
        try:
            if halt is not None:
                await self._store.work(pause, *halt)
        except Fenced:
            raise
        except Exception:
            log.exception("pause not written", extra={"bot": self.bot})

    async def _settle(self, letter: Letter, delivery: Delivery) -> Result:
        """Write the outcome down; while the database is away, wait for it.

        An outcome that fails itself, time and again, is written down without what follows from it.
        """
        how: Callable[..., Result] = settle
        failed = 0
        while True:
            try:
                result = await self._store.work(how, letter, delivery, self._clock.now())
                break
            except Fenced:
                raise
            except Exception as error:
                log.exception("outcome not written", extra={"bot": self.bot, "outbox": letter.sending.id})
                self._beaten_at = self._steady()
                failed += not is_trouble(error)
                if failed >= MOST_UNWRITTEN:
                    how = partial(settle_anyhow, why=f"outcome not written: {describe(error)}")
                await asyncio.sleep(POLL_S)
        method = letter.calls[0][0]
        self._meters.sends.labels(method, letter.sending.promise.lane.name.lower(), result).inc()
        if delivery.failure is not None and delivery.failure.kind is not Kind.NOT_MODIFIED:
            extra = {"bot": self.bot, "outbox": letter.sending.id, "method": method, "result": result.value}
            log.warning("message not simply sent", extra={**extra, "reason": delivery.failure.reason})
        return result

    async def _pin(self, head: Head, letter: Letter, delivery: Delivery) -> None:
        """Pin what was just sent, with the patience that a later part has: a pin can be repeated without harm.

        Where the bot has no right to, or was refused for too long, the message stays as good as it was.
        """
        chat = letter.sending.chat.telegram_id
        what = {"chat_id": chat, "message_id": delivery.message_id, "disable_notification": True}
        async with self._pins.turn(head):
            failure = await self._later_part(head, "pinChatMessage", what, again=True)
        if failure is not None:
            log.warning("message not pinned", extra={"bot": self.bot, "reason": failure.reason})
            await self._heed(head, failure)
