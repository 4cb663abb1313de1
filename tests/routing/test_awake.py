"""What no night holds back, where people sleep."""

from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

from routing.events import Whistled, Withdrawn
from routing.model import Status
from routing.quiet import Quiet
from storage.stores import Stores
from tests.routing.cities import WATER, WATER_DESK, city
from tests.routing.village import CHEN, GRID, LI, WANG, Village, village


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


async def test_who_sleeps_in_an_emergency_keeps_no_case_until_the_morning(tmp_path: Path) -> None:
    async with village(tmp_path, quiet=Quiet(time(22), time(7))) as town:
        await town.work(lambda stores: stores.units.put(replace(stores.units.get(GRID), emergency=True)))
        await town.passes(hours=14)
        case = await town.claims(await town.files())
        for _ in range(8):
            await town.passes(minutes=30)

        assert (await town.case(case)).status is Status.OFFERED
