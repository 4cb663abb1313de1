"""The link to PostgreSQL fails: what was being done is done once on another connection, or is an error and no trace."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from psycopg import OperationalError as Broken
from sqlalchemy.exc import DBAPIError, OperationalError

from routing.refusals import NoSuchCase
from storage import postgres as engine_of
from storage.errors import Closed, CommitUnknown, Fenced, GroupLost, is_trouble
from storage.store import Store
from storage.stores import Stores
from tests import postgres
from tests.databases import fresh_database
from tests.link import Link, Way, link_to
from tests.storage.conftest import Opener, a_case


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    async with link_to(await asyncio.to_thread(postgres.server)) as made:
        yield made


@pytest.fixture
async def far(engine: str, link: Link, opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store at the other end of the link, that is given up by its clients after a second without an answer."""
    monkeypatch.setattr(engine_of, "WORK_S", 1.0)
    name = fresh_database(tmp_path / "none").rpartition("@/")[2].partition("?")[0]
    return await opened(url=link.url(name), migrate=False)


def add(stores: Stores) -> None:
    stores.cases.add(a_case())


async def _added(store: Store) -> bool:
    try:
        await store.read(lambda stores: stores.cases.by_number(1))
    except NoSuchCase:
        return False
    return True


async def test_a_link_that_is_cut_costs_another_run(link: Link, far: Store) -> None:
    await far.work(lambda stores: stores.units.all())
    assert link.cut() > 0

    await far.work(add)

    assert await _added(far)


async def test_a_link_that_takes_everything_and_answers_nothing_is_given_up(link: Link, far: Store) -> None:
    await far.work(lambda stores: stores.units.all())
    link.way = Way.SILENT
    working = asyncio.create_task(far.work(add))
    await asyncio.wait([working], timeout=0.3)
    assert not working.done()
    link.way, begun = Way.OPEN, time.monotonic()

    await working

    assert time.monotonic() - begun < 10.0
    assert await _added(far)


@pytest.mark.parametrize("seed", range(6))
async def test_garbage_on_the_link_is_never_taken_for_an_answer(link: Link, far: Store, seed: int) -> None:
    await far.work(lambda stores: stores.units.all())
    link._rng.seed(seed)
    link.garble()
    (error,) = await asyncio.gather(far.work(add), return_exceptions=True)

    if error is None:
        assert await _added(far), "what was said to be done is there"
    else:
        assert is_trouble(error)


async def _is_trouble_until_it_is_over(link: Link, far: Store, way: Way) -> None:
    link.way = way
    link.cut()

    with pytest.raises(OperationalError) as caught:
        await far.work(add)

    assert is_trouble(caught.value)
    link.way = Way.OPEN
    await far.work(add)
    assert await _added(far)


async def test_while_there_is_no_server_every_work_is_an_error_that_names_it_as_trouble(link: Link, far: Store) -> None:
    await _is_trouble_until_it_is_over(link, far, Way.REFUSED)


async def test_a_server_that_accepts_and_says_nothing_is_trouble(
    engine: str, link: Link, opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine_of._OPTIONS, "connect_timeout", "2")
    name = fresh_database(tmp_path / "none").rpartition("@/")[2].partition("?")[0]
    far = await opened(url=link.url(name), migrate=False)
    await _is_trouble_until_it_is_over(link, far, Way.SILENT)


async def test_a_slow_link_is_no_trouble(link: Link, far: Store) -> None:
    link.delay_s = 0.02
    await far.work(add)
    assert await _added(far)


def _of_sqlite(code: int) -> DBAPIError:
    orig = Exception()
    orig.sqlite_errorcode = code  # type: ignore[attr-defined]  # as the driver sets it
    return DBAPIError("", None, orig)


def _of_server(state: str | None) -> DBAPIError:
    class Said(Broken):
        sqlstate = state

    return OperationalError("", None, Said())


@pytest.mark.parametrize(
    ("error", "blames_the_database"),
    [
        (Closed(), True), (Fenced(1), True), (CommitUnknown(), True), (GroupLost(), True),
        (_of_sqlite(13), True), (_of_sqlite(10 | 3 << 8), True), (_of_sqlite(1), False),
        (_of_server("57P01"), True), (_of_server("40001"), True), (_of_server("53100"), True), (_of_server(None), True),
        (_of_server("57014"), False), (_of_server("42P01"), False), (_of_server("22001"), False),
        (ValueError(), False),
    ],
)  # fmt: skip
def test_the_database_is_blamed_for_what_is_its_fault(error: Exception, blames_the_database: bool) -> None:
    assert is_trouble(error) is blames_the_database
