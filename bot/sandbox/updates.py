"""What waits for a bot: its updates in order, what expires, what a poll gets and confirms."""

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from bot.sandbox.clock import Clock
from bot.sandbox.errors import ApiError, conflict
from bot.sandbox.world import Json

KINDS: Final = (
    "message",
    "edited_message",
    "channel_post",
    "edited_channel_post",
    "message_reaction",
    "message_reaction_count",
    "callback_query",
    "poll",
    "poll_answer",
    "my_chat_member",
    "chat_member",
    "chat_join_request",
)
DEFAULT_KINDS: Final = frozenset(KINDS) - {"chat_member", "message_reaction", "message_reaction_count"}
LIFETIME_S: Final = 86_400
PRESS_LIFETIME_S: Final = 150
QUIET_S: Final = 7 * 86_400
CONFLICT_PAUSE_S: Final = 3.0
REPEAT_S: Final = 0.5
ANSWER_BYTES: Final = 1 << 22
_FUTURE_SLACK: Final = 10
_OTHER_POLL: Final = "terminated by other getUpdates request; make sure that only one bot instance is running"


@dataclass(slots=True)
class Pending:
    """An update that its bot has not confirmed. *key* names the queue in which order holds."""

    update: Json
    kind: str
    key: str
    expires_at: float
    repeats: int = 0

    @property
    def id(self) -> int:
        """The update's id."""
        return int(self.update["update_id"])


@dataclass(frozen=True, slots=True)
class Disorder:
    """An order to deliver the next update of a *kind* (None: of any) in another way than it should be.

    *how*: `twice` (*new_id*: the copy with an id of its own), `late` (when *seconds* of the sandbox's clock have gone
    by), `swapped` (after the update that follows it). A webhook gets the late one with the id of its turn, so that ids
    arrive out of order; a poll is answered by ids, so there it takes the id of its arrival.
    """

    how: str
    kind: str | None = None
    new_id: bool = False
    seconds: float = 60.0


class UpdateQueue:
    """The updates of one bot; *changed* is called whenever delivery gets on."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self.changed = changed
        self.pending: dict[int, Pending] = {}
        self.allowed: frozenset[str] = DEFAULT_KINDS
        self.next_id = 1 + secrets.randbelow(900_000_000)
        self.last_at = clock.now()
        self.orders: list[Disorder] = []
        self.held: dict[int, Pending] = {}
        self.on_add: Callable[[str], None] | None = None
        self.recent: deque[Json] = deque(maxlen=1000)
        self._lanes: dict[str, deque[Pending]] = {}
        self._again: deque[Json] = deque()
        self._poll: asyncio.Future[ApiError | None] | None = None
        self._conflict_at = 0.0
        self._swapped: Pending | None = None
        self._alarms: set[asyncio.Task[None]] = set()
        self._answered: tuple[int, float] | None = None

    def add(self, kind: str, body: Json, key: str, lifetime_s: float = LIFETIME_S) -> None:
        """Queue an update, unless the bot did not ask for its kind.

        After a week without updates the numbering starts anew at a random id, as Telegram's does.
        """
        if kind not in self.allowed:
            return
        now = self._clock.now()
        if now - self.last_at > QUIET_S:
            self.next_id = 1 + secrets.randbelow(900_000_000)
        self.last_at = now
        order = next((order for order in self.orders if order.kind in (None, kind)), None)
        pending = Pending(self._number(kind, body), kind, key, now + lifetime_s)
        overtaken, self._swapped = self._swapped, None
        if order is None:
            self._put(pending)
        else:
            self.orders.remove(order)
            self._misdeliver(pending, order)
        if overtaken is not None:
            overtaken.key = key
            self._let_go(overtaken)

    def redeliver(self, update_id: int) -> bool:
        """Deliver a recent update once more, byte for byte; False when nobody remembers it."""
        update = next((update for update in self.recent if update["update_id"] == update_id), None)
        if update is None:
            return False
        if self.on_add is None:
            self._again.append(update)
            self._wake_poll()
        else:
            self._put_again(update)
        return True

    def serve(self, wake: Callable[[str], None]) -> None:
        """Call *wake* with the queue of whatever waits, and of what will come: what a poll was to get again, too."""
        self.on_add = wake
        again, self._again = self._again, deque()
        for pending in list(self.alive()):
            wake(pending.key)
        for update in again:
            self._put_again(update)

    def alive(self) -> Iterator[Pending]:
        """The pending updates that have not expired."""
        now = self._clock.now()
        return (pending for pending in self.pending.values() if pending.expires_at > now)

    def first(self, key: str) -> Pending | None:
        """The oldest unconfirmed update of the queue *key*; what has expired is forgotten on the way."""
        lane = self._lanes.get(key)
        while lane:
            pending = lane[0]
            if self.pending.get(pending.id) is pending:
                if pending.expires_at > self._clock.now():
                    return pending
                del self.pending[pending.id]
            lane.popleft()
        self._lanes.pop(key, None)
        return None

    def confirm(self, pending: Pending) -> None:
        """Forget an update that its webhook has taken, unless it was ordered to come again."""
        if pending.repeats:
            pending.repeats -= 1
        else:
            self.drop(pending)

    def drop(self, pending: Pending) -> None:
        """Forget an update that nobody will take any more."""
        if self.pending.get(pending.id) is pending:
            del self.pending[pending.id]
        self.changed()

    def allow(self, names: object) -> None:
        """Set what the bot wants to hear; an empty list means the default. Older updates are not touched."""
        if not isinstance(names, list):
            return
        asked = {str(name).lower() for name in names} & set(KINDS)
        self.allowed = frozenset(asked) if asked else DEFAULT_KINDS

    def drop_all(self) -> None:
        """Forget everything that waits."""
        for waiting in (self.pending, self.held, self._again):
            waiting.clear()
        self._swapped = None

    def restore(self, pending: Pending) -> None:
        """Put back an update that was saved."""
        self._put(pending)

    async def poll(self, offset: int, limit: int, wait_s: float) -> list[Json]:
        """The oldest updates, waiting at most *wait_s* real seconds for the first; confirms those below *offset*.

        A poll that waits is ended by the next one. Asking for the same *offset* within half a second of the last
        answer gets one update only, so that a bot which stumbles over one finds out which.

        Raises:
            ApiError: 409, because another poll or a webhook took over.
        """
        await self.end_poll(_OTHER_POLL)
        self._forget_below(offset)
        try:
            return await self._wait(1 if self._repeats(offset) else limit, wait_s)
        finally:
            self._answered = (offset, self._clock.now())

    async def _wait(self, limit: int, wait_s: float) -> list[Json]:
        batch = self._batch(limit)
        if batch or wait_s <= 0:
            return batch
        poll: asyncio.Future[ApiError | None] = asyncio.get_running_loop().create_future()
        self._poll = poll
        self.changed()
        try:
            async with asyncio.timeout(wait_s):
                error = await poll
        except TimeoutError:
            return []
        finally:
            if self._poll is poll:
                self._poll = None
            self.changed()
        if error is not None:
            raise error
        return self._batch(limit)

    @property
    def polled(self) -> bool:
        """Whether somebody waits for updates now."""
        return self._poll is not None

    def release(self) -> None:
        """Answer the waiting poll, if there is one, with what there is."""
        self._wake_poll()

    async def end_poll(self, why: str) -> None:
        """Answer the waiting poll, if there is one, with a 409 that says *why*.

        A second conflict within three seconds is answered three seconds late, which slows a quarrel.
        """
        poll = self._poll
        if poll is None or poll.done():
            return
        self._poll = None
        loop = asyncio.get_running_loop()
        late = loop.time() - self._conflict_at < CONFLICT_PAUSE_S
        self._conflict_at = loop.time()
        loop.call_later(CONFLICT_PAUSE_S if late else 0, _answer, poll, conflict(why))

    async def close(self) -> None:
        """Forget the alarms of what is held back; it stays held."""
        for alarm in self._alarms:
            alarm.cancel()
        await asyncio.gather(*self._alarms, return_exceptions=True)

    def _misdeliver(self, pending: Pending, order: Disorder) -> None:
        if order.how == "twice":
            pending.repeats = 0 if order.new_id else 1
            self._put(pending)
            if order.new_id:
                body = pending.update[pending.kind]
                self._put(Pending(self._number(pending.kind, body), pending.kind, pending.key, pending.expires_at))
            return
        self.held[pending.id] = pending
        if order.how == "swapped":
            self._swapped = pending
            return
        alarm = asyncio.get_running_loop().create_task(self._let_go_after(pending, order.seconds))
        self._alarms.add(alarm)
        alarm.add_done_callback(self._alarms.discard)

    async def _let_go_after(self, pending: Pending, seconds: float) -> None:
        await self._clock.sleep(seconds)
        self._let_go(pending)

    def _let_go(self, pending: Pending) -> None:
        """Deliver an update that was held back, unless everything was dropped meanwhile."""
        if self.held.pop(pending.id, None) is None:
            return
        if self.on_add is None:
            pending.update["update_id"] = self.next_id
            self.next_id += 1
        self._put(pending)
        self.changed()

    def _repeats(self, offset: int) -> bool:
        if self._answered is None:
            return False
        before, at = self._answered
        return before == offset and self._clock.now() < at + REPEAT_S

    def _number(self, kind: str, body: Json) -> Json:
        update: Json = {"update_id": self.next_id, kind: body}
        self.next_id += 1
        self.recent.append(update)
        return update

    def _put(self, pending: Pending) -> None:
        self.pending[pending.id] = pending
        self._lanes.setdefault(pending.key, deque()).append(pending)
        if self.on_add is not None:
            self.on_add(pending.key)
        self._wake_poll()

    def _put_again(self, update: Json) -> None:
        kind, number = next(name for name in update if name != "update_id"), update["update_id"]
        self._put(Pending(update, kind, f"again:{number}", self._clock.now() + LIFETIME_S))

    def _wake_poll(self) -> None:
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def _forget_below(self, offset: int) -> None:
        """Confirm what lies below *offset*; an offset far in the future confirms nothing, as at Telegram."""
        if offset < 0:
            for update_id in list(self.pending)[:offset]:
                del self.pending[update_id]
        elif offset <= self.next_id + _FUTURE_SLACK:
            for update_id in list(itertools.takewhile(lambda known: known < offset, self.pending)):
                pending = self.pending.pop(update_id)
                self._again.extend([pending.update] * pending.repeats)
        if not self.pending:
            self._lanes.clear()

    def _batch(self, limit: int) -> list[Json]:
        """At most *limit* updates and about four megabytes; the update that crosses that line still belongs to it."""
        batch = [self._again.popleft() for _ in range(min(limit, len(self._again)))]
        left = ANSWER_BYTES
        for pending in itertools.islice(self.alive(), limit - len(batch)):
            batch.append(pending.update)
            left -= len(orjson.dumps(pending.update))
            if left <= 0:
                break
        return batch


def _answer(poll: asyncio.Future[ApiError | None], error: ApiError) -> None:
    if not poll.done():
        poll.set_result(error)
