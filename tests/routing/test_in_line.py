"""1+1+1: a reminder goes to the contact whose turn it is, and past whoever can't be reached."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from bot.checks.town import Town, contacts
from routing.events import Noted, NoteKind
from routing.in_line import Contacts
from routing.model import Appointment, PersonId, Post, Unit, UnitCode, UnitKind
from routing.policy import Policy
from routing.ports import UnitOfWork
from tests.routing.village import CHEN, GRID, LI, SUN, WANG, ZHANG, Village, village

ORDER = Contacts((Post.WORKER, Post.DISPATCHER, Post.LEADER), frozenset({"grid"}))


@asynccontextmanager
async def _town(folder: Path, private: Sequence[int] = (WANG, LI, ZHANG, CHEN, SUN)) -> AsyncIterator[Village]:
    """In the grid Li is the worker, Zhang the dispatcher, and Chen, who leads the community, its leader."""
    async with village(folder, private=private, contacts=ORDER) as opened:
        await opened.work(_staff, opened)
        yield opened


def _staff(uow: UnitOfWork, town: Village) -> None:
    for one in {one.person for one in uow.people.staff_of(GRID)}:
        uow.people.dismiss(one, GRID)
    for number, post in ((LI, Post.WORKER), (ZHANG, Post.DISPATCHER), (CHEN, Post.LEADER)):
        uow.people.appoint(Appointment(town.people[number], GRID, post, post.value))


async def test_the_first_reminder_is_for_the_first_in_line_and_the_second_for_the_next(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        await town.files()
        await town.passes(hours=2)
        assert await town.told("tell.respond_reminder") == [LI]
        await town.passes(hours=1.2)
        assert await town.told("tell.respond_reminder") == [LI, ZHANG]
        await town.passes(hours=0.8)

        assert sorted(await town.told("tell.respond_overdue")) == [LI, ZHANG, CHEN]


async def test_who_never_started_the_bot_is_passed_over_for_the_next_in_line(tmp_path: Path) -> None:
    async with _town(tmp_path, private=(WANG, CHEN)) as town:
        await town.files()
        await town.passes(hours=2)

        assert await town.told("tell.respond_reminder") == [CHEN]


async def test_whom_a_case_is_about_has_no_turn(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        await town.files(accused_people=(town.people[LI],))
        await town.passes(hours=2)

        assert await town.told("tell.respond_reminder") == [ZHANG]


async def test_the_holder_is_reminded_every_time_and_the_next_in_line_from_the_second_on(tmp_path: Path) -> None:
    async with _town(tmp_path) as town:
        case = await town.files()
        await town.claims(case)
        await town.passes(hours=20)
        await town.moves(case, Noted, LI, kind=NoteKind.NOTE)
        await town.passes(hours=5)
        assert await town.told("tell.reminder") == [LI]
        await town.passes(hours=14)

        assert await town.told("tell.reminder") == [LI, LI, ZHANG]
        await town.moves(case, Noted, LI, kind=NoteKind.NOTE)
        await town.passes(hours=10)
        assert sorted(await town.told("tell.overdue")) == [LI, ZHANG, CHEN], "the deadline is everybody's"


def test_in_shinan_there_is_a_reminder_for_each_of_the_three_contacts() -> None:
    shinan = Policy.load("shinan")

    assert len(shinan.reminder_parts) == len(shinan.contacts.order) == 3


def test_doctor_names_the_units_that_lack_a_contact() -> None:
    grid = Unit(UnitCode("g1"), "Spring One", "grid", None, UnitKind.BASIC)
    staff = [Appointment(PersonId(1), grid.code, Post.WORKER, "Li")]

    (item,) = contacts(Town(None, [grid], staff, contacts=ORDER)).items  # type: ignore[arg-type]  # no time is looked at
    assert item == "Spring One (g1): dispatcher, leader"
    assert not contacts(Town(None, [grid], staff)).items  # type: ignore[arg-type]  # likewise
