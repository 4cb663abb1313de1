"""Limits follow the emergency mode for every case that somebody is held to, however it came there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import emergencies
from routing import casework, hierarchy, splitting
from routing.casework import Saying
from routing.events import ExtensionAsked, Suspended
from routing.model import Case, Rating, Status, TimerKind, UnitCode
from storage.stores import Stores
from tests.routing.village import CHEN, GRID, LI, STREET, SUN, Village, village

pytestmark = pytest.mark.usefixtures("engine")

NEXT_GRID = UnitCode("370001001001002")
XU = 1020
"""The street's approver."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def _switches(town: Village, *, on: bool) -> None:
    """Emergency mode for the whole street, or calm again, and every running case follows it."""

    def switch(stores: Stores) -> None:
        if on:
            xu = stores.people.meet(XU, "xu", "zh").id
            desk = stores.chats.private(town.people[SUN])
            assert desk is not None
            asked = emergencies.ask(stores, town.people[SUN], desk.id, STREET, "snow", town.now)
            emergencies.rule(stores, asked.id, xu, town.now, yes=True, muster="come")
        else:
            emergencies.end(stores, STREET, town.people[SUN], town.now)
        while emergencies.turn(stores, town.now):
            pass

    await town.work(switch)


async def _dispatched(town: Village) -> Case:
    case = await town.files()
    return await town.work(casework.dispatch, case.id, town.people[CHEN], NEXT_GRID, town.now)


async def _split(town: Village) -> Case:
    case = await town.claims(await town.files())
    return await town.work(splitting.split, case.id, town.people[CHEN], Saying("the cable"), town.now, to=NEXT_GRID)


async def _sent_up(town: Village) -> Case:
    case = await town.claims(await town.files())
    return await town.work(hierarchy.escalate, case.id, town.people[LI], Saying("too big"), town.now)


async def _reopened(town: Village) -> Case:
    return await town.rates(await town.resolves(await town.claims(await town.files())), Rating.NOT_SATISFIED)


@pytest.mark.parametrize("moves", [_dispatched, _split, _sent_up, _reopened])
async def test_what_moves_during_an_emergency_comes_back_to_calm(
    town: Village, moves: Callable[[Village], Awaitable[Case]]
) -> None:
    calm = await moves(town)
    await _switches(town, on=True)
    urgent = await moves(town)
    assert urgent.policy == f"{calm.policy}+emergency"
    assert urgent.due_at is not None
    assert calm.due_at is not None
    assert urgent.due_at < calm.due_at
    await _switches(town, on=False)

    again = await town.case(urgent)
    assert (again.policy, again.due_at, again.respond_due_at) == (calm.policy, calm.due_at, calm.respond_due_at)


async def test_what_was_given_out_before_an_emergency_and_moves_in_it_is_counted_from_its_last_dispatch(
    town: Village,
) -> None:
    case = await town.files()
    await _switches(town, on=True)
    await town.passes(minutes=10)
    moved = await town.work(casework.dispatch, case.id, town.people[CHEN], NEXT_GRID, town.now)
    await _switches(town, on=False)

    again = await town.case(moved)
    fresh = await town.files()
    assert (again.unit, again.due_at) == (NEXT_GRID, fresh.due_at)
    assert fresh.unit == GRID


async def test_a_date_that_a_meeting_set_stands_again_after_an_emergency(town: Village) -> None:
    case = await town.claims(await town.files())
    until = town.now + timedelta(days=30)
    task = splitting.Task(NEXT_GRID, Saying("the cable"), until)
    (part,) = await town.work(splitting.cut, case.id, town.people[CHEN], [task], town.now)
    await _switches(town, on=True)
    hurried = await town.case(part)
    assert hurried.due_at is not None
    assert hurried.due_at < until
    (soon,) = await town.work(
        splitting.cut, case.id, town.people[CHEN], [replace(task, until=town.now + timedelta(hours=3))], town.now
    )
    await _switches(town, on=False)

    assert (await town.case(part)).due_at == until
    assert (await town.case(soon)).due_at == town.now + timedelta(hours=3), "nor does calm put it off"


async def test_calm_counts_what_a_case_was_suspended_for_before_the_emergency_and_in_it(town: Village) -> None:
    first, second = [await town.claims(await town.files()) for _ in range(2)]
    await town.moves(first, Suspended, CHEN, until=town.now + timedelta(days=14))
    await town.passes(days=14)
    before = await town.case(first)
    await _switches(town, on=True)
    assert (await town.case(first)).due_at != before.due_at
    await town.moves(second, Suspended, CHEN, until=town.now + timedelta(days=1))
    await town.passes(days=1)
    await _switches(town, on=False)

    assert (await town.case(first)).due_at == before.due_at
    assert second.due_at is not None
    assert (await town.case(second)).due_at == second.due_at + timedelta(days=1)


async def test_what_is_suspended_when_calm_returns_follows_when_it_goes_on(town: Village) -> None:
    case = await town.claims(await town.files())
    await _switches(town, on=True)
    await town.moves(case, Suspended, CHEN, until=town.now + timedelta(days=2))
    await _switches(town, on=False)
    await town.passes(days=2)

    again = await town.case(case)
    assert case.due_at is not None
    assert (again.status, again.policy, again.due_at) == (Status.CLAIMED, case.policy, case.due_at + timedelta(days=2))


async def test_who_took_it_before_an_emergency_and_sleeps_loses_it_the_same_day(town: Village) -> None:
    case = await town.claims(await town.files())
    await town.passes(hours=1)
    await _switches(town, on=True)
    for _ in range(8):
        await town.passes(minutes=30)

    assert (await town.case(case)).status is Status.OFFERED
    assert await town.told("tell.silence_warning") == [LI]


async def test_a_question_and_a_ruling_that_are_waited_for_follow_an_emergency_and_calm(town: Village) -> None:
    waits, asks = [await town.claims(await town.files()) for _ in range(2)]
    await town.work(casework.ask, waits.id, town.people[LI], Saying("which floor?"), town.now)
    await town.moves(asks, ExtensionAsked, LI)
    calm = [await town.timers(case) for case in (waits, asks)]
    assert calm[0][TimerKind.SILENCE].paused_at == town.now

    await town.passes(hours=2)
    await _switches(town, on=True)
    hurried = [await town.timers(case) for case in (waits, asks)]
    assert hurried[0][TimerKind.REPLY].due_at == town.now + timedelta(hours=6)
    assert hurried[1][TimerKind.RULING].due_at == town.now + timedelta(hours=1)
    for clocks in hurried:
        assert clocks[TimerKind.SILENCE].due_at == town.now + timedelta(hours=4)
    assert hurried[0][TimerKind.SILENCE].paused_at == town.now
    await town.passes(minutes=30)
    await _switches(town, on=False)

    again = [await town.timers(case) for case in (waits, asks)]
    assert again[0][TimerKind.REPLY].due_at == calm[0][TimerKind.REPLY].due_at
    assert again[1][TimerKind.RULING].due_at == calm[1][TimerKind.RULING].due_at
    assert again[1][TimerKind.SILENCE].due_at == calm[1][TimerKind.SILENCE].due_at
    silence = again[0][TimerKind.SILENCE]
    assert (silence.due_at, silence.paused_at) == (calm[0][TimerKind.SILENCE].due_at + timedelta(minutes=150), town.now)
