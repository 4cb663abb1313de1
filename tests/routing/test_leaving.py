"""Staff who leave: what they worked on is handed over first, and everything else goes on without them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.sample.town import tables
from routing import boards, laws
from routing.events import Approved, Noted, NoteKind, Resumed, SentBack, Suspended
from routing.loading import BadTown, Loaded
from routing.model import Appointment, Case, Post, Rating, Status, TimerKind, UnitCode
from routing.ports import UnitOfWork
from routing.town import load
from storage.audit import findings
from tests.routing.village import BOT, CHEN, COMMUNITY, GRID, LI, SUN, ZHANG, Village, village


@asynccontextmanager
async def _town(folder: Path, **changes: Any) -> AsyncIterator[Village]:
    """A village whose laws all hold at the end of the story."""
    async with village(folder, **changes) as town:
        yield town
        assert await town.store.read(lambda stores: list(findings(stores, town.now))) == []


async def _leaves(town: Village, who: int = LI) -> Loaded:
    """The next staff table does not have them any more."""
    staff = next(sheet for sheet in tables() if sheet.kind == "staff")
    rest = tuple(row for row in staff.rows if row.cells["telegram_id"] != str(who))
    return await town.work(load, [replace(staff, rows=rest)], bot=BOT, replace_staff=True)


async def test_what_somebody_works_on_is_handed_over_before_they_leave(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        await town.claims(await town.files())

        with pytest.raises(BadTown, match="still holds #1; hand over first"):
            await _leaves(town)


@pytest.mark.parametrize("by", [None, CHEN])
async def test_a_suspended_case_of_somebody_who_left_comes_back_to_their_unit(tmp_path: Path, by: int | None) -> None:
    async with _town(tmp_path) as town:
        case = await town.claims(await town.files())
        await town.moves(case, Noted, LI, kind=NoteKind.QUESTION)
        await town.moves(case, Suspended, CHEN, until=town.now + timedelta(days=7))
        await town.moves(case, Noted, LI, kind=NoteKind.QUESTION)
        assert (await _leaves(town)).dismissed == 1

        if by is None:
            await town.passes(days=7)
        else:
            await town.moves(case, Resumed, by)

        back = await town.case(case)
        clocks = await town.timers(case)
        assert (back.status, back.holder, back.waiting) == (Status.OFFERED, None, False)
        assert await town.told("tell.resumed") == [ZHANG]
        assert clocks.keys() == {TimerKind.HANDLE, TimerKind.RESPOND}
        assert list(laws.unwatched(back, list(clocks.values()))) == []
        assert clocks[TimerKind.HANDLE].due_at == back.due_at
        assert (await town.resolves(await town.claims(case, ZHANG), ZHANG)).status is Status.AWAITING_RATING


async def test_what_somebody_resolved_is_reviewed_and_rated_after_they_left(tmp_path: Path) -> None:
    async with _town(tmp_path, review_required=True) as town:
        case = await town.resolves(await town.claims(await town.files()))
        assert case.status is Status.IN_REVIEW
        await _leaves(town)

        await town.moves(case, Approved, CHEN)
        over = await town.rates(case, Rating.SATISFIED)

        assert over.status is Status.ARCHIVED
        assert await town.told("tell.rated") == [ZHANG]


async def test_what_is_sent_back_after_somebody_left_is_offered_to_their_colleagues(tmp_path: Path) -> None:
    async with _town(tmp_path, review_required=True) as town:
        case = await town.resolves(await town.claims(await town.files()))
        await _leaves(town)

        back = await town.moves(case, SentBack, CHEN)

        assert (back.status, back.unit, back.holder) == (Status.OFFERED, GRID, None)
        assert await town.told("tell.sent_back") == [ZHANG]
        assert (await town.claims(case, ZHANG)).status is Status.CLAIMED


async def test_what_did_not_satisfy_starts_again_and_is_judged_after_its_handlers_left(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        case = await town.resolves(await town.claims(await town.files()))
        await _leaves(town)
        case = await town.rates(case, Rating.NOT_SATISFIED)
        assert (case.status, case.unit, case.reopened) == (Status.OFFERED, COMMUNITY, 1)
        await town.resolves(await town.claims(case, CHEN), CHEN)
        await _leaves(town, CHEN)

        case = await town.rates(case, Rating.NOT_SATISFIED)

        assert (case.status, case.judged) == (Status.IN_REVIEW, True)
        assert (await town.moves(case, Approved, SUN)).status is Status.ARCHIVED


async def test_what_nobody_rates_is_archived_after_its_handler_left(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        case = await town.resolves(await town.claims(await town.files()))
        await _leaves(town)

        for _ in range(8):
            await town.passes(days=1)

        assert (await town.case(case)).status is Status.ARCHIVED


async def test_who_serves_elsewhere_now_owes_nothing_of_their_old_unit(tmp_path: Path) -> None:
    def move(uow: UnitOfWork) -> None:
        uow.people.appoint(Appointment(town.people[LI], UnitCode("370001001001002"), Post.WORKER, "李安"))
        uow.people.dismiss(town.people[LI], GRID)

    async with _town(tmp_path, review_required=True) as town:
        case: Case = await town.resolves(await town.claims(await town.files()))
        assert (await town.work(boards.todo, town.people[LI], town.now, 0)).cases == (case,)

        await town.work(move)

        assert (await town.work(boards.todo, town.people[LI], town.now, 0)).cases == ()
