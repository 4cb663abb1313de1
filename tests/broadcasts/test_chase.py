"""The chase begun by hand: one step at a time, by whoever steers it, and at night only for red and orange."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from broadcasts import desk, telling
from broadcasts.model import Audience, Broadcast, BroadcastId, Class, Level, State, Target
from broadcasts.refusals import NightTime, NotBroadcaster, NotThen
from routing.model import Appointment, ChatId, ChatKind, Post, Unit, UnitCode, UnitKind
from routing.refusals import AlreadyDone
from storage.stores import Stores
from tests.routing.village import GRID, LI, MONDAY, STREET, SUN, ZHANG, Village

NIGHT = MONDAY + timedelta(hours=14)


def _chasing(uow: Stores, **fields: Any) -> Broadcast:
    known: dict[str, Any] = {
        "id": BroadcastId(uow.ids.new()),
        "number": uow.broadcasts.next_number(),
        "state": State.CHASING,
        "kind": Class.NOTICE,
        "unit": STREET,
        "author": None,
        "chat": ChatId(1),
        "drafted_at": MONDAY,
        "begun_at": MONDAY,
        "audience": Audience(STREET),
        "window_s": 24 * 3600,
    }
    made = Broadcast(**{**known, **fields})
    uow.broadcasts.add(made)
    return made


async def step_on(town: Village, broadcast: Broadcast, step: int, at: datetime = MONDAY, by: int = SUN) -> Broadcast:
    return await town.work(desk.chase, broadcast.id, step, town.people[by], at)


async def test_each_step_begins_once_and_after_the_last_there_is_none(town: Village) -> None:
    made = await town.work(_chasing)

    for step in (1, 2, 3):
        begun = await step_on(town, made, step)
        assert (begun.step, begun.next_at) == (step, MONDAY)
        with pytest.raises(AlreadyDone):
            await step_on(town, made, step)
    with pytest.raises(NotThen):
        await step_on(town, made, 4)


async def test_at_night_only_red_and_orange_are_chased(town: Village) -> None:
    notice = await town.work(_chasing)
    alert = await town.work(_chasing, kind=Class.ALERT, level=Level.ORANGE)

    with pytest.raises(NightTime):
        await step_on(town, notice, 1, NIGHT)
    assert (await step_on(town, alert, 1, NIGHT)).step == 1


async def test_who_may_not_steer_it_chases_nobody_and_what_is_paused_is_not_chased(town: Village) -> None:
    made = await town.work(_chasing)
    paused = await town.work(_chasing, state=State.PAUSED)

    with pytest.raises(NotBroadcaster):
        await step_on(town, made, 1, by=LI)
    with pytest.raises(NotThen):
        await step_on(town, paused, 1)


async def test_in_emergency_mode_no_night_holds_it_up(town: Village) -> None:
    notice = await town.work(_chasing)
    await town.work(lambda uow: uow.units.put(replace(uow.units.get(STREET), emergency=True)))

    assert (await step_on(town, notice, 1, NIGHT)).step == 1


async def test_the_list_of_doors_reaches_the_micro_grid_and_the_desk_where_the_grid_cannot_be_told(
    town: Village,
) -> None:
    yard = UnitCode("370001001001001001")
    made = await town.work(_chasing)
    target = Target(broadcast=made.id, place=GRID, grid=GRID)

    def staffed(uow: Stores) -> None:
        uow.units.put(Unit(yard, "1号楼微网格", "microgrid", GRID, UnitKind.MICRO, buildings=("1号楼",)))
        uow.people.appoint(Appointment(town.people[SUN], yard, Post.HELPER, "孙"))

    def told(uow: Stores) -> set[ChatId]:
        telling.promise_doors(uow, made, target)
        rows = uow.connection.exec_driver_sql("SELECT chat FROM outbox WHERE view = 'broadcast_doors'")
        return {row.chat for row in rows}

    def alone(uow: Stores) -> None:
        uow.connection.exec_driver_sql("DELETE FROM outbox")
        for person in (LI, ZHANG):
            uow.people.dismiss(town.people[person], GRID)

    def chats(uow: Stores, *people: int) -> set[ChatId]:
        return {chat.id for one in people if (chat := uow.chats.private(town.people[one]))}

    def desk_above(uow: Stores) -> set[ChatId]:
        return {chat.id for unit in uow.units.path(GRID) if (chat := uow.chats.of_unit(unit.code, ChatKind.DESK))}

    await town.work(staffed)
    assert await town.work(told) == await town.store.read(chats, LI, ZHANG, SUN)
    await town.work(alone)
    reached = await town.work(told)

    assert reached > await town.store.read(chats, SUN)
    assert len(reached & await town.store.read(desk_above)) == 1
