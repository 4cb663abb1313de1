from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import Case, CaseId, Channel, ChatId, ChatKind, ChatState, Status, UnitCode, Urgency
from routing.policy import Policy
from storage.guards import guards
from storage.store import Store
from storage.stores import Stores
from tests.databases import fresh_database, no_database

NOON = datetime(2026, 11, 20, 4, 0, 0, 123456, tzinfo=UTC)
POLICY = Policy.load()
CALENDAR = Calendar.load()
CATALOGUE = Catalogue.load()
MINUTE = timedelta(minutes=1)

Opener = Callable[..., Awaitable[Store]]


def a_case(number: int = 1, **fields: Any) -> Case:
    known: dict[str, Any] = {
        "id": CaseId(1000 + number),
        "number": number,
        "status": Status.RECEIVED,
        "grid": UnitCode("g1"),
        "unit": UnitCode("g1"),
        "matter": "L99",
        "top": "livelihood",
        "urgency": Urgency.ORDINARY,
        "channel": Channel.GROUP,
        "filed_at": NOON,
    }
    return Case(**(known | fields))


def a_chat(stores: Stores, telegram_id: int = -100, *, bot: int = 7, state: ChatState = ChatState.OK) -> ChatId:
    kind = ChatKind.RESIDENTS if telegram_id < 0 else ChatKind.PRIVATE
    return stores.chats.meet(bot, telegram_id, kind, "a chat", state).id


def lift(stores: Stores) -> None:
    """Drop the guards of what may only be added to, as only whoever administers the database can."""
    for table, trigger in guards(stores.connection.dialect.name):
        place = f" ON {table}" if stores.connection.dialect.name == "postgresql" else ""
        stores.connection.exec_driver_sql(f"DROP TRIGGER {trigger}{place}")


@pytest.fixture
def url(engine: str, tmp_path: Path) -> str:
    return no_database(tmp_path / "town.db")


@pytest.fixture
async def opened(request: pytest.FixtureRequest, engine: str) -> AsyncIterator[Opener]:
    """Opens stores, by default on the test's own database, which is empty at first."""
    stores: list[Store] = []

    async def open_(**options: Any) -> Store:
        given: dict[str, Any] = {
            "policy": POLICY,
            "calendar": CALENDAR,
            "catalogue": CATALOGUE,
            "clock": lambda: NOON,
            "migrate": True,
        }
        url = options.pop("url", None) or request.getfixturevalue("url")
        stores.append(await Store.open(url, **(given | options)))
        return stores[-1]

    yield open_
    for store in stores:
        await store.close()


@pytest.fixture
async def store(engine: str, opened: Opener, tmp_path: Path) -> Store:
    return await opened(url=fresh_database(tmp_path / "town.db"), migrate=False)
