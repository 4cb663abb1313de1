"""In which order waiting updates are handed out when the clock was set back between them."""

from datetime import timedelta

import pytest

from storage import inbox
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON
from tests.storage.test_plans import plan

BOT, HOUR = 7, timedelta(hours=1)


def _set_back(stores: Stores) -> None:
    """One chat's updates 1 and 2 come before the clock is set back by an hour, 3 and 4 after; another chat's beside."""
    for minute, (update_id, queue) in enumerate([(1, "a"), (2, "a"), (10, "b")]):
        stores.inbox.receive(BOT, update_id, queue, b"{}", NOON + minute * MINUTE)
    for minute, (update_id, queue) in enumerate([(3, "a"), (4, "a"), (11, "c")]):
        stores.inbox.receive(BOT, update_id, queue, b"{}", NOON - HOUR + minute * MINUTE)


async def test_a_chat_s_updates_come_by_their_ids_though_the_clock_was_set_back(store: Store) -> None:
    await store.work(_set_back)
    pending = await store.read(lambda s: s.inbox.pending(9))

    assert [one.update_id for one in pending if one.queue == "a"] == [1, 2, 3, 4]
    assert [one.queue for one in pending] == ["a", "a", "c", "a", "a", "b"], "chats keep their places in time"


@pytest.mark.parametrize("limit", range(1, 7))
async def test_none_is_handed_out_without_those_before_it_in_its_chat(store: Store, limit: int) -> None:
    await store.work(_set_back)
    pending = await store.read(lambda s: s.inbox.pending(limit))

    assert len(pending) >= limit
    ours = [one.update_id for one in pending if one.queue == "a"]
    assert ours == [1, 2, 3, 4][: len(ours)]


async def test_of_many_that_came_in_the_same_instant_none_is_overtaken_either(store: Store) -> None:
    def come(stores: Stores) -> None:
        for update_id in (1, 2, 3, 4, 5):
            stores.inbox.receive(BOT, update_id, "a", b"{}", NOON - HOUR if update_id == 4 else NOON)

    await store.work(come)
    assert [one.update_id for one in await store.read(lambda s: s.inbox.pending(2))] == [1, 2, 3, 4]


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_those_that_were_overtaken_are_looked_for_in_their_chats_alone(store: Store) -> None:
    steps = await store.work(plan, inbox._OVERTAKEN, {"at": NOON})
    assert any("SEARCH inbox USING INDEX ix_inbox_chat" in step for step in steps), steps
