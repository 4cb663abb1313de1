"""The sample town in the shape of a published city: its levels, a department, a reviewer, perhaps a micro-grid."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.sample.town import tables
from handlers import render
from handlers._kit.registry import discover
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import Case, ChatKind, ChatState, PersonId, UnitCode
from routing.policy import Policy
from routing.ports import UnitOfWork
from routing.sheet import Sheet, SheetRow
from routing.town import load
from storage.store import Store
from storage.stores import Stores
from tests.databases import fresh_database
from tests.routing.village import BOT, CHEN, COMMUNITY, GRID, LI, STREET, SUN, WANG, ZHANG, ZHOU, Village

TOP = UnitCode("370001")
WATER = UnitCode("370001W")
MICRO = UnitCode("370001001001001A")
HE, REVIEWER, PLUMBER, LOU = 1021, 1091, 1092, 1093
"""The leader at the top, a reviewer there, somebody of the water works, the leader of building 1."""
RESIDENTS, MICRO_DESK, COMMUNITY_DESK, STREET_DESK, TOP_DESK, WATER_DESK = -101, -102, -201, -301, -401, -402
DESKS: Final = ((COMMUNITY_DESK, COMMUNITY), (STREET_DESK, STREET), (TOP_DESK, TOP), (WATER_DESK, WATER))
STARTED: Final = (WANG, LI, ZHANG, CHEN, SUN, HE, REVIEWER, PLUMBER, LOU)


def at(text: str) -> datetime:
    """An instant as the town's clocks show it."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@asynccontextmanager
async def city(folder: Path, policy: str, now: str, *, nights: bool = False) -> AsyncIterator[Village]:
    """Open a fresh town that works by *policy*, at *now* on its clocks; with *nights* its people sleep."""
    rules = Policy.load(policy) if nights else replace(Policy.load(policy), quiet=None)
    store = await Store.open(
        fresh_database(folder / "city.db"),
        policy=rules,
        calendar=Calendar.load(),
        catalogue=Catalogue.load(),
        clock=lambda: at(now),  # when a promise may leave must not depend on the day on which the tests run
    )
    try:
        yield Village(store, await store.work(_settle, shaped(rules)), at(now))
    finally:
        await store.close()


def shaped(policy: Policy) -> list[Sheet]:
    """The sample's tables with the levels of *policy*."""
    units, staff, households = tables()
    rows = [
        replace(row, cells={**row.cells, "level": policy.levels[0]}) if row.cells["level"] == "city" else row
        for row in units.rows
    ]
    beside = [_row(units, code=WATER, name="供水公司", level="department", parent=TOP)]
    posts = [
        _row(staff, telegram_id=REVIEWER, name="审核员", unit=TOP, post="reviewer"),
        _row(staff, telegram_id=PLUMBER, name="抢修员", unit=WATER, post="worker"),
    ]
    if policy.levels[-1] != policy.grid:
        beside.append(_row(units, code=MICRO, name="1号楼", level=policy.levels[-1], parent=GRID, buildings="1号楼"))
        posts.append(_row(staff, telegram_id=LOU, name="楼长", unit=MICRO, post="leader"))
    return [
        replace(units, rows=(*rows, *beside)),
        replace(staff, rows=(*staff.rows, *posts)),
        households,
    ]


def _row(sheet: Sheet, **cells: object) -> SheetRow:
    known = {column: str(cells.get(column, "")) for column in sheet.header}
    return SheetRow(len(sheet.rows) + 2, known)


def _settle(uow: UnitOfWork, sheets: Sequence[Sheet]) -> dict[int, PersonId]:
    load(uow, sheets, bot=BOT)
    for number, unit in ((RESIDENTS, GRID), *DESKS):
        kind = ChatKind.RESIDENTS if unit == GRID else ChatKind.DESK
        chat = uow.chats.meet(BOT, number, kind, unit, ChatState.OK)
        uow.chats.bind(chat.id, kind, unit)
    for number in STARTED:
        uow.chats.meet(BOT, number, ChatKind.PRIVATE, "", ChatState.OK)
    return {number: uow.people.meet(number, f"person {number}", "zh").id for number in (*STARTED, ZHOU)}


async def texts(town: Village, *chats: int) -> str:
    """Everything that was promised to those chats, as it would be sent now."""
    discover()

    def question(stores: Stores) -> list[str]:
        promised = stores.connection.exec_driver_sql("SELECT chat, view, params FROM outbox ORDER BY id")
        rows = [(stores.chats.get(chat), view, json.loads(params)) for chat, view, params in promised]
        made = [
            render(stores, view, params, chat, locale="zh") for chat, view, params in rows if chat.telegram_id in chats
        ]
        return [str(one.params.get("text", "")) for one in made if one is not None]

    return "\n".join(await town.store.read(question))


async def shown_at(town: Village, case: Case) -> set[int]:
    """Telegram ids of the chats to which the card of *case* was promised after its latest move."""

    def question(stores: Stores) -> set[int]:
        version = stores.cases.get(case.id).version
        rows = stores.connection.exec_driver_sql("SELECT chat, key FROM outbox WHERE view = 'card'")
        return {stores.chats.get(chat).telegram_id for chat, key in rows if f"case:{case.id}:{version}:" in key}

    return await town.store.read(question)


async def works(town: Village, use_case: Any, case: Case, by: int, *args: Any) -> Case:
    """Somebody does something to a case through a use-case of `routing.casework`, now."""
    moved: Case = await town.work(use_case, case.id, town.people[by], *args, town.now)
    return moved
