"""The exchange: the world, its clock and its queues in one place, and the way a call takes through them."""

import asyncio
import inspect
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from bot.sandbox.clock import Clock, RealClock
from bot.sandbox.errors import ApiError
from bot.sandbox.faults import Fault, Faults
from bot.sandbox.hub import Hub
from bot.sandbox.limits import Limits
from bot.sandbox.params import Params
from bot.sandbox.updates import UpdateQueue
from bot.sandbox.webhooks import Courier, Webhook
from bot.sandbox.world import Bot, Chat, Json, Person, World

KEPT: Final = 20_000
LINK_LIFETIME_S: Final = 3600


@dataclass(slots=True)
class Query:
    """A press that waits for the bot's answer."""

    id: str
    bot: int
    person: int
    chat: Chat
    message: int
    asked_at: float
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """One Bot API call and what became of it; *answer* is the envelope that was sent."""

    method: str
    params: Json
    time: float
    bot: int
    answer: Json

    @property
    def ok(self) -> bool:
        """Whether the call succeeded."""
        return bool(self.answer.get("ok"))


@dataclass(slots=True)
class Exchange:
    """Everything that a method or a person's action may touch."""

    clock: Clock = field(default_factory=RealClock)
    strict: bool = False
    world: World = field(default_factory=World)
    hub: Hub = field(default_factory=Hub)
    faults: Faults = field(default_factory=Faults)
    queues: dict[int, UpdateQueue] = field(default_factory=dict)
    couriers: dict[int, Courier] = field(default_factory=dict)
    queries: dict[str, Query] = field(default_factory=dict)
    links: dict[tuple[int, str], float] = field(default_factory=dict)
    toasts: list[Json] = field(default_factory=list)
    calls: list[Record] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    limits: Limits = field(init=False)
    partings: set[asyncio.Task[None]] = field(default_factory=set)
    instance_salt: int = field(default_factory=lambda: secrets.randbits(40))

    def __post_init__(self) -> None:
        self.limits = Limits(self.clock, strict=self.strict)

    def queue(self, bot: Bot) -> UpdateQueue:
        """The updates of *bot*."""
        queue = self.queues.get(bot.id)
        if queue is None:
            queue = self.queues[bot.id] = UpdateQueue(self.clock, self.hub.changed)
        return queue

    def today(self) -> int:
        """This moment as whole seconds since 1970, the way the Bot API writes dates."""
        return int(self.clock.now())

    def ask(self, query: Query) -> None:
        """Note a press; those that nobody has answered within a quarter of an hour are forgotten."""
        self.queries[query.id] = query
        oldest = next(iter(self.queries.values()))
        while oldest.asked_at < query.asked_at - 900:
            del self.queries[oldest.id]
            oldest = next(iter(self.queries.values()))

    def open_link(self, bot: Bot, path: str) -> None:
        """Let *bot* download what lies at *path* for an hour from now; links that ran out are forgotten."""
        now = self.clock.now()
        self.links.pop((bot.id, path), None)
        self.links[bot.id, path] = now + LINK_LIFETIME_S
        while self.links and next(iter(self.links.values())) <= now:
            del self.links[next(iter(self.links))]

    def link_is_open(self, bot: Bot, path: str) -> bool:
        """Whether *bot* asked for the file at *path* less than an hour ago."""
        return self.links.get((bot.id, path), 0) > self.clock.now()

    async def set_webhook(self, bot: Bot, hook: Webhook | None) -> None:
        """Replace the webhook of *bot*; requests in progress are broken off, their updates stay pending."""
        old = self.couriers.pop(bot.id, None)
        if old is not None:
            await old.close()
        if hook is not None:
            self.couriers[bot.id] = Courier(
                hook,
                self.queue(bot),
                self.clock,
                on_answer=lambda call: self._answer_call(bot, call),
                on_gone=lambda: self._part(bot),
            )
        self.hub.changed()

    async def become(self, world: World) -> None:
        """Forget everything and go on with *world*; calls, toasts and ordered faults stay on record."""
        self.release()
        await self.close()
        self.queues.clear()
        self.queries.clear()
        self.links.clear()
        self.world = world

    def release(self) -> None:
        """Let go of everybody who waits: polls are answered, pages are hung up on."""
        for queue in self.queues.values():
            queue.release()
        self.hub.hang_up()

    async def close(self) -> None:
        """Stop every delivery."""
        await asyncio.gather(*self.partings)
        for courier in self.couriers.values():
            await courier.close()
        self.couriers.clear()
        for queue in self.queues.values():
            await queue.close()

    def _part(self, bot: Bot) -> None:
        """Take the webhook of *bot* away, beside the delivery that found it gone."""
        parting = asyncio.get_running_loop().create_task(self.set_webhook(bot, None))
        self.partings.add(parting)
        parting.add_done_callback(self.partings.discard)

    async def call(self, bot: Bot, method: str, params: Params) -> "Outcome":
        """Carry out a Bot API call, with the faults that were ordered, and remember it."""
        fault = self.faults.take(bot.id, method, params)
        if fault is not None and fault.how not in ("lost", "slow"):
            outcome = Outcome(_fault_envelope(fault), fault)
        else:
            outcome = Outcome(await self._carry_out(bot, method, params), fault)
        keep(self.calls, Record(method, params.values, self.clock.now(), bot.id, outcome.envelope))
        code = outcome.envelope.get("error_code")
        self.tally[method.lower() if code is None else f"{method.lower()} {code}"] += 1
        self.hub.changed()
        return outcome

    async def _carry_out(self, bot: Bot, method: str, params: Params) -> Json:
        function = METHODS.get(method.lower())
        try:
            if function is None:
                raise ApiError(404, "Not Found: method not found")
            result = function(Call(self, bot, params))
            if inspect.isawaitable(result):
                result = await result
        except ApiError as error:
            return envelope(error)
        if isinstance(result, Described):
            return {"ok": True, "result": result.result, "description": result.description}
        return {"ok": True, "result": result}

    async def _answer_call(self, bot: Bot, call: Json) -> None:
        method = str(call.pop("method"))
        if method.lower().startswith("get") or method.lower() in ("setwebhook", "deletewebhook", "close", "logout"):
            return
        await self.call(bot, method, Params(call, {}))


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a call and the fault that befell it."""

    envelope: Json
    fault: Fault | None = None

    async def kept_back(self) -> None:
        """Return when the ordered fault lets the answer go: at once, unless it is slow."""
        if self.fault is not None and self.fault.how == "slow":
            await asyncio.sleep(self.fault.seconds)


@dataclass(frozen=True, slots=True)
class Described:
    """A result that comes with a description, as `setWebhook` gives."""

    result: Any
    description: str


@dataclass(frozen=True, slots=True)
class Call:
    """One Bot API call on its way."""

    exchange: Exchange
    bot: Bot
    params: Params

    @property
    def world(self) -> World:
        """The world that the call concerns."""
        return self.exchange.world


Method = Callable[[Call], Any | Awaitable[Any]]
METHODS: Final[dict[str, Method]] = {}


def method(name: str) -> Callable[[Method], Method]:
    """Register a function as the Bot API method *name*; the case of the name does not matter.

    Raises:
        ValueError: two functions claim one name.
    """

    def register(function: Method) -> Method:
        if name.lower() in METHODS:
            raise ValueError(f"the method {name} is defined twice")
        METHODS[name.lower()] = function
        return function

    return register


Action = Callable[[Exchange, Person, Json], Json]
ACTIONS: Final[dict[str, Action]] = {}


def action(name: str) -> Callable[[Action], Action]:
    """Register a function as something that a person can do.

    Raises:
        ValueError: two functions claim one name.
    """

    def register(function: Action) -> Action:
        if name in ACTIONS:
            raise ValueError(f"the action {name} is defined twice")
        ACTIONS[name] = function
        return function

    return register


def keep(record: list[Any], entry: Any) -> None:
    """Append to a record that remembers at least the last 20,000 entries and never twice as many."""
    record.append(entry)
    if len(record) >= 2 * KEPT:
        del record[:KEPT]


def envelope(error: ApiError) -> Json:
    """The answer that tells of *error*."""
    body: Json = {"ok": False, "error_code": error.code, "description": error.description}
    if error.parameters:
        body["parameters"] = error.parameters
    return body


def _fault_envelope(fault: Fault) -> Json:
    texts = {
        "400": "Bad Request: ordered to fail",
        "403": "Forbidden: ordered to fail",
        "429": f"Too Many Requests: retry after {fault.retry_after}",
        "500": "Internal Server Error",
        "502": "Bad Gateway",
        "503": "Service Unavailable",
        "504": "Gateway Timeout",
    }
    if fault.how == "drop":
        return {"ok": False, "error_code": 0, "description": "connection broken before it was carried out"}
    parameters = {"retry_after": fault.retry_after} if fault.how == "429" else None
    return envelope(ApiError(int(fault.how), texts[fault.how], parameters))
