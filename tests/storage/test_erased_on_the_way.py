"""A person is erased while a message to them is under way: however its call ends, nothing is left that waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from routing.model import ChatId, ChatKind, ChatState, PersonId
from routing.ports import Doubt, Lane, Promise
from storage.sendings import Sending
from storage.states import Delivery
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON, a_chat

BOT, LI = 7, 55


def _met(stores: Stores) -> tuple[PersonId, ChatId]:
    person = stores.people.meet(LI, "Li", "zh").id
    return person, stores.chats.meet(BOT, LI, ChatKind.PRIVATE, "", ChatState.OK).id


def _under_way(stores: Stores) -> Sending:
    """Of two answers the first one is in flight when its reader is erased."""
    person, chat = _met(stores)
    for key in ("1", "2"):
        stores.outbox.promise(Promise(key, chat, "say", lane=Lane.ANSWER, doubt=Doubt.REPEAT))
    (head,) = stores.sending.ready_heads(BOT, NOON, 9)[Lane.ANSWER]
    (sending,) = stores.sending.start([head.id], NOON)
    stores.people.erase(person, NOON)
    return sending


@pytest.mark.parametrize(
    "ends",
    [
        lambda stores, id_: stores.sending.in_doubt(id_, NOON),
        lambda stores, id_: stores.sending.retry(id_, NOON, "429"),
        lambda stores, id_: stores.sending.interrupted(BOT, NOON),
        lambda stores, id_: stores.sending.blocked(id_, "blocked", ChatState.BLOCKED, NOON),
        lambda stores, id_: stores.sending.sent(id_, None, NOON),
    ],
    ids=["in doubt", "not sent", "interrupted", "blocked", "sent"],
)
async def test_however_a_call_to_an_erased_person_ends_nothing_waits_and_all_is_purged(
    store: Store, ends: Callable[[Stores, int], object]
) -> None:
    sending = await store.work(_under_way)
    await store.work(lambda s: ends(s, sending.id))

    assert await store.read(lambda s: s.sending.waiting()) == {}
    assert (await store.read(lambda s: s.sending.stats())).by_state.get(Delivery.READY, 0) == 0
    assert await store.work(lambda s: s.sending.purge(NOON + MINUTE)) == 2


async def test_nobody_waits_for_what_is_in_doubt_and_has_no_reader_any_more(store: Store) -> None:
    sending = await store.work(_under_way)
    assert await store.work(lambda s: s.sending.in_doubt(sending.id, NOON)) is False
    assert (await store.read(lambda s: s.sending.stats())).by_state == {"rejected": 2}


async def test_what_was_promised_in_the_moment_of_erasing_goes_when_old_messages_go(store: Store) -> None:
    def promise(stores: Stores) -> None:
        _, chat = _met(stores)
        for to in (chat, a_chat(stores)):
            stores.outbox.promise(Promise(f"to {to}", to, "say"))
        stores.connection.exec_driver_sql("DELETE FROM chats WHERE telegram_id = 55")

    await store.work(promise)
    assert await store.work(lambda s: s.sending.purge(NOON - timedelta(days=30))) == 1
    assert (await store.read(lambda s: s.sending.stats())).by_state == {"ready": 1}
