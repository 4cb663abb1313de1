"""What a desk has before it: its own cases, what waits for its word, and what is late below, however many there are."""

from datetime import datetime
from pathlib import Path

import pytest

from routing import boards
from routing.boards import Board
from routing.events import Escalated, ExtensionAsked
from routing.model import UnitCode, Urgency
from storage.stores import Stores
from tests.routing.village import CHEN, COMMUNITY, LI, STREET, Village, village


async def board(town: Village, unit: UnitCode = COMMUNITY) -> Board:
    """What that desk has before it now."""
    now: datetime = town.now
    return await town.store.read(lambda stores: _desk(stores, unit, now))


def _desk(stores: Stores, unit: UnitCode, now: datetime) -> Board:
    return boards.desk(stores, unit, now, 0)


async def test_many_urgent_cases_below_push_nothing_off_the_desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST", 3)
    async with village(tmp_path) as town:
        own = await town.moves(await town.claims(await town.files()), Escalated, LI)
        asked = await town.moves(await town.claims(await town.files()), ExtensionAsked, LI)
        for _ in range(5):
            await town.files(urgency=Urgency.URGENT)

        shown = await board(town)

    assert {case.id for case in shown.cases} == {own.id, asked.id}
    assert (shown.offered, shown.judging, shown.late) == (1, 1, 0)


async def test_what_is_late_below_stands_on_the_desk(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        late = await town.files(urgency=Urgency.URGENT)
        await town.files()
        assert (await board(town)).cases == ()
        await town.passes(hours=25)

        shown = await board(town)

    assert [case.id for case in shown.cases] == [late.id]
    assert shown.late == 1


async def test_a_reply_waits_at_the_desk_that_the_policy_names_for_the_review(tmp_path: Path) -> None:
    async with village(tmp_path, review_required=True, review_at="street") as town:
        reply = await town.resolves(await town.claims(await town.files()))

        above, between = await board(town, STREET), await board(town)

    assert [case.id for case in above.cases] == [reply.id]
    assert (above.judging, between.judging) == (1, 0)


async def test_what_waits_for_somebodys_word_is_theirs_to_do_and_nobody_elses(tmp_path: Path) -> None:
    async with village(tmp_path, review_required=True, review_at="community") as town:
        reply = await town.resolves(await town.claims(await town.files()))
        asked = await town.moves(await town.claims(await town.files()), ExtensionAsked, LI)

        leader, worker = await _owed(town, CHEN), await _owed(town, LI)

        assert {case.id for case in leader.cases} == {reply.id, asked.id}
        assert (leader.judging, leader.held, worker.judging) == (2, 0, 0)


async def test_who_decides_is_told_when_there_is_more_than_the_list_looks_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST", 2)
    async with village(tmp_path, review_required=True, review_at="street") as town:
        for _ in range(2):
            await town.resolves(await town.claims(await town.files()))

        leader = await _owed(town, CHEN)

        assert (leader.cases, leader.full) == ((), True)  # what the street reviews is looked at, too


async def _owed(town: Village, whose: int) -> Board:
    owed: Board = await town.work(boards.todo, town.people[whose], town.now, 0)
    return owed
