"""A question to the reporter holds the clocks until it is answered, and for no longer; on a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from routing import boards, laws, months
from routing.events import ExtensionAsked, ExtensionRuled, HandedOver, Noted, NoteKind, Released, Resumed, Suspended
from routing.model import Case, CaseId, Status, TimerKind
from storage.stores import Stores
from tests.routing.village import CHEN, GRID, LI, MONDAY, WANG, ZHANG, Village, village

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def _asked(town: Village) -> Case:
    """A claimed case whose holder has put a question after an hour."""
    case = await town.claims(await town.files())
    await town.passes(hours=1)
    return await town.moves(case, Noted, LI, kind=NoteKind.QUESTION)


async def _breaches(town: Village, case: Case) -> list[laws.Breach]:
    clocks = (await town.timers(case)).values()
    return list(laws.unwatched(await town.case(case), list(clocks)))


async def test_whoever_gives_a_case_back_ends_the_wait_and_its_deadline_runs_on(town: Village) -> None:
    case = await _asked(town)
    await town.passes(hours=2)

    freed = await town.moves(case, Released, LI)

    assert case.due_at is not None
    assert freed.due_at == case.due_at + (town.now - MONDAY) / 3 * 2  # the two hours for which it waited
    clocks = await town.timers(case)
    assert TimerKind.REPLY not in clocks
    assert (clocks[TimerKind.HANDLE].due_at, clocks[TimerKind.HANDLE].paused_at) == (freed.due_at, None)
    assert await _breaches(town, case) == []


async def test_who_takes_over_during_a_wait_is_not_silent_before_the_answer(town: Village) -> None:
    case = await _asked(town)

    await town.moves(case, HandedOver, LI, to=town.people[ZHANG])
    await town.passes(hours=26)
    await town.passes(hours=26)

    waiting = await town.case(case)
    assert (waiting.status, waiting.holder) == (Status.CLAIMED, town.people[ZHANG])
    assert (await town.timers(case))[TimerKind.SILENCE].paused_at is not None


async def test_a_question_before_the_claim_holds_the_clocks_of_whoever_claims(town: Village) -> None:
    case = await town.files()
    await town.moves(case, Noted, ZHANG, kind=NoteKind.QUESTION)

    await town.claims(case, LI)

    assert (await town.timers(case))[TimerKind.SILENCE].paused_at == town.now


async def test_a_clock_that_stands_still_for_nobody_breaks_a_law(town: Village) -> None:
    case = await _asked(town)
    clocks = list((await town.timers(case)).values())

    assert list(laws.unwatched(case, clocks)) == []
    assert [one.law for one in laws.unwatched(replace(case, waiting=False), clocks)] == ["clock", "clock"]


async def _suspended(town: Village) -> Case:
    """A claimed case that was suspended after an hour, for ten days, and has a question put on the second."""
    case = await town.claims(await town.files())
    await town.passes(hours=1)
    await town.moves(case, Suspended, CHEN, until=town.now + timedelta(days=10))
    await town.passes(days=1)
    return await town.moves(case, Noted, LI, kind=NoteKind.QUESTION)


@pytest.mark.parametrize("answered", [True, False])
async def test_a_question_about_what_is_suspended_leaves_it_suspended(town: Village, answered: bool) -> None:
    case = await _suspended(town)

    if answered:
        await town.moves(case, Noted, WANG, kind=NoteKind.ANSWER)
    for _ in range(8):
        await town.passes(days=1)

    resting = await town.case(case)
    assert (resting.status, resting.overdue, resting.waiting) == (Status.SUSPENDED, False, False)
    assert await _breaches(town, case) == []
    resumed = await town.moves(case, Resumed, LI)
    assert case.due_at is not None
    assert resumed.due_at == case.due_at + timedelta(days=9)
    clocks = await town.timers(case)
    assert {kind for kind, one in clocks.items() if one.next_at} == {TimerKind.HANDLE, TimerKind.SILENCE}


async def test_a_question_still_open_when_work_goes_on_is_waited_for(town: Village) -> None:
    case = await _suspended(town)
    await town.passes(hours=2)

    resumed = await town.moves(case, Resumed, LI)

    clocks = await town.timers(case)
    assert case.due_at is not None
    assert (resumed.waiting, resumed.due_at) == (True, case.due_at + timedelta(days=1, hours=2))
    assert clocks[TimerKind.HANDLE].paused_at == clocks[TimerKind.SILENCE].paused_at == town.now
    await town.passes(hours=3)
    answered = await town.moves(case, Noted, WANG, kind=NoteKind.ANSWER)
    assert answered.due_at == case.due_at + timedelta(days=1, hours=5)
    assert await _breaches(town, case) == []


async def _late(town: Village, case: Case) -> tuple[bool, bool]:
    """Whether it counts as late, by the rule and by the question to the database."""
    now: datetime = town.now

    def listed(stores: Stores) -> list[CaseId]:
        return [one.id for one in stores.cases.late_in([GRID], now, limit=9)]

    return boards.late(await town.case(case), now), case.id in await town.store.read(listed)


async def _in_time(town: Village) -> tuple[int, int]:
    """What the unit solved this month in time, and late."""
    until: datetime = town.now + timedelta(seconds=1)
    rows = await town.store.read(lambda stores: list(months.rows(stores, until)))
    return sum(row["on_time"] for row in rows), sum(row["late"] for row in rows)


async def _past_the_date(town: Village) -> Case:
    """A case on which a question has been open for an hour longer than the time that was left."""
    case = await _asked(town)
    assert case.due_at is not None
    await town.passes(seconds=(case.due_at - town.now).total_seconds() + 3600)
    return case


async def test_a_date_that_goes_by_while_an_answer_is_awaited_is_no_delay(town: Village) -> None:
    case = await _past_the_date(town)

    assert await _late(town, case) == (False, False)
    await town.resolves(case)
    assert await _in_time(town) == (1, 0)


async def test_where_the_policy_waits_for_no_answer_the_date_counts(tmp_path: Path) -> None:
    async with village(tmp_path, question_pauses=False) as town:
        case = await _asked(town)
        await town.moves(case, HandedOver, LI, to=town.people[ZHANG])
        for _ in range(4):
            await town.passes(days=1)

        assert await _late(town, case) == (True, True)


async def test_more_time_may_be_asked_for_while_the_clock_stands_still(town: Village) -> None:
    case = await _past_the_date(town)

    asked = await town.moves(case, ExtensionAsked, LI)
    await town.passes(hours=1)
    longer = await town.moves(asked, ExtensionRuled, CHEN, approve=True)
    await town.passes(hours=3)
    answered = await town.moves(case, Noted, WANG, kind=NoteKind.ANSWER)

    assert longer.due_at is not None
    assert longer.due_at > town.now
    assert answered.due_at == longer.due_at + timedelta(hours=3)
    assert await _breaches(town, case) == []
