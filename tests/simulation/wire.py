"""The line between the program and the local Telegram, without a network: delays, losses and refusals are drawn."""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from random import Random
from typing import TYPE_CHECKING, Any, Final

import httpx
import orjson
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.sandbox.errors import too_many_requests
from bot.sandbox.exchange import Outcome, envelope
from bot.sandbox.params import Params
from bot.sandbox.updates import Pending
from bot.sandbox.webhooks import Courier
from bot.sandbox.world import Json
from bot.telegram import READ_S
from tests.simulation.loop import LIFE, Crashed, Life
from tests.straight import params_of

if TYPE_CHECKING:
    from tests.simulation.world import World

LATENCY_S: Final = 0.08
WAYS: Final = ("unreachable", "reset", "lost", "cut", "slow", "silent", "429", "500", "502")
_DOUBTFUL: Final = frozenset({"reset", "lost", "cut", "slow", "silent", "500", "502"})
_SENDS: Final = ("send", "copy", "forward")


class Wire:
    """Carries calls one way and answers the other."""

    def __init__(self, world: "World", rng: Random) -> None:
        self._world, self._rng = world, rng
        self.calls = self.doubts = self.refusals = 0
        self.sends: Counter[tuple[str, str]] = Counter()
        """What arrived at Telegram as a new message, by the part of the program that sent it, and by what it said."""
        self.early: list[str] = []
        """Messages that left although the database did not say yet that they were being sent."""

    async def call(self, life: Life, token: str, method: str, params: Params, patience_s: float) -> Outcome | bytes:
        """One call, as the program sees it."""
        world, loop = self._world, self._world.loop
        world.fuse.calling(life, method)
        self.calls += 1
        fault = self._drawn(method)
        who = (asyncio.current_task() or _nobody()).get_name()
        self._see_marked(who, method)
        if fault == "unreachable":
            await asyncio.sleep(self._latency_s())
            raise NetworkError("httpx.ConnectError: ") from httpx.ConnectError("")
        self.doubts += fault in _DOUBTFUL and method.startswith(_SENDS)
        self.refusals += fault == "429"
        reply: asyncio.Future[Outcome | bytes] = loop.create_future()
        loop.begin(None, self._carry(token, method, params, fault, who, reply))
        try:
            async with asyncio.timeout(patience_s):
                outcome = await reply
        except TimeoutError:
            raise TimedOut from httpx.ReadTimeout("")
        world.fuse.answered(life)
        return outcome

    def _see_marked(self, who: str, method: str) -> None:
        """A message leaves: whoever looks at the file from beside the program must find it marked as being sent."""
        part, _, number = who.partition(" ")
        if part == "send" and method != "pinChatMessage":  # which follows a message that stands
            found = self._world.query(f"SELECT state FROM outbox WHERE id = {int(number)}")  # noqa: S608 - a number of ours
            if found != [("sending",)]:
                self.early.append(number)

    async def _carry(
        self,
        token: str,
        method: str,
        params: Params,
        fault: str | None,
        who: str,
        reply: "asyncio.Future[Outcome | bytes]",
    ) -> None:
        """At Telegram's side."""
        await asyncio.sleep(self._latency_s())
        exchange = self._world.exchange
        outcome: Outcome | bytes
        if fault == "reset":
            _break(reply)
            return
        if fault == "silent":
            return
        if fault == "429":
            outcome = Outcome(envelope(too_many_requests(self._rng.choice((1, 3, 8, 30)))))
        elif fault in ("500", "502"):
            outcome = Outcome({"ok": False, "error_code": int(fault), "description": "Bad Gateway"})
        else:
            outcome = await exchange.call(exchange.world.tokens[token], method, params)
            self._note(method, params, who, outcome)
        if fault == "lost":
            _break(reply)
            return
        if fault == "cut":
            outcome = b'{"ok":true,"res'
        await asyncio.sleep(READ_S + 5 if fault == "slow" else self._latency_s())
        if not reply.done():
            reply.set_result(outcome)

    async def post(self, update: Json) -> Any:
        """Telegram posts an update to the webhook.

        Raises:
            ConnectionError: nobody took it, or nobody knows whether somebody did.
        """
        await asyncio.sleep(self._latency_s())
        life, fault = self._world.alive, self._drawn("webhook")
        if life is None or life.dead or fault in ("unreachable", "reset", "500", "502"):
            raise ConnectionError
        taken: asyncio.Future[Any] = self._world.loop.create_future()
        self._world.posts[taken] = None
        try:
            self._world.loop.begin(life, self._world.taken(life, update, taken))
            answer = await taken
        finally:
            self._world.posts.pop(taken, None)
        await asyncio.sleep(self._latency_s())
        if fault in ("lost", "cut", "slow", "silent"):
            raise ConnectionError
        return answer

    def _note(self, method: str, params: Params, who: str, outcome: Outcome) -> None:
        said = orjson.dumps(params.values, option=orjson.OPT_SORT_KEYS).decode()
        self._world.note("call", method, said, orjson.dumps(outcome.envelope.get("error_code", 200)).decode())
        if outcome.envelope.get("ok") and method.startswith(_SENDS):
            self.sends[who, said] += 1

    def _drawn(self, method: str) -> str | None:
        rate = self._world.weather.calls
        if not rate or self._rng.random() >= rate:
            return None
        way = self._rng.choice(WAYS)
        self._world.note("call fails", method, way)
        return way

    def _latency_s(self) -> float:
        return self._rng.expovariate(1 / LATENCY_S)


def _break(reply: "asyncio.Future[Outcome | bytes]") -> None:
    if not reply.done():
        error = NetworkError("httpx.ReadError: ")
        error.__cause__ = httpx.ReadError("")
        reply.set_exception(error)


def _nobody() -> Any:
    raise RuntimeError("a call belongs to a task")


def _done() -> Awaitable[None]:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.set_result(None)
    return future


class VirtualRequest(BaseRequest):
    """python-telegram-bot's way out, which ends at the wire."""

    def __init__(self, world: "World") -> None:
        self._world = world

    @property
    def read_timeout(self) -> float:
        return READ_S

    def initialize(self) -> Awaitable[None]:  # type: ignore[override]  # done: a life that ends leaves no coroutine
        """Open nothing."""
        return _done()

    def shutdown(self) -> Awaitable[None]:  # type: ignore[override]  # likewise
        """Close nothing."""
        return _done()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        *_timeouts: Any,
        **_more: Any,
    ) -> tuple[int, bytes]:
        life = LIFE.get()
        if life is None or life.dead:
            raise Crashed
        _, place, name = url.rsplit("/", 2)
        patience_s = read_timeout if isinstance(read_timeout, int | float) else READ_S
        outcome = await self._world.wire.call(
            life, place.removeprefix("bot"), name, params_of(request_data), patience_s
        )
        if isinstance(outcome, bytes):
            return 200, outcome
        return int(outcome.envelope.get("error_code", 200)), orjson.dumps(outcome.envelope)


class VirtualHook(Courier):
    """Telegram's deliveries to the webhook, over the same wire."""

    world: "World"

    def __init__(self, hook: Any, queue: Any, clock: Any, on_answer: Any, on_gone: Any) -> None:
        self.hook, self._queue, self._clock = hook, queue, clock
        self._on_answer, self._on_gone = on_answer, on_gone
        self._places = asyncio.Semaphore(hook.max_connections)
        self._lanes: dict[str, asyncio.Task[None]] = {}
        queue.serve(self.wake)

    def wake(self, key: str) -> None:
        if key not in self._lanes:
            self._lanes[key] = self.world.loop.begin(None, self._work(key))

    async def close(self) -> None:
        self._queue.on_add = None
        for lane in list(self._lanes.values()):
            lane.cancel()
        await asyncio.gather(*self._lanes.values(), return_exceptions=True)

    async def _attempt(self, pending: Pending) -> float | None:
        try:
            answer = await self.world.wire.post(pending.update)
        except ConnectionError:
            return 0.0
        if answer == "come back":
            return 3.0
        if isinstance(answer, dict):
            await self._on_answer(dict(answer))
        return None
