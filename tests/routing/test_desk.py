"""The desk on a real database: moves, clocks and who is told."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from routing import ticking
from routing.desk import refresh
from routing.events import AssistDone, CheckedIn, Noted, NoteKind, Released, Suspended, Whistled
from routing.model import Rating, Status, TimerKind, Urgency
from routing.refusals import AlreadyClaimed, AlreadyDone, AlreadyRated, NotReporter, NotYours, PartsOpen
from storage.stores import Stores
from tests.routing.village import CHEN, COMMUNITY, LI, STREET, SUN, WANG, ZHANG, ZHOU, Village, village

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def test_a_report_is_offered_with_its_rule_its_policy_and_two_clocks(town: Village) -> None:
    case = await town.files()

    assert case.status is Status.OFFERED
    assert case.rule == "word:lamp > class:livelihood starts at grid"
    assert case.policy == "default@2026.1"
    assert set(await town.timers(case)) == {TimerKind.RESPOND, TimerKind.HANDLE}
    assert await town.events(case) == ["Filed", "Dispatched"]


async def test_the_faster_colleague_wins_and_the_other_is_told_who(town: Village) -> None:
    case = await town.files()

    await town.claims(case, LI)
    with pytest.raises(AlreadyClaimed) as refused:
        await town.claims(case, ZHANG)
    with pytest.raises(AlreadyDone):
        await town.claims(case, LI)

    assert refused.value.values == {"by": town.people[LI]}
    assert (await town.case(case)).holder == town.people[LI]


async def test_a_resident_and_a_stranger_cannot_claim(town: Village) -> None:
    case = await town.files()

    for outsider in (WANG, ZHOU, SUN):
        with pytest.raises(NotYours):
            await town.claims(case, outsider)


async def test_silence_is_reminded_twice_then_rings_above_and_again_every_day(town: Village) -> None:
    case = await town.files()

    assert await town.passes(hours=2) == 1
    assert await town.passes(hours=1.2) == 1
    assert await town.told("tell.respond_overdue_above") == []
    assert await town.passes(hours=0.8) == 1
    assert await town.told("tell.respond_overdue_above") == [-201]
    assert await town.events(case) == ["Filed", "Dispatched", "DeadlinePassed"]
    await town.passes(hours=4)
    assert await town.told("tell.bulletin_unanswered") == [LI, ZHANG, -201]
    await town.passes(days=1)
    assert await town.told("tell.still_unclaimed") == [-201]
    assert await town.told("tell.still_overdue") == []


async def test_once_it_is_overdue_too_the_level_above_hears_of_it_once_a_day(town: Village) -> None:
    case = await town.files()
    while not (await town.case(case)).overdue:
        await town.passes(hours=1)
    unclaimed = await town.told("tell.still_unclaimed")

    await town.passes(days=1)
    await town.passes(hours=4)

    assert await town.told("tell.still_unclaimed") == unclaimed
    assert await town.told("tell.still_overdue") == [-201]


async def test_a_downtime_rings_once_for_each_clock_however_long_it_was(town: Village) -> None:
    case = await town.files()

    assert await town.passes(days=30) == 2
    assert await town.told("tell.reminder") == []
    assert (await town.case(case)).overdue
    assert await town.passes(minutes=1) == 0


async def test_a_claim_stops_the_response_clock_and_a_machine_does_not(town: Village) -> None:
    case = await town.files()
    assert case.responded_at is None

    claimed = await town.claims(case)

    assert claimed.responded_at == town.now
    assert set(await town.timers(case)) == {TimerKind.HANDLE, TimerKind.SILENCE}


async def test_a_silent_holder_is_warned_once_and_then_the_claim_is_released(town: Village) -> None:
    case = await town.claims(await town.files())

    await town.passes(hours=20)
    assert await town.told("tell.silence_warning") == [LI]
    await town.passes(hours=4)

    released = await town.case(case)
    assert (released.status, released.holder) == (Status.OFFERED, None)
    assert await town.told("tell.released_by_silence") == [LI, ZHANG]
    assert released.due_at == case.due_at


async def test_a_sign_of_life_starts_the_silence_clock_again(town: Village) -> None:
    case = await town.claims(await town.files())
    await town.passes(hours=23)

    await town.moves(case, Noted, LI, kind=NoteKind.NOTE)
    await town.passes(hours=2)

    assert (await town.case(case)).holder == town.people[LI]


async def test_a_question_stops_the_clock_until_it_is_answered(town: Village) -> None:
    case = await town.claims(await town.files())
    due = case.due_at
    assert due is not None
    await town.passes(hours=1)
    await town.moves(case, Noted, LI, kind=NoteKind.QUESTION)

    await town.passes(hours=5)
    answered = await town.moves(case, Noted, WANG, kind=NoteKind.ANSWER)

    assert not answered.waiting
    assert answered.due_at == due + timedelta(hours=5)
    assert (await town.timers(case))[TimerKind.HANDLE].due_at == answered.due_at
    assert await town.told("tell.answered") == [LI]


async def test_a_question_that_nobody_answers_is_reminded_and_then_the_clock_runs_on(town: Village) -> None:
    case = await town.claims(await town.files())
    await town.moves(case, Noted, LI, kind=NoteKind.QUESTION)

    await town.passes(days=1.5)
    assert await town.told("tell.question_reminder") == [WANG]
    await town.passes(days=1.5)

    assert not (await town.case(case)).waiting
    assert (await town.timers(case))[TimerKind.HANDLE].next_at is not None


async def test_not_satisfied_comes_back_one_level_up_and_a_second_time_is_judged(town: Village) -> None:
    case = await town.resolves(await town.claims(await town.files()))

    again = await town.rates(case, Rating.NOT_SATISFIED)
    assert (again.status, again.unit, again.reopened) == (Status.OFFERED, COMMUNITY, 1)
    assert await town.told("tell.reopened_below") == [-301]
    closed = await town.resolves(await town.claims(again, CHEN), CHEN)
    judged = await town.rates(closed, Rating.NOT_SATISFIED)

    assert (judged.status, judged.judged) == (Status.IN_REVIEW, True)
    assert await town.told("tell.judge") == [-301]
    timer = (await town.timers(case))[TimerKind.REVIEW]
    assert timer.unit == STREET


async def test_only_the_reporter_rates_and_only_once(town: Village) -> None:
    case = await town.resolves(await town.claims(await town.files()))

    with pytest.raises(NotYours):
        await town.rates(case, Rating.SATISFIED, ZHOU)
    archived = await town.rates(case, Rating.SATISFIED)
    with pytest.raises(AlreadyRated):
        await town.rates(archived, Rating.NOT_SATISFIED)

    assert archived.status is Status.ARCHIVED
    assert await town.timers(case) == {}


async def test_a_housemate_rates_only_where_the_policy_says_so(town: Village) -> None:
    home = "370001001001001-11101"
    await town.work(lambda uow: uow.people.join_household(town.people[ZHOU], home, town.now))
    case = await town.resolves(await town.claims(await town.files()))

    with pytest.raises(NotReporter):
        await town.rates(case, Rating.SATISFIED, ZHOU)


async def test_silence_after_the_closing_is_reminded_once_and_archived_as_unrated(town: Village) -> None:
    case = await town.resolves(await town.claims(await town.files()))

    await town.passes(days=1.5)
    assert await town.told("tell.rate_reminder") == [WANG]
    await town.passes(days=1.5)

    archived = await town.case(case)
    assert (archived.status, archived.rating_final) == (Status.ARCHIVED, None)
    assert (await town.events(case))[-2:] == ["DeadlinePassed", "RatingLapsed"]


async def test_a_suspended_case_comes_back_by_itself_with_what_was_left(town: Village) -> None:
    case = await town.files()
    left = (case.due_at or town.now) - town.now

    await town.moves(case, Suspended, CHEN, until=town.now + timedelta(days=10))
    await town.passes(days=10)

    resumed = await town.case(case)
    assert resumed.status is Status.OFFERED
    assert resumed.due_at == town.now + left


async def test_an_urgent_case_is_due_by_the_clock_on_a_saturday_night(town: Village) -> None:
    town.now += timedelta(days=5, hours=14)

    case = await town.files(urgency=Urgency.URGENT)

    assert case.respond_due_at == town.now + timedelta(minutes=30)
    assert case.due_at == town.now + timedelta(hours=24)


async def test_a_worker_whom_the_bot_cannot_reach_is_reminded_in_the_group(tmp_path: Path) -> None:
    async with village(tmp_path, private=()) as town:
        await town.files()
        await town.passes(hours=4)

        assert await town.told("tell.respond_overdue") == [-101]
        assert await town.told("tell.respond_overdue_above") == [-201]


async def test_a_released_case_is_offered_again_with_the_same_deadline(town: Village) -> None:
    case = await town.claims(await town.files())

    released = await town.moves(case, Released, LI)

    assert (released.status, released.holder, released.due_at) == (Status.OFFERED, None, case.due_at)
    assert set(await town.timers(case)) == {TimerKind.RESPOND, TimerKind.HANDLE}


async def test_a_parent_closes_only_when_its_parts_are_closed(town: Village) -> None:
    parent = await town.claims(await town.files())
    part = await town.files(parent=parent.id)

    with pytest.raises(PartsOpen) as refused:
        await town.resolves(parent)
    assert (await town.resolves(await town.claims(part))).status is Status.ARCHIVED  # the whole is rated, no part is

    assert refused.value.values == {"count": 1}
    assert (await town.resolves(parent)).status is Status.AWAITING_RATING


async def test_a_lead_closes_only_when_the_whistled_unit_has_done_its_part(town: Village) -> None:
    case = await town.claims(await town.files())
    await town.moves(case, Whistled, CHEN, units=(STREET,), place="Building 3", meet_at=town.now)

    with pytest.raises(PartsOpen):
        await town.resolves(case)
    await town.moves(case, CheckedIn, SUN, assist=STREET)
    await town.moves(case, AssistDone, SUN, assist=STREET)

    assert (await town.resolves(case)).status is Status.AWAITING_RATING


async def test_a_timer_that_was_stopped_meanwhile_does_not_ring(town: Village) -> None:
    case = await town.files()
    respond = (await town.timers(case))[TimerKind.RESPOND]
    await town.claims(case)
    assert TimerKind.RESPOND not in await town.timers(case)

    await town.work(ticking.ring, respond, town.now + timedelta(days=1))

    assert TimerKind.RESPOND not in await town.timers(case)
    assert not (await town.case(case)).overdue


async def test_after_a_downtime_open_cards_are_promised_anew_and_finished_ones_are_not(town: Village) -> None:
    lamp = await town.files()
    done = await town.resolves(await town.claims(await town.files()))
    everything = await town.store.read(lambda stores: stores.cases.open_ids())
    await town.rates(done, Rating.FAIR)

    await town.work(refresh, everything, town.now)

    assert set(everything) == {lamp.id, done.id}
    assert await _shown_anew(town) == {lamp.id}


async def _shown_anew(town: Village) -> set[int]:
    """Cases whose cards were promised as after a downtime; an unsent promise takes the key of the newest."""

    def question(stores: Stores) -> set[int]:
        rows = stores.connection.execute(text("SELECT key FROM outbox WHERE view = 'card' AND key LIKE '%refresh%'"))
        return {int(key.split(":")[1]) for (key,) in rows}

    return await town.store.read(question)
