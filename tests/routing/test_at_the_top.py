"""At the top nobody is above: what a unit did there its own people judge, and somebody always can."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from routing import boards, hierarchy
from routing.casework import Saying
from routing.events import Approved, Noted, NoteKind, Released, SentBack, Withdrawn
from routing.model import Appointment, Case, PersonId, Post, Rating, Status, UnitCode
from routing.ports import UnitOfWork
from routing.refusals import NotNow, NotYours, PraiseFromAbove
from storage.audit import findings
from storage.stores import Stores
from tests.routing.village import CHEN, COMMUNITY, LI, SUN, WANG, Village, village

CITY, HE, SONG, BAO = UnitCode("370001"), 1021, 1091, 1092
"""The city of the sample town, its only leader, and two people whom some stories appoint there."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path, private=(WANG, LI, HE, SONG, BAO)) as made:
        made.people = {**made.people, **await made.work(_met)}
        yield made
        assert await made.store.read(lambda stores: list(findings(stores, made.now))) == []


def _met(uow: UnitOfWork) -> dict[int, PersonId]:
    return {number: uow.people.meet(number, f"person {number}", None).id for number in (HE, SONG, BAO)}


async def _appointed(town: Village, number: int, post: Post, unit: UnitCode = CITY) -> None:
    def appoint(uow: UnitOfWork) -> None:
        uow.people.appoint(Appointment(town.people[number], unit, post, f"person {number}"))

    await town.work(appoint)


async def _judged(town: Village) -> Case:
    """A case that went up to the city, whose reporter is not satisfied with what the city did, twice."""
    case = await town.files()
    for holder in (LI, CHEN, SUN):
        await town.claims(case, holder)
        await town.work(hierarchy.escalate, case.id, town.people[holder], Saying("too big"), town.now)
    for _ in range(2):
        await town.claims(case, HE)
        await town.resolves(case, HE)
        case = await town.rates(case, Rating.NOT_SATISFIED)
    assert (case.status, case.unit, case.judged) == (Status.IN_REVIEW, CITY, True)
    return case


async def _shown(town: Village, case: Case) -> list[int]:
    """Telegram ids of the chats that were promised the card of that moment."""

    def question(stores: Stores) -> list[int]:
        rows = stores.connection.exec_driver_sql("SELECT chat, key FROM outbox WHERE view = 'card'")
        wanted = f"case:{case.id}:{case.version}:"
        return [stores.chats.get(chat).telegram_id for chat, key in rows if str(key).startswith(wanted)]

    return await town.store.read(question)


async def test_the_only_leader_of_the_top_judges_where_there_is_no_reviewer(town: Village) -> None:
    case = await _judged(town)
    assert await town.told("tell.judge") == [HE]
    assert HE in await _shown(town, case)

    over = await town.moves(case, Approved, HE)

    assert (over.status, over.rating_final) == (Status.ARCHIVED, Rating.NOT_SATISFIED)
    assert await town.told("tell.judged_stands") == [WANG]


async def test_another_leader_of_the_top_judges_instead_of_the_holder(town: Village) -> None:
    await _appointed(town, SONG, Post.LEADER)
    case = await _judged(town)

    assert await town.told("tell.judge") == [SONG]
    assert SONG in await _shown(town, case)
    for deed in (Approved, SentBack):
        with pytest.raises(NotYours):
            await town.moves(case, deed, HE)
    with pytest.raises(NotNow):
        await town.moves(case, Withdrawn, WANG)
    assert (await town.work(boards.desk, CITY, town.now, 0, boards.Only.JUDGING)).cases == (case,)
    again = await town.moves(case, SentBack, SONG)

    assert (again.status, again.unit, again.holder) == (Status.OFFERED, CITY, None)


async def test_where_the_top_has_a_reviewer_its_leaders_do_not_judge(town: Village) -> None:
    await _appointed(town, SONG, Post.LEADER)
    await _appointed(town, BAO, Post.REVIEWER)
    case = await _judged(town)

    assert await town.told("tell.judge") == [BAO]
    for leader in (HE, SONG):
        with pytest.raises(NotYours):
            await town.moves(case, Approved, leader)
    assert (await town.moves(case, Approved, BAO)).status is Status.ARCHIVED


async def test_nobody_stands_in_where_a_level_is_above(town: Village) -> None:
    await _appointed(town, SONG, Post.LEADER, COMMUNITY)
    case = await town.rates(await town.resolves(await town.claims(await town.files())), Rating.NOT_SATISFIED)
    await town.claims(case, CHEN)
    case = await town.rates(await town.resolves(case, CHEN), Rating.NOT_SATISFIED)

    assert (case.status, case.unit) == (Status.IN_REVIEW, COMMUNITY)
    with pytest.raises(NotYours):
        await town.moves(case, Approved, SONG)


async def test_a_leader_who_never_held_it_takes_it_for_praise(town: Village) -> None:
    case = await town.files(matter="L02", kind="complaint")
    for holder in (LI, CHEN, SUN):
        await town.claims(case, holder)
        await town.work(hierarchy.escalate, case.id, town.people[holder], Saying("too big"), town.now)
    await town.claims(case, HE)
    await _appointed(town, SONG, Post.DISPATCHER)
    await _appointed(town, BAO, Post.LEADER)
    for by in (HE, SONG):
        with pytest.raises(PraiseFromAbove):
            await town.moves(case, Noted, by, kind=NoteKind.CORRECTION, matter="L92")
    await town.moves(case, Released, HE)
    with pytest.raises(PraiseFromAbove):
        await town.moves(case, Noted, HE, kind=NoteKind.CORRECTION, matter="L92")

    assert (await town.moves(case, Noted, BAO, kind=NoteKind.CORRECTION, matter="L92")).kind == "praise"
