"""From every older schema, with a town in it, to the newest: nothing is lost, and the laws hold, on both engines."""

import asyncio
from pathlib import Path
from typing import Any

from alembic.script import ScriptDirectory
from sqlalchemy import column, inspect, select, table

from bot.bench.stand import resident, stand
from bot.bench.updates import report
from routing import desk
from routing.events import Claimed
from routing.model import CaseId
from storage import schema
from storage.audit import findings
from storage.engines import database_at
from storage.moving import move
from storage.store import Store
from tests.databases import POSTGRESQL, no_database
from tests.storage.conftest import CALENDAR, CATALOGUE, POLICY

REPORTS = 12
Columns = dict[str, list[str]]


def older() -> list[str]:
    """The revisions before the newest one, that one's predecessor first."""
    scripts = ScriptDirectory.from_config(schema.config())
    return [script.revision for script in scripts.walk_revisions()][1:]


async def a_town(folder: Path, engine: str) -> str:
    """The URL of a database of *engine* with cases, clocks, households and messages in it."""
    file = folder / "filled.db"
    async with stand(3, households=4, path=file) as place:
        raws = [
            report(n, place.chats[n % 3], resident(n % 3 + 1, n), f"{n}号楼楼道灯坏了") for n in range(1, REPORTS + 1)
        ]
        await place.feed(raws)
        await place.store.work(_claim_one)
    if engine != POSTGRESQL:
        return f"sqlite+aiosqlite:///{file}"
    url = no_database(folder / "unused.db")
    await asyncio.to_thread(move, database_at(f"sqlite+aiosqlite:///{file}"), database_at(url))
    return url


def _claim_one(stores: Any) -> None:
    case: CaseId = stores.cases.open_ids()[0]
    unit = stores.cases.get(case).unit
    worker = stores.people.staff_of(unit)[0].person
    desk.move(stores, case, Claimed(at=stores.clock(), by=worker))


def columns(url: str) -> Columns:
    """The tables that a database has, with their columns."""
    engine = database_at(url).looking()
    try:
        with engine.connect() as connection:
            look = inspect(connection)
            return {name: sorted(one["name"] for one in look.get_columns(name)) for name in look.get_table_names()}
    finally:
        engine.dispose()


def rows(url: str, wanted: Columns) -> dict[str, list[str]]:
    """All rows as they are stored, in some order, of those columns only."""
    engine = database_at(url).looking()
    try:
        with engine.connect() as connection:
            questions = {name: select(table(name, *map(column, names))) for name, names in wanted.items()}
            return {name: sorted(map(str, connection.execute(one))) for name, one in questions.items()}
    finally:
        engine.dispose()


async def test_a_town_in_any_older_schema_comes_to_the_newest_unharmed(engine: str, tmp_path: Path) -> None:
    url = await a_town(tmp_path, engine)
    assert len(older()) >= 7
    forgotten: set[str] = set()

    for revision in older():
        newest = await asyncio.to_thread(columns, url)
        await asyncio.to_thread(schema.migrate, url, revision)
        assert await asyncio.to_thread(schema.current, url) == revision
        kept = await asyncio.to_thread(columns, url)
        assert {"cases", "log", "timers", "outbox", "inbox"} <= set(kept)
        then = await asyncio.to_thread(rows, url, kept)
        await asyncio.to_thread(schema.migrate, url)

        after = await asyncio.to_thread(rows, url, kept)
        del then["alembic_version"], after["alembic_version"]
        assert then == after, revision
        assert await asyncio.to_thread(columns, url) == newest
        assert len(after["cases"]) == REPORTS
        # The way back drops columns of which the log still knows; a database of that time would have no such lines.
        forgotten |= {f"the log does not rebuild {name}" for name in set(newest["cases"]) - set(kept["cases"])}
        store = await Store.open(url, policy=POLICY, calendar=CALENDAR, catalogue=CATALOGUE)
        try:
            broken = await store.read(lambda stores: list(findings(stores)))
            assert [one for one in broken if one.detail not in forgotten] == [], revision
            assert len(await store.read(lambda stores: stores.cases.open_ids())) == REPORTS
        finally:
            await store.close()
