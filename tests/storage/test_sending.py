"""Promises, and what becomes of them."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from routing.model import ChatId, ChatKind, ChatState
from routing.ports import Doubt, Lane, Promise
from storage.sending import MOST_DOUBTS
from storage.sendings import Sending
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON, a_chat

BOT = 7


async def _promise(store: Store, *promises: Promise) -> None:
    def promise(stores: Stores) -> None:
        for one in promises:
            stores.outbox.promise(one)

    await store.work(promise)


async def _start(store: Store, now: datetime = NOON, per_lane: int = 9, skip: Any = ()) -> list[Sending]:
    def start(stores: Stores) -> list[Sending]:
        heads = stores.sending.ready_heads(BOT, now, per_lane, skip)
        return stores.sending.start([head.id for lane in heads.values() for head in lane], now)

    return await store.work(start)


async def _states(store: Store) -> dict[str, int]:
    return dict((await store.read(lambda s: s.sending.stats())).by_state)


@pytest.fixture
async def chat(store: Store) -> ChatId:
    return await store.work(a_chat)


@pytest.fixture
async def other(store: Store) -> ChatId:
    return await store.work(a_chat, -200)


async def test_a_promise_arrives_as_it_was_made(store: Store, chat: ChatId) -> None:
    promise = Promise(
        "k", chat, "tell", {"n": 1, "x": None}, Lane.EMERGENCY, None, NOON + MINUTE, Doubt.REPEAT, 55, pin=True
    )
    await _promise(store, promise)

    (sending,) = await _start(store)

    assert sending.promise == promise
    assert (sending.chat.id, sending.chat.telegram_id) == (chat, -100)
    assert (sending.attempt, sending.repeat, sending.carrier_message, sending.created_at) == (1, False, None, NOON)


async def test_promising_the_same_twice_is_promising_it_once_even_after_it_was_sent(store: Store, chat: ChatId) -> None:
    await _promise(store, Promise("k", chat, "tell"), Promise("k", chat, "other"))
    (sending,) = await _start(store)
    assert sending.promise.view == "tell"
    await store.work(lambda s: s.sending.sent(sending.id, 10, NOON))

    await _promise(store, Promise("k", chat, "tell"))
    assert await _start(store) == []
    assert await _states(store) == {"sent": 1}


async def test_a_promise_to_nobody_is_an_error(store: Store) -> None:
    with pytest.raises(LookupError, match="404"):
        await _promise(store, Promise("k", ChatId(404), "tell"))


async def test_one_message_per_chat_is_in_flight_and_each_lane_keeps_its_order(store: Store, chat: ChatId) -> None:
    await _promise(
        store,
        Promise("1", chat, "first"),
        Promise("2", chat, "second"),
        Promise("3", chat, "card", lane=Lane.CARD),
    )

    (first,) = await _start(store)
    assert first.promise.view == "first"
    assert await _start(store) == []
    await store.work(lambda s: s.sending.sent(first.id, 10, NOON))

    heads = await store.read(lambda s: s.sending.ready_heads(BOT, NOON, 9))
    assert list(heads) == [Lane.ANSWER, Lane.CARD]
    (card,) = await store.work(lambda s: s.sending.start([heads[Lane.CARD][0].id], NOON))
    assert card.promise.view == "card"
    assert await store.work(lambda s: s.sending.start([heads[Lane.ANSWER][0].id], NOON)) == [], "the chat is busy"


async def test_heads_are_the_oldest_of_different_chats(store: Store, chat: ChatId, other: ChatId) -> None:
    foreign = await store.work(lambda s: a_chat(s, -100, bot=8))
    await _promise(
        store,
        Promise("1", other, "x"),
        Promise("2", chat, "x"),
        Promise("3", other, "x"),
        Promise("4", foreign, "x"),
    )

    def chats(stores: Stores, per_lane: int, skip: list[ChatId]) -> list[ChatId]:
        return [head.chat for head in stores.sending.ready_heads(BOT, NOON, per_lane, skip).get(Lane.ANSWER, ())]

    assert await store.read(chats, 9, []) == [other, chat]
    assert await store.read(chats, 1, []) == [other]
    assert await store.read(chats, 9, [other]) == [chat]
    assert await store.read(chats, 9, [other, chat]) == []


async def test_what_is_retried_later_holds_its_chat_and_no_other(store: Store, chat: ChatId, other: ChatId) -> None:
    await _promise(store, Promise("1", chat, "first"), Promise("2", chat, "second"), Promise("3", other, "x"))
    first, elsewhere = await _start(store)
    await store.work(lambda s: s.sending.retry(first.id, NOON + MINUTE, "flood"))
    await store.work(lambda s: s.sending.sent(elsewhere.id, 1, NOON))

    assert await _start(store) == []
    (again,) = await _start(store, NOON + MINUTE)
    assert (again.promise.view, again.attempt, again.repeat) == ("first", 2, False)


# Carriers


def card(chat: ChatId, key: str, **more: Any) -> Promise:
    return Promise(key, chat, "card", {"v": key}, Lane.CARD, "case:1", **more)


async def test_unsent_promises_of_one_carrier_fall_together_in_place(store: Store, chat: ChatId) -> None:
    await _promise(
        store,
        card(chat, "1", reply_to=9),
        Promise("tell", chat, "tell", lane=Lane.CARD),
        card(chat, "2"),
        replace(card(chat, "2"), params={"v": "newest"}),
    )

    (first,) = await _start(store)
    assert (first.promise.params, first.promise.reply_to) == ({"v": "newest"}, 9)
    await store.work(lambda s: s.sending.sent(first.id, 10, NOON))
    (second,) = await _start(store)
    assert second.promise.view == "tell"


async def test_a_coalesced_promise_takes_the_more_urgent_lane(store: Store, chat: ChatId) -> None:
    await _promise(store, card(chat, "1"), replace(card(chat, "2"), lane=Lane.EMERGENCY), card(chat, "3"))

    (sending,) = await _start(store)

    assert (sending.promise.lane, sending.promise.params) == (Lane.EMERGENCY, {"v": "3"})


async def test_the_first_send_makes_the_carrier_and_later_ones_edit_it(
    store: Store, chat: ChatId, other: ChatId
) -> None:
    await _promise(store, card(chat, "1"), card(other, "1"))
    for message_id, sending in enumerate(await _start(store), start=10):
        assert sending.carrier_message is None
        await store.work(lambda s, i=sending.id, m=message_id: s.sending.sent(i, m, NOON))  # type: ignore[misc]  # one per turn

    assert await store.read(lambda s: s.outbox.carriers("case:1")) == {chat: 10, other: 11}
    assert await store.read(lambda s: s.outbox.carrier_of(other, 11)) == "case:1"

    await _promise(store, card(chat, "1"))
    (edit,) = await _start(store)
    assert edit.carrier_message == 10

    await store.work(lambda s: s.sending.rejected(edit.id, "message can't be edited", NOON))
    await store.work(lambda s: s.sending.forget_carrier("case:1", chat, 10))
    await _promise(store, card(chat, "2"))
    (anew,) = await _start(store)
    assert anew.carrier_message is None


async def test_a_change_during_the_first_send_becomes_an_edit_of_it(store: Store, chat: ChatId) -> None:
    await _promise(store, card(chat, "1"))
    (first,) = await _start(store)
    await _promise(store, card(chat, "2"), card(chat, "3"))
    assert await _start(store) == []

    await store.work(lambda s: s.sending.sent(first.id, 10, NOON))
    (edit,) = await _start(store)
    assert (edit.carrier_message, edit.promise.params) == (10, {"v": "3"})


async def test_a_retried_card_falls_together_with_the_newer_one(store: Store, chat: ChatId) -> None:
    await _promise(store, card(chat, "1"))
    (first,) = await _start(store)
    await _promise(store, card(chat, "2"))

    await store.work(lambda s: s.sending.retry(first.id, NOON, "flood"))

    (again,) = await _start(store)
    assert (again.id, again.promise.params) == (first.id, {"v": "2"})
    assert await _states(store) == {"sending": 1}


async def test_adopting_another_copy_tells_which_one_was_known(store: Store, chat: ChatId) -> None:
    assert await store.work(lambda s: s.outbox.adopt("case:1", chat, 10)) is None
    assert await store.work(lambda s: s.outbox.adopt("case:1", chat, 10)) is None
    assert await store.work(lambda s: s.outbox.adopt("case:1", chat, 12)) == 10
    assert await store.work(lambda s: s.outbox.adopt("case:2", chat, 12)) is None

    assert await store.read(lambda s: s.outbox.carrier_of(chat, 12)) == "case:2"
    assert await store.read(lambda s: s.outbox.carriers("case:1")) == {}


# Outcomes


@pytest.mark.parametrize(("doubt", "again"), [(Doubt.DROP, 0), (Doubt.RESEND, 1), (Doubt.REPEAT, MOST_DOUBTS)], ids=str)
async def test_doubt_is_settled_as_the_promise_says(store: Store, chat: ChatId, doubt: Doubt, again: int) -> None:
    await _promise(store, Promise("k", chat, "tell", doubt=doubt))
    now, attempts = NOON, []
    while sendings := await _start(store, now):
        attempts.append((sendings[0].attempt, sendings[0].repeat))
        await store.work(lambda s, i=sendings[0].id, n=now: s.sending.in_doubt(i, n))  # type: ignore[misc]  # one per turn
        now += MINUTE

    assert attempts == [(turn + 1, turn > 0) for turn in range(again + 1)]
    assert await _states(store) == {"in_doubt": 1}


async def test_an_edit_in_doubt_is_made_again_whatever_the_promise_says(store: Store, chat: ChatId) -> None:
    await store.work(lambda s: s.outbox.adopt("case:1", chat, 10))
    await _promise(store, card(chat, "1", doubt=Doubt.DROP))
    (edit,) = await _start(store)

    assert await store.work(lambda s: s.sending.in_doubt(edit.id, NOON))
    assert len(await _start(store, NOON + MINUTE)) == 1


async def test_the_first_message_of_a_carrier_is_sent_until_one_stands(store: Store, chat: ChatId) -> None:
    await _promise(store, card(chat, "1", doubt=Doubt.RESEND))
    now, attempts = NOON, 0
    while sendings := await _start(store, now):
        attempts += 1
        await store.work(lambda s, i=sendings[0].id, n=now: s.sending.in_doubt(i, n))  # type: ignore[misc]  # one per turn
        now += MINUTE

    assert attempts == MOST_DOUBTS + 1
    assert await _states(store) == {"in_doubt": 1}


async def test_a_flood_is_no_doubt(store: Store, chat: ChatId) -> None:
    await _promise(store, Promise("k", chat, "tell", doubt=Doubt.RESEND))
    for _ in range(3):
        (sending,) = await _start(store)
        await store.work(lambda s, i=sending.id: s.sending.retry(i, NOON, "flood"))  # type: ignore[misc]  # one per turn
    (sending,) = await _start(store)

    assert not sending.repeat
    assert await store.work(lambda s: s.sending.in_doubt(sending.id, NOON)), "it may still be resent once"


async def test_what_was_in_flight_when_the_process_died_is_in_doubt(store: Store, chat: ChatId, other: ChatId) -> None:
    await _promise(store, Promise("1", chat, "tell", doubt=Doubt.DROP), Promise("2", other, "tell"))
    await _start(store)

    assert await store.work(lambda s: s.sending.interrupted(8, NOON)) == 0
    assert await store.work(lambda s: s.sending.interrupted(BOT, NOON)) == 2
    assert await _states(store) == {"in_doubt": 1, "ready": 1}


async def test_a_blocked_chat_is_marked_and_nothing_waits_for_it_any_longer(
    store: Store, chat: ChatId, other: ChatId
) -> None:
    await _promise(store, *(Promise(str(n), chat, "tell") for n in range(3)), Promise("x", other, "tell"))
    first, elsewhere = await _start(store)
    await store.work(lambda s: s.sending.blocked(first.id, "kicked", ChatState.KICKED, NOON))
    await store.work(lambda s: s.sending.retry(elsewhere.id, NOON, "flood"))

    await _promise(store, Promise("later", chat, "tell"))

    assert await _states(store) == {"blocked": 4, "ready": 1}
    assert (await store.read(lambda s: s.chats.get(chat))).state is ChatState.KICKED


async def test_what_nobody_wants_any_more_expires_and_is_counted(store: Store, chat: ChatId, other: ChatId) -> None:
    await _promise(
        store,
        Promise("1", chat, "stale", not_after=NOON + MINUTE),
        Promise("2", chat, "fresh"),
        Promise("3", other, "x"),
    )
    await store.work(lambda s: s.chats.set_state(other, ChatState.MUTED))
    later = NOON + 2 * MINUTE
    heads = await store.read(lambda s: s.sending.ready_heads(BOT, later, 9))
    assert await store.work(lambda s: s.sending.start([heads[Lane.ANSWER][0].id], later)) == []

    assert await _states(store) == {"expired": 1, "blocked": 1, "ready": 1}
    (fresh,) = await _start(store, later)
    assert fresh.promise.view == "fresh"
    await store.work(lambda s: s.sending.needless(fresh.id, later))
    assert await _states(store) == {"expired": 2, "blocked": 1}


async def test_an_outcome_counts_once(store: Store, chat: ChatId) -> None:
    await _promise(store, Promise("k", chat, "tell"))
    (sending,) = await _start(store)

    def settle_all(stores: Stores) -> None:
        stores.sending.rejected(sending.id, "too long", NOON)
        stores.sending.sent(sending.id, 5, NOON)
        stores.sending.blocked(sending.id, "kicked", ChatState.KICKED, NOON)
        stores.sending.retry(sending.id, NOON, "flood")
        assert not stores.sending.in_doubt(sending.id, NOON)

    await store.work(settle_all)

    assert await _states(store) == {"rejected": 1}
    assert (await store.read(lambda s: s.chats.get(chat))).state is ChatState.OK


async def test_a_halt_is_never_shortened(store: Store) -> None:
    def halt(stores: Stores) -> None:
        stores.sending.halt("bot:7", NOON + 5 * MINUTE, 5 * MINUTE)
        stores.sending.halt("bot:7", NOON + MINUTE, MINUTE)
        stores.sending.halt("chat:1", NOON + MINUTE, MINUTE)

    await store.work(halt)

    assert await store.read(lambda s: s.sending.halts(NOON)) == {
        "bot:7": NOON + 5 * MINUTE,
        "chat:1": NOON + MINUTE,
    }
    assert await store.read(lambda s: s.sending.halts(NOON + MINUTE)) == {"bot:7": NOON + 5 * MINUTE}


async def test_only_what_is_settled_is_forgotten(store: Store, chat: ChatId, other: ChatId) -> None:
    await _promise(store, Promise("1", chat, "tell"), Promise("2", other, "tell"), Promise("3", chat, "tell"))
    first, _ = await _start(store)
    await store.work(lambda s: s.sending.sent(first.id, 1, NOON))

    assert await store.work(lambda s: s.sending.purge(NOON)) == 0
    assert await store.work(lambda s: s.sending.purge(NOON + MINUTE)) == 1
    assert await _states(store) == {"sending": 1, "ready": 1}


async def test_what_a_sent_message_showed_is_not_kept(store: Store, chat: ChatId) -> None:
    await _promise(store, Promise("k", chat, "tell", {"name": "王小明"}))
    (sending,) = await _start(store)
    await store.work(lambda s: s.sending.sent(sending.id, 1, NOON))

    rows = await store.read(lambda s: s.connection.exec_driver_sql("SELECT * FROM outbox").all())
    assert "王小明" not in repr(rows)


async def test_the_figures_tell_what_waits_and_since_when(store: Store, chat: ChatId) -> None:
    await _promise(store, Promise("1", chat, "x"), Promise("2", chat, "x"), Promise("3", chat, "x", lane=Lane.DIGEST))

    stats = await store.read(lambda s: s.sending.stats())

    assert stats.ready_by_lane == {Lane.ANSWER: 2, Lane.DIGEST: 1}
    assert stats.oldest_by_lane == {Lane.ANSWER: NOON, Lane.DIGEST: NOON}


async def test_a_chat_is_sent_to_under_its_newest_id_and_language(store: Store) -> None:
    def private(stores: Stores) -> None:
        person = stores.people.meet(42, "Li", "zh")
        chat = stores.chats.meet(BOT, 42, ChatKind.PRIVATE, "Li", ChatState.OK)
        stores.outbox.promise(Promise("k", chat.id, "tell"))
        stores.people.set_lang(person.id, "en")

    await store.work(private)
    (sending,) = await _start(store)

    assert (sending.chat.telegram_id, sending.chat.lang) == (42, "en")


async def test_pauses_after_doubts_grow(store: Store, chat: ChatId) -> None:
    await _promise(store, Promise("k", chat, "tell", doubt=Doubt.REPEAT))
    now = NOON
    for seconds in (1, 2, 4):
        (sending,) = await _start(store, now)
        await store.work(lambda s, i=sending.id, n=now: s.sending.in_doubt(i, n))  # type: ignore[misc]  # one per turn
        now += timedelta(seconds=seconds)
        assert await _start(store, now - timedelta(microseconds=1)) == []
