"""What waits for a bot: its updates in order, what expires, what a poll gets and confirms."""

import asyncio
import itertools
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

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


class UpdateQueue:
    """The updates of one bot; *changed* is called whenever delivery gets on."""

    def __init__(self, clock: Clock, changed: Callable[[], None]) -> None:
        self._clock = clock
        self.changed = changed
        self.pending: dict[int, Pending] = {}
        self.allowed: frozenset[str] = DEFAULT_KINDS
        self.next_id = 1 + secrets.randbelow(900_000_000)
        self.last_at = clock.now()
        self.twice: list[Json] = []
        self.on_add: Callable[[str], None] | None = None
        self.recent: deque[Json] = deque(maxlen=1000)
        self._lanes: dict[str, deque[Pending]] = {}
        self._again: deque[Json] = deque()
        self._poll: asyncio.Future[ApiError | None] | None = None
        self._conflict_at = 0.0

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
        order = next((order for order in self.twice if order.get("kind") in (None, kind)), None)
        repeats = 1 if order is not None and not order.get("new_id") else 0
        self._put(self._number(kind, body), kind, key, now + lifetime_s, repeats)
        if order is not None:
            self.twice.remove(order)
            if order.get("new_id"):
                self._put(self._number(kind, body), kind, key, now + lifetime_s)

    def redeliver(self, update_id: int) -> bool:
        """Deliver a recent update once more, byte for byte; False when nobody remembers it."""
        update = next((update for update in self.recent if update["update_id"] == update_id), None)
        if update is None:
            return False
        if self.on_add is None:
            self._again.append(update)
            self._wake_poll()
        else:
            kind = next(name for name in update if name != "update_id")
            self._put(update, kind, f"again:{update_id}", self._clock.now() + LIFETIME_S)
        return True

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
        self.pending.clear()
        self._again.clear()

    def restore(self, pending: Pending) -> None:
        """Put back an update that was saved."""
        self._put(pending.update, pending.kind, pending.key, pending.expires_at)

    async def poll(self, offset: int, limit: int, wait_s: float) -> list[Json]:
        """The oldest updates, waiting at most *wait_s* real seconds for the first; confirms those below *offset*.

        A poll that waits is ended by the next one.

        Raises:
            ApiError: 409, because another poll or a webhook took over.
        """
        await self.end_poll(_OTHER_POLL)
        self._forget_below(offset)
        batch = self._batch(limit)
        if batch or wait_s <= 0:
            return batch
        poll: asyncio.Future[ApiError | None] = asyncio.get_running_loop().create_future()
        self._poll = poll
        self.changed()
        try:
            error = await asyncio.wait_for(poll, wait_s)
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

    def _number(self, kind: str, body: Json) -> Json:
        update: Json = {"update_id": self.next_id, kind: body}
        self.next_id += 1
        self.recent.append(update)
        return update

    def _put(self, update: Json, kind: str, key: str, expires_at: float, repeats: int = 0) -> None:
        pending = Pending(update, kind, key, expires_at, repeats)
        self.pending[pending.id] = pending
        self._lanes.setdefault(key, deque()).append(pending)
        if self.on_add is not None:
            self.on_add(key)
        self._wake_poll()

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
        again = [self._again.popleft() for _ in range(min(limit, len(self._again)))]
        fresh = itertools.islice(self.alive(), limit - len(again))
        return again + [pending.update for pending in fresh]


def _answer(poll: asyncio.Future[ApiError | None], error: ApiError) -> None:
    if not poll.done():
        poll.set_result(error)
