from datetime import timedelta

import pytest

from storage.inbox import AlreadyHandled, Received
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON

RAW = b'{"update_id": 5}'


async def _receive(store: Store, *updates: int) -> list[bool]:
    def receive(stores: Stores) -> list[bool]:
        return [stores.inbox.receive(7, update, "chat:1", RAW, NOON + timedelta(seconds=update)) for update in updates]

    return await store.work(receive)


async def test_an_update_is_kept_once_whatever_order_the_ids_have(store: Store) -> None:
    assert await _receive(store, 9, 5, 9) == [True, True, False]
    assert await store.work(lambda s: s.inbox.receive(8, 9, "chat:1", RAW, NOON)), "another bot has its own ids"

    pending = await store.read(lambda s: s.inbox.pending(9))
    assert [(one.bot, one.update_id) for one in pending] == [(8, 9), (7, 5), (7, 9)]
    assert pending[1] == Received(7, 5, "chat:1", RAW, NOON + timedelta(seconds=5), 0)
    assert len(await store.read(lambda s: s.inbox.pending(1))) == 1


async def test_what_is_done_is_not_pending_nor_taken_again_and_its_bytes_are_gone(store: Store) -> None:
    await _receive(store, 5)
    await store.work(lambda s: s.inbox.done(7, 5, NOON))

    assert await _receive(store, 5) == [False]
    assert await store.read(lambda s: s.inbox.pending(9)) == []
    assert await store.read(lambda s: s.inbox.oldest_pending()) is None
    assert await store.read(lambda s: s.connection.exec_driver_sql("SELECT raw FROM inbox").scalar()) is None


async def test_handling_an_update_twice_leaves_no_second_trace(store: Store) -> None:
    await _receive(store, 5)

    def handle(stores: Stores) -> None:
        stores.notebook.count("effects", NOON)
        stores.inbox.done(7, 5, NOON)

    await store.work(handle)
    with pytest.raises(AlreadyHandled):
        await store.work(handle)
    assert await store.work(lambda s: s.notebook.count("effects", NOON)) == 2


async def test_many_are_done_at_once_or_none_of_them(store: Store) -> None:
    await _receive(store, 5, 6, 7)
    await store.work(lambda s: s.inbox.all_done(7, [5, 6], NOON))
    await store.work(lambda s: s.inbox.all_done(7, [], NOON))

    assert [one.update_id for one in await store.read(lambda s: s.inbox.pending(9))] == [7]
    rows = await store.read(
        lambda s: s.connection.exec_driver_sql("SELECT raw, queue, state FROM inbox WHERE update_id < 7").all()
    )
    assert [tuple(row) for row in rows] == [(None, "", "done")] * 2
    with pytest.raises(AlreadyHandled):
        await store.work(lambda s: s.inbox.all_done(7, [7, 6], NOON))
    assert [one.update_id for one in await store.read(lambda s: s.inbox.pending(9))] == [7]


async def test_an_update_that_never_was_received_is_not_handled(store: Store) -> None:
    with pytest.raises(AlreadyHandled):
        await store.work(lambda s: s.inbox.done(7, 404, NOON))


async def test_the_third_failure_is_poison_and_the_others_go_on(store: Store) -> None:
    await _receive(store, 5, 6)

    def fail(stores: Stores) -> bool:
        return stores.inbox.failed(7, 5, "KeyError" * 1000, NOON)

    assert [await store.work(fail) for _ in range(3)] == [False, False, True]
    assert [one.update_id for one in await store.read(lambda s: s.inbox.pending(9))] == [6]
    (poison,) = await store.read(lambda s: s.inbox.poisoned())
    assert (poison.update_id, poison.attempts, poison.raw) == (5, 3, RAW)
    assert await store.work(fail) is False, "it is set aside already"
    with pytest.raises(AlreadyHandled):
        await store.work(lambda s: s.inbox.done(7, 5, NOON))


async def test_a_poisoned_update_can_be_tried_anew(store: Store) -> None:
    await _receive(store, 5)
    for _ in range(3):
        await store.work(lambda s: s.inbox.failed(7, 5, "KeyError", NOON))

    assert await store.work(lambda s: s.inbox.revive(7, 5))
    assert not await store.work(lambda s: s.inbox.revive(7, 5))
    (pending,) = await store.read(lambda s: s.inbox.pending(9))
    assert pending.attempts == 0


async def test_only_what_is_done_is_forgotten(store: Store) -> None:
    await _receive(store, 5, 6, 7)
    await store.work(lambda s: s.inbox.done(7, 5, NOON))
    await store.work(lambda s: s.inbox.done(7, 6, NOON + 2 * MINUTE))

    assert await store.work(lambda s: s.inbox.purge(NOON + MINUTE)) == 1
    assert await _receive(store, 5, 6, 7) == [True, False, False]


async def test_the_oldest_that_waits_tells_the_lag(store: Store) -> None:
    await _receive(store, 9, 5)

    assert await store.read(lambda s: s.inbox.oldest_pending()) == NOON + timedelta(seconds=5)
