"""Programs beside one another: what one holds no other has, and whoever was given up for dead can write no more."""

import asyncio
from datetime import datetime, timedelta

import pytest

from storage.errors import Fenced, Unusable
from storage.leases import NODES, SPAN, Lease
from storage.neighbours import own_name
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import NOON, Opener

LATER = NOON + SPAN


async def _enter(store: Store, now: datetime = NOON) -> Lease:
    return await store.work(lambda stores: stores.leases.enter("program", now))


async def _hold(store: Store, lease: Lease, thing: str = "ticker") -> bool:
    return await store.work(lambda stores: stores.leases.hold(lease, thing))


async def test_what_one_holds_no_other_gets_until_it_lets_go(store: Store) -> None:
    first, second = await _enter(store), await _enter(store)

    assert await _hold(store, first)
    assert not await _hold(store, second)
    assert await _hold(store, first), "it is still there"
    await store.work(lambda stores: stores.leases.let_go(second, ["ticker"]))
    assert not await _hold(store, second), "what another one holds is not given back"
    await store.work(lambda stores: stores.leases.let_go(first, ["ticker"]))
    assert await _hold(store, second)


async def test_what_the_dead_held_is_free_once_their_lease_has_run_out(store: Store) -> None:
    first, second = await _enter(store), await _enter(store, NOON + timedelta(seconds=1))
    await _hold(store, first)

    assert await store.work(lambda stores: stores.leases.drop_dead(LATER - timedelta(microseconds=1))) == []
    assert not await _hold(store, second)
    assert await store.work(lambda stores: stores.leases.drop_dead(LATER)) == [first.epoch]
    assert await _hold(store, second)


async def test_the_dead_keep_nothing_longer_because_the_clock_was_set_back(store: Store) -> None:
    earlier = NOON - timedelta(days=2)
    dead = await _enter(store)

    def ends(stores: Stores) -> list[int]:
        stores.leases.shorten(earlier)
        return list(stores.leases.drop_dead(earlier + SPAN))

    assert dead.epoch not in await store.work(lambda stores: stores.leases.drop_dead(earlier + SPAN))
    assert dead.epoch in await store.work(ends)


async def test_what_a_killed_program_of_this_machine_held_is_free_at_once(store: Store) -> None:
    machine, number, begun, world = own_name().rsplit(":", 3)
    killed = f"{machine}:{number}:{int(begun) - 1}:{world}"  # its number is another one's by now
    first = await store.work(lambda stores: stores.leases.enter(killed, NOON))
    await _hold(store, first)
    second = await _enter(store)

    assert await _hold(store, second), "whoever enters looks who has ended"
    assert await store.work(lambda stores: stores.leases.drop_dead(NOON)) == []


async def test_a_lease_that_is_kept_does_not_run_out(store: Store) -> None:
    lease = await _enter(store)
    await store.work(lambda stores: stores.leases.keep(lease, LATER + SPAN))

    assert await store.work(lambda stores: stores.leases.drop_dead(LATER)) == []
    await store.work(lambda stores: stores.leases.check(lease))


async def test_whoever_lost_its_lease_can_neither_keep_it_nor_pass_the_check(store: Store) -> None:
    lost = await _enter(store)
    await store.work(lambda stores: stores.leases.drop_dead(LATER))

    for use_case in (stores_keep, stores_check):
        with pytest.raises(Fenced):
            await store.work(use_case, lost)


def stores_keep(stores: Stores, lease: Lease) -> None:
    stores.leases.keep(lease, LATER + SPAN)


def stores_check(stores: Stores, lease: Lease) -> None:
    stores.leases.check(lease)


async def test_whoever_leaves_frees_what_it_held_at_once(store: Store) -> None:
    first, second = await _enter(store), await _enter(store)
    await _hold(store, first)
    await store.work(lambda stores: stores.leases.leave(first))

    assert await _hold(store, second)


async def test_epochs_rise_and_nodes_differ(store: Store) -> None:
    leases = [await _enter(store) for _ in range(20)]

    assert [lease.epoch for lease in leases] == sorted({lease.epoch for lease in leases})
    assert len({lease.node for lease in leases}) == len(leases)


async def test_of_many_who_take_the_same_at_once_one_has_it(store: Store) -> None:
    leases = [await _enter(store) for _ in range(12)]
    taken = await asyncio.gather(*(_hold(store, lease) for lease in leases))

    assert taken.count(True) == 1


async def test_more_programs_than_nodes_are_refused_with_the_reason(store: Store) -> None:
    def one_too_many(stores: Stores) -> None:
        for _ in range(stores.leases.living(), NODES + 1):
            stores.leases.enter("program", NOON)

    with pytest.raises(Unusable, match="256 programs"):
        await store.work(one_too_many)


async def test_they_are_told_the_time_that_all_share(store: Store) -> None:
    def twice(stores: Stores) -> timedelta:
        return stores.leases.now() - stores.leases.now()

    assert abs(await store.work(twice)) < timedelta(seconds=60)


async def test_only_on_a_server_there_are_others(opened: Opener, engine: str) -> None:
    assert ((await opened()).tenure is not None) == (engine == "postgresql")
