"""R14: in virtual time, over a real outbox: two thousand notices wait, and an answer leaves within a second."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.courier import PER_LANE
from bot.pacing import Pacer
from routing.model import ChatId, ChatKind, ChatState
from routing.ports import Lane, Promise
from storage.sendings import Head
from storage.stores import Stores
from tests.routing.village import BOT, Village, village

NOTICES = 2_000


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        await made.work(_promise_notices)
        yield made


class Pump:
    """The courier's loop without the network: what it would send, and when, from the outbox as it is."""

    def __init__(self, town: Village) -> None:
        self.town, self.pacer, self.now_s = town, Pacer(), 0.0

    async def next(self) -> Head:
        """Send the next message, as soon as it may leave."""
        while True:
            heads = await self.town.store.read(_heads, self.town.now, set(self.pacer.resting(self.now_s)))
            head = self.pacer.choose(self.now_s, heads)
            if head is not None:
                await self.town.work(_send, head.id, self.town.now)
                self.pacer.spend(self.now_s, head, head.lane)
                return head
            self.now_s = max(self.pacer.bot_free_at, self.now_s + 0.001)


@pytest.mark.parametrize("lane", [Lane.EMERGENCY, Lane.ANSWER])
async def test_an_answer_or_an_alarm_leaves_within_a_second_while_two_thousand_notices_wait(
    town: Village, lane: Lane
) -> None:
    pump = Pump(town)
    while pump.now_s < 1.5:
        assert (await pump.next()).lane is Lane.NOTICE
    asked_s = pump.now_s
    await town.work(_promise, 100_000, lane)

    while (await pump.next()).lane is not lane:
        pass

    print(f"{lane.name} left {pump.now_s - asked_s:.3f} s after it was asked for")  # noqa: T201 - a figure
    assert pump.now_s - asked_s <= 1.0


async def test_answers_without_end_leave_the_notices_their_share(town: Village) -> None:
    for person in range(200):
        await town.work(_promise, 100_000 + person, Lane.ANSWER)
    pump = Pump(town)

    sent = [(await pump.next()).lane for _ in range(60)]

    assert sent.count(Lane.NOTICE) >= 6
    assert sent.count(Lane.ANSWER) > sent.count(Lane.NOTICE)


def _heads(stores: Stores, now: datetime, skip: set[ChatId]) -> Mapping[Lane, Sequence[Head]]:
    return stores.sending.ready_heads(BOT, now + timedelta(days=1), PER_LANE, skip)


def _promise_notices(stores: Stores) -> None:
    for number in range(NOTICES):
        _promise(stores, -1000 - number, Lane.NOTICE)


def _promise(stores: Stores, telegram_id: int, lane: Lane) -> None:
    kind = ChatKind.PRIVATE if telegram_id > 0 else ChatKind.UNBOUND
    chat: ChatId = stores.chats.meet(BOT, telegram_id, kind, "", ChatState.OK).id
    stores.outbox.promise(Promise(key=f"to {telegram_id}", chat=chat, view="say", params={}, lane=lane))


def _send(stores: Stores, head: int, now: datetime) -> None:
    assert stores.sending.start([head], now)
    stores.sending.sent(head, 1, now)
