"""Telegram's flood limits, as published; edits are counted with sends.

Sliding windows, so that no minute whatever holds more than it may: 30 a second for a bot, 20 a minute
for a group, and one a second for a chat with short bursts tolerated.
"""

import math
from collections import deque
from dataclasses import dataclass
from typing import Final

from bot.sandbox.clock import Clock
from bot.sandbox.errors import too_many_requests
from bot.sandbox.world import Chat


@dataclass(frozen=True, slots=True)
class Window:
    """At most *count* messages in any *seconds*."""

    count: int
    seconds: float


PER_BOT: Final = Window(30, 1.0)
PER_GROUP: Final = Window(20, 60.0)
CHAT_RATE_S: Final = 1.0
CHAT_BURST: Final = 5
WEBHOOK_PAUSE_S: Final = 1.0


class Limits:
    """Counts what bots send. Nothing is counted unless *strict*."""

    def __init__(self, clock: Clock, *, strict: bool) -> None:
        self._clock = clock
        self.strict = strict
        self._bots: dict[int, deque[float]] = {}
        self._groups: dict[tuple[int, int], deque[float]] = {}
        self._chats: dict[tuple[int, int], float] = {}
        self._webhooks: dict[int, float] = {}

    def spend(self, bot: int, chat: Chat, count: int = 1) -> None:
        """Count *count* messages of *bot* to *chat*, or none of them.

        Raises:
            ApiError: 429 with the whole seconds until they would be welcome.
        """
        if not self.strict or not count:
            return
        now = self._clock.now()
        key = (bot, chat.id)
        wait = max(
            _wait(self._bots.setdefault(bot, deque()), PER_BOT, now, count),
            0.0 if chat.private else _wait(self._groups.setdefault(key, deque()), PER_GROUP, now, count),
            self._chats.get(key, 0.0) - now - (CHAT_BURST - 1) * CHAT_RATE_S,
        )
        if wait > 0:
            raise too_many_requests(max(1, math.ceil(wait)))
        self._bots[bot].extend([now] * count)
        if not chat.private:
            self._groups[key].extend([now] * count)
        self._chats[key] = max(self._chats.get(key, 0.0), now) + count * CHAT_RATE_S

    def spend_webhook(self, bot: int) -> None:
        """Count one setWebhook with an address; only one a second is carried out.

        Raises:
            ApiError: 429 with one second to wait.
        """
        now = self._clock.now()
        if self.strict and now < self._webhooks.get(bot, 0.0) + WEBHOOK_PAUSE_S:
            raise too_many_requests(1)
        self._webhooks[bot] = now


def _wait(times: deque[float], window: Window, now: float, count: int) -> float:
    """Seconds until *count* more fit into *window*; drops what has left it."""
    while times and times[0] <= now - window.seconds:
        times.popleft()
    excess = len(times) + count - window.count
    if excess <= 0:
        return 0.0
    return times[min(excess, len(times)) - 1] + window.seconds - now if times else 0.0
