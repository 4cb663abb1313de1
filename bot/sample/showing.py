"""A sample town that can be looked at: furnished, with its past, its tour and the bot that serves it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

from bot import keys
from bot.app import Huying, open_store
from bot.clock import Clock
from bot.sample.past import Past
from bot.sample.tour import tour_of
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Sandbox
from bot.sandbox.hub import Hub
from bot.sandbox.updates import Pending
from bot.settings import IN_THE_CLEAR, Secret, Settings
from routing.ports import UnitOfWork
from routing.town import load
from storage.stores import Stores

PACE: Final = 50.0
"""A newcomer who plays four people at once should not wait for the limits of one group, nor for a town's whole past."""
SETTLE_S: Final = 60.0
LOOK_S: Final = 0.2


@asynccontextmanager
async def showing(sandbox: Sandbox, city: str, folder: Path, *, speed: float = 1.0) -> AsyncIterator[Huying]:
    """Run the bot in a town of that city's shape; a town that is new in *folder* gets its past first.

    The town stands ready when the block begins: every chat shows what there is to see.
    """
    town = furnish(sandbox, city)
    furnishing = tuple(sandbox.exchange.queues[town.bot.id].alive())
    sandbox.tour = tour_of(town)
    settings = Settings(
        bot_token=(Secret(TOKEN),),
        api_url=sandbox.url,
        database_url=f"sqlite+aiosqlite:///{folder / 'town.db'}",
        policy=city,
        clock_speed=speed,
        http_port=0,
        quiet_hours="off",  # a visitor plays everybody, at any hour
        key_file=_key(folder),
    )
    await _settle(settings, sandbox, town, furnishing)
    async with Huying(settings, pace=PACE) as app:
        await _said(app, sandbox)
        yield app


def _key(folder: Path) -> Path:
    """The key of the demo's database, made with it; a database of an older demo has none."""
    path = folder / "huying.key"
    if not path.exists():
        if (folder / "town.db").exists():
            return IN_THE_CLEAR
        keys.make(path)
    return path


async def _settle(settings: Settings, sandbox: Sandbox, town: SampleTown, furnishing: Sequence[Pending]) -> None:
    """Load the town's tables, and let a new town have a past; the bot of a new one never hears of its furnishing."""
    store = await open_store(settings, Clock(), migrate=True)
    try:
        if await store.work(_load, town, settings.bot_ids[0]):
            await Past(sandbox, town, store, furnishing).live(datetime.now(UTC))
    finally:
        await store.close()


def _load(uow: UnitOfWork, town: SampleTown, bot: int) -> bool:
    is_new = not uow.units.all()
    load(uow, town.sheets, bot=bot)
    return is_new


async def _said(app: Huying, sandbox: Sandbox) -> None:
    """Return when all that the bot had to say has been said, or after `SETTLE_S`."""
    deadline = asyncio.get_running_loop().time() + SETTLE_S
    hub = sandbox.exchange.hub
    while await app.store.read(_unsaid) and asyncio.get_running_loop().time() < deadline:
        await hub.until(partial(_differs, hub, hub.changes), LOOK_S)


def _differs(hub: Hub, seen: int) -> bool:
    return hub.changes != seen


def _unsaid(stores: Stores) -> int:
    return sum(stores.sending.stats().ready_by_lane.values())
