"""In a rush handling makes room for taking in, goes on all the same, and is as ever when it is over."""

import asyncio

import pytest

from bot import rush as module
from bot.rush import ROOM, Rush


class Steady:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Steady:
    monkeypatch.setattr(module, "CALM_S", 0.002)  # whoever waits looks again after so many real seconds
    return Steady()


async def look_again() -> None:
    """Give whoever waits the time to look again a few times."""
    for _ in range(5):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.003):
                await asyncio.Event().wait()


async def test_without_a_rush_turns_overlap_and_nobody_rests(steady: Steady) -> None:
    rush = Rush(steady)
    async with rush.turn():
        steady.now += 1
        async with asyncio.timeout(1), rush.turn():
            assert not rush.on


async def test_in_a_rush_there_is_one_turn_at_a_time_and_then_room_for_taking_in(
    steady: Steady, monkeypatch: pytest.MonkeyPatch
) -> None:
    rush, told = Rush(steady), []
    monkeypatch.setattr(Rush, "on", True)

    async def handle(name: str) -> None:
        async with rush.turn():
            told.append(name)
            steady.now += 1  # it takes a second

    both = asyncio.gather(handle("first"), handle("second"))
    await look_again()
    assert told == ["first"]
    steady.now += ROOM - 0.5
    await look_again()
    assert told == ["first"], "a second was handled, so three are not"
    steady.now += 1
    await look_again()
    assert told == ["first", "second"]
    steady.now += ROOM
    await both


async def test_when_it_is_over_nobody_waits_or_rests(steady: Steady) -> None:
    rush = Rush(steady)
    rush.seen()
    assert rush.on
    async with asyncio.timeout(5), rush.turn():
        steady.now += 10  # what is handled takes long; meanwhile the rush ends
        async with rush.turn():
            assert not rush.on


async def test_an_error_gives_the_turn_back(steady: Steady) -> None:
    rush = Rush(steady)
    rush.seen()
    with pytest.raises(ZeroDivisionError):
        async with rush.turn():
            raise ZeroDivisionError
    async with asyncio.timeout(5), rush.turn():
        assert rush.on
        steady.now += 10
