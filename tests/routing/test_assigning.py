"""兜底: what nobody takes in time is given to the next in line, who may give it back; the level above learns who."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from routing import refusals
from routing.checked import BadPolicy
from routing.events import Assigned, Claimed, Noted, NoteKind, Released
from routing.model import Appointment, Case, Post, Status, TimerKind
from routing.policy import Policy
from routing.ports import UnitOfWork
from routing.records import Shift
from tests.routing.test_in_line import ORDER
from tests.routing.village import CHEN, GRID, LI, SUN, WANG, ZHANG, Village, village


@asynccontextmanager
async def _town(folder: Path, private: Sequence[int] = (WANG, LI, ZHANG, CHEN, SUN)) -> AsyncIterator[Village]:
    """In the grid Li is the worker and Zhang the dispatcher; Chen leads the community."""
    async with village(folder, private=private, contacts=replace(ORDER, assign=True)) as opened:
        await opened.work(_staff, opened)
        yield opened


def _staff(uow: UnitOfWork, town: Village) -> None:
    for one in {one.person for one in uow.people.staff_of(GRID)}:
        uow.people.dismiss(one, GRID)
    for number, post in ((LI, Post.WORKER), (ZHANG, Post.DISPATCHER)):
        uow.people.appoint(Appointment(town.people[number], GRID, post, post.value))


async def _given(town: Village, case: Case) -> list[int]:
    """Telegram ids of those to whom the clock gave it, oldest first."""
    numbers = {person: number for number, person in town.people.items()}
    entries = await town.store.read(lambda stores: stores.log.of(case.id))
    return [numbers[one.event.to] for one in entries if isinstance(one.event, Assigned)]


async def test_what_nobody_takes_is_given_to_the_first_in_line_and_after_a_silence_to_the_next(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        case = await town.files()
        await town.passes(hours=3.9)
        assert (await town.case(case)).holder is None
        await town.passes(hours=0.2)

        held = await town.case(case)
        assert (held.status, held.holder, held.pending) == (Status.CLAIMED, town.people[LI], True)
        assert await town.told("tell.assigned") == [LI]
        assert await town.told("tell.assigned_above") == [-201]
        entry = (await town.store.read(lambda stores: stores.log.of(case.id)))[-1]
        assert isinstance(entry.event, Assigned)
        assert (entry.event.by, entry.event.rule, entry.event.policy) == (None, "backstop", held.policy)

        for _ in range(60):
            await town.passes(hours=1)
        assert await _given(town, case) == [LI, ZHANG]


async def test_whoever_accepts_answers_the_resident_and_keeps_it(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        case = await town.files()
        await town.passes(hours=4.1)
        assert TimerKind.RESPOND in await town.timers(case), "a machine's deed does not stop the response clock"
        with pytest.raises(refusals.AlreadyClaimed):
            await town.claims(case, ZHANG)
        taken = await town.claims(case, LI)

        assert (taken.responded_at, taken.pending) == (town.now, False)
        assert TimerKind.RESPOND not in await town.timers(case)
        with pytest.raises(refusals.AlreadyDone):
            await town.claims(case, LI)


async def test_what_colleagues_note_for_one_another_answers_nobody(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        case = await town.files()
        noted = await town.moves(case, Noted, ZHANG, kind=NoteKind.NOTE)
        assert (noted.responded_at, noted.due_at) == (None, case.due_at)
        await town.passes(hours=4.1)
        assert (await town.case(case)).holder == town.people[LI], "a note has not taken it"

        pending = await town.moves(case, Noted, ZHANG, kind=NoteKind.NOTE)
        assert pending.pending
        assert not (await town.moves(case, Noted, LI, kind=NoteKind.NOTE)).pending


async def test_who_gives_it_back_is_not_given_it_again(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        case = await town.files()
        await town.passes(hours=4.1)
        freed = await town.moves(case, Released, LI)
        assert freed.status is Status.OFFERED
        await town.passes(hours=4.1)
        assert (await town.case(case)).holder == town.people[ZHANG]
        await town.moves(case, Noted, ZHANG, kind=NoteKind.NOTE)
        assert not (await town.case(case)).pending
        await town.moves(case, Released, ZHANG)
        for _ in range(12):
            await town.passes(hours=2)

        assert await _given(town, case) == [LI, ZHANG], "the line has come to its end; the warnings go on"
        assert (await town.case(case)).status is Status.OFFERED


async def test_whom_it_is_about_and_who_cannot_be_reached_are_passed_over(tmp_path: Path) -> None:
    async with _town(tmp_path, private=(WANG, ZHANG, CHEN)) as town:
        case = await town.files()
        own = await town.files(accused_people=(town.people[ZHANG],))
        await town.passes(hours=4.1)

        assert await _given(town, case) == [ZHANG]
        assert await _given(town, own) == []


async def test_at_night_whoever_is_on_duty_comes_first(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        town.now = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)  # 22:00 in the village
        shift = Shift(GRID, town.people[ZHANG], town.now - timedelta(hours=1), town.now + timedelta(hours=9), None)
        await town.work(lambda uow: uow.shifts.put(shift))
        case = await town.files()
        await town.passes(hours=4.1)

        assert await _given(town, case) == [ZHANG]


async def test_where_the_policy_does_not_say_so_nobody_is_given_a_case(tmp_path: Path) -> None:
    async with village(tmp_path, contacts=ORDER) as town:
        case = await town.files()
        await town.passes(hours=9)

        assert await _given(town, case) == []
        await town.moves(case, Claimed, LI)


def test_an_order_in_which_nobody_may_take_a_case_is_refused(tmp_path: Path) -> None:
    text = Path("routing/policies/shinan.toml").read_text("utf-8")
    bad = tmp_path / "bad.toml"
    bad.write_text(text.replace('order = ["worker", "dispatcher", "leader"]', 'order = ["observer"]'), "utf-8")

    with pytest.raises(BadPolicy, match=r"contacts\.assign"):
        Policy.load(str(bad))
