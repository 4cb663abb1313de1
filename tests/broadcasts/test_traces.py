"""What people leave beside cases is shown to them, names nobody who was forgotten, and goes when its time is over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from broadcasts import answering, rollcalls
from broadcasts.model import BroadcastId, Door, Figures, State
from routing import filing, residents, retention
from routing.records import ErasureReason
from storage.audit import findings
from storage.stores import Stores
from tests.broadcasts.pressing import chasing
from tests.routing.village import GRID, LI, MONDAY, SUN, WANG, ZHOU, Village

pytestmark = pytest.mark.usefixtures("engine")
YEAR = timedelta(days=365)


def _lived(uow: Stores, people: Any) -> BroadcastId:
    """Wang confirms, answers the roll and needs help; so does Sun, who has no home; Li goes to a neighbour's door."""
    broadcast, group = chasing(uow, next_at=MONDAY)
    home = uow.people.household_of(people[WANG])
    assert home is not None
    uow.people.leave_household(people[SUN])
    answering.press(uow, broadcast, people[WANG], group, MONDAY)
    answering.need_help(uow, broadcast, people[WANG], group, "help", MONDAY)
    answering.need_help(uow, broadcast, people[SUN], group, "me", MONDAY)
    form = rollcalls.read("停水摸排 30\n存水够吗？", ("是", "否"))
    call = rollcalls.call(uow, people[LI], group, GRID, form, MONDAY)
    rollcalls.answer(uow, call.id, people[WANG], 0, 1, MONDAY)
    other = next(seat for seat in uow.rollcalls.seats(call.id) if seat.household != home.code)
    rollcalls.answer_for(uow, call.id, other.seat, people[LI], 0, 0, MONDAY)
    uow.receipts.door(broadcast, other.household, Door.TOLD, people[LI], MONDAY)
    return broadcast


async def _knows(town: Village, who: int) -> dict[str, Any]:
    return await town.store.read(residents.stored_about, town.people[who])


async def _figures(town: Village, broadcast: BroadcastId) -> tuple[Figures, int, list[str]]:
    def look(uow: Stores) -> tuple[Figures, int, list[str]]:
        laws = [one.law for one in findings(uow, town.now)]
        return uow.targets.figures(broadcast), len(uow.receipts.helps(broadcast)), laws

    return await town.store.read(look)


async def test_whoever_answered_is_shown_it_and_of_others_nothing(town: Village) -> None:
    await town.work(_lived, town.people)
    lamp = await town.files()
    await town.work(filing.me_too, lamp.id, town.people[SUN], town.now)
    wang, sun, li = [await _knows(town, who) for who in (WANG, SUN, LI)]
    at = MONDAY.isoformat()

    assert wang["broadcast_answers"] == [{"broadcast": 1, "answer": "pressed", "door": None, "at": at}]
    assert [(one["broadcast"], one["at"]) for one in wang["pleas_for_help"]] == [(1, at)]
    answered = [{"question": "存水够吗？", "answer": "否"}]
    assert [one["answers"] for one in wang["rollcall_answers"]] == [answered]
    assert (wang["presses_without_home"], wang["me_too"]) == ([], [])
    assert sun["presses_without_home"] == [{"broadcast": 1, "at": at}]
    assert sun["me_too"] == [{"case": lamp.number, "at": town.now.isoformat()}]
    assert (sun["broadcast_answers"], len(sun["pleas_for_help"])) == ([], 1)
    assert li["in_office"] == {"findings_at_doors": 1, "rollcall_answers_at_doors": 1, "duties": 0, "tasks": 0}


async def test_what_a_home_answered_before_somebody_joined_it_is_not_theirs(town: Village) -> None:
    await town.work(_lived, town.people)
    home = await town.store.read(lambda uow: uow.people.household_of(town.people[WANG]))
    assert home is not None
    await town.work(lambda uow: uow.people.join_household(town.people[ZHOU], home.code, MONDAY + timedelta(days=1)))
    zhou = await _knows(town, ZHOU)

    assert (zhou["broadcast_answers"], zhou["rollcall_answers"]) == ([], [])


@pytest.mark.parametrize(
    ("who", "erased"), [(WANG, {"helps"}), (SUN, {"strangers", "helps", "marks"}), (LI, {"receipts", "seats"})]
)
async def test_nothing_of_it_names_whoever_was_forgotten(town: Village, who: int, erased: set[str]) -> None:
    broadcast = await town.work(_lived, town.people)
    lamp = await town.files()
    await town.work(filing.me_too, lamp.id, town.people[SUN], town.now)
    before = await _figures(town, broadcast)

    def forget(uow: Stores) -> set[str]:
        person = town.people[who]
        for post in uow.people.posts_of(person):
            uow.people.dismiss(person, post.unit)
        return set(residents.forget(uow, person, town.now, withdraw=False).rows)

    gone = await town.work(forget)

    assert gone & {"receipts", "seats", "helps", "strangers", "marks"} == erased
    assert await town.store.read(lambda uow: uow.erasures.left_of(town.people[who])) == {}
    assert await _figures(town, broadcast) == before
    assert before[1:] == (2, [])


async def test_the_audit_finds_an_answer_that_an_erasure_left(town: Village) -> None:
    broadcast = await town.work(_lived, town.people)

    def leave(uow: Stores) -> list[str]:
        uow.people.leave_household(person := town.people[ZHOU])
        residents.forget(uow, person, town.now, withdraw=False)
        uow.receipts.strangers(broadcast, [(person, GRID)], town.now)
        return [one.law for one in findings(uow, town.now)]

    assert await town.work(leave) == ["erased"]


async def test_a_year_after_its_end_a_broadcast_has_figures_and_no_answers(town: Village) -> None:
    broadcast = await town.work(_lived, town.people)
    chased, done = [(await town.work(chasing, next_at=MONDAY))[0] for _ in range(2)]

    def end(uow: Stores) -> None:
        for one, state in ((broadcast, State.EXPIRED), (done, State.DONE)):
            uow.broadcasts.save(replace(uow.broadcasts.get(one), state=state, ended_at=MONDAY))

    await town.work(end)
    before = (await _figures(town, broadcast))[0]
    assert await town.work(retention.expire_answers, MONDAY + YEAR) == 0

    town.now = MONDAY + YEAR + timedelta(seconds=1)
    assert await town.work(retention.expire_answers, town.now) > 130
    assert await town.work(retention.expire_answers, town.now) == 0

    kept = await town.store.read(lambda uow: [uow.receipts.kept(one) for one in (broadcast, chased, done)])
    assert kept == [False, True, True], "under what is done people can still press until it expires"
    assert (await _figures(town, broadcast))[::2] == (before, [])
    assert (await _knows(town, SUN))["presses_without_home"] == []
    receipt = (await town.store.read(lambda uow: uow.erasures.all()))[-1]
    assert (receipt.why, receipt.person, receipt.rows["strangers"]) == (ErasureReason.EXPIRED, None, 1)


async def test_the_audit_misses_answers_before_their_time(town: Village) -> None:
    broadcast = await town.work(_lived, town.people)

    def lose(uow: Stores) -> list[str]:
        uow.broadcasts.save(replace(uow.broadcasts.get(broadcast), state=State.EXPIRED, ended_at=MONDAY))
        uow.connection.exec_driver_sql("DELETE FROM receipts")
        return [one.law for one in findings(uow, MONDAY + timedelta(days=29))]

    assert set(await town.work(lose)) >= {"receipts"}
