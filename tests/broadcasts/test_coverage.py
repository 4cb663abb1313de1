"""Coverage: households with a member among those that there are, and nobody counted twice."""

from pathlib import Path

import pytest

from broadcasts import coverage
from broadcasts.coverage import Coverage
from routing.model import Household, UnitCode
from storage.stores import Stores
from tests.routing.village import GRID, MONDAY, STREET, WANG, ZHOU, Village, village

pytestmark = pytest.mark.usefixtures("engine")

MARKET = UnitCode("370001001002003")


def _add(stores: Stores, code: str, grid: UnitCode) -> None:
    stores.people.put_household(Household(code, grid, "9号楼", "1单元", code, f"CODE{code}"))


async def _at(here: Village, grid: UnitCode) -> Coverage:
    return await here.store.read(lambda stores: coverage.total(coverage.by_grid(stores, grid)))


def test_a_hundred_percent_means_all_of_them() -> None:
    assert Coverage(1000, 999).percent == 99
    assert Coverage(1000, 1000).percent == 100
    assert Coverage().percent is None


async def test_what_a_basic_grid_declares_counts_and_a_special_one_counts_what_is_registered(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        for number in range(3):
            await here.work(_add, str(number), GRID)
        await here.work(lambda stores: stores.connection.exec_driver_sql("UPDATE units SET households = 50"))

        assert (await _at(here, GRID)).households == 50
        assert (await _at(here, MARKET)).households == 12
        await here.work(lambda stores: stores.connection.exec_driver_sql("UPDATE units SET households = 0"))
        assert (await _at(here, GRID)).households == 27


async def test_a_household_counts_once_however_many_live_there_and_follows_who_moves(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        before = await _at(here, STREET)
        homes = await here.store.read(lambda stores: stores.people.households_in(GRID))
        empty = homes[-1]
        await here.work(lambda stores: stores.people.join_household(here.people[WANG], empty.code, MONDAY))
        await here.work(lambda stores: stores.people.join_household(here.people[ZHOU], empty.code, MONDAY))

        after = await _at(here, STREET)
        assert (after.households, after.people) == (before.households, before.people)
        assert after.bound == before.bound - 1
        assert after.missing + after.bound == after.households


async def test_more_grids_than_one_question_holds_are_all_counted(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        many = [UnitCode(f"x{number}") for number in range(1200)]
        settled = await here.store.read(lambda stores: stores.people.settled([*many, GRID]))

        assert list(settled) == [GRID]
        assert settled[GRID][0] == 24
