"""Promises that are held for the morning."""

from dataclasses import replace

from bot.jobs import _alive
from bot.settlement import recover
from routing.model import ChatId
from routing.ports import Lane, Promise
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON
from tests.storage.test_sending import _promise, _start, chat, other

__all__ = ["chat", "other"]


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


async def test_when_the_clock_is_set_back_what_waits_leaves_and_what_is_held_stays_held(
    store: Store, chat: ChatId, other: ChatId
) -> None:
    tomorrow, earlier = NOON + 24 * 60 * MINUTE, NOON - 60 * MINUTE
    await _promise(store, Promise("now", chat, "tell"), Promise("held", other, "tell", not_before=tomorrow))
    assert await _start(store, earlier) == []

    assert await store.work(lambda stores: stores.sending.hasten(earlier)) == 1

    assert [sending.promise.key for sending in await _start(store, earlier)] == ["now"]
    assert await store.work(lambda stores: stores.sending.hasten(NOON)) == 0
    assert [sending.promise.key for sending in await _start(store, tomorrow)] == ["held"]


async def test_when_the_clock_is_set_back_no_second_try_waits_for_the_old_time(store: Store, chat: ChatId) -> None:
    later = NOON + 60 * MINUTE
    await _promise(store, Promise("once tried", chat, "tell"))
    (sent,) = await _start(store, later)
    await store.work(lambda stores: stores.sending.retry(sent.id, later + MINUTE / 2, "flood"))

    assert await store.work(lambda stores: stores.sending.hasten(later)) == 0
    assert await store.work(lambda stores: stores.sending.hasten(NOON)) == 1
    assert [sending.promise.key for sending in await _start(store, NOON)] == ["once tried"]


async def test_a_pause_does_not_grow_because_the_clock_was_set_back(store: Store) -> None:
    earlier, rest = NOON - 60 * MINUTE, MINUTE / 2

    await store.work(_alive, earlier, earlier)  # the new time was noted before the pause was written down
    await store.work(lambda stores: stores.sending.halt("bot:7", NOON + rest, rest))
    assert await store.work(recover, 7, earlier, earlier) == (0, {"bot:7": earlier + rest})
    assert await store.work(recover, 7, earlier + rest, earlier + rest) == (0, {})


async def test_a_pause_that_ends_late_by_an_older_clock_hides_none_that_is_longer(store: Store) -> None:
    earlier = NOON - 60 * MINUTE

    def pauses(stores: Stores) -> None:
        stores.sending.halt("bot:7", NOON + MINUTE, MINUTE)
        stores.sending.halt("bot:7", earlier + 2 * MINUTE, 2 * MINUTE)

    await store.work(pauses)
    assert await store.work(recover, 7, earlier, earlier) == (0, {"bot:7": earlier + 2 * MINUTE})
