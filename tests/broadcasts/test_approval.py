"""Who is asked for the second person's word: somebody who can give it, however few people a community has."""

from datetime import timedelta

import pytest

from broadcasts import desk
from broadcasts.model import Alert, Broadcast, BroadcastId, Class, Level, State
from broadcasts.refusals import NobodyApproves
from routing.model import Appointment, ChatKind, PersonId, Post, UnitCode
from storage.stores import Stores
from tests.routing.village import CHEN, COMMUNITY, LI, MONDAY, STREET, SUN, Village

COMMUNITY_DESK, STREET_DESK = -201, -301


def _submitted(uow: Stores, author: PersonId, unit: UnitCode) -> Broadcast:
    """A red alert that *author* wants out from the desk of *unit*."""
    chat = uow.chats.of_unit(unit, ChatKind.DESK)
    assert chat is not None
    alert = Alert("snow", "station", MONDAY, MONDAY, "here", "much snow", "stay in")
    ends = MONDAY + timedelta(hours=6)
    made = desk.compose(uow, author, chat.id, Class.ALERT, MONDAY, level=Level.RED, alert=alert, expires_at=ends)
    return desk.submit(uow, made.id, author, MONDAY)


def _asked(uow: Stores, broadcast: BroadcastId) -> set[int]:
    chats = uow.outbox.reached(f"broadcast:{broadcast}:approval")
    return {uow.chats.get(chat).telegram_id for chat in chats}


async def test_where_the_author_alone_could_approve_the_level_above_is_asked(town: Village) -> None:
    alert = await town.work(_submitted, town.people[CHEN], COMMUNITY)

    asked = await town.store.read(lambda uow: _asked(uow, alert.id))
    assert asked == {COMMUNITY_DESK, STREET_DESK, SUN}
    assert (await town.work(desk.approve, alert.id, town.people[SUN], MONDAY)).state is State.SCHEDULED


async def test_a_colleague_who_may_approve_is_asked_and_nobody_above(town: Village) -> None:
    def appoint(uow: Stores) -> None:
        uow.people.appoint(Appointment(town.people[LI], COMMUNITY, Post.APPROVER, "Li"))

    await town.work(appoint)
    alert = await town.work(_submitted, town.people[CHEN], COMMUNITY)

    assert await town.store.read(lambda uow: _asked(uow, alert.id)) == {COMMUNITY_DESK, LI}


async def test_where_there_is_no_second_person_its_author_hears_so_at_once(town: Village) -> None:
    def dismiss(uow: Stores) -> None:
        for unit in uow.units.path(COMMUNITY):
            for one in uow.people.staff_of(unit.code):
                if one.person != town.people[SUN]:
                    uow.people.dismiss(one.person, unit.code)

    await town.work(dismiss)
    with pytest.raises(NobodyApproves):
        await town.work(_submitted, town.people[SUN], STREET)
