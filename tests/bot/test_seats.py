"""Seats: what only one program may do is begun by one of them, and by another one as soon as it is left."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.meters import Meters
from bot.seats import LOOK_S, SEATS, Seats
from storage.store import Store
from tests import databases
from tests.bot.conftest import CALENDAR, CATALOGUE, POLICY
from tests.databases import POSTGRESQL, fresh_database


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[tuple[Store, Store]]:
    with databases.on(POSTGRESQL):
        url = fresh_database(tmp_path)
        stores = [await Store.open(url, policy=POLICY, calendar=CALENDAR, catalogue=CATALOGUE) for _ in range(2)]
        yield stores[0], stores[1]
        for store in stores:
            await store.close()


async def test_a_seat_that_is_left_is_taken_by_whoever_wants_it(pair: tuple[Store, Store], meters: Meters) -> None:
    first, second = (Seats(store, meters) for store in pair)
    begun: list[str] = []
    taken = asyncio.Event()

    async def begin_first() -> None:
        begun.append("first")

    async def begin_second() -> None:
        begun.append("second")
        taken.set()

    await first.want("ticker", begin_first)
    await second.want("ticker", begin_second)
    assert begun == ["first"]
    waiting = asyncio.create_task(second.run())
    await first.leave("ticker")
    second.look()
    await asyncio.wait_for(taken.wait(), 20 * LOOK_S)
    waiting.cancel()

    assert (first.held, second.held) == (set(), {"ticker"})


async def test_the_others_are_told_when_a_seat_is_left(pair: tuple[Store, Store], meters: Meters) -> None:
    told = asyncio.Event()
    leaving, staying = pair
    assert leaving.tenure is not None
    assert staying.tenure is not None
    staying.tenure.hear(lambda topic: told.set() if topic == SEATS else None)
    seats = Seats(leaving, meters)

    async def nothing() -> None:
        pass

    async with asyncio.timeout(30):
        while not told.is_set():  # they may not listen yet
            await seats.want("ticker", nothing)
            await seats.leave("ticker")
            heard = asyncio.create_task(told.wait())
            await asyncio.wait([heard], timeout=0.2)
            heard.cancel()


async def test_a_seat_that_cannot_be_begun_is_tried_again(pair: tuple[Store, Store], meters: Meters) -> None:
    seats = Seats(pair[0], meters)
    tries: list[int] = []
    begun = asyncio.Event()

    async def begin() -> None:
        tries.append(1)
        if len(tries) < 3:
            raise OSError("not now")
        begun.set()

    with pytest.raises(OSError, match="not now"):
        await seats.want("ticker", begin)
    waiting = asyncio.create_task(seats.run())
    async with asyncio.timeout(20 * LOOK_S):
        while not begun.is_set():
            seats.look()
            await asyncio.wait([asyncio.create_task(begun.wait())], timeout=0.05)
    waiting.cancel()
    assert seats.held == {"ticker"}


@pytest.mark.parametrize("turns", range(5))
async def test_whoever_is_told_to_end_just_when_a_seat_is_left_ends(
    pair: tuple[Store, Store], meters: Meters, turns: int
) -> None:
    seats = Seats(pair[0], meters)
    running = asyncio.create_task(seats.run())
    for _ in range(3):
        await asyncio.sleep(0)
    seats.look()
    for _ in range(turns):
        await asyncio.sleep(0)
    running.cancel()
    _, left = await asyncio.wait([running], timeout=20 * LOOK_S)
    assert left == set()
