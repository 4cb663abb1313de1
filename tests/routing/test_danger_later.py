"""A danger that the reporter names when the case is on its way, whatever it waits for."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from routing import casework
from routing.casework import Saying
from routing.events import Suspended
from routing.model import Case, Status, TimerKind, Urgency
from tests.routing.village import CHEN, LI, WANG, Village, village

pytestmark = pytest.mark.usefixtures("engine")
FIRE = Saying("三楼，现在起火了，有人被困")
COMMUNITYS_DESK = -201


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def _hears(town: Village, case: Case, saying: Saying = FIRE) -> Case:
    return await town.work(casework.hear, case.id, town.people[WANG], saying, town.now)


async def _asks(town: Village, case: Case) -> Case:
    return await town.work(casework.ask, case.id, town.people[LI], Saying("几楼？"), town.now)


async def test_a_danger_in_an_answer_is_one(town: Village) -> None:
    case = await _asks(town, await town.claims(await town.files()))
    await town.passes(hours=20)

    urgent = await _hears(town, case)

    handle = (await town.timers(case))[TimerKind.HANDLE]
    assert (urgent.urgency, urgent.waiting) == (Urgency.URGENT, False)
    assert urgent.due_at == town.now + timedelta(days=1)  # the limit of what is urgent
    assert (handle.due_at, handle.paused_at) == (urgent.due_at, None)
    assert LI in await town.told("tell.urgent")


async def test_an_answer_without_danger_stays_ordinary(town: Village) -> None:
    case = await _asks(town, await town.claims(await town.files()))

    assert (await _hears(town, case, Saying("三楼"))).urgency is Urgency.ORDINARY


@pytest.mark.parametrize("asked", [True, False])
async def test_a_danger_ends_a_suspension(town: Village, asked: bool) -> None:
    case = await town.claims(await town.files())
    await town.moves(case, Suspended, CHEN, until=town.now + timedelta(days=10))
    await town.passes(days=2)
    if asked:
        await _asks(town, case)

    urgent = await _hears(town, case)

    handle = (await town.timers(case))[TimerKind.HANDLE]
    assert (urgent.status, urgent.urgency, urgent.waiting) == (Status.CLAIMED, Urgency.URGENT, False)
    assert (handle.due_at, handle.paused_at) == (urgent.due_at, None)
    assert await town.told("tell.danger") == [COMMUNITYS_DESK]
    assert LI in await town.told("tell.resumed")


async def test_a_danger_told_of_what_is_called_done_is_read_at_the_desk(town: Village) -> None:
    case = await town.resolves(await town.claims(await town.files()))

    heard = await _hears(town, case)

    assert (heard.status, heard.urgency) == (Status.AWAITING_RATING, Urgency.URGENT)
    assert await town.told("tell.danger") == [COMMUNITYS_DESK]


async def test_a_danger_ends_a_suspension_of_what_nobody_has_answered_with_the_time_of_what_is_urgent(
    town: Village,
) -> None:
    case = await town.files()
    await town.moves(case, Suspended, CHEN, until=town.now + timedelta(days=10))
    await town.passes(days=2)

    urgent = await _hears(town, case)

    respond = (await town.timers(case))[TimerKind.RESPOND]
    assert (urgent.status, urgent.respond_due_at) == (Status.OFFERED, town.now + timedelta(minutes=30))
    assert (respond.due_at, respond.paused_at) == (urgent.respond_due_at, None)
