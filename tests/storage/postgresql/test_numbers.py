"""A server that died may have forgotten which numbers it had given: filing goes on, and no number is two cases'."""

from itertools import count
from typing import Any, Final

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from routing.model import CaseId
from storage.store import Store
from storage.stores import Stores
from tests.databases import fresh_database
from tests.routing.village import Village
from tests.storage.conftest import Opener, a_case

_IDS: Final = count(1001)


def _forget(stores: Stores, draws: int) -> None:
    """What a crash does to a counter whose last changes were not flushed, when the filings are done again."""
    stores.connection.execute(
        text("UPDATE counters SET count = count - :draws WHERE counter = 'case number'"), {"draws": draws}
    )


def _file(stores: Stores) -> int:
    number = stores.cases.next_number()
    stores.cases.add(a_case(number, id=CaseId(next(_IDS))))
    return number


def _numbers(stores: Stores) -> list[int]:
    return sorted(stores.connection.scalars(text("SELECT number FROM cases")))


@pytest.mark.parametrize("forgotten", [1, 2, 40])
async def test_after_a_crash_in_which_draws_were_forgotten_everybody_files_on_without_a_gap(
    opened: Opener, tmp_path: Any, forgotten: int
) -> None:
    url = fresh_database(tmp_path / "none")
    one, other = await opened(url=url, migrate=False), await opened(url=url, migrate=False)
    for _ in range(forgotten):
        await one.work(_file)
    await one.work(_forget, forgotten)

    filed = [await store.work(_file) for store in (one, other, one, other)]

    assert filed == [forgotten + 1, forgotten + 2, forgotten + 3, forgotten + 4]
    assert await one.read(_numbers) == list(range(1, forgotten + 5))


async def test_a_number_that_waits_here_for_the_next_work_and_is_given_elsewhere_meanwhile_is_no_case_s_twice(
    opened: Opener, tmp_path: Any
) -> None:
    url = fresh_database(tmp_path / "none")
    one, other = await opened(url=url, migrate=False), await opened(url=url, migrate=False)

    def fail(stores: Stores) -> None:
        for _ in range(3):
            stores.cases.next_number()
        raise KeyError

    with pytest.raises(KeyError):
        await one.work(fail)
    await one.work(_forget, 3)
    filed = [await other.work(_file), await other.work(_file)]

    filed += [await store.work(_file) for store in (one, other, one, other)]

    assert sorted(filed) == [1, 2, 3, 4, 5, 6]
    assert await one.read(_numbers) == sorted(filed)


async def test_reports_are_filed_after_it(town: Village) -> None:
    for _ in range(3):
        await town.files()
    await town.work(_forget, 3)

    for _ in range(3):
        await town.files()

    assert await town.store.read(_numbers) == [1, 2, 3, 4, 5, 6]


async def test_another_key_that_is_taken_costs_no_number(store: Store) -> None:
    await store.work(lambda stores: stores.cases.add(a_case(stores.cases.next_number(), id=CaseId(1))))

    def twice(stores: Stores) -> None:
        stores.cases.add(a_case(stores.cases.next_number(), id=CaseId(1)))

    with pytest.raises(IntegrityError, match="pk_cases"):
        await store.work(twice)
    assert await store.work(_file) == 2
