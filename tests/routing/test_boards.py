"""What a desk has before it: its own cases, what waits for its word, and what is late below, however many there are."""

from datetime import datetime
from pathlib import Path

import pytest

from routing import boards
from routing.boards import Board
from routing.events import Escalated, ExtensionAsked
from routing.model import Urgency
from storage.stores import Stores
from tests.routing.village import COMMUNITY, LI, Village, village


async def board(town: Village) -> Board:
    """The community's desk, now."""
    now: datetime = town.now
    return await town.store.read(lambda stores: _desk(stores, now))


def _desk(stores: Stores, now: datetime) -> Board:
    return boards.desk(stores, COMMUNITY, now, 0)


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
