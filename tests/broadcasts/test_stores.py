"""The rows of broadcasts: one answer for each household, and figures that can't disagree with them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broadcasts import ticking
from broadcasts.model import Audience, Broadcast, BroadcastId, Class, Door, Level, Reach, State, Target, TargetState
from broadcasts.refusals import NoSuchBroadcast
from routing.model import ChatId, ChatKind, ChatState, Post, UnitCode, UnitKind
from routing.refusals import Stale
from storage.broadcast_audit import BroadcastAudit
from storage.stores import Stores
from tests.broadcasts.pressing import pressed
from tests.routing.village import CHEN, GRID, LI, MONDAY, STREET, WANG, ZHOU, Village

pytestmark = pytest.mark.usefixtures("engine")

HOME_OF_WANG = "370001001001001-11101"
HOMELESS = "370001001001001-11402"


def _draft(uow: Stores, **fields: Any) -> Broadcast:
    known: dict[str, Any] = {
        "id": BroadcastId(uow.ids.new()),
        "number": uow.broadcasts.next_number(),
        "state": State.SENDING,
        "kind": Class.ALERT,
        "level": Level.ORANGE,
        "unit": STREET,
        "author": None,
        "chat": ChatId(1),
        "drafted_at": MONDAY,
        "audience": Audience(STREET),
    }
    made = Broadcast(**{**known, **fields})
    uow.broadcasts.add(made)
    return made


def _aimed(uow: Stores, **fields: Any) -> Broadcast:
    made = _draft(uow, **fields)
    uow.targets.aim(made)
    for target in uow.targets.at(made.id, TargetState.WAITING, 99):
        uow.receipts.ask(target)
    return made


async def test_a_broadcast_comes_back_as_it_was_written(town: Village) -> None:
    made = await town.work(_draft, next_at=MONDAY, origin="a,b,c")

    assert await town.store.read(lambda uow: uow.broadcasts.get(made.id)) == made
    assert await town.store.read(lambda uow: uow.broadcasts.by_number(1)) == made
    assert await town.store.read(lambda uow: uow.broadcasts.by_origin("a,b,c")) == made
    assert await town.store.read(lambda uow: uow.broadcasts.due(MONDAY, 9)) == [made]
    with pytest.raises(NoSuchBroadcast):
        await town.store.read(lambda uow: uow.broadcasts.by_number(2))


def _beyond(uow: Stores, made: Broadcast) -> tuple[int, int]:
    chat = next(one for one in uow.chats.all() if one.unit == GRID)
    return uow.targets.beyond(made.audience, chat.bot), uow.targets.beyond(made.audience, 0)


async def test_an_old_copy_is_not_written(town: Village) -> None:
    made = await town.work(_draft)
    await town.work(lambda uow: uow.broadcasts.save(replace(made, step=1)))

    with pytest.raises(Stale):
        await town.work(lambda uow: uow.broadcasts.save(replace(made, step=2)))


async def test_every_grid_of_the_subtree_is_aimed_at_once(town: Village) -> None:
    made = await town.work(_aimed)
    again = await town.work(lambda uow: uow.targets.aim(made))
    figures = await town.store.read(lambda uow: uow.targets.figures(made.id))

    assert again == figures.chats == 6
    assert [target.chat is not None for target in await town.store.read(_rows, made)] == [True] + 5 * [False]
    assert figures.households == figures.missing == 132
    reach = await town.store.read(lambda uow: uow.targets.reach(made.audience))
    assert (reach.chats, reach.unreachable, reach.households) == (1, 5, 132)
    assert reach.people == 18
    assert await town.store.read(_beyond, made) == (0, 1)


async def test_an_audience_may_be_one_kind_of_grid_or_the_staff_with_a_post(town: Village) -> None:
    special = await town.work(_aimed, audience=Audience(STREET, (UnitKind.SPECIAL,)))
    workers = await town.work(_aimed, audience=Audience(STREET, post=Post.WORKER))
    figures = await town.store.read(lambda uow: uow.targets.figures(workers.id))

    assert (await town.store.read(lambda uow: uow.targets.figures(special.id))).households == 12
    assert (figures.chats, figures.households) == (14, 14)  # departments have workers, too
    assert await town.store.read(lambda uow: uow.targets.reach(workers.audience)) == Reach(2, 12, 14, 14)


async def test_a_household_is_counted_once(town: Village) -> None:
    made, zhou = await town.work(_aimed), town.people[ZHOU]

    assert await town.work(lambda uow: pressed(uow, made.id, HOME_OF_WANG, MONDAY))
    assert not await town.work(lambda uow: pressed(uow, made.id, HOME_OF_WANG, MONDAY))
    assert not await town.work(lambda uow: pressed(uow, made.id, "nowhere", MONDAY))
    assert not await town.work(lambda uow: uow.receipts.door(made.id, HOME_OF_WANG, Door.TOLD, zhou, MONDAY))
    target = await _grid(town, made)
    assert (target.pressed, target.told, target.missing) == (1, 0, 23)


async def test_what_a_worker_found_at_the_door_moves_the_figures(town: Village) -> None:
    made, li = await town.work(_aimed), town.people[LI]

    async def finds(what: Door) -> Target:
        assert await town.work(lambda uow: uow.receipts.door(made.id, HOMELESS, what, li, MONDAY))
        return await _grid(town, made)

    assert (await finds(Door.AWAY)).missing == 24
    found = await town.store.read(lambda uow: {home.code: door for home, door in uow.receipts.missing(made.id, GRID)})
    assert found[HOMELESS] is Door.AWAY
    moved = await finds(Door.MOVED)
    assert (moved.target, moved.moved, moved.missing) == (23, 1, 23)
    told = await finds(Door.TOLD)
    assert (told.target, told.moved, told.told, told.missing) == (24, 0, 1, 23)


async def test_who_was_thought_to_have_moved_may_still_press(town: Village) -> None:
    made, li = await town.work(_aimed), town.people[LI]
    await town.work(lambda uow: uow.receipts.door(made.id, HOME_OF_WANG, Door.MOVED, li, MONDAY))

    assert await town.work(lambda uow: pressed(uow, made.id, HOME_OF_WANG, MONDAY))
    target = await _grid(town, made)
    assert (target.moved, target.pressed, target.missing) == (0, 1, 23)


async def test_a_home_that_goes_to_another_grid_meanwhile_is_asked_once_and_stays_where_it_was_asked(
    town: Village,
) -> None:
    def ask_all(uow: Stores) -> Sequence[Target]:
        made = _draft(uow, next_at=MONDAY)
        uow.targets.aim(made)
        first, *others = uow.targets.at(made.id, TargetState.WAITING, 99)
        uow.receipts.ask(first)
        (home,) = (one for one in uow.people.households_in(GRID) if one.code == HOME_OF_WANG)
        uow.people.put_household(replace(home, grid=UnitCode(others[0].place)))
        for other in others:
            uow.receipts.ask(other)
        assert pressed(uow, made.id, HOME_OF_WANG, MONDAY)
        assert list(BroadcastAudit(uow.connection, uow.city, MONDAY).found()) == []
        return uow.targets.at(made.id, TargetState.WAITING, 99)

    asked, next_one, *_ = await town.work(ask_all)
    assert (asked.place, asked.households, asked.pressed, asked.missing) == (GRID, 24, 1, 23)
    assert (next_one.pressed, next_one.missing) == (0, next_one.households)


async def test_strangers_are_counted_apart_and_once(town: Village) -> None:
    made, chen = await town.work(_aimed), town.people[CHEN]

    assert await town.work(lambda uow: uow.receipts.strangers(made.id, [(chen, GRID)], MONDAY))
    assert not await town.work(lambda uow: uow.receipts.strangers(made.id, [(chen, GRID)], MONDAY))
    target = await _grid(town, made)
    assert (target.unbound, target.missing) == (1, 24)


async def test_only_people_of_silent_households_are_reminded(town: Village) -> None:
    made, wang = await town.work(_aimed), town.people[WANG]
    silent = await town.store.read(lambda uow: uow.receipts.silent(made.id, GRID))
    assert wang in silent
    assert len(silent) == 3  # the others can't be written to in private: they never started the bot
    await town.work(lambda uow: pressed(uow, made.id, HOME_OF_WANG, MONDAY))

    assert wang not in await town.store.read(lambda uow: uow.receipts.silent(made.id, GRID))


async def test_an_update_that_asks_nothing_new_keeps_what_was_confirmed(town: Village) -> None:
    made = await town.work(_aimed)
    await town.work(lambda uow: pressed(uow, made.id, HOME_OF_WANG, MONDAY))
    update = await town.work(_draft, updates=made.id)
    await town.work(lambda uow: uow.targets.aim(update))
    await town.work(lambda uow: uow.receipts.ask(uow.targets.get(update.id, GRID), made.id))
    target = await _grid(town, update)

    assert (target.pressed, target.missing) == (1, 23)
    assert await town.store.read(lambda uow: uow.receipts.confirmed_at(update.id, 1)) == MONDAY


async def test_shares_are_reached_when_enough_have_confirmed(town: Village) -> None:
    made = await town.work(_aimed)
    for minute, home in enumerate((HOME_OF_WANG, HOMELESS)):
        await town.work(
            lambda uow, at, home: pressed(uow, made.id, home, at),
            MONDAY + timedelta(minutes=minute),
            home,
        )

    assert await town.store.read(lambda uow: uow.receipts.confirmed_at(made.id, 2)) == MONDAY + timedelta(minutes=1)
    assert await town.store.read(lambda uow: uow.receipts.confirmed_at(made.id, 3)) is None


def _rows(uow: Stores, made: Broadcast) -> Sequence[Target]:
    return uow.targets.at(made.id, TargetState.WAITING, 99)


async def _grid(town: Village, made: Broadcast) -> Target:
    target = await town.store.read(lambda uow: uow.targets.get(made.id, GRID))
    assert target is not None
    return target


OTHER_BOT = 4_200


def _serve(uow: Stores, made: Broadcast) -> None:
    """The grids without a chat get one, which another bot serves."""
    for number, target in enumerate(one for one in _rows(uow, made) if one.chat is None):
        chat = uow.chats.meet(OTHER_BOT, -9_000 - number, ChatKind.RESIDENTS, "", ChatState.OK)
        uow.chats.bind(chat.id, ChatKind.RESIDENTS, target.grid)


async def test_bots_send_beside_each_other(town: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "PER_LOOK", 2)
    await town.work(lambda uow: _serve(uow, _aimed(uow)))
    made = await town.work(_aimed, next_at=MONDAY, receipts=False)

    before = await town.store.read(lambda uow: uow.targets.backlogs(made.id))
    assert await town.work(ticking.look, made.id, MONDAY) == 2
    after = await town.store.read(lambda uow: uow.targets.backlogs(made.id))

    assert sorted((one.waiting, one.promised) for one in before) == [(1, 0), (5, 0)]
    assert sorted((one.waiting, one.promised) for one in after) == [(0, 1), (4, 1)]


async def test_what_has_no_chat_is_said_to_be_unbound_while_others_are_sent_to(town: Village) -> None:
    made = await town.work(_aimed, next_at=MONDAY, receipts=False)

    await town.work(ticking.look, made.id, MONDAY)

    figures = await town.store.read(lambda uow: uow.targets.figures(made.id))
    failed = await town.store.read(lambda uow: uow.targets.at(made.id, TargetState.FAILED, 99))
    assert (figures.promised, figures.waiting) == (1, 0)
    assert [target.reason for target in failed] == ["unbound"] * 5


async def test_while_it_is_sent_the_desk_sees_how_far_seldom_and_afterwards_each_new_figure(town: Village) -> None:
    made = await town.work(_aimed, next_at=MONDAY)
    await town.work(pressed, made.id, HOME_OF_WANG, MONDAY)

    assert await town.work(ticking.refresh, MONDAY) == 1
    assert not await town.work(_sees)
    await town.work(ticking.show_progress, MONDAY)
    assert await town.work(_sees)

    later = MONDAY + timedelta(minutes=1)
    await town.work(lambda uow: uow.broadcasts.save(replace(made, state=State.CHASING)))
    await town.work(pressed, made.id, HOMELESS, later)
    await town.work(ticking.show_progress, later)
    assert not await town.work(_sees)
    assert await town.work(ticking.refresh, later) == 1
    assert await town.work(_sees)


def _sees(uow: Stores) -> bool:
    """Whether the desk has been promised new figures since it was asked last."""
    return uow.connection.exec_driver_sql("DELETE FROM outbox WHERE view = 'broadcast_live'").rowcount > 0
