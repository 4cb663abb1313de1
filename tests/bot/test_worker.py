"""The worker: order within a chat, chats beside one another, retries, poison, and a memory that is only a cache."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from telegram import Update
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.ext import CallbackContext, TypeHandler

from bot import blame
from bot import worker as module
from bot.meters import Meters
from bot.telegram import App, line_of
from bot.worker import Taken, Worker
from handlers import current_update
from storage.errors import CommitUnknown
from storage.inbox import MOST_ATTEMPTS
from storage.store import Store

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
BOT = 42
Context = CallbackContext[Any, Any, Any, Any]


def update(number: int, chat: int, text: str = "hello") -> Taken:
    person = {"id": chat, "is_bot": False, "first_name": "Li"}
    message = {"message_id": number, "date": 1_800_000_000, "chat": {"id": chat, "type": "private"}, "from": person}
    raw = orjson.dumps({"update_id": number, "message": {**message, "text": text}})
    return Taken(BOT, number, f"{BOT}:{chat}", raw)


class Desk:
    """Stands in for the handlers: notes what comes, and misbehaves as each text says."""

    def __init__(self, application: App, store: Store) -> None:
        self.store = store
        self.seen: dict[int, list[int]] = defaultdict(list)
        self.gate = asyncio.Event()
        self.arrived = asyncio.Event()
        application.add_handler(TypeHandler(Update, self.handle))
        application.add_error_handler(self.explain)

    async def handle(self, update: Update, _: Context) -> None:
        message = update.message
        assert message is not None
        self.seen[message.chat.id].append(update.update_id)
        self.arrived.set()
        match message.text:
            case "wait":
                await self.gate.wait()
            case "fail":
                raise RuntimeError("as asked")
            case "trouble" if self.seen[message.chat.id].count(update.update_id) <= 2 * MOST_ATTEMPTS:
                raise CommitUnknown
            case "flood" if self.seen[message.chat.id].count(update.update_id) <= 2 * MOST_ATTEMPTS:
                raise RetryAfter(timedelta(0))
            case "outage" if self.seen[message.chat.id].count(update.update_id) <= 2 * MOST_ATTEMPTS:
                raise NetworkError("Bad Gateway")
            case "time out":
                raise TimedOut
            case "slow statement":
                raise CommitUnknown
            case "fail once" if self.seen[message.chat.id].count(update.update_id) == 1:
                raise RuntimeError("as asked")
            case "work":
                await self.store.work(self._work, update.update_id)
                receipt = current_update.get()
                assert receipt is not None
                receipt.settled = True

    @staticmethod
    def _work(stores: Any, update_id: int) -> None:
        stores.inbox.done(BOT, update_id, NOW)
        stores.notebook.count("effects", NOW)

    async def explain(self, _: object, context: Context) -> None:
        receipt = current_update.get()
        assert receipt is not None
        assert isinstance(context.error, Exception)
        receipt.error = context.error


@pytest.fixture
def desk(application: App, store: Store) -> Desk:
    return Desk(application, store)


Start = Callable[..., Worker]


@pytest.fixture
async def start(application: App, store: Store, meters: Meters) -> AsyncIterator[Start]:
    """Makes workers and stops them at the end."""
    made: list[Worker] = []

    def make(**options: Any) -> Worker:
        made.append(Worker(store, {BOT: application}, lambda: NOW, meters, **options))
        return made[-1]

    yield make
    for each in made:
        await each.stop(grace_s=0)


async def receive(store: Store, *rows: Taken) -> None:
    def keep(stores: Any) -> None:
        for row in rows:
            stores.inbox.receive(row.bot, row.update_id, row.queue, row.raw, NOW)

    await store.work(keep)


async def pending(store: Store) -> list[int]:
    return [row.update_id for row in await store.read(lambda stores: stores.inbox.pending(10_000))]


async def poisoned(store: Store) -> list[int]:
    return [row.update_id for row in await store.read(lambda stores: stores.inbox.poisoned())]


async def test_what_an_earlier_life_left_is_handled_first_and_in_order(store: Store, desk: Desk, start: Start) -> None:
    await receive(store, *(update(number, chat=1 + number % 3) for number in range(30)))
    worker = start()
    assert await worker.start() == 30
    await worker.wait_idle()
    assert all(numbers == sorted(numbers) and len(numbers) == 10 for numbers in desk.seen.values())
    assert await pending(store) == []


async def test_one_slow_chat_keeps_its_order_and_stalls_nobody(store: Store, desk: Desk, start: Start) -> None:
    slow = [update(1, chat=1, text="wait"), update(2, chat=1), update(3, chat=1)]
    quick = [update(number, chat=number) for number in range(10, 60)]
    await receive(store, *slow, *quick)
    worker = start()
    for row in (*slow, *quick):
        worker.offer(row)
    while sum(map(len, desk.seen.values())) < 51:
        desk.arrived.clear()
        await desk.arrived.wait()
    assert desk.seen[1] == [1]
    desk.gate.set()
    await worker.wait_idle()
    assert desk.seen[1] == [1, 2, 3]


async def test_a_poison_update_among_good_ones_is_set_aside_and_the_rest_is_done(
    store: Store, desk: Desk, start: Start, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    rows = [update(number, chat=number % 7, text="fail" if number == 50 else "work") for number in range(100)]
    await receive(store, *rows)
    worker = start()
    await worker.start()
    await worker.wait_idle()
    assert await poisoned(store) == [50]
    assert await pending(store) == []
    assert desk.seen[50 % 7].count(50) == 3
    assert await store.work(lambda stores: stores.notebook.count("effects", NOW)) == 100  # 99 done and this one
    assert meters.registry.get_sample_value("huying_inbox_poison_total") == 1


async def test_a_failed_update_is_tried_again_before_the_chat_goes_on(
    store: Store, desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    await receive(store, update(1, chat=1, text="fail once"), update(2, chat=1))
    worker = start()
    await worker.start()
    await worker.wait_idle()
    assert desk.seen[1] == [1, 1, 2]
    assert await poisoned(store) == []


@pytest.mark.parametrize("whose", ["trouble", "flood", "outage"])
async def test_an_update_that_the_database_or_telegram_fails_is_tried_until_it_is_done_and_never_set_aside(
    store: Store, desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    await receive(store, update(1, chat=1, text=whose), update(2, chat=1))
    worker = start()
    await worker.start()
    await worker.wait_idle()
    assert desk.seen[1] == [*[1] * (2 * MOST_ATTEMPTS + 1), 2]
    assert await poisoned(store) == []


@pytest.mark.parametrize(("whose", "answers"), [("time out", "_answered_at"), ("slow statement", "committed_at")])
async def test_an_update_that_alone_is_failed_for_long_while_others_are_answered_is_set_aside(
    store: Store,
    desk: Desk,
    start: Start,
    meters: Meters,
    application: App,
    monkeypatch: pytest.MonkeyPatch,
    whose: str,
    answers: str,
) -> None:
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    monkeypatch.setattr(blame, "LONGEST_REST_S", 0.001)
    monkeypatch.setattr(blame, "PATIENCE_S", 0.0)
    others = line_of(application) if whose == "time out" else meters
    monkeypatch.setattr(others, answers, float("inf"))  # at any moment somebody else has just been answered
    await receive(store, update(1, chat=1, text=whose), update(2, chat=1))
    worker = start()
    await worker.start()
    await worker.wait_idle()

    assert desk.seen[1] == [*[1] * blame.MOST_OWN, 2]
    (aside,) = await store.read(lambda stores: stores.inbox.aside())
    assert aside.update_id == 1
    assert aside.error.startswith("TimedOut" if whose == "time out" else "CommitUnknown")


async def test_a_handler_that_never_ends_counts_as_failed(
    store: Store, desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    await receive(store, update(1, chat=1, text="wait"), update(2, chat=1))
    worker = start(patience_s=0.01)
    await worker.start()
    await worker.wait_idle()
    assert await poisoned(store) == [1]
    assert desk.seen[1] == [1, 1, 1, 2]


async def test_bytes_that_are_no_update_become_poison(
    store: Store, desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    await receive(store, Taken(BOT, 1, "42:1", b'{"update_id": 1, "message": {"chat": 5}}'), update(2, chat=1))
    worker = start()
    await worker.start()
    await worker.wait_idle()
    assert await poisoned(store) == [1]
    assert desk.seen[1] == [2]


async def test_an_update_offered_twice_has_its_effect_once(store: Store, desk: Desk, start: Start) -> None:
    row = update(1, chat=1, text="work")
    await receive(store, row)
    worker = start()
    worker.offer(row)
    worker.offer(row)
    await worker.wait_idle()
    worker.offer(row)  # long done, as after a redelivery that slipped through
    await worker.wait_idle()
    assert await store.work(lambda stores: stores.notebook.count("effects", NOW)) == 2  # one, and this one
    assert await poisoned(store) == []


async def test_more_than_memory_holds_waits_in_the_inbox_in_order(
    store: Store, desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IN_MEMORY", 20)
    monkeypatch.setattr(module, "PER_CHAT", 5)
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    rows = [update(number, chat=number % 4) for number in range(200)]
    await receive(store, *rows)
    worker = start()
    for row in rows:
        worker.offer(row)
    assert len(worker._known) <= 20
    await worker.wait_idle()
    assert [len(numbers) for numbers in desk.seen.values()] == [50] * 4
    assert all(numbers == sorted(numbers) for numbers in desk.seen.values())
    assert await pending(store) == []


async def test_a_chat_that_floods_delays_the_others_by_its_turn_and_no_more(
    store: Store, desk: Desk, start: Start
) -> None:
    flood = [update(number, chat=1, text="work") for number in range(1, 400)]
    others = [update(1_000 + number, chat=10 + number, text="work") for number in range(20)]
    await receive(store, *flood, *others)
    worker = start()
    worker._unread = False
    for row in (*flood, *others):
        worker.offer(row)
    while any(worker.holds(row.queue) for row in others):
        await store.work(lambda stores: None)

    assert all(desk.seen[10 + number] == [1_000 + number] for number in range(20))
    assert len(desk.seen[1]) <= 2 * module.IN_A_ROW, "of four hundred, while twenty others had theirs"
    await worker.wait_idle()
    assert desk.seen[1] == list(range(1, 400))


async def test_after_a_restart_what_comes_now_waits_behind_what_memory_could_not_hold(
    store: Store, desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "IN_MEMORY", 20)
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    early = [update(number, chat=1 + number // 30) for number in range(90)]
    await receive(store, *early)
    worker = start()
    assert worker.holds(f"{BOT}:3"), "nobody knows yet what waits"
    await worker.start()
    assert worker.holds(f"{BOT}:3"), "the chat's updates lie beyond what was read"
    late = update(500, chat=3)
    await receive(store, late)
    worker.offer(late)
    await worker.wait_idle()
    assert desk.seen[3] == [*range(60, 90), 500]
    assert not worker.holds(f"{BOT}:3")
    assert await pending(store) == []


async def test_stopping_finishes_what_is_in_hand_and_leaves_the_rest_for_the_next_life(
    store: Store, desk: Desk, start: Start
) -> None:
    await receive(store, update(1, chat=1, text="wait"), update(2, chat=1))
    worker = start()
    await worker.start()
    await desk.arrived.wait()
    stopping = asyncio.create_task(worker.stop(grace_s=5))
    desk.gate.set()
    await stopping
    assert await pending(store) == [2]


async def test_what_ended_while_the_inbox_was_being_read_is_not_handled_again(
    store: Store, desk: Desk, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = update(1, chat=1, text="wait"), update(2, chat=1)
    worker = start()
    await worker.start()
    await receive(store, first, second)
    asked, answered, read = asyncio.Event(), asyncio.Event(), store.read

    async def slowly(*question: Any) -> Any:
        answer = await read(*question)
        asked.set()
        await answered.wait()
        return answer

    monkeypatch.setattr(store, "read", slowly)
    worker.offer(first)
    worker.refresh()
    await asked.wait()
    desk.gate.set()
    await worker.wait_idle()

    answered.set()
    assert worker._refill is not None
    await worker._refill
    await worker.wait_idle()

    assert desk.seen == {1: [1, 2]}


async def test_a_chat_that_does_not_go_on_is_seen_by_its_age(store: Store, desk: Desk, start: Start) -> None:
    worker = start()
    assert worker.beat_age_s == 0, "whoever has nothing to do does not hang"
    slow = update(1, 1, "wait")
    await receive(store, slow)
    await worker.start()
    await asyncio.wait_for(desk.arrived.wait(), 20)

    before = worker.beat_age_s
    await store.work(lambda _: None)
    assert worker.beat_age_s > before > 0

    desk.gate.set()
    await asyncio.wait_for(worker.wait_idle(), 20)
    assert worker.beat_age_s == 0
