"""Two copies of a card stand, and one is made the card while an edit of the other is under way."""

from typing import Any

import pytest

from bot.failures import Failure, Kind
from bot.letters import Letter
from bot.settlement import Delivery, settle
from handlers import Outgoing
from routing.ports import Lane, Promise
from storage.store import Store
from tests.storage.conftest import NOON, a_chat, opened, store, url

__all__ = ["opened", "store", "url"]  # fixtures
pytestmark = pytest.mark.usefixtures("engine")

CARD, OLD, COPY = "case:1", 10, 12


@pytest.mark.parametrize(
    "ends",
    [Delivery(OLD), Delivery(None, Failure(Kind.NOT_MODIFIED, "")), Delivery(None, Failure(Kind.CARRIER_LOST, ""))],
    ids=["edited", "not modified", "gone"],
)
async def test_the_copy_that_was_pressed_stays_the_card_however_the_edit_of_the_other_ends(
    store: Store, ends: Delivery
) -> None:
    chat = await store.work(a_chat)

    def edit_under_way(stores: Any) -> Letter:
        stores.outbox.adopt(CARD, chat, OLD)
        stores.outbox.promise(Promise("claimed", chat, "card", lane=Lane.CARD, carrier=CARD))
        (head,) = stores.sending.ready_heads(7, NOON, 9)[Lane.CARD]
        (sending,) = stores.sending.start([head.id], NOON)
        return Letter(sending, Outgoing("sendMessage", {"text": "claimed"}))

    letter = await store.work(edit_under_way)
    assert letter.is_edit
    assert await store.work(lambda s: s.outbox.adopt(CARD, chat, COPY)) == OLD
    await store.work(settle, letter, ends, NOON)

    assert await store.read(lambda s: s.outbox.carriers(CARD)) == {chat: COPY}
