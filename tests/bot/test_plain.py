"""Reports that are heard together: the same cases, logs, clocks and promises as one by one, in every city's way."""

import random
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import orjson
import pytest
from sqlalchemy import Table, select

from bot.bench.stand import BOT, USERNAME, Stand, over
from bot.bench.updates import report
from bot.sample.town import cities, tables
from handlers._kit.plain import Chorus
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.policy import Policy
from routing.records import Shift
from routing.sheet import Sheet
from routing.town import load
from storage.audit import findings
from storage.store import Store
from storage.stores import Stores
from storage.tables import cases, chats, counters, inbox, log, outbox, people, summaries, timers, words
from tests.databases import POSTGRESQL, SQLITE, fresh_database

BY_DAY: Final = datetime(2026, 11, 18, 2, 0, 0, 123456, tzinfo=UTC)
BY_NIGHT: Final = datetime(2026, 11, 18, 15, 30, tzinfo=UTC)
TEXTS: Final = (
    "1号楼楼道灯坏了", "垃圾没人清", "厨房煤气泄漏，快来人", "举报网格员李安收钱不办事", "全小区停水三天了", "路灯不亮",
    "谢谢", "the lift in building 2 is stuck", "楼上漏水\n三天没人管", "物业乱收费，投诉", "充电桩着火了！", "",
)  # fmt: skip
ID: Final = re.compile(r"\d{15,}")
MADE: Final = re.compile(r"""(["'](?:number|start)["']: ?)(?:\d+|'[^']*')""")


def _neighbour(chat: int, number: int) -> int:
    """Somebody who writes in that group only: across groups there is no order."""
    grid = -chat % 10
    return 2_001 + grid if number == 0 else 5_000_000 + grid * 10 + number


def _told(number: int, chat: int, rng: random.Random, said: list[tuple[int, int]]) -> dict[str, Any]:
    """Something that is said in *chat*; most of it is a plain report."""
    person = _neighbour(chat, rng.randrange(3))
    raw = orjson.loads(report(number, chat, person, rng.choice(TEXTS)))
    message = raw["message"]
    sort = rng.random()
    if sort < 0.05:
        message["text"] = f"@{USERNAME} " + message["text"].removeprefix("/report")
        message.pop("entities")
    elif sort < 0.10:
        message["text"] = message["text"].replace("/report", f"/Report@{USERNAME}")
        message["entities"][0]["length"] = len("/report@" + USERNAME)
    elif sort < 0.15:
        message["chat"]["type"] = "group"
    elif sort < 0.25 and said:
        message["reply_to_message"] = {
            "message_id": rng.choice([one for at, one in said if at == chat] or [1]),
            "from": orjson.loads(report(1, chat, _neighbour(chat, rng.randrange(3)), ""))["message"]["from"],
            "chat": message["chat"],
            "date": message["date"],
            "text": "电梯坏了",
        }
    elif sort < 0.30:
        message["message_id"] = rng.choice([one for at, one in said if at == chat] or [number])
    elif sort < 0.35:
        message["from"] |= {"last_name": "改名", "language_code": "en"}
    elif sort < 0.40:
        message["photo"] = [{"file_id": "f", "file_unique_id": "u", "width": 9, "height": 9}]
        message["caption"], message["caption_entities"] = message.pop("text"), message.pop("entities")
    said.append((chat, message["message_id"]))
    return raw  # type: ignore[no-any-return]  # orjson knows no types


def _with_chats(sheet: Sheet) -> Sheet:
    """The units with made-up groups: of each grid one, and a desk of every other unit but some."""
    rows = []
    for number, row in enumerate(sheet.rows, 1):
        column = "residents_chat" if row.cells["level"] == "grid" else "desk_chat"
        none = row.cells["level"] == "microgrid" or (number % 4 == 0 and column == "desk_chat")
        rows.append(replace(row, cells={**row.cells, column: "" if none else str(-(10**12) - number)}))
    return replace(sheet, rows=tuple(rows))


def _on_duty(stores: Stores, now: datetime) -> None:
    """Somebody of every second unit is on duty."""
    hour = timedelta(hours=8)
    for unit in stores.units.all()[::2]:
        for one in stores.people.staff_of(unit.code)[:1]:
            stores.shifts.put(Shift(unit.code, one.person, now - hour, now + hour, ring_at=now + hour))


@asynccontextmanager
async def town(folder: Path, city: str, now: datetime, *, together: bool) -> AsyncIterator[Stand]:
    units, staff, households = tables(city)
    store = await Store.open(
        fresh_database(folder / f"{together}.db"),
        policy=Policy.load(city),
        calendar=Calendar.load("Asia/Shanghai"),
        catalogue=Catalogue.load(),
        clock=lambda: now,
    )
    units = _with_chats(units)
    await store.work(load, [units, staff, households], bot=BOT)
    await store.work(_on_duty, now)
    groups = [int(row.cells["residents_chat"]) for row in units.rows if row.cells["level"] == "grid"]
    async with over(store, folder, groups, together=together, clock=lambda: now) as place:
        yield place


def _opened(number: int, person: int) -> bytes:
    raw = orjson.loads(report(number, person, person, ""))
    raw["message"]["chat"] = {"id": person, "type": "private", "first_name": "Somebody"}
    raw["message"] |= {"text": "/start", "entities": [{"type": "bot_command", "offset": 0, "length": 6}]}
    return orjson.dumps(raw)


def _dump(stores: Stores) -> list[str]:
    """Everything that is stored, with every number that is made at run time replaced by what it stands for."""
    rows = {
        table.name: _rows(stores, table)
        for table in (people, chats, words, cases, log, timers, outbox, summaries, counters, inbox)
    }
    report_of = {row["case_id"]: (row["chat"], row["message_id"]) for row in rows["words"] if row["kind"] == "report"}
    names = {row["id"]: f"person{row['telegram_id']}" for row in rows["people"]}
    names |= {row["id"]: f"chat{row['telegram_id']}" for row in rows["chats"]}
    names |= {case: f"case of {names.get(at[0])} {at[1]}" for case, at in report_of.items()}
    names |= {row["id"]: f"words {names.get(row['chat'])} {row['message_id']}" for row in rows["words"]}
    names |= {row["id"]: "promise" for row in rows["outbox"]}
    lines = []
    for table, found in rows.items():
        for row in found:
            shown = {key: value for key, value in row.items() if key not in {"number", "hash", "queue", "finished_at"}}
            line = ID.sub(lambda number: str(names.get(int(number[0]), "made")), str(shown))
            lines.append(f"{table}: " + MADE.sub(r"\1#", line))
    return sorted(lines)


def _rows(stores: Stores, table: Table) -> Sequence[dict[str, Any]]:
    return [dict(row) for row in stores.connection.execute(select(table)).mappings().all()]


def _numbers(stores: Stores) -> list[int]:
    return sorted(row["number"] for row in _rows(stores, cases))


@pytest.fixture
def heard() -> Iterator[list[bool]]:
    """Whether each report that looked plain was heard with others."""
    outcomes: list[bool] = []
    hear = Chorus.hear

    def noted(self: Chorus, *args: Any) -> Sequence[bool]:
        made = hear(self, *args)
        outcomes.extend(made)
        return made

    with patch.object(Chorus, "hear", noted):
        yield outcomes


@pytest.mark.parametrize(
    ("engine", "city", "now"),
    [
        *((SQLITE, city, now) for city, now in zip(cities(), cycle((BY_DAY, BY_NIGHT)))),
        (SQLITE, "default", BY_NIGHT),
        (POSTGRESQL, "zhaoyuan", BY_DAY),
    ],
    indirect=["engine"],
    ids=str,
)
async def test_together_and_one_by_one_the_same_is_written(
    engine: str,
    tmp_path: Path,
    city: str,
    now: datetime,
    heard: list[bool],
) -> None:
    dumps = []
    for together in (True, False):
        async with town(tmp_path, city, now, together=together) as place:
            rng, said = random.Random(f"{city} {now}"), list[tuple[int, int]]()
            opened = [_opened(n, person) for n, person in enumerate((2007, 2008, 1001, 1005, 1009, 5_000_081), 1)]
            known = [report(10 + n, chat, _neighbour(chat, 1), "路灯不亮") for n, chat in enumerate(place.chats)]
            told = [orjson.dumps(_told(n, rng.choice(place.chats), rng, said)) for n in range(100, 160)]
            await place.feed(opened, batch=1)
            for raws in (known, told):
                at_once = 8 if together else 1
                for first in range(0, len(raws), at_once):
                    await place.feed(raws[first : first + at_once])
            assert await place.store.read(lambda stores: list(findings(stores, now))) == []
            numbers = await place.store.read(_numbers)
            assert numbers == list(range(1, len(numbers) + 1))
            dumps.append(await place.store.read(_dump))

    assert set(dumps[0]) ^ set(dumps[1]) == set()
    assert dumps[0] == dumps[1]
    assert sum(heard) > 15
    assert not all(heard)


@pytest.fixture
async def square(tmp_path: Path) -> AsyncIterator[Stand]:
    """The usual town by day; everybody in its first group has been heard of."""
    async with town(tmp_path, "default", BY_DAY, together=True) as place:
        await place.feed([report(1, place.chats[0], _neighbour(place.chats[0], 1), "路灯不亮")])
        yield place


async def test_a_report_that_comes_twice_is_filed_once(square: Stand, heard: list[bool]) -> None:
    raw = report(2, square.chats[0], 5_000_001, "垃圾没人清")
    await square.feed([raw, raw, report(3, square.chats[0], 5_000_002, "路灯不亮")])
    await square.feed([raw])

    assert await square.store.read(_numbers) == [1, 2, 3]
    assert await square.store.read(lambda stores: stores.inbox.waiting()) == 0
    assert heard == [True, False, False, False]


async def test_a_flood_is_refused_after_the_others_were_heard(square: Stand, heard: list[bool]) -> None:
    most = Policy.load().reports_per_hour
    await square.feed([report(n, square.chats[0], 5_000_001, f"路灯不亮 {n}") for n in range(2, most + 4)])

    assert heard == [True] * most + [False] * 2
    assert await square.store.read(_numbers) == list(range(1, most + 2))
    said = await square.store.read(lambda stores: [row["params"].get("key") for row in _rows(stores, outbox)])
    assert said.count("refusal.too_many_reports") == 2
    await square.feed([report(99, square.chats[0], 5_000_002, "垃圾没人清")])
    assert await square.store.read(_numbers) == list(range(1, most + 3))


async def test_a_fault_in_hearing_them_together_sends_them_the_long_way(
    square: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(square.crowd.chorus._registry.choruses, "report", fails)
    await square.feed([report(n, square.chats[0], 5_000_000 + n, "垃圾没人清") for n in range(2, 6)])

    assert await square.store.read(_numbers) == [1, 2, 3, 4, 5]


async def test_only_a_plain_text_of_somebody_in_a_known_group_is_heard_together(square: Stand) -> None:
    recognise = square.crowd.chorus.recognise
    plain = orjson.loads(report(2, square.chats[0], 5_000_001, "垃圾没人清"))
    assert recognise(plain) is not None
    message = plain["message"]
    others: list[dict[str, Any]] = [
        {"message_thread_id": 4},
        {"chat": {**message["chat"], "id": -5}},
        {"chat": {**message["chat"], "type": "group"}},
        {"from": {**message["from"], "is_bot": True}},
        {"from": {**message["from"], "id": 1_087_968_824}},
        {"entities": []},
        {"entities": [{**message["entities"][0], "offset": 1}]},
        {"text": "/report@other_bot 垃圾", "entities": [{"type": "bot_command", "offset": 0, "length": 17}]},
        {"text": "/reports 垃圾", "entities": [{"type": "bot_command", "offset": 0, "length": 8}]},
        {"text": None},
    ]
    for other in others:
        assert recognise({**plain, "message": {**message, **other}}) is None
    assert recognise({"update_id": 3, "edited_message": message}) is None
