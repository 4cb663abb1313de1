"""Promises that are held for the morning."""

from dataclasses import replace

from routing.model import ChatId
from routing.ports import Lane, Promise
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON
from tests.storage.test_sending import _promise, _start, chat

__all__ = ["chat"]


async def test_what_is_held_until_the_morning_holds_up_nothing_and_leaves_when_it_may(
    store: Store, chat: ChatId
) -> None:
    morning = NOON + 60 * MINUTE
    await _promise(store, Promise("held", chat, "tell", not_before=morning), Promise("now", chat, "tell"))

    assert [one.promise.key for one in await _start(store)] == ["now"]
    assert (await store.read(lambda s: s.sending.stats())).oldest_by_lane == {Lane.ANSWER: morning}
    await store.work(lambda s: s.sending.sent(_flying(s), 5, NOON))
    assert [one.promise.key for one in await _start(store, morning)] == ["held"]


def _flying(stores: Stores) -> int:
    return int(stores.connection.exec_driver_sql("SELECT id FROM outbox WHERE state = 'sending'").scalar_one())


async def test_of_promises_that_fall_together_the_earliest_instant_counts(store: Store, chat: ChatId) -> None:
    held = Promise("k", chat, "card", {"n": 1}, carrier="case:1", not_before=NOON + 60 * MINUTE)
    await _promise(store, held)
    assert await _start(store) == []
    await _promise(store, replace(held, not_before=NOON + 90 * MINUTE))
    assert await _start(store, NOON + 59 * MINUTE) == []
    await _promise(store, replace(held, params={"n": 2}, not_before=None))

    (sent,) = await _start(store)
    assert sent.promise.params == {"n": 2}
