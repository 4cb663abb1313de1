"""回避: whom a case is about never has it, rules on it, hears of it or reads it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import accusing, boards, casework, conflicts, hierarchy, refusals, rights
from routing.events import Claimed, Dispatched, Released
from routing.filing import Report, file_report
from routing.model import Case, ChatKind, Status, UnitCode
from routing.ports import UnitOfWork
from storage.stores import Stores
from tests.routing.village import CHEN, COMMUNITY, GRID, LI, STREET, SUN, WANG, ZHANG, Village, village
from tests.routing.world import UNITS, FakeTree, fresh

CITY = UnitCode("370001")
WARDENS = UnitCode("370001001901")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as one:
        yield one


async def _tips_off(town: Village, text: str) -> Case:
    def tell(uow: UnitOfWork) -> Case:
        chat = uow.chats.private(town.people[WANG])
        assert chat is not None
        report = Report(
            person=town.people[WANG], grid=GRID, at=town.now, text=text, chat=chat.id, message_id=77, kind="tip_off"
        )
        return file_report(uow, report)

    return await town.work(tell)


async def _marks(town: Village, case: Case, unit: UnitCode, by: int = SUN, *, accused: bool = True) -> Case:
    return await town.work(accusing.mark_unit, case.id, town.people[by], unit, town.now, accused=accused)


async def test_whom_a_tip_off_names_does_not_get_it(town: Village) -> None:
    case = await _tips_off(town, "示范街道收钱不办事，举报")

    assert case.accused == (STREET,)
    assert (case.unit, case.rule.split(" > ")[1]) == (CITY, f"policy:tip-off, conflict:{STREET}")


@pytest.mark.parametrize(
    ("text", "accused"),
    [
        ("春风社区书记收红包", (COMMUNITY,)),
        ("村干部吃拿卡要", (COMMUNITY,)),
        ("网格员上门推销", (GRID,)),
        ("示范执法中队乱罚款", (WARDENS,)),
        ("样例市收钱", ()),
        ("隔壁超市卖过期食品", ()),
    ],
)
async def test_units_are_known_by_their_names_and_by_what_people_call_them(
    town: Village, text: str, accused: tuple[UnitCode, ...]
) -> None:
    assert (await _tips_off(town, text)).accused == accused


async def test_a_worker_who_is_named_is_asked_nothing(town: Village) -> None:
    case = await _tips_off(town, "举报李安收红包")
    assert case.accused_people == (town.people[LI],)
    given = await town.moves(case, Dispatched, SUN, to=GRID, rule="person:dispatch", policy="default")
    with pytest.raises(refusals.NotYours):
        await town.claims(given, LI)

    assert (await town.claims(given, ZHANG)).holder == town.people[ZHANG]


async def test_nobody_can_give_it_to_the_accused_or_below_them(town: Village) -> None:
    case = await _tips_off(town, "春风社区书记收红包")
    for unit in (COMMUNITY, GRID):
        with pytest.raises(refusals.ConflictOfInterest):
            await town.work(casework.dispatch, case.id, town.people[SUN], unit, town.now)
    assert (await town.case(case)).unit == STREET


async def test_it_climbs_past_the_accused(town: Village) -> None:
    case = await town.claims(await town.files())
    await _marks(town, case, COMMUNITY, by=SUN)
    assert (await town.case(case)).unit == STREET
    other = await town.files()
    marked = await _marks(town, other, STREET, by=SUN)
    assert (marked.unit, marked.status) == (CITY, Status.OFFERED)
    assert marked.rule == f"conflict:{GRID}"


async def test_marking_the_holder_gives_it_back_to_the_colleagues(town: Village) -> None:
    case = await town.claims(await town.files())
    marked = await town.work(accusing.mark_person, case.id, town.people[CHEN], town.people[LI], town.now, accused=True)

    assert (marked.unit, marked.status, marked.holder) == (GRID, Status.OFFERED, None)
    assert Released.__name__ in await town.events(case)
    with pytest.raises(refusals.NotYours):
        await town.moves(case, Claimed, LI)


async def test_somebody_must_be_left(town: Village) -> None:
    case = await town.files()
    with pytest.raises(refusals.NobodyClear):
        await _marks(town, case, CITY)
    with pytest.raises(refusals.AlreadyDone):
        await _marks(town, case, COMMUNITY, accused=False)
    with pytest.raises(refusals.ConflictOfInterest):
        await _marks(town, case, UnitCode("nowhere"))


async def test_the_accused_see_nothing_of_it_and_can_take_nothing_back(town: Village) -> None:
    case = await _tips_off(town, "春风社区书记收红包")
    chen = town.people[CHEN]

    def seen(stores: Stores) -> tuple[bool, bool, list[UnitCode]]:
        desk = stores.chats.of_unit(COMMUNITY, ChatKind.DESK)
        assert desk is not None
        listed = boards.desk(stores, COMMUNITY, town.now, 0).cases
        return (
            rights.sees(stores, chen, case),
            boards.visible(stores, case, chen, desk.id),
            [one.unit for one in listed],
        )

    assert await town.store.read(seen) == (False, False, [])
    with pytest.raises(refusals.NotYours):
        await _marks(town, case, COMMUNITY, by=CHEN, accused=False)
    assert -201 not in await town.told("tell.offered")


async def test_what_is_late_is_told_above_the_accused(town: Village) -> None:
    case = await town.files()
    await _marks(town, case, COMMUNITY, by=SUN)
    await town.passes(days=9)

    assert -201 not in await town.told("tell.overdue_above")
    assert -201 not in await town.told("tell.respond_overdue_above")


async def test_a_proposal_and_a_choice_leave_the_accused_out(town: Village) -> None:
    case = await town.files()

    def offered(stores: Stores) -> set[UnitCode]:
        marked = replace(case, accused=(WARDENS, COMMUNITY), unit=STREET)
        return {unit.code for unit in (*hierarchy.proposable(stores, marked), *hierarchy.siblings(stores, marked))}

    assert not {COMMUNITY, WARDENS} & await town.store.read(offered)


@given(st.sets(st.sampled_from(sorted(UNITS))), st.sampled_from(sorted(UNITS)))
def test_the_clear_tree_never_shows_the_accused(accused: set[UnitCode], unit: UnitCode) -> None:
    tree = conflicts.clear(FakeTree(), accused)
    above = tree.above(unit)
    shown = [*tree.path(unit), *([above] if above else [])]

    assert not {one.code for one in shown} & accused
    assert all(not conflicts.barred(FakeTree(), replace(fresh(), accused=tuple(accused)), one.code) for one in shown)
    assert conflicts.clear(tree, ()).path(unit) == FakeTree().path(unit)
