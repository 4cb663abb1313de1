"""A question to the reporter holds the clocks until it is answered, and for no longer; on a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from routing import laws
from routing.events import HandedOver, Noted, NoteKind, Released
from routing.model import Case, Status, TimerKind
from tests.routing.village import LI, MONDAY, ZHANG, Village, village

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
