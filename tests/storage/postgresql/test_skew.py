"""Two transactions at once, each reading what the other writes: never are both right alone and wrong together."""

import asyncio
import threading
from datetime import timedelta
from typing import Any

import pytest

from broadcasts import answering, coverage, desk, emergencies, plans, refusals, rollcalls, tasks, ticking
from broadcasts.model import BroadcastId, Class, Door, Level, ReceiptState, State
from broadcasts.plan_model import Asked, Emergency, RollCall, Run
from routing import admission, duty, residents
from routing import refusals as general
from routing.model import Case, ChatId, ChatKind, ChatState, PersonId, UnitCode
from routing.policy import EMERGENCY
from routing.records import Shift
from storage.stores import Stores
from tests.broadcasts.test_stores import HOME_OF_WANG, _aimed, _draft
from tests.routing.village import CHEN, COMMUNITY, GRID, LI, MONDAY, STREET, SUN, WANG, Village, _file
from tests.storage.postgresql.test_pool_writer import between

PLAN = 'code = "snow"\nname = "snow"\n[[tasks]]\ntext = "shovel"\nminutes = 60\n'
APPROVER, HEAD = 1020, 1021
"""The street's approver, and the leader of the city."""


async def person(town: Village, telegram_id: int) -> PersonId:
    return await town.work(lambda stores: stores.people.meet(telegram_id, "somebody", "zh").id)


def _private(stores: Stores, of: PersonId) -> ChatId:
    chat = stores.chats.private(of)
    assert chat is not None
    return chat.id


async def test_a_roll_call_closes_though_its_last_two_households_answer_at_once(town: Village) -> None:
    li, at = town.people[LI], MONDAY + timedelta(minutes=1)

    def call(stores: Stores) -> RollCall:
        form = rollcalls.read("water 30\nenough?", ("yes", "no"))
        made = rollcalls.call(stores, li, _private(stores, li), GRID, form, MONDAY)
        for seat in list(stores.rollcalls.seats(made.id))[2:]:
            rollcalls.answer_for(stores, made.id, seat.seat, li, 0, 0, at)
        return made

    def answer(stores: Stores) -> None:
        rollcalls.answer_for(stores, made.id, 2, li, 0, 0, at)
        stores.connection.exec_driver_sql("UPDATE outbox SET state = 'sent'")  # what is to be shown has left

    made = await town.work(call)
    await between(
        town.store,
        lambda stores: stores.rollcalls.counts(made.id),
        lambda stores: rollcalls.answer_for(stores, made.id, 1, li, 0, 0, at),
        town.work(answer),
    )

    closed = await town.store.read(lambda stores: stores.rollcalls.find(made.id))
    assert closed is not None
    assert closed.closed_at == at


def _plan(stores: Stores) -> str:
    return plans.keep(stores, "snow.toml", PLAN, MONDAY).code


async def test_a_plan_is_not_asked_for_above_and_below_at_once(town: Village) -> None:
    code = await town.work(_plan)

    def ask(stores: Stores, by: PersonId, unit: UnitCode) -> Run:
        return plans.ask(stores, by, _private(stores, by), unit, code, MONDAY)

    ended = await between(
        town.store,
        lambda stores: plans.live(stores, code, STREET),
        lambda stores: ask(stores, town.people[SUN], STREET),
        town.work(ask, town.people[CHEN], COMMUNITY),
    )

    assert isinstance(ended, refusals.PlanRunning)


def _ask(stores: Stores, by: PersonId) -> Emergency:
    return emergencies.ask(stores, by, _private(stores, by), STREET, "snow", MONDAY)


async def test_of_two_who_ask_for_the_emergency_at_once_the_second_is_told_that_it_was_asked_for(town: Village) -> None:
    sun = town.people[SUN]

    ended = await between(
        town.store, lambda stores: stores.emergencies.live([STREET]), lambda stores: _ask(stores, sun),
        town.work(_ask, sun),
    )  # fmt: skip

    assert isinstance(ended, refusals.EmergencyOn)


async def test_of_two_second_persons_who_rule_at_once_one_decides(town: Village) -> None:
    approver, head = await person(town, APPROVER), await person(town, HEAD)
    asked = await town.work(_ask, town.people[SUN])

    def rule(stores: Stores, by: PersonId, yes: bool) -> Emergency:
        return emergencies.rule(stores, asked.id, by, MONDAY, yes=yes, muster="come")

    ended = await between(
        town.store, lambda stores: stores.emergencies.find(asked.id), lambda stores: rule(stores, head, False),
        town.work(rule, approver, True),
    )  # fmt: skip

    assert isinstance(ended, general.AlreadyDone)
    now = await town.store.read(lambda stores: stores.emergencies.find(asked.id))
    assert now is not None
    assert (now.state, now.approver) == (Asked.ON, approver)


async def test_a_case_filed_while_an_emergency_begins_follows_it(town: Village) -> None:
    approver, asked = await person(town, APPROVER), await town.work(_ask, town.people[SUN])
    seen, go_on = threading.Event(), threading.Event()

    def slowly(stores: Stores) -> Case:
        stores.emergencies.live([STREET])
        seen.set()
        go_on.wait()
        return _file(stores, town.people[WANG], MONDAY, {})

    filing = asyncio.create_task(town.work(slowly))
    await asyncio.to_thread(seen.wait)
    await town.work(lambda stores: emergencies.rule(stores, asked.id, approver, MONDAY, yes=True, muster="come"))
    await town.work(emergencies.turn, MONDAY)
    go_on.set()
    case = await filing
    assert not case.policy.endswith(EMERGENCY)

    await town.work(emergencies.turn, MONDAY + timedelta(seconds=1))
    assert (await town.case(case)).policy.endswith(EMERGENCY)
    await town.work(emergencies.turn, MONDAY + emergencies.STRAGGLERS)
    assert not await town.store.read(lambda stores: stores.emergencies.turning())


async def test_of_two_approvers_of_a_broadcast_one_lets_it_out(town: Village) -> None:
    approver, head = await person(town, APPROVER), await person(town, HEAD)

    def waiting(stores: Stores) -> Any:
        chat = stores.chats.of_unit(STREET, ChatKind.DESK)
        assert chat is not None
        fields = {"state": State.APPROVING, "level": Level.RED, "author": town.people[SUN], "chat": chat.id}
        return _draft(stores, **fields, expires_at=MONDAY + timedelta(days=1)).id

    broadcast = await town.work(waiting)
    ended = await between(
        town.store, lambda stores: stores.broadcasts.get(broadcast),
        lambda stores: desk.reject(stores, broadcast, head, MONDAY),
        town.work(desk.approve, broadcast, approver, MONDAY),
    )  # fmt: skip

    assert isinstance(ended, refusals.NotThen)
    assert (await town.store.read(lambda stores: stores.broadcasts.get(broadcast))).state is State.SCHEDULED


async def test_a_household_that_asks_for_help_twice_at_once_has_one_case(town: Village) -> None:
    wang = town.people[WANG]

    def aim(stores: Stores) -> Any:
        made = _draft(stores, state=State.CHASING, kind=Class.ALERT, begun_at=MONDAY, window_s=3600)
        stores.targets.aim(made)
        return made.id, stores.chats.of_unit(GRID, ChatKind.RESIDENTS).id  # type: ignore[union-attr]  # it has one

    broadcast, chat = await town.work(aim)
    plea = await between(
        town.store, lambda stores: stores.receipts.help_of(broadcast, "x"),
        lambda stores: answering.need_help(stores, broadcast, wang, chat, "help", MONDAY),
        town.work(answering.need_help, broadcast, wang, chat, "help", MONDAY),
    )  # fmt: skip

    assert plea.fresh is False
    assert len(await town.store.read(lambda stores: stores.receipts.helps(broadcast))) == 1


async def test_presses_of_one_household_at_once_are_counted_once(town: Village) -> None:
    broadcast = await town.work(lambda stores: _aimed(stores, state=State.CHASING, begun_at=MONDAY).id)
    chat = await town.work(lambda stores: stores.chats.meet(7, -101, ChatKind.RESIDENTS, "", ChatState.OK).id)
    await asyncio.gather(*(town.work(answering.press, broadcast, town.people[WANG], chat, MONDAY) for _ in range(6)))

    figures = await town.store.read(lambda stores: stores.targets.figures(broadcast))
    assert (figures.pressed, figures.unbound) == (1, 0)


async def _updated(town: Village) -> tuple[BroadcastId, BroadcastId, ChatId]:
    """A broadcast that asks, its update that is due and asks nobody anew, and the group where both are said."""

    def tell(stores: Stores) -> tuple[BroadcastId, BroadcastId, ChatId]:
        chat = stores.chats.of_unit(GRID, ChatKind.RESIDENTS)
        assert chat is not None
        ends = {"window_s": 3600, "expires_at": MONDAY + timedelta(days=1), "next_at": MONDAY}
        first = _aimed(stores, begun_at=MONDAY, **ends)
        chain = {"updates": first.id, "first": first.id}
        return first.id, _draft(stores, state=State.SCHEDULED, submitted_at=MONDAY, **chain, **ends).id, chat.id

    return await town.work(tell)


@pytest.mark.parametrize("knocked", [False, True], ids=["a press", "a door"])
async def test_an_answer_that_comes_too_late_to_count_for_the_update_counts_for_nothing(
    town: Village, knocked: bool
) -> None:
    first, second, chat = await _updated(town)
    at = MONDAY + timedelta(seconds=1)

    def answer(stores: Stores) -> Any:
        if knocked:
            return answering.knock(stores, first, HOME_OF_WANG, Door.TOLD, town.people[LI], at)
        return answering.press(stores, first, town.people[WANG], chat, at)

    def sent(stores: Stores) -> None:
        stores.connection.exec_driver_sql("UPDATE outbox SET state = 'sent'")

    async def begin() -> None:
        for _ in range(2):
            await town.work(ticking.look, second, MONDAY)
            await town.work(sent)

    ended = await between(town.store, lambda stores: stores.broadcasts.get(first), answer, begin())

    assert isinstance(ended, refusals.BroadcastOver)


async def test_a_press_from_before_the_end_counts_for_the_update_that_asks_already(town: Village) -> None:
    first, second, chat = await _updated(town)
    seen, go_on = threading.Event(), threading.Event()

    def slowly(stores: Stores) -> answering.Heard:
        stores.broadcasts.get(first)
        seen.set()
        go_on.wait()
        return answering.press(stores, first, town.people[WANG], chat, MONDAY)

    async def end() -> None:
        go_on.set()
        assert await pressing is answering.Heard.FIRST

    pressing = asyncio.create_task(town.work(slowly))
    await asyncio.to_thread(seen.wait)
    await town.work(ticking.look, second, MONDAY)
    await between(
        town.store, lambda stores: stores.broadcasts.get(second), lambda stores: ticking.look(stores, second, MONDAY),
        end(),
    )  # fmt: skip

    receipt = await town.store.read(lambda stores: stores.receipts.get(second, HOME_OF_WANG))
    assert receipt is not None
    assert receipt.state is ReceiptState.PRESSED


async def test_nobody_is_bound_by_a_slip_that_is_withdrawn_at_that_moment(town: Village) -> None:
    home = await town.store.read(lambda stores: stores.people.household(HOME_OF_WANG))
    assert home is not None
    newcomer = await person(town, 4242)

    ended = await between(
        town.store, lambda stores: stores.people.household_by_door_code(home.door_code),
        lambda stores: residents.register(stores, newcomer, home.door_code, MONDAY),
        town.work(coverage.vacate, town.people[LI], home.door_code),
    )  # fmt: skip

    assert isinstance(ended, admission.WrongCode)
    assert not await town.store.read(lambda stores: stores.people.members_of(HOME_OF_WANG))


async def test_whoever_is_bound_while_a_home_is_cleared_is_cleared_out_too(town: Village) -> None:
    home = await town.store.read(lambda stores: stores.people.household(HOME_OF_WANG))
    assert home is not None
    newcomer = await person(town, 4242)

    await between(
        town.store, lambda stores: stores.people.members_of(HOME_OF_WANG),
        lambda stores: coverage.vacate(stores, town.people[LI], home.door_code),
        town.work(residents.register, newcomer, home.door_code, MONDAY),
    )  # fmt: skip

    assert not await town.store.read(lambda stores: stores.people.members_of(HOME_OF_WANG))


async def test_a_shift_that_leaves_the_roster_while_it_rings_does_not_come_back(town: Village) -> None:
    shift = Shift(GRID, town.people[LI], MONDAY, MONDAY + timedelta(hours=8), ring_at=MONDAY)
    await town.work(lambda stores: stores.shifts.put(shift))

    await between(
        town.store, lambda stores: stores.shifts.due(MONDAY, 9), lambda stores: duty.sweep(stores, MONDAY),
        town.work(lambda stores: stores.shifts.drop(shift)),
    )  # fmt: skip

    assert await town.store.read(lambda stores: stores.shifts.at(GRID, MONDAY)) == []


async def test_who_does_a_task_twice_at_once_has_done_it_once(town: Village) -> None:
    sun, li = town.people[SUN], town.people[LI]
    given = await town.work(
        lambda s: tasks.give_out(s, sun, _private(s, sun), STREET, "shovel", MONDAY + timedelta(hours=1), MONDAY)
    )

    ended = await between(
        town.store, lambda stores: stores.tasks.doer(given.id, li),
        lambda stores: tasks.answer(stores, given.id, li, tasks.Deed.DONE, MONDAY),
        town.work(tasks.answer, given.id, li, tasks.Deed.DONE, MONDAY),
    )  # fmt: skip

    assert isinstance(ended, general.AlreadyDone)
