"""What no night holds back, where people sleep."""

from collections import Counter
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from routing import desk, ticking
from routing.events import Escalated, Whistled, Withdrawn
from routing.model import Case, Status, UnitCode
from routing.quiet import Quiet
from storage.stores import Stores
from tests.routing.cities import COMMUNITY_DESK, STREET_DESK, WATER, WATER_DESK, city, texts
from tests.routing.village import CHEN, GRID, LI, WANG, Village, village

POWER = UnitCode("370001001902")
"""A department whose people have not been met yet: what it should hear is said at the street's desk."""


async def _at_once(town: Village, chat: int) -> list[str]:
    """What was promised to *chat* and does not wait for the morning."""

    def question(stores: Stores) -> list[str]:
        rows = stores.connection.exec_driver_sql("SELECT chat, view FROM outbox WHERE ready_at <= created_at")
        return [view for where, view in rows if stores.chats.get(where).telegram_id == chat]

    return await town.store.read(question)


async def test_a_department_that_is_whistled_at_night_hears_it_at_once_and_that_it_need_not_come(
    tmp_path: Path,
) -> None:
    async with city(tmp_path, "dongying", "2026-11-23T22:30", nights=True) as town:
        case = await town.claims(await town.files(), LI)
        await town.moves(
            case, Whistled, CHEN, units=(WATER,), place="building 3", meet_at=town.now + timedelta(hours=1)
        )

        assert await town.told("tell.whistled") == [WATER_DESK]
        assert "card" in await _at_once(town, WATER_DESK)

        await town.moves(case, Withdrawn, WANG)
        assert await town.told("tell.called_off") == [WATER_DESK]


async def _whistled(town: Village) -> Case:
    """Water and power are called for half past eleven in the evening, and neither comes."""
    case = await town.claims(await town.files(), LI)
    meet_at = town.now + timedelta(hours=1)
    return await town.moves(case, Whistled, CHEN, units=(WATER, POWER), place="building 3", meet_at=meet_at)


async def test_who_waits_at_night_for_those_who_do_not_come_hears_of_each_at_once(tmp_path: Path) -> None:
    async with city(tmp_path, "dongying", "2026-11-23T22:30", nights=True) as town:
        await _whistled(town)
        await town.passes(hours=2)

        told = await town.told("tell.absent")
        assert Counter(told) == {LI: 2, COMMUNITY_DESK: 2, STREET_DESK: 2, WATER_DESK: 1}


async def test_of_several_who_did_not_come_while_nobody_looked_each_is_named(tmp_path: Path) -> None:
    async with city(tmp_path, "dongying", "2026-11-23T22:30", nights=True) as town:
        await _whistled(town)
        since, town.now = town.now, town.now + timedelta(hours=2)
        await town.work(ticking.sweep, town.now, away_since=since)

        said = await texts(town, LI)
        assert "供水公司超时未报到" in said
        assert "示范供电所超时未报到" in said


async def test_who_called_hears_who_did_not_come_though_they_hold_the_case_themselves(tmp_path: Path) -> None:
    async with city(tmp_path, "dongying", "2026-11-23T09:00") as town:
        meeting = {"units": (WATER,), "place": "building 3", "meet_at": town.now}
        case = await town.moves(await town.claims(await town.files(), LI), Escalated, LI)
        await town.moves(await town.claims(case, CHEN), Whistled, CHEN, **meeting)
        await town.passes(hours=2)
        assert await town.told("tell.absent") == [CHEN, WATER_DESK, COMMUNITY_DESK, STREET_DESK]


async def test_a_holder_who_is_all_of_the_callers_desk_hears_it_once(tmp_path: Path) -> None:
    async with village(tmp_path, private=(LI, CHEN)) as town:
        case = await town.claims(await town.files())
        call = Whistled(at=town.now, unit=GRID, units=(POWER,), place="building 3", meet_at=town.now)
        await town.work(desk.apply, case, call)
        await town.passes(hours=2)

        assert await town.told("tell.absent") == [LI, -301, -201]


async def test_who_sleeps_in_an_emergency_keeps_no_case_until_the_morning(tmp_path: Path) -> None:
    async with village(tmp_path, quiet=Quiet(time(22), time(7))) as town:
        await town.work(lambda stores: stores.units.put(replace(stores.units.get(GRID), emergency=True)))
        await town.passes(hours=14)
        case = await town.claims(await town.files())
        for _ in range(8):
            await town.passes(minutes=30)

        assert (await town.case(case)).status is Status.OFFERED
