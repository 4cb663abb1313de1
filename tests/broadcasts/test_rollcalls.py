"""Roll-calls: missing = roster minus answers, exactly, at any moment; then the answers are destroyed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts import refusals, rollcalls
from broadcasts.plan_model import UNANSWERED, RollCall, Seat
from routing import refusals as general
from routing.model import Household, PersonId
from storage.stores import Stores
from tests.routing.village import GRID, LI, MONDAY, SUN, WANG, ZHOU, Village, village

FORM = "停水摸排 30\n存水够吗？\n几口人？|1/2/3/4/5以上"
YES_NO = ("是", "否")


def call(stores: Stores, by: PersonId, text: str = FORM) -> RollCall:
    chat = stores.chats.private(by)
    assert chat is not None
    return rollcalls.call(stores, by, chat.id, GRID, rollcalls.read(text, YES_NO), MONDAY)


def _eighty_five(stores: Stores) -> None:
    """Fill the grid up to 85 households."""
    for number in range(85 - len(stores.people.households_in(GRID))):
        stores.people.put_household(Household(f"x{number}", GRID, "9号楼", "1单元", str(number), f"XX{number:06}"))


async def shown(here: Village, rollcall: RollCall) -> rollcalls.Count:
    return await here.store.read(lambda stores: rollcalls.count(stores, rollcall))


async def missing(here: Village, rollcall: RollCall) -> list[Seat]:
    return list(await here.store.read(lambda stores: rollcalls.missing(stores, rollcall, GRID)))


async def now_of(here: Village, rollcall: RollCall) -> RollCall:
    found = await here.store.read(lambda stores: stores.rollcalls.find(rollcall.id))
    assert found is not None
    return found


async def test_eighty_five_households_in_thirty_minutes_and_the_missing_list_right_each_minute(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        await here.work(_eighty_five)
        rollcall = await here.work(call, here.people[LI])
        roster = {seat.household for seat in await missing(here, rollcall)}
        answered: set[str] = set()
        assert len(roster) == 85
        for minute in range(1, 30):
            at = MONDAY + timedelta(minutes=minute)
            for seat in (await missing(here, rollcall))[:3]:
                for question in (0, 1):
                    await here.work(rollcalls.answer_for, rollcall.id, seat.seat, here.people[LI], question, 0, at)
                answered.add(seat.household)
            await here.work(rollcalls.sweep, at)
            assert {seat.household for seat in await missing(here, rollcall)} == roster - answered
            count = await shown(here, rollcall)
            assert count.answered + count.missing == count.households == 85

        assert await missing(here, rollcall) == []
        assert (await now_of(here, rollcall)).closed_at == MONDAY + timedelta(minutes=29)
        assert (await shown(here, rollcall)).sums == ((85, 0), (85, 0, 0, 0, 0))


async def test_a_household_counts_once_and_may_think_again(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        rollcall = await here.work(call, here.people[SUN])
        await here.work(rollcalls.answer, rollcall.id, here.people[WANG], 0, 0, MONDAY)
        assert (await shown(here, rollcall)).answered == 0
        await here.work(rollcalls.answer, rollcall.id, here.people[WANG], 1, 2, MONDAY)
        await here.work(rollcalls.answer, rollcall.id, here.people[WANG], 1, 3, MONDAY)
        with pytest.raises(general.AlreadyDone):
            await here.work(rollcalls.answer, rollcall.id, here.people[WANG], 1, 3, MONDAY)

        count = await shown(here, rollcall)
        assert (count.answered, count.sums) == (1, ((1, 0), (0, 0, 0, 1, 0)))


async def test_a_runner_does_not_overrule_the_household_and_the_household_does(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        rollcall = await here.work(call, here.people[SUN], "停水摸排 30\n存水够吗？")
        _, seat = await here.work(rollcalls.answer, rollcall.id, here.people[WANG], 0, 0, MONDAY)
        with pytest.raises(general.AlreadyDone):
            await here.work(rollcalls.answer_for, rollcall.id, seat.seat, here.people[LI], 0, 1, MONDAY)
        others = await missing(here, rollcall)
        home = await here.store.read(lambda stores: stores.people.household_of(here.people[ZHOU]))
        assert home is not None
        theirs = next(one for one in others if one.household == home.code)
        await here.work(rollcalls.answer_for, rollcall.id, theirs.seat, here.people[LI], 0, 1, MONDAY)
        assert (await shown(here, rollcall)).by_runner == 1
        await here.work(rollcalls.answer, rollcall.id, here.people[ZHOU], 0, 0, MONDAY)

        assert (await shown(here, rollcall)).by_runner == 0


async def test_who_has_no_post_there_runs_for_nobody_and_strangers_are_on_no_roster(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        rollcall = await here.work(call, here.people[SUN])
        with pytest.raises(general.NotYours):
            await here.work(rollcalls.answer_for, rollcall.id, 1, here.people[WANG], 0, 0, MONDAY)
        with pytest.raises(refusals.NotOnRoster):
            await here.work(rollcalls.answer, rollcall.id, here.people[LI], 0, 0, MONDAY)
        with pytest.raises(general.NotYours):
            await here.work(call, here.people[WANG])


async def test_it_closes_at_its_time_and_thirty_days_later_nothing_of_it_is_left(tmp_path: Path) -> None:
    async with village(tmp_path) as here:
        rollcall = await here.work(call, here.people[SUN])
        await here.work(rollcalls.answer, rollcall.id, here.people[WANG], 0, 0, MONDAY)
        for minutes in (12, 21, 30):
            assert await here.work(rollcalls.sweep, MONDAY + timedelta(minutes=minutes)) == 1
        with pytest.raises(refusals.RollCallOver):
            await here.work(rollcalls.answer, rollcall.id, here.people[WANG], 1, 0, MONDAY)
        closed = await now_of(here, rollcall)
        assert closed.purge_at == MONDAY + timedelta(minutes=30, days=30)
        await here.work(rollcalls.sweep, MONDAY + timedelta(days=29))
        assert len(await missing(here, rollcall)) == 24
        await here.work(rollcalls.sweep, MONDAY + timedelta(days=31))

        assert await missing(here, rollcall) == []
        assert await here.work(rollcalls.sweep, MONDAY + timedelta(days=99)) == 0


@pytest.mark.parametrize(
    ("text", "minutes", "options"),
    [
        ("停水 30\n够吗", 30, (("是", "否"),)),
        ("停水\n够吗？|够/不够/不知道", 60, (("够", "不够", "不知道"),)),
        ("a b 5\nx|1/2/2\ny", 5, (("1", "2"), ("是", "否"))),
        ("停水\n够吗？｜够／不够", 60, (("够", "不够"),)),
    ],
)
def test_a_form_is_read_as_it_is_written(text: str, minutes: int, options: tuple[tuple[str, ...], ...]) -> None:
    form = rollcalls.read(text, YES_NO)

    assert form.life == timedelta(minutes=minutes)
    assert tuple(one.options for one in form.questions) == options


@pytest.mark.parametrize(
    "text",
    ["", "停水", "停水 30\n1\n2\n3", "停水 1\n够吗", "停水 99999\n够吗", "停水\n够吗|一种", f"停水\n够吗|{'x' * 21}/y",
     f"停水\n{'x' * 201}", "停水\n|a/b", "停水\nx|" + "/".join("123456789")],
)  # fmt: skip
def test_a_form_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(refusals.FormUnclear):
        rollcalls.read(text, YES_NO)


presses = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(0, 1), st.booleans()), max_size=30)


@settings(max_examples=15)
@given(presses=presses)
async def test_answered_and_missing_always_make_the_roster(
    presses: list[tuple[int, int, int, bool]], tmp_path_factory: Any
) -> None:
    async with village(tmp_path_factory.mktemp("roll")) as here:
        rollcall = await here.work(call, here.people[SUN], "x 30\na\nb")
        for number, question, option, runs in presses:
            by = here.people[LI if runs else (WANG, ZHOU)[number % 2]]
            try:
                if runs:
                    await here.work(rollcalls.answer_for, rollcall.id, number + 1, by, question, option, MONDAY)
                else:
                    await here.work(rollcalls.answer, rollcall.id, by, question, option, MONDAY)
            except general.Refusal:
                pass
            count, left = await shown(here, rollcall), await missing(here, rollcall)
            assert count.answered + len(left) == count.households
            assert all(UNANSWERED in seat.answers for seat in left)
