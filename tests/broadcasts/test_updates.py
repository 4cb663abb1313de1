"""One message of a chain runs at a time, and none leaves once what it was to replace has been called off."""

from datetime import timedelta
from typing import Any

import pytest

from broadcasts import desk, ticking
from broadcasts.model import Broadcast, BroadcastId, Class, State
from routing.model import ChatId, ChatKind, PersonId
from storage.stores import Stores
from tests.routing.village import MONDAY, STREET, SUN, Village

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
