"""需要帮助: one case at a time for each home, and another one when the first is over and help is needed again."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from broadcasts import answering
from broadcasts.answering import Plea
from broadcasts.model import BroadcastId
from routing.events import Merged, Withdrawn
from routing.model import Case, CaseId, ChatId
from storage.stores import Stores
from tests.broadcasts.pressing import chasing
from tests.routing.village import CHEN, LI, WANG, Village

pytestmark = pytest.mark.usefixtures("engine")


async def _presses(town: Village, asked: tuple[BroadcastId, ChatId]) -> Plea:
    return await town.work(answering.need_help, asked[0], town.people[WANG], asked[1], "help", town.now)


async def _counted(town: Village, broadcast: BroadcastId) -> tuple[int, list[CaseId]]:
    def look(uow: Stores) -> tuple[int, list[CaseId]]:
        return uow.targets.figures(broadcast).helps, list(uow.receipts.helps(broadcast))

    return await town.store.read(look)


async def _withdrawn(town: Village, case: Case) -> None:
    await town.moves(case, Withdrawn, WANG)


async def _resolved(town: Village, case: Case) -> None:
    await town.resolves(await town.claims(case, LI), LI)


@pytest.mark.parametrize("ends", [_withdrawn, _resolved])
async def test_who_needs_help_again_gets_another_case(
    town: Village, ends: Callable[[Village, Case], Awaitable[None]]
) -> None:
    asked = await town.work(chasing)
    first = await _presses(town, asked)
    assert not (await _presses(town, asked)).fresh
    await ends(town, first.case)
    town.now += timedelta(hours=3)
    again = await _presses(town, asked)

    assert again.fresh
    assert again.case.id != first.case.id
    assert not (await _presses(town, asked)).fresh
    assert await _counted(town, asked[0]) == (2, [first.case.id, again.case.id])


async def test_what_was_merged_is_being_handled_where_it_went(town: Village) -> None:
    asked = await town.work(chasing)
    first, other = await _presses(town, asked), await town.files()
    await town.moves(first.case, Merged, CHEN, into=other.id)
    again = await _presses(town, asked)

    assert (again.fresh, again.case.id) == (False, other.id)
