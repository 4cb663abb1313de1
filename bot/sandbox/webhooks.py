"""Delivery by webhook: one request in flight per queue, queues side by side, retries with Telegram's pauses."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import aiohttp
import orjson

from bot.sandbox.clock import Clock
from bot.sandbox.updates import Pending, UpdateQueue
from bot.sandbox.world import Json

ANSWER_LIMIT_S: Final = 60
MAX_RETRY_AFTER_S: Final = 3600
GONE_S: Final = 23 * 3600
_ANSWER_BYTES: Final = 1 << 20


@dataclass(slots=True)
class Webhook:
    """Where a bot wants its updates."""

    url: str
    secret: str = ""
    max_connections: int = 40
    ip_address: str = ""
    certificate: bool = False
    last_error_at: int | None = None
    last_error: str = ""
    gone_since: float | None = None


Answer = Callable[[Json], Awaitable[None]]


class Courier:
    """Carries one bot's updates to its webhook until it is closed; unconfirmed ones stay queued.

    *on_gone* is called when the webhook has answered 410, and nothing else, for 23 hours.
    """

    def __init__(
        self, hook: Webhook, queue: UpdateQueue, clock: Clock, on_answer: Answer, on_gone: Callable[[], None]
    ) -> None:
        self.hook = hook
        self._queue = queue
        self._clock = clock
        self._on_answer = on_answer
        self._on_gone = on_gone
        self._places = asyncio.Semaphore(hook.max_connections)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=ANSWER_LIMIT_S),
            connector=aiohttp.TCPConnector(limit=hook.max_connections, force_close=False),
        )
        queue.serve(self.wake)

    def wake(self, key: str) -> None:
        """See to it that somebody works on the queue called *key*."""
        if key not in self._lanes:
            self._lanes[key] = asyncio.get_running_loop().create_task(self._work(key))

    async def close(self) -> None:
        """Break off every request."""
        self._queue.on_add = None
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
        await self._session.close()

    async def _work(self, key: str) -> None:
        try:
            while (pending := self._queue.first(key)) is not None:
                await self._deliver(pending)
        finally:
            del self._lanes[key]

    async def _deliver(self, pending: Pending) -> None:
        """Try until it is confirmed, expired or withdrawn."""
        pause, longest = 0.0, 60 + secrets.randbelow(61)
        while self._queue.pending.get(pending.id) is pending:
            async with self._places:
                wanted = await self._attempt(pending)
            if wanted is None:
                self._queue.confirm(pending)
                return
            wait = wanted or pause
            if self._clock.now() + wait > pending.expires_at:
                self._queue.drop(pending)
                return
            await self._clock.sleep(wait)
            pause = min(max(2.0, pause * 2), longest)

    async def _attempt(self, pending: Pending) -> float | None:
        """Send it once: None when it was taken, otherwise the pause that the receiver asked for (0 = none)."""
        headers = {"Content-Type": "application/json", "Connection": "keep-alive"}
        if self.hook.secret:
            headers["X-Telegram-Bot-Api-Secret-Token"] = self.hook.secret
        body = orjson.dumps(pending.update)
        try:
            async with self._session.post(self.hook.url, data=body, headers=headers, allow_redirects=False) as response:
                answer = await response.content.read(_ANSWER_BYTES)
                self._note_gone(response.status)
                if 200 <= response.status < 300:
                    await self._obey(answer)
                    return None
                self._note(f"Wrong response from the webhook: {response.status} {response.reason}")
                return _retry_after(response.headers.get("Retry-After", ""))
        except TimeoutError:
            self._note("Read timeout expired")
        except aiohttp.ClientError as error:
            self._note(str(getattr(error, "strerror", None) or "Connection closed"))
        return 0.0

    async def _obey(self, answer: bytes) -> None:
        """Carry out the call that an answer may hold; its result goes nowhere."""
        if not answer.lstrip().startswith(b"{"):
            return
        try:
            call = orjson.loads(answer)
        except orjson.JSONDecodeError:
            return
        if isinstance(call, dict) and isinstance(call.get("method"), str):
            await self._on_answer(call)

    def _note_gone(self, status: int) -> None:
        now = self._clock.now()
        if status != HTTPStatus.GONE:
            self.hook.gone_since = None
        elif self.hook.gone_since is None:
            self.hook.gone_since = now
        elif now > self.hook.gone_since + GONE_S:
            self._on_gone()

    def _note(self, text: str) -> None:
        self.hook.last_error_at = int(self._clock.now())
        self.hook.last_error = text
        self._queue.changed()


def _retry_after(header: str) -> float:
    return float(min(int(header), MAX_RETRY_AFTER_S)) if header.isdigit() else 0.0
