"""A message in several parts: what becomes of the others when something befalls one of them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.pacing import Halt, Pacer
from bot.sandbox import Person, Sandbox
from bot.telegram import IN_FLIGHT, line_of
from routing.ports import Doubt, Lane
from tests.bot.test_courier import BOT, Post, bot_of, group, li, post, views

__all__ = ["li", "post", "views"]  # fixtures


@pytest.fixture(autouse=True)
def quick(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pace, and pauses, at which four parts to one group take no minute."""
    post.courier = post.hire(Pacer(speed=1000.0))
    monkeypatch.setattr("bot.courier.LONGEST_TROUBLE_S", 0.1)


@pytest.mark.parametrize(
    ("doubt", "times", "first_doubtful"),
    [(Doubt.RESEND, 1, ["long 0", "long 0"]), (Doubt.REPEAT, 2, ["long 0", "long 0"]), (Doubt.DROP, 1, ["long 0"])],
)
async def test_a_part_in_doubt_is_treated_as_promised_and_the_others_follow(
    post: Post, sandbox: Sandbox, li: Person, doubt: Doubt, times: int, first_doubtful: list[str]
) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "lost", times=times, contains="long 0")
    post.start()
    await post.promise(chat, "long", more=3, doubt=doubt)
    await post.settled(sent=1)
    assert post.texts(grid) == ["long", *first_doubtful, "long 1", "long 2"]


async def test_a_part_that_telegram_refuses_for_good_is_the_last(post: Post, sandbox: Sandbox, li: Person) -> None:
    grid = group(sandbox, li)
    chat = await post.meet(grid)
    sandbox.fail_next("sendMessage", "400", contains="long 1")
    post.start()
    await post.promise(chat, "long", more=3)
    await post.settled(sent=1)
    assert post.texts(grid) == ["long", "long 0"]


class Refusing:
    """A line on which the first call of *method* is answered with a 429; it notes when which calls were made."""

    def __init__(self, post: Post, method: str, asked_s: float) -> None:
        self._line, self._post, self._method = line_of(post.application), post, method
        self._refusals = [RetryAfter(timedelta(seconds=asked_s))]
        self.made: list[tuple[str, float]] = []
        self._called = asyncio.Event()

    async def call(self, method: str, params: Any) -> Any:
        self.made.append((str(params.get("text", method)), self._post.courier._steady()))
        self._called.set()
        if method == self._method and self._refusals:
            raise self._refusals.pop()
        return await self._line.call(method, params)

    async def until(self, count: int) -> None:
        """Return when so many calls were made."""
        async with asyncio.timeout(10):
            while len(self.made) < count:
                self._called.clear()
                await self._called.wait()


async def test_a_refused_pin_keeps_the_bot_silent_and_is_tried_again(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, other = group(sandbox, li), group(sandbox, li, "Grid 4")
    sandbox.seat(grid, bot_of(sandbox), admin=True)
    chat, elsewhere = await post.meet(grid), await post.meet(other)
    line = Refusing(post, "pinChatMessage", 0.3)
    monkeypatch.setattr(post.courier, "_line", line)
    monkeypatch.setattr("bot.pacing.GROUP_LONG_S", 0.1)  # so long a pause means the bot
    post.start()
    await post.promise(chat, "board", pin=True)
    await line.until(2)
    await post.promise(elsewhere, "notice")
    await post.settled(sent=2)
    await sandbox.wait_for(lambda _: post.count("pinChatMessage") == 1)
    halts = await post.store.read(lambda stores: stores.sending.halts(post.clock.wall() - timedelta(seconds=5)))

    (_, _), (_, refused_at), *later = line.made
    assert sorted(what for what, _ in later) == ["notice", "pinChatMessage"]
    assert all(at - refused_at >= 0.3 for _, at in later)
    assert list(halts) == [f"bot:{BOT}"]


async def test_pins_that_wait_for_their_groups_are_in_nobodys_way(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    post.courier = post.hire(Pacer())
    monkeypatch.setattr("bot.pacing.GROUP_RATE_PER_S", 1 / 3600)  # after two messages to a group its pin waits an hour
    grids = [group(sandbox, li, f"Grid {number}") for number in range(IN_FLIGHT + 4)]
    for grid in grids:
        await post.promise(await post.meet(grid), "storm", more=1, pin=True, lane=Lane.EMERGENCY)
    post.start()
    await post.settled(sent=len(grids))
    assert [post.texts(grid) for grid in grids] == [["storm", "storm 0"]] * len(grids)
    assert post.count("pinChatMessage") == 0
    await post.courier.stop(grace_s=0.1)


class Silenced(Pacer):
    """The pace of a bot that is told to be silent just after its second call, when the third one waits its turn."""

    until, calls = 0.0, 0

    def answered(self, left_at: float, now: float, count: int = 1) -> None:
        super().answered(left_at, now, count)
        self.calls += 1
        if self.calls == 2:
            self.until = now + 0.4
            asyncio.get_running_loop().call_soon(self.halt, Halt(None, self.until))


async def test_a_part_that_waits_its_turn_is_silent_when_the_bot_is_refused_meanwhile(
    post: Post, sandbox: Sandbox, li: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = await post.meet(group(sandbox, li))
    line, pacer = Refusing(post, "none", 0.0), Silenced(speed=20.0)  # a group's third part waits some 0.17 s
    post.courier = post.hire(pacer)
    monkeypatch.setattr(post.courier, "_line", line)
    post.start()
    await post.promise(chat, "long", more=2)
    await post.settled(sent=1)
    assert 0 < pacer.until <= line.made[2][1]
