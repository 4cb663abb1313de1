"""Lists and cards in a town of Zhaoyuan's shape with 41,000 cases, against the same with 1,000; import and sheets."""

import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import insert, select

from bot.bench import Row, Size, at_most
from bot.bench.shape import CITY, FIRST_PERSON, ZHAOYUAN, tables
from bot.bench.stand import BOT, now, open_store
from handlers import render
from handlers._kit.registry import discover
from handlers.desks import live
from routing import boards, casework, desk, filing, hierarchy, months
from routing.boards import GRIDS, Only
from routing.casework import Saying
from routing.effects import Json
from routing.events import Claimed
from routing.filing import Report
from routing.model import CaseId, Chat, ChatId, ChatKind, ChatState, PersonId, Status, UnitCode
from routing.town import load
from storage.store import Store
from storage.stores import Stores
from storage.tables import cases, log, words

TARGET: Final = 1.5
FEW: Final = 1_000
"""So many cases are open in either database: at the published 40,915 a year, what nine days bring."""
MANY: Final = {Size.SHORT: 2_000, Size.FULL: 41_000}
PATTERNS: Final = 60
TURNS: Final = {Size.SHORT: 3, Size.FULL: 15}
BATCH: Final = 5_000
GRID: Final = 40
"""Which of the grids is looked at."""


async def measure(size: Size) -> list[Row]:
    """The best of some looks at each list, in each database, and the seconds of the import."""
    few, many, all_open = [await _looked_at(*counts, TURNS[size]) for counts in _databases(MANY[size])]
    rows = [Row("town", "import of 684 units and 1,245 posts, in seconds", None, figures={"import_s": few["import"]})]
    sheets = f"the sheet of every month from the logs of {MANY[size]:,} cases, in seconds"
    rows.append(Row("town", sheets, None, figures={"sheets_s": many["sheets"]}))
    sizes = (f"{FEW}", few), (f"{MANY[size]}", many), (f"{MANY[size]}_all_open", all_open)
    live_ms = {f"ms_with_{name}": seconds["live lists"] * 1000 for name, seconds in sizes}
    rows.append(
        Row("town", "looking whether the live list of a desk is still right, of all desks", None, figures=live_ms)
    )
    for what in LOOKS:
        figures = {f"ms_with_{FEW}": few[what] * 1000, f"ms_with_{MANY[size]}": many[what] * 1000}
        figures[f"ms_with_{MANY[size]}_all_open"] = all_open[what] * 1000
        said = f"{what} with {MANY[size]:,} cases, {FEW:,} of them open / with {FEW:,}"
        rows.append(at_most("town", said, many[what] / few[what], TARGET, figures))
    return rows


def _databases(many: int) -> Sequence[tuple[int, int]]:
    """How many cases, and how many of them are open."""
    return (FEW, FEW), (many, FEW), (many, many)


async def _looked_at(count: int, open_ones: int, turns: int) -> dict[str, float]:
    """Seconds by what was looked at, each *turns* times."""
    discover()
    with tempfile.TemporaryDirectory(prefix="huying-bench-", ignore_cleanup_errors=True) as folder:
        store = await open_store(Path(folder) / "town.db")
        try:
            started = time.perf_counter()
            await store.work(load, tables(ZHAOYUAN), bot=BOT)
            spent = {"import": time.perf_counter() - started}
            await _settle(store, count, open_ones)
            for what, look in LOOKS.items():
                spent[what] = await _best(store, look, turns)
            hung = await store.work(_hang, now())
            spent["live lists"] = await _best(store, _live_lists, turns) / hung
            spent["sheets"] = await store.read(_timed, _sheets)
            return spent
        finally:
            await store.close()


async def _best(store: Store, look: Callable[[Stores], object], turns: int) -> float:
    """Processor time of the reading thread: what a list costs, whoever else is busy on this machine."""
    spent = [await store.read(_timed, look) for _ in range(turns)]
    return min(spent)


def _timed(stores: Stores, look: Callable[[Stores], object]) -> float:
    started = time.thread_time()
    look(stores)
    return time.thread_time() - started


def _city_desk(stores: Stores) -> object:
    return boards.desk(stores, UnitCode(CITY), now(), 0)


def _community_desk(stores: Stores) -> object:
    above = stores.units.above(_grids(stores)[GRID])
    return boards.desk(stores, above.code if above else UnitCode(CITY), now(), 0)


def _todo(stores: Stores) -> object:
    worker = stores.people.meet(FIRST_PERSON + GRID, "", None)
    return boards.todo(stores, worker.id, now(), 0)


def _case_view(stores: Stores) -> object:
    """The staff's card of a case, as it is made when it is sent."""
    case = stores.cases.by_number(1)
    chat = Chat(ChatId(0), BOT, 0, ChatKind.DESK, ChatState.OK, unit=case.unit)
    return render(stores, "card", {"case": case.id}, chat, locale="zh")


def _hang(stores: Stores, at: datetime) -> int:
    """A list at every desk that has somebody; returns how many those are."""
    desks = [unit for unit in stores.units.all() if unit.kind not in GRIDS and stores.people.staff_of(unit.code)]
    for number, unit in enumerate(desks, 1):
        chat = stores.chats.meet(BOT, -5_000_000 - number, ChatKind.DESK, unit.name, ChatState.OK).id
        officer = stores.people.staff_of(unit.code)[0].person
        shown: dict[str, Json] = {"unit": unit.code, "only": Only.ALL.value, "page": 0, "person": officer}
        live.remember(stores, chat, officer, f"desk:{number}", shown, at)
    return len(desks)


def _live_lists(stores: Stores) -> object:
    return live.stale(stores, live.turn(stores, now()), now())


def _sheets(stores: Stores) -> object:
    return list(months.rows(stores, now()))


LOOKS: Final[dict[str, Callable[[Stores], object]]] = {
    "desk of the city": _city_desk,
    "desk of a community": _community_desk,
    "/todo of a worker": _todo,
    "a case's card": _case_view,
}


def _grids(stores: Stores) -> list[UnitCode]:
    return [unit.code for unit in stores.units.all() if unit.level == "grid"]


async def _settle(store: Store, count: int, open_ones: int) -> None:
    """File some cases, and copy them all over the town until there are *count*, so many of them open."""
    at = now() - timedelta(hours=3)
    await store.work(_file, at)
    patterns = await store.read(_patterns)
    for first in range(PATTERNS, count, BATCH):
        await store.work(_copy, patterns, range(first, min(first + BATCH, count)), open_ones, at)


def _file(stores: Stores, at: datetime) -> None:
    """Cases that wait, are worked on, have gone up, or wait for a word from above."""
    chat = stores.chats.meet(BOT, -1_000_000, ChatKind.RESIDENTS, "", ChatState.OK).id
    for number, grid in enumerate(_grids(stores)[:PATTERNS]):
        reporter = stores.people.meet(1_000_000 + number, "样例", "zh").id
        report = Report(person=reporter, grid=grid, at=at, text=f"{number}号楼楼道灯坏了", chat=chat, message_id=number)
        case = filing.file_report(stores, report).id
        if number % 4:
            worker = stores.people.staff_of(grid)[0].person
            _work_on(stores, case, worker, number % 12, at)


def _work_on(stores: Stores, case: CaseId, worker: PersonId, how: int, at: datetime) -> None:
    desk.move(stores, case, Claimed(at=at, by=worker))
    casework.note(stores, case, worker, Saying("已联系"), at)
    if how == 2:
        hierarchy.escalate(stores, case, worker, Saying("需要协调"), at)
    elif how == 3:
        hierarchy.ask_extension(stores, case, worker, Saying("等配件"), at)


def _patterns(stores: Stores) -> list[dict[str, list[dict[str, Any]]]]:
    """The rows of each case, by table."""
    found = []
    for row in stores.connection.execute(select(cases)).mappings().all():
        of_case = {"cases": [dict(row)]}
        for table in (log, words):
            rows = stores.connection.execute(select(table).where(table.c.case_id == row["id"])).mappings().all()
            of_case[table.name] = [dict(one) for one in rows]
        found.append(of_case)
    return found


def _copy(
    stores: Stores, patterns: list[dict[str, list[dict[str, Any]]]], numbers: range, open_ones: int, at: datetime
) -> None:
    """Copies in random grids; a case that had gone up has gone up there, too."""
    dice, grids = random.Random(numbers.start), _grids(stores)  # noqa: S311 - a repeatable town, no secret
    staff = {unit.code: [one.person for one in stores.people.staff_of(unit.code)] for unit in stores.units.all()}
    rows: dict[str, list[dict[str, Any]]] = {"cases": [], "log": [], "words": []}
    for number in numbers:
        pattern = patterns[number % len(patterns)]
        (case,) = pattern["cases"]
        grid = dice.choice(grids)
        unit = grid if case["unit"] == case["grid"] else grid[: len(case["unit"])]
        changed = {"id": stores.ids.new(), "number": number + 1, "grid": grid, "unit": unit}
        changed["holder"] = dice.choice(staff[UnitCode(unit)]) if case["holder"] else None
        if number >= open_ones:
            changed |= {"status": Status.ARCHIVED, "archived_at": at, "ruling": None}
        rows["cases"].append({**case, **changed})
        rows["log"] += [{**one, "case_id": changed["id"]} for one in pattern["log"]]
        rows["words"] += [{**one, "id": stores.ids.new(), "case_id": changed["id"]} for one in pattern["words"]]
    for table in (cases, log, words):
        stores.connection.execute(insert(table), rows[table.name])
