"""The largest published network, 11,900 groups and 1.2 million households: asking all, sending, a storm of presses."""

import time
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import insert

from bot.bench import Row, Size
from bot.bench.machine import resident_mb
from bot.bench.presses import ask_everybody
from bot.bench.stand import BOT, Stand, now, resident, stand
from bot.bench.updates import press
from bot.pacing import Pacer
from broadcasts.model import BroadcastId
from handlers._kit.broadcast_presses import ReceivedPressed
from handlers._kit.presses import encode
from routing.model import ChatId
from routing.ports import Lane
from storage.sendings import Head
from storage.tables import households, members, people

HOMES: Final = 100
"""Households of each grid that the figures of the network leave."""
GRIDS: Final = {Size.SHORT: 30, Size.FULL: 11_900}
PRESSES: Final = {Size.SHORT: 600, Size.FULL: 100_000}
BOTS: Final = (1, 4, 10)
LOT: Final = 50  # grids filled in one transaction


async def measure(size: Size) -> list[Row]:
    """Everything in the bot's own process and a real database file, but for the sending: that is told by its pace."""
    grids, presses = GRIDS[size], PRESSES[size]
    before = resident_mb()
    async with stand(grids) as place:
        for first in range(0, grids, LOT):
            await place.store.work(_fill, range(first, min(first + LOT, grids)))
        started = time.perf_counter()
        broadcast = await place.store.work(ask_everybody)
        asked_s = time.perf_counter() - started
        stormed_s = await _storm(place, broadcast, grids, presses)
        started = time.perf_counter()
        found = await place.store.read(lambda stores: stores.targets.figures(broadcast))
        figures_s = time.perf_counter() - started
    if (found.households, found.pressed) != (grids * HOMES, presses):
        raise AssertionError(f"{presses} presses of {grids * HOMES} households made {found}")
    figures = {
        "groups": float(grids),
        "households": float(grids * HOMES),
        "seconds_to_ask_all": asked_s,
        "presses_per_s": presses / stormed_s,
        "ms_to_count_all": 1_000 * figures_s,
        "mb_before": before,
        "mb_after": resident_mb(),
        **{f"minutes_to_send_with_{bots}_bots": _sending_s(-(-grids // bots)) / 60 for bots in BOTS},
    }
    return [Row("city", "the largest published network", None, figures=figures)]


async def _storm(place: Stand, broadcast: BroadcastId, grids: int, presses: int) -> float:
    """Seconds for so many households, all over the city, to press once each."""
    data, spent = encode(ReceivedPressed(broadcast)), 0.0
    for first in range(0, presses, 10_000):
        numbers = range(first, min(first + 10_000, presses))
        homes = [(number % grids, number // grids) for number in numbers]
        spent += await place.feed(
            [
                press(number + 1, place.chats[grid], resident(grid + 1, home), 1_000 + grid, data)
                for number, (grid, home) in zip(numbers, homes, strict=True)
            ]
        )
    return spent


def _sending_s(groups: int) -> float:
    """How long one bot takes at the pace that it keeps, in virtual time."""
    pacer, at = Pacer(), 0.0
    for number in range(groups):
        at = max(at, pacer.bot_free_at)
        pacer.spend(at, Head(number, ChatId(number), -1 - number, Lane.NOTICE, now()), Lane.NOTICE)
    return at


def _fill(stores: Any, grids: range) -> None:
    """One row for each home, and one person who lives there; the import's checks are not what is measured."""
    city = stores.city
    homes, persons, bound = [], [], []
    for grid, number in _homes(grids):
        unit, id_ = f"370101{grid + 1:05d}", stores.ids.new()
        code = f"{unit}-{number}"
        homes.append(
            {
                "city_id": city, "code": code, "grid": unit, "building": str(number // 40 + 1), "unit_no": "1",
                "room": str(number), "door_code": f"{BOT}{code}",
            }
        )  # fmt: skip
        persons.append({"city_id": city, "id": id_, "telegram_id": resident(grid + 1, number), "name": ""})
        bound.append({"city_id": city, "person": id_, "household": code, "at": now()})
    for table, rows in ((households, homes), (people, persons), (members, bound)):
        stores.connection.execute(insert(table), rows)


def _homes(grids: range) -> Iterator[tuple[int, int]]:
    for grid in grids:
        for number in range(HOMES):
            yield grid, number
