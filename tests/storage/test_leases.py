"""Leases: one holder at a time, and whoever lost one can write no more."""

import asyncio
from datetime import datetime, timedelta

import pytest

from storage.errors import Fenced
from storage.leases import Lease
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import NOON, Opener
from tests.storage.test_store import add_one, value

SPAN = timedelta(seconds=8)
LATER = NOON + SPAN


async def _take(store: Store, holder: str, now: datetime = NOON) -> Lease | None:
    return await store.work(lambda stores: stores.leases.take("program", holder, now, SPAN))


async def test_a_lease_has_one_holder_until_it_runs_out(store: Store) -> None:
    first = await _take(store, "a")

    assert first == Lease("program", "a", 1)
    assert await _take(store, "b", LATER - timedelta(microseconds=1)) is None
    assert await _take(store, "b", LATER) == Lease("program", "b", 2)


async def test_a_lease_that_is_kept_does_not_run_out(store: Store) -> None:
    lease = await _take(store, "a")
    assert lease is not None
    await store.work(lambda stores: stores.leases.keep(lease, LATER + SPAN))

    assert await _take(store, "b", LATER) is None


async def test_whoever_lost_it_can_neither_keep_it_nor_work(store: Store) -> None:
    lost = await _take(store, "a")
    assert lost is not None
    await store.work(add_one)
    await _take(store, "b", LATER)
    store.fence(lost)

    for use_case in (add_one, lambda stores: stores.leases.keep(lost, LATER + SPAN)):
        with pytest.raises(Fenced):
            await store.work(use_case)
    assert await store.read(value) == 1


async def test_of_many_who_take_it_at_once_one_has_it(store: Store) -> None:
    taken = await asyncio.gather(*(_take(store, str(number)) for number in range(12)))

    assert len([lease for lease in taken if lease is not None]) == 1


async def test_a_lease_that_was_given_up_is_free_at_once(store: Store) -> None:
    lease = await _take(store, "a")
    assert lease is not None
    await store.work(lambda stores: stores.leases.keep(lease, NOON))

    assert await _take(store, "b") == Lease("program", "b", 2)


async def test_it_is_told_the_time_that_all_share(store: Store) -> None:
    def twice(stores: Stores) -> timedelta:
        return stores.leases.now() - stores.leases.now()

    assert abs(await store.work(twice)) < timedelta(seconds=60)


async def test_only_a_server_is_shared(opened: Opener, engine: str) -> None:
    assert (await opened()).shared == (engine == "postgresql")
