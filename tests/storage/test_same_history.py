"""One seeded history on both engines: what happened to every case, what was promised to whom, every list and export."""

import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.cli._sheets import export_late, export_months
from bot.cli.export import EXPORTS
from routing import boards
from routing.boards import Only
from routing.events import Claimed, Escalated, Noted, NoteKind, Rated, Resolved
from routing.model import Case, Rating, UnitCode
from routing.refusals import Refusal
from storage.ids import ClockIds
from storage.stores import Stores
from tests import databases
from tests.databases import ENGINES
from tests.routing.village import CHEN, COMMUNITY, GRID, LI, STREET, WANG, ZHANG, ZHOU, Village, village

STEPS = 120
History = tuple[list[tuple[Any, ...]], list[tuple[Any, ...]], list[str], dict[str, Any]]


class Counting(ClockIds):
    """Numbers that do not depend on the clock."""

    def __init__(self) -> None:
        super().__init__()
        self._count = 0

    def new(self) -> int:
        """One more."""
        self._count += 1
        return self._count


async def _live(folder: Path, seed: int) -> History:
    """Let people do things in an order that the seed decides; returns the log, the promises and the refusals."""
    rng, refused = random.Random(seed), []
    async with village(folder, ids=Counting()) as town:
        cases: list[Case] = []
        for _ in range(STEPS):
            try:
                await _step(town, cases, rng)
            except Refusal as refusal:
                refused.append(type(refusal).__name__)
        log, promises = await town.store.read(_log), await town.store.read(_promises)
        shown = await town.store.read(_shown, town)
    return log, promises, refused, shown


def _shown(stores: Stores, town: Village) -> dict[str, Any]:
    """Every export, and every part of the list at each desk."""
    now: datetime = town.now
    timed = {"months": export_months(stores, "jsonl", now), "late": export_late(stores, "jsonl", now)}
    exports = {what: timed.get(what) or make(stores, "jsonl") for what, make in EXPORTS.items()}
    lists = {
        f"{unit} {only}": [case.number for case in _part(stores, unit, now, only, town)]
        for unit in (GRID, COMMUNITY, STREET)
        for only in Only
    }
    return exports | lists


def _part(stores: Stores, unit: UnitCode, now: datetime, only: Only, town: Village) -> tuple[Case, ...]:
    return boards.desk(stores, unit, now, 0, only, of=town.people[LI]).cases


async def _step(town: Village, cases: list[Case], rng: random.Random) -> None:
    if not cases or rng.random() < 0.2:
        cases.append(await town.files(rng.choice((WANG, ZHOU))))
        return
    case = rng.choice(cases)
    someone = rng.choice((LI, ZHANG, CHEN))
    moves: tuple[Callable[[], Any], ...] = (
        lambda: town.moves(case, Claimed, someone),
        lambda: town.moves(case, Resolved, someone, photos=1),
        lambda: town.moves(case, Rated, rng.choice((WANG, ZHOU)), rating=rng.choice(list(Rating))),
        lambda: town.moves(case, Escalated, someone),
        lambda: town.moves(case, Noted, someone, kind=NoteKind.NOTE),
        lambda: town.passes(hours=rng.choice((1, 8, 30))),
    )
    await rng.choice(moves)()


def _log(stores: Stores) -> list[tuple[Any, ...]]:
    sql = (
        "SELECT c.number, e.seq, e.event, e.at, e.data, e.change, e.hash FROM log e "
        "JOIN cases c ON c.city_id = e.city_id AND c.id = e.case_id ORDER BY c.number, e.seq"
    )
    return [tuple(row) for row in stores.connection.exec_driver_sql(sql)]


def _promises(stores: Stores) -> list[tuple[Any, ...]]:
    sql = (
        "SELECT h.telegram_id, o.lane, o.view, o.state, count(*) FROM outbox o "
        "JOIN chats h ON h.city_id = o.city_id AND h.id = o.chat GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    )
    return [tuple(row) for row in stores.connection.exec_driver_sql(sql)]


@pytest.mark.parametrize("seed", range(2))
async def test_the_same_history_is_the_same_on_both_engines(tmp_path: Path, seed: int) -> None:
    found: list[History] = []
    for engine in ENGINES:
        folder = tmp_path / engine
        folder.mkdir()
        with databases.on(engine):
            found.append(await _live(folder, seed))

    assert len(found[0][0]) > STEPS / 2, "something happened"
    assert all(found[0][3][what] for what in ("cases", "events", "months", "late")), "there is something to compare"
    assert found[0] == found[1]
