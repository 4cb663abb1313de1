"""News of the world: pushed to pages that watch, and a bell for whoever waits for a change."""

import asyncio
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.sandbox.world import Chat, Json

if TYPE_CHECKING:
    from collections.abc import Iterator

WATCHER_BACKLOG = 10_000


@dataclass(eq=False, slots=True)
class Watcher:
    """A page that looks on as *person* (None: sees everything). *lost* tells that it read too slowly."""

    person: int | None
    events: asyncio.Queue[Json] = field(default_factory=lambda: asyncio.Queue(WATCHER_BACKLOG))
    lost: bool = False


class Hub:
    """Spreads events to watchers and wakes waiters."""

    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self._waiters: dict[asyncio.Future[None], Callable[[], Any]] = {}
        self._due = False
        self.changes = 0

    @contextmanager
    def watch(self, person: int | None) -> "Iterator[Watcher]":
        """Collect the events that *person* may see while the block runs."""
        watcher = Watcher(person)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)

    def tell(self, chat: Chat, kind: str, body: Callable[[], Json] | None = None) -> None:
        """Spread an event of *chat*; *body* is only built when somebody looks on."""
        self.changed()
        if not self._watchers:
            return
        event = {"type": kind} | (body() if body else {})
        for watcher in self._watchers:
            if watcher.person is None or chat.holds(watcher.person):
                self._hand(watcher, event | {"chat": seen_as(chat, watcher.person)})

    def tell_person(self, person: int, event: Json) -> None:
        """Spread an event that concerns one person only."""
        self.changed()
        for watcher in self._watchers:
            if watcher.person in (None, person):
                self._hand(watcher, event)

    def hang_up(self) -> None:
        """End every watch."""
        for watcher in self._watchers:
            self._hand(watcher, {"type": "end"})
            watcher.lost = True

    def changed(self) -> None:
        """Ring the bell once, after the current step."""
        self.changes += 1
        if self._waiters and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._look)

    async def until(self, holds: Callable[[], Any], limit_s: float) -> bool:
        """Wait for *holds* to be true, asking again at every change; False when *limit_s* has passed."""
        if holds():
            return True
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters[waiter] = holds
        try:
            async with asyncio.timeout(limit_s):
                await waiter
        except TimeoutError:
            return False
        finally:
            del self._waiters[waiter]
        return True

    def _look(self) -> None:
        self._due = False
        for waiter, holds in list(self._waiters.items()):
            if waiter.done():
                continue
            try:
                if holds():
                    waiter.set_result(None)
            except Exception as error:  # noqa: BLE001 - it belongs to the one who waits, not to the loop
                waiter.set_exception(error)

    def _hand(self, watcher: Watcher, event: Json) -> None:
        try:
            watcher.events.put_nowait(event)
        except asyncio.QueueFull:
            watcher.lost = True


def seen_as(chat: Chat, person: int | None) -> int:
    """The id under which *person* knows *chat*: a private chat with a bot is known by the bot's id."""
    return chat.bot if chat.bot is not None and person is not None else chat.id
