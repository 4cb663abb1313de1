"""The time of a program beside others: whoever lost its lease writes and sends nothing, and hints reach the others."""

import asyncio
import threading
from pathlib import Path

import pytest

from storage.errors import Fenced
from storage.leases import SPAN
from storage.store import Store
from storage.stores import Stores
from storage.tenure import Tenure
from tests.databases import fresh_database
from tests.storage.conftest import Opener
from tests.storage.test_store import add_one, value


async def test_a_store_that_was_given_up_for_dead_writes_no_more(opened: Opener, tmp_path: Path) -> None:
    url = fresh_database(tmp_path / "town.db")
    dead, living = await opened(url=url, migrate=False), await opened(url=url, migrate=False)
    await dead.work(add_one)
    await living.work(_drop_all_but, living)

    with pytest.raises(Fenced, match="no sign of life"):
        await dead.work(add_one)
    assert await living.read(value) == 1
    assert dead.tenure is not None
    with pytest.raises(Fenced):
        await dead.tenure.lost()
    await dead.close()
    await living.close()


def _drop_all_but(stores: Stores, store: Store) -> None:
    assert store.tenure is not None
    stores.leases.keep(store.tenure.lease, stores.leases.now() + 2 * SPAN)
    stores.leases.drop_dead(stores.leases.now() + SPAN)


async def test_whoever_stood_still_is_not_sure_until_it_has_given_a_sign_of_life(
    opened: Opener, tmp_path: Path
) -> None:
    store = await opened(url=fresh_database(tmp_path / "town.db"), migrate=False)
    tenure = store.tenure
    assert tenure is not None
    await tenure.sure()
    tenure._kept -= SPAN.total_seconds()
    kept = tenure._kept
    await asyncio.wait_for(tenure.sure(), 30)
    assert tenure._kept > kept
    await store.close()


async def test_when_the_whole_machine_stood_still_all_go_on(
    opened: Opener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wakes first finds all leases run out, and drops none before the others have had their turn."""
    monkeypatch.setattr("storage.tenure.RENEW_S", 0.5)
    url = fresh_database(tmp_path / "town.db")
    stores = [await opened(url=url, migrate=False) for _ in range(3)]
    tenures = [store.tenure for store in stores if store.tenure is not None]
    await asyncio.gather(*(_kept_anew(tenure) for tenure in tenures))  # from now on they look at one another

    for tenure in tenures:
        tenure._kept -= SPAN.total_seconds()
    await stores[0].work(lambda one: one.connection.exec_driver_sql("UPDATE leases SET expires_at = 0"))
    await asyncio.gather(*(_kept_anew(tenure) for tenure in tenures))
    await asyncio.gather(*(_kept_anew(tenure) for tenure in tenures))

    assert [tenure.over for tenure in tenures] == [False] * 3
    for store in stores:
        await store.close()


async def _kept_anew(tenure: Tenure) -> None:
    """Return when the next sign of life has been given, or can be given no more."""
    tenure._renewed.clear()
    await asyncio.wait_for(tenure._renewed.wait(), 30)


async def test_whoever_stood_still_and_lost_its_lease_is_never_sure_again(opened: Opener, tmp_path: Path) -> None:
    url = fresh_database(tmp_path / "town.db")
    dead, living = await opened(url=url, migrate=False), await opened(url=url, migrate=False)
    assert dead.tenure is not None
    await living.work(_drop_all_but, living)
    dead.tenure._kept -= SPAN.total_seconds()
    with pytest.raises(Fenced):
        await asyncio.wait_for(dead.tenure.sure(), 30)
    await dead.close()
    await living.close()


async def test_a_work_that_is_refused_ends_the_tenure_though_its_own_thread_hangs(
    opened: Opener, tmp_path: Path
) -> None:
    url = fresh_database(tmp_path / "town.db")
    dead, living = await opened(url=url, migrate=False), await opened(url=url, migrate=False)
    tenure, gate = dead.tenure, threading.Event()
    assert tenure is not None
    tenure._thread.submit(gate.wait, 60)
    await living.work(_drop_all_but, living)

    with pytest.raises(Fenced):
        await dead.work(add_one)

    assert tenure.over
    with pytest.raises(Fenced):
        await asyncio.wait_for(tenure.lost(), 5)
    gate.set()
    await dead.close()
    await living.close()


async def test_a_hint_reaches_the_other_program(opened: Opener, tmp_path: Path) -> None:
    url = fresh_database(tmp_path / "town.db")
    one, other = await opened(url=url, migrate=False), await opened(url=url, migrate=False)
    heard = asyncio.Event()
    assert one.tenure is not None
    assert other.tenure is not None
    other.tenure.hear(lambda topic: heard.set() if topic == "inbox" else None)
    async with asyncio.timeout(30):
        while not heard.is_set():  # the other one may not listen yet, and this one not know of it
            one.tenure.ring("inbox")
            with_patience = asyncio.create_task(heard.wait())
            await asyncio.wait([with_patience], timeout=0.2)
            with_patience.cancel()
    await one.close()
    await other.close()
