"""A real database, the local Telegram, and one bot with its line."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import Clock
from bot.meters import Meters
from bot.sandbox import Sandbox
from bot.settings import Secret
from bot.telegram import App, build
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.policy import Policy
from storage.store import Store

TOKEN = "42:SANDBOX"
POLICY, CALENDAR, CATALOGUE = Policy.load(), Calendar.load(), Catalogue.load()


async def open_store(folder: Path, clock: Clock | None = None) -> Store:
    """The database in *folder*, brought up to date."""
    url = f"sqlite+aiosqlite:///{folder / 'town.db'}"
    now = (clock or Clock()).now
    return await Store.open(url, policy=POLICY, calendar=CALENDAR, catalogue=CATALOGUE, clock=now, migrate=True)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(port=0) as telegram:
        telegram.add_bot("Huying Sample", "huying_sample_bot", token=TOKEN, privacy=False)
        yield telegram


@pytest.fixture
def meters() -> Meters:
    return Meters()


@pytest.fixture
async def application(sandbox: Sandbox) -> AsyncIterator[App]:
    """The bot's application without handlers, with a line that works."""
    built = build(Secret(TOKEN), sandbox.url)
    await built.initialize()
    yield built
    await built.shutdown()
