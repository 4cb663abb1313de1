"""One message of a chain runs at a time, and none leaves once what it was to replace has been called off."""

from datetime import timedelta
from typing import Any

import pytest

from broadcasts import answering, desk, ticking
from broadcasts.model import Broadcast, BroadcastId, Class, Door, ReceiptState, State
from routing.model import ChatId, ChatKind, PersonId
from storage.stores import Stores
from tests.routing.village import GRID, LI, MONDAY, STREET, SUN, WANG, ZHOU, Village

pytestmark = pytest.mark.usefixtures("engine")


def _desk(uow: Stores) -> ChatId:
    chat = uow.chats.of_unit(STREET, ChatKind.DESK)
    assert chat is not None
    return chat.id


def _let_out(uow: Stores, draft: Broadcast, by: PersonId, **changes: Any) -> BroadcastId:
    desk.edit(uow, draft.id, by, MONDAY, **changes)
    desk.submit(uow, draft.id, by, MONDAY)
    ticking.look(uow, draft.id, MONDAY)
    return draft.id


def _notice(uow: Stores, by: PersonId) -> BroadcastId:
    return _let_out(uow, desk.compose(uow, by, _desk(uow), Class.NOTICE, MONDAY, text="one"), by)


def _update(uow: Stores, before: BroadcastId, by: PersonId) -> Broadcast:
    return desk.draft_update(uow, before, by, _desk(uow), MONDAY)


def _answer(uow: Stores, broadcast: BroadcastId, person: PersonId) -> ReceiptState:
    (state,) = (one.state for one, home in uow.receipts.of(broadcast) if home == uow.people.household_of(person))
    return state


def _states(uow: Stores, *broadcasts: BroadcastId) -> list[State]:
    return [uow.broadcasts.get(one).state for one in broadcasts]


async def test_of_two_updates_of_one_message_the_second_takes_the_place_of_the_first(town: Village) -> None:
    def tell(uow: Stores) -> tuple[list[State], BroadcastId, BroadcastId | None]:
        sun = town.people[SUN]
        first = _notice(uow, sun)
        drafts = [_update(uow, first, sun) for _ in range(2)]
        two, three = (
            _let_out(uow, draft, sun, text=text) for draft, text in zip(drafts, ("two", "three"), strict=True)
        )
        return _states(uow, first, two, three), two, uow.broadcasts.get(three).updates

    states, two, taken_over = await town.work(tell)
    assert states == [State.SUPERSEDED, State.SUPERSEDED, State.SENDING]
    assert taken_over == two


async def test_a_scheduled_update_and_a_draft_of_one_go_with_what_was_cancelled(town: Village) -> None:
    def tell(uow: Stores) -> list[State]:
        sun = town.people[SUN]
        first = _notice(uow, sun)
        later, draft = _update(uow, first, sun), _update(uow, first, sun)
        _let_out(uow, later, sun, text="two", send_at=MONDAY + timedelta(hours=3))
        desk.cancel(uow, first, sun, MONDAY)
        ticking.look(uow, later.id, MONDAY + timedelta(hours=3))
        return _states(uow, first, later.id, draft.id)

    assert await town.work(tell) == [State.CANCELLED] * 3


async def test_a_cancelled_update_leaves_what_it_was_to_replace_alone(town: Village) -> None:
    def tell(uow: Stores) -> list[State]:
        sun = town.people[SUN]
        first = _notice(uow, sun)
        draft = _update(uow, first, sun)
        desk.cancel(uow, draft.id, sun, MONDAY)
        return _states(uow, first, draft.id)

    assert await town.work(tell) == [State.SENDING, State.CANCELLED]


async def test_an_update_takes_answers_over_once_what_it_replaces_has_ended_for_everybody(town: Village) -> None:
    def begin(uow: Stores) -> tuple[BroadcastId, BroadcastId]:
        first = _notice(uow, town.people[SUN])
        return first, _let_out(uow, _update(uow, first, town.people[SUN]), town.people[SUN])  # asks nobody anew

    def asked(uow: Stores) -> int:
        return uow.targets.figures(later).households

    first, later = await town.work(begin)
    assert await town.store.read(_states, first, later) == [State.SUPERSEDED, State.SENDING]
    assert await town.store.read(asked) == 0
    await town.work(ticking.look, later, MONDAY)
    assert await town.store.read(asked) > 0


async def test_an_update_that_asked_nobody_before_its_own_update_loses_no_answer(town: Village) -> None:
    wang, zhou, li, sun = (town.people[one] for one in (WANG, ZHOU, LI, SUN))

    def tell(uow: Stores) -> list[ReceiptState]:
        chat, home = uow.chats.of_unit(GRID, ChatKind.RESIDENTS), uow.people.household_of(zhou)
        assert chat is not None
        assert home is not None
        first = _notice(uow, sun)
        answering.press(uow, first, wang, chat.id, MONDAY)
        answering.knock(uow, first, home.code, Door.TOLD, li, MONDAY)
        second = _let_out(uow, _update(uow, first, sun), sun)
        third = _let_out(uow, _update(uow, second, sun), sun)
        ticking.look(uow, third, MONDAY)
        told = _answer(uow, third, zhou)
        answering.take_back(uow, third, home.code, li, MONDAY)
        fourth = _let_out(uow, _update(uow, third, sun), sun)
        ticking.look(uow, fourth, MONDAY)
        return [told, _answer(uow, fourth, zhou), _answer(uow, fourth, wang)]

    assert await town.work(tell) == [ReceiptState.TOLD, ReceiptState.MISSING, ReceiptState.PRESSED]
