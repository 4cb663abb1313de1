"""Very many open cases, made by copying some that were filed: as large a database as a bench needs, in a minute."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, insert, select, update

from storage.store import Store
from storage.tables import cases, log, timers

BATCH: Final = 5_000


async def fill(store: Store, count: int, due_from: datetime) -> None:
    """Copy the cases of *store* until there are *count*; their clocks ring from *due_from* on, a second apart."""
    patterns = await store.read(_patterns)
    for first in range(0, count - len(patterns), BATCH):
        size = min(BATCH, count - len(patterns) - first)
        await store.work(_copy, patterns, first, size, due_from)


async def ring_at(store: Store, some: int, now: datetime) -> None:
    """Make the handling clocks of *some* cases due at *now*, and no other clock."""
    await store.work(_ring_at, some, now)


def _patterns(stores: Any) -> list[dict[str, list[dict[str, Any]]]]:
    """The rows of each case, by table."""
    found = []
    for row in stores.connection.execute(select(cases)).mappings().all():
        of_case = {"cases": [dict(row)]}
        for table in (log, timers):
            rows = stores.connection.execute(select(table).where(table.c.case_id == row["id"])).mappings().all()
            of_case[table.name] = [dict(one) for one in rows]
        found.append(of_case)
    return found


def _copy(stores: Any, patterns: list[dict[str, list[dict[str, Any]]]], first: int, size: int, due: datetime) -> None:
    rows: dict[str, list[dict[str, Any]]] = {"cases": [], "log": [], "timers": []}
    for number in range(first, first + size):
        pattern = patterns[number % len(patterns)]
        id_, at = stores.ids.new(), due + timedelta(seconds=number)
        rows["cases"] += [{**one, "id": id_, "number": 1_000_000 + number, "due_at": at} for one in pattern["cases"]]
        rows["log"] += [{**one, "case_id": id_} for one in pattern["log"]]
        rows["timers"] += [{**one, "case_id": id_, "due_at": at, "next_at": at} for one in pattern["timers"]]
    for table in (cases, log, timers):
        stores.connection.execute(insert(table), rows[table.name])


def _ring_at(stores: Any, some: int, now: datetime) -> None:
    chosen = stores.connection.scalars(select(cases.c.id).order_by(cases.c.id.desc()).limit(some)).all()
    stores.connection.execute(delete(timers).where(timers.c.case_id.in_(chosen), timers.c.kind != "handle"))
    stores.connection.execute(update(timers).where(timers.c.case_id.in_(chosen)).values(next_at=now, due_at=now))
