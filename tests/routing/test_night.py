"""Nobody owes an answer to what the bot itself holds back until the morning."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from routing import casework
from routing.casework import Saying
from routing.events import Escalated, Released
from routing.model import Case, TimerKind, UnitCode, Urgency
from routing.quiet import Quiet
from routing.records import Shift
from storage.stores import Stores
from tests.routing.village import COMMUNITY, GRID, LI, MONDAY, SUN, WANG, ZHANG, Village, village

NIGHT = Quiet(time(22), time(7))
HOURS = timedelta(hours=1)


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    """Half past ten on Monday evening in a grid that has two hours to answer."""
    async with village(tmp_path, "zhaoyuan", quiet=NIGHT) as opened:
        opened.now = shanghai("23T22:30")
        yield opened


async def _on_duty(town: Village, person: int, unit: UnitCode) -> None:
    shift = Shift(unit, town.people[person], town.now - HOURS, town.now + 9 * HOURS, town.now - HOURS)
    await town.work(lambda stores: stores.shifts.put(shift))


async def _named(town: Village) -> list[tuple[UnitCode, datetime]]:
    def question(stores: Stores) -> list[tuple[UnitCode, datetime]]:
        units = [unit.code for unit in stores.units.all()]
        return [(one.unit, one.entered_at) for one in stores.bulletin.of(units, MONDAY, 100)]

    return await town.store.read(question)


async def test_no_unit_is_named_for_a_card_that_waits_for_the_morning(town: Village) -> None:
    case = await town.files()
    assert case.respond_due_at == shanghai("24T09:00")
    clock = (await town.timers(case))[TimerKind.RESPOND]
    assert (clock.started_at, clock.due_at) == (shanghai("24T07:00"), case.respond_due_at)
    while town.now < shanghai("24T10:30"):
        await town.passes(minutes=30)
    assert await _named(town) == []
    assert await town.told("tell.respond_overdue_above") == [-201]
    await town.passes(minutes=30)

    assert await _named(town) == [(GRID, shanghai("24T11:00"))]


@pytest.mark.parametrize(("person", "unit"), [(ZHANG, GRID), (SUN, UnitCode(GRID[:9]))])
async def test_whom_somebody_on_duty_hears_for_answers_by_the_clock(town: Village, person: int, unit: UnitCode) -> None:
    await _on_duty(town, person, unit)

    assert (await town.files()).respond_due_at == shanghai("24T00:30")


async def test_danger_waits_for_no_morning(town: Village) -> None:
    assert (await town.files(urgency=Urgency.URGENT)).respond_due_at == shanghai("23T23:00")


async def test_a_town_without_quiet_hours_answers_by_the_clock(tmp_path: Path) -> None:
    async with village(tmp_path, "zhaoyuan") as awake:
        awake.now = shanghai("23T22:30")

        assert (await awake.files()).respond_due_at == shanghai("24T00:30")


async def test_who_is_on_duty_and_cannot_be_written_to_has_heard_nothing(tmp_path: Path) -> None:
    async with village(tmp_path, "zhaoyuan", private=(), quiet=NIGHT) as town:
        town.now = shanghai("23T22:30")
        await _on_duty(town, ZHANG, GRID)

        assert (await town.files()).respond_due_at == shanghai("24T09:00")


async def test_what_is_given_back_or_goes_up_at_night_is_owed_from_the_morning_on(town: Village) -> None:
    given_back, raised = await town.claims(await town.files()), await town.claims(await town.files())
    freed = await town.moves(given_back, Released, LI)
    above = await town.moves(raised, Escalated, LI)

    assert (freed.unit, freed.respond_due_at) == (GRID, shanghai("24T09:00"))
    assert (above.unit, above.respond_due_at) == (COMMUNITY, shanghai("24T11:00"))


async def test_the_same_day_is_the_day_on_which_somebody_hears_of_it(tmp_path: Path) -> None:
    async def water(town: Village) -> Case:
        town.now = shanghai("23T22:30")
        return await town.files(matter="L01")

    async with village(tmp_path, quiet=NIGHT) as asleep:
        case = await water(asleep)
        assert (case.respond_due_at, case.due_at) == (shanghai("24T09:00"), shanghai("25T00:00"))
        await _on_duty(asleep, ZHANG, GRID)

        assert (await water(asleep)).due_at == shanghai("24T00:30"), "two hours at least"


async def _cries(town: Village, case: Case) -> Case:
    fire = Saying("三楼，现在起火了，有人被困")
    return await town.work(casework.hear, case.id, town.people[WANG], fire, town.now)


@pytest.mark.parametrize("legal", [{}, {"L01": "a court"}])
async def test_a_danger_that_is_named_at_night_waits_for_no_morning_though_the_work_is_due_no_sooner(
    tmp_path: Path, legal: dict[str, str]
) -> None:
    async with village(tmp_path, quiet=NIGHT, legal=legal) as town:
        town.now = shanghai("24T01:00")
        case = await town.files(matter="L01")
        assert (case.respond_due_at, case.due_at) == (shanghai("24T09:00"), None if legal else shanghai("25T00:00"))
        await town.passes(minutes=30)

        urgent = await _cries(town, case)

        clock = (await town.timers(case))[TimerKind.RESPOND]
        assert (urgent.respond_due_at, urgent.due_at) == (shanghai("24T02:00"), case.due_at)
        assert (clock.started_at, clock.due_at) == (town.now, urgent.respond_due_at)


async def test_a_danger_gives_nobody_more_time_to_answer(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        case = await town.files()
        await town.passes(hours=3, minutes=50)

        assert (await _cries(town, case)).respond_due_at == case.respond_due_at
