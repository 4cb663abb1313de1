"""Whose turn it is, with Telegram's limits enforced, in virtual time: a whole courier, a small outbox in memory."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any, cast

import pytest
from telegram.error import RetryAfter

from bot.clock import Clock
from bot.courier import Courier
from bot.meters import Meters
from bot.sandbox import Chat as Group
from bot.sandbox import Person, Sandbox
from bot.sandbox.files import describe, for_bot
from bot.sandbox.params import Params
from bot.telegram import Line
from handlers import Outgoing
from handlers._kit.registry import registry
from routing.effects import Json
from routing.model import Chat, ChatId, ChatKind, ChatState
from routing.ports import Lane, Promise
from storage.sendings import Head, Sending
from tests.simulation.loop import VirtualLoop

BOT, WAY_S = 42, 0.06
NOW = datetime.fromisoformat("2026-11-30T01:00:00+00:00")


class Outbox:
    """What a courier asks of its stores, in memory."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self.here: ChatId | None = None
        self.sending = self.chats = self
        self.ready: dict[int, Sending] = {}
        self.flying: dict[int, Sending] = {}
        self.done: list[str] = []
        self.kept: dict[str, datetime] = {}
        self.asked_s: dict[str, float] = {}
        self._numbers = count(1)

    def promise(self, group: Group, lane: Lane, *, album: int = 0, carrier: int | None = None) -> None:
        number = next(self._numbers)
        chat = Chat(ChatId(-group.id), BOT, group.id, ChatKind.RESIDENTS, ChatState.OK)
        params: dict[str, Json] = {"text": f"{lane.name.lower()} {number}", "album": album}
        promise = Promise(key=str(number), chat=chat.id, view="test.pictures", params=params, lane=lane)
        self.asked_s[str(params["text"])] = self._loop.time()
        self.ready[number] = Sending(number, promise, chat, carrier, 1, repeat=False, created_at=NOW)

    async def work(self, use_case: Callable[..., Any], *args: Any) -> Any:
        await asyncio.sleep(0.002)
        return use_case(self, *args)

    def ready_heads(
        self, bot: int, now: datetime, per_lane: int, skip: Collection[ChatId]
    ) -> Mapping[Lane, Sequence[Head]]:
        heads: dict[Lane, list[Head]] = {}
        met = {*skip, *(one.chat.id for one in self.flying.values())}
        for id_, one in self.ready.items():
            lane = heads.setdefault(one.promise.lane, [])
            if one.chat.id not in met and len(lane) < per_lane:
                lane.append(Head(id_, one.chat.id, one.chat.telegram_id, one.promise.lane, NOW))
                met.add(one.chat.id)
        return heads

    def start(self, ids: Sequence[int], now: datetime) -> list[Sending]:
        self.flying |= {id_: self.ready.pop(id_) for id_ in ids}
        return [self.flying[id_] for id_ in ids]

    def retry(self, id_: int, ready_at: datetime, reason: str) -> None:
        self.ready = {id_: self.flying.pop(id_)} | self.ready

    def sent(self, id_: int, message_id: int | None, now: datetime, *, edited: bool = False) -> None:
        self.done.append(str(self.flying.pop(id_).promise.params["text"]))

    def halt(self, scope: str, until: datetime, length: timedelta) -> None:
        self.kept[scope] = until

    def halts(self, wall: datetime) -> Mapping[str, datetime]:
        return self.kept

    def shorten_halts(self, wall: datetime) -> None:
        pass

    def interrupted(self, bot: int, now: datetime) -> int:
        return 0

    def find(self, bot: int, telegram_id: int) -> Chat:
        return Chat(ChatId(-telegram_id), bot, telegram_id, ChatKind.RESIDENTS, ChatState.OK)


class Stage:
    """A loop in virtual time with a local Telegram that enforces its limits, and one courier."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop, self.outbox = loop, Outbox(loop)
        self.left_s: dict[str, float] = {}
        self.sandbox = Sandbox(clock=self, strict=True)
        self.sandbox.add_bot("Huying Sample", "huying_sample_bot", token=f"{BOT}:SANDBOX", privacy=False)
        self.owner = self.sandbox.add_person("Li Wei")
        bot = self.sandbox.exchange.world.user(BOT)
        assert bot is not None
        self.bot: Person = bot
        files = self.sandbox.exchange.world.files
        self.photo = for_bot(describe(files.add("photo", b"a picture")), BOT)["file_id"]
        self.courier = Courier(cast("Any", self.outbox), cast("Line", self), BOT, Clock(), Meters(), steady=loop.time)

    def now(self) -> float:
        return self.loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def groups(self, number: int) -> list[Group]:
        return [self.sandbox.add_group(f"Grid {each}", self.owner, members=[self.bot]) for each in range(number)]

    async def call(self, method: str, params: Mapping[str, Any]) -> Any:
        """The courier's line: half of the way there, half of it back."""
        self.left_s.setdefault(str(params.get("text")), self.now())
        await asyncio.sleep(WAY_S)
        exchange = self.sandbox.exchange
        outcome = await exchange.call(exchange.world.bots[BOT], method, Params(dict(params), {}))
        await asyncio.sleep(WAY_S)
        if not outcome.envelope["ok"]:
            raise RetryAfter(timedelta(seconds=outcome.envelope["parameters"]["retry_after"]))
        return outcome.envelope["result"]

    def pictures(self, look: Any) -> Outgoing:
        items = [{"type": "photo", "media": self.photo}] * int(look.params["album"])
        more = (Outgoing("sendMediaGroup", {"media": items}),) if items else ()
        return Outgoing("sendMessage", {"text": look.params["text"]}, more)

    async def empty(self) -> float:
        """Wait until everything is sent; returns how long the courier took."""
        begun_s, work = self.now(), asyncio.create_task(self.courier.run())
        self.courier.wake()
        while self.outbox.ready or self.outbox.flying:
            await asyncio.sleep(0.01)
            assert self.now() < begun_s + 600
        took_s = self.now() - begun_s
        await self.courier.stop()
        await work
        return took_s


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    loop = VirtualLoop()
    made = Stage(loop)
    monkeypatch.setitem(registry.views, "test.pictures", made.pictures)
    yield made
    loop.close()


def refusals(stage: Stage) -> int:
    return sum(number for method, number in stage.sandbox.tally.items() if method.endswith(" 429"))


def test_an_album_takes_as_many_turns_as_it_has_items(stage: Stage) -> None:
    groups = stage.groups(24)
    for group in groups:
        stage.outbox.promise(group, Lane.NOTICE, album=10)

    took_s = stage.loop.run_until_complete(stage.empty())

    assert refusals(stage) == 0
    assert stage.sandbox.tally["sendmediagroup"] == 24
    assert len(stage.outbox.done) == 24
    assert 24 * 11 / 30 <= took_s <= 1.3 * 24 * 11 / 30


def test_an_answer_leaves_in_a_second_while_albums_fill_the_pace(stage: Stage) -> None:
    for group in stage.groups(100):
        stage.outbox.promise(group, Lane.NOTICE, album=10)

    async def ask() -> None:
        sending = asyncio.create_task(stage.empty())
        await asyncio.sleep(0.3)
        for number, group in enumerate(stage.groups(30)):
            stage.outbox.promise(group, Lane.ANSWER)
            stage.courier.wake()
            await asyncio.sleep(0.3 + 0.1 * (number % 7))
        await sending

    stage.loop.run_until_complete(ask())

    waits = [stage.left_s[text] - at for text, at in stage.outbox.asked_s.items() if text.startswith("answer")]
    print(f"answers left after {sorted(round(wait_s, 2) for wait_s in waits)} s")  # noqa: T201 - figures
    assert len(waits) == 30
    assert refusals(stage) == 0
    assert max(waits) <= 1.0


def test_of_three_albums_to_one_group_the_second_waits_for_its_minute(stage: Stage) -> None:
    [group] = stage.groups(1)
    for _ in range(3):
        stage.outbox.promise(group, Lane.NOTICE, album=10)

    took_s = stage.loop.run_until_complete(stage.empty())

    assert refusals(stage) == 0
    assert stage.sandbox.tally["sendmediagroup"] == 3
    assert 120 <= took_s <= 130


def test_edits_take_turns_as_messages_do(stage: Stage) -> None:
    [group] = stage.groups(1)
    card = stage.loop.run_until_complete(stage.call("sendMessage", {"chat_id": group.id, "text": "card"}))
    for _ in range(25):
        stage.outbox.promise(group, Lane.CARD, carrier=card["message_id"])

    stage.loop.run_until_complete(stage.empty())

    assert refusals(stage) == 0
    assert stage.sandbox.tally["editmessagetext"] == 25


def test_the_courier_lets_an_answer_go_before_fifty_notices_that_are_older(stage: Stage) -> None:
    *groups, asking = stage.groups(51)
    for group in groups:
        stage.outbox.promise(group, Lane.NOTICE)
    stage.outbox.promise(asking, Lane.ANSWER)

    stage.loop.run_until_complete(stage.empty())

    assert min(stage.left_s, key=lambda text: stage.left_s[text]) == "answer 51"


@pytest.mark.parametrize(("scope", "silent_s"), [(f"bot:{BOT}", 40), ("bot:43", 0)])
def test_a_halt_of_the_whole_bot_survives_a_restart_and_another_bot_s_is_no_matter(
    stage: Stage, scope: str, silent_s: float
) -> None:
    stage.outbox.kept[scope] = Clock().wall() + timedelta(seconds=40)
    for group in stage.groups(3):
        stage.outbox.promise(group, Lane.EMERGENCY)
    stage.loop.run_until_complete(stage.courier.recover())
    begun_s = stage.now()

    stage.loop.run_until_complete(stage.empty())

    assert min(stage.left_s.values()) - begun_s == pytest.approx(silent_s, abs=0.5)
