"""The duty roster: who is asked when the office is shut, and what the next one is handed."""

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from routing import boards, duty, staffing
from routing.events import Dispatched, Escalated
from routing.model import CaseId, UnitCode, WordsId
from routing.quiet import Quiet
from routing.records import Shift
from storage.stores import Stores
from tests.routing.village import CHEN, COMMUNITY, GRID, LI, MONDAY, STREET, SUN, ZHANG, Village, village

EVENING = timedelta(hours=8, minutes=30)
MORNING = timedelta(days=1)
"""17:30 on Monday and 09:00 on Tuesday, counted from Monday 09:00."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path, quiet=Quiet(time(22), time(7))) as opened:
        yield opened


async def _on_duty(town: Village, person: int, unit: UnitCode = GRID) -> None:
    starts, ends = MONDAY + EVENING, MONDAY + MORNING
    shift = Shift(unit, town.people[person], starts, ends, starts)
    await town.work(lambda stores: stores.shifts.put(shift))


async def _asked(town: Village, at: timedelta, unit: UnitCode = GRID) -> list[int]:
    case = await town.files()
    asked = await town.store.read(lambda stores: staffing.asked(stores, case, unit, MONDAY + at))
    return [number for number, person in town.people.items() if person in asked]


async def _passes(town: Village, **span: float) -> None:
    await town.passes(**span)
    while await town.work(duty.sweep, town.now):
        pass


async def _lists(town: Village) -> list[tuple[int, str, bool]]:
    """Who was promised a hand-over, of which kind, and whether it is held for the morning."""

    def question(stores: Stores) -> list[tuple[int, str, bool]]:
        sql = "SELECT chat, key, ready_at > created_at FROM outbox WHERE view = 'handover' ORDER BY id"
        rows = stores.connection.exec_driver_sql(sql)
        return [(stores.chats.get(chat).telegram_id, key.split(":")[-2], bool(held)) for chat, key, held in rows]

    return await town.store.read(question)


async def test_in_office_hours_the_whole_roster_is_asked_and_at_night_who_is_on_duty(town: Village) -> None:
    await _on_duty(town, ZHANG)

    assert await _asked(town, timedelta()) == [LI, ZHANG]
    assert await _asked(town, timedelta(hours=17)) == [ZHANG]
    assert await _asked(town, MORNING) == [LI, ZHANG]


async def test_where_nobody_is_on_duty_the_unit_above_is_asked_and_the_roster_all_the_same(town: Village) -> None:
    await _on_duty(town, CHEN, COMMUNITY)

    assert await _asked(town, timedelta(hours=17)) == [LI, ZHANG, CHEN]
    assert await _asked(town, timedelta(hours=17), STREET) == [SUN]


async def test_the_dispatch_says_who_was_asked_at_two_in_the_morning(town: Village) -> None:
    await _on_duty(town, ZHANG)
    await _passes(town, hours=17)
    case = await town.files()
    entries = await town.store.read(lambda stores: stores.log.of(case.id))

    (rule,) = [entry.event.rule for entry in entries if isinstance(entry.event, Dispatched)]
    assert rule.endswith(f" > duty:{GRID}")


async def test_whoever_begins_gets_one_list_and_the_day_staff_get_one_when_nobody_follows(town: Village) -> None:
    await town.files()
    await _on_duty(town, ZHANG)
    await _passes(town, hours=9)
    await _passes(town, hours=1)
    assert await _lists(town) == [(ZHANG, "begins", False)]
    await _passes(town, hours=15)

    assert await _lists(town) == [(ZHANG, "begins", False), (LI, "ended", False), (ZHANG, "ended", False)]


async def test_who_goes_on_is_not_handed_the_list_again(town: Village) -> None:
    await _on_duty(town, ZHANG)
    later = Shift(GRID, town.people[ZHANG], MONDAY + MORNING, MONDAY + 2 * MORNING, MONDAY + MORNING)
    await town.work(lambda stores: stores.shifts.put(later))
    await _passes(town, hours=9)
    await _passes(town, days=1)

    assert await _lists(town) == [(ZHANG, "begins", False)]


async def test_a_duty_that_ends_at_night_is_handed_over_in_the_morning(town: Village) -> None:
    starts, ends = MONDAY + EVENING, MONDAY + timedelta(hours=14)  # 23:00
    await town.work(lambda stores: stores.shifts.put(Shift(GRID, town.people[ZHANG], starts, ends, starts)))
    await _passes(town, hours=9)
    await _passes(town, hours=6)

    assert await _lists(town) == [(ZHANG, "begins", False), (LI, "ended", True), (ZHANG, "ended", True)]


async def test_what_ended_during_a_long_downtime_is_told_to_nobody(town: Village) -> None:
    await _on_duty(town, ZHANG)
    await _passes(town, days=5)

    assert await _lists(town) == []


async def test_the_list_names_what_the_unit_holds_and_what_is_urgent_or_late_below(town: Village) -> None:
    mine, below = await town.files(), await town.files(grid=UnitCode("370001001001002"))
    assert await _handed(town, GRID) == [mine.id]
    assert await _handed(town, COMMUNITY) == []
    await _passes(town, days=4)

    assert set(await _handed(town, COMMUNITY)) == {mine.id, below.id}


async def test_nothing_below_pushes_what_the_unit_has_off_its_list(
    town: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boards, "MOST", 3)
    escalated = await town.moves(await town.claims(await town.files()), Escalated, LI, words=WordsId(1))
    fresh = [await town.files() for _ in range(4)]
    listed = await town.store.read(duty.handed_over, COMMUNITY, town.now)
    assert ([case.id for case in listed.cases], listed.full) == ([escalated.id], False)
    await _passes(town, days=4)
    listed = await town.store.read(duty.handed_over, COMMUNITY, town.now)

    assert escalated.id in {case.id for case in listed.cases} < {escalated.id, *(case.id for case in fresh)}
    assert listed.full


async def _handed(town: Village, unit: UnitCode, reader: int | None = None) -> list[CaseId]:
    person = None if reader is None else town.people[reader]
    listed = await town.store.read(duty.handed_over, unit, town.now, person)
    return [case.id for case in listed.cases]


def _shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


async def test_whom_a_case_is_about_is_neither_asked_nor_handed_it(town: Village) -> None:
    await _on_duty(town, ZHANG)
    about = await town.files(accused_people=(town.people[ZHANG],))
    asked = await town.store.read(lambda stores: staffing.asked(stores, about, GRID, MONDAY + timedelta(hours=17)))

    assert asked == [town.people[LI]]
    assert await _handed(town, GRID, ZHANG) == []


async def test_who_is_erased_is_on_no_roster(town: Village) -> None:
    await _on_duty(town, ZHANG)
    await town.work(lambda stores: stores.people.erase(town.people[ZHANG], town.now))

    assert not await town.store.read(lambda stores: stores.shifts.at(GRID, _shanghai("2026-11-24T02:00")))


async def test_who_has_lost_their_post_is_neither_asked_nor_handed_the_list(town: Village) -> None:
    await town.files()
    await _on_duty(town, ZHANG)
    await town.work(lambda stores: stores.people.dismiss(town.people[ZHANG], GRID))

    assert await _asked(town, timedelta(hours=17)) == [LI]
    await _on_duty(town, CHEN, COMMUNITY)
    assert await _asked(town, timedelta(hours=17)) == [LI, CHEN]
    await _passes(town, hours=9)
    assert await _lists(town) == [(CHEN, "begins", False)]


async def test_the_day_staff_get_the_list_when_who_follows_has_lost_their_post(town: Village) -> None:
    await _on_duty(town, ZHANG)
    later = Shift(GRID, town.people[LI], MONDAY + MORNING, MONDAY + 2 * MORNING, MONDAY + MORNING)
    await town.work(lambda stores: stores.shifts.put(later))
    await town.work(lambda stores: stores.people.dismiss(town.people[LI], GRID))
    await _passes(town, hours=9)
    await _passes(town, days=1)

    assert await _lists(town) == [(ZHANG, "begins", False), (ZHANG, "ended", False)]
