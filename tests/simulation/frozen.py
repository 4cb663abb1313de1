"""What every history shares: the furnished database, rules that are read once, and the dates of other libraries."""

import asyncio
import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

from bot.sample.town import furnish
from bot.sandbox import Sandbox
from bot.telegram import build as build
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.policy import Policy
from routing.town import load as fill
from storage.store import Store
from tests.databases import fresh_database

MADE_S: Final = 1_795_300_000.0
"""When the shared database was made: the day before every history begins."""


@cache
def furnished() -> Path:
    """A database with the sample town in it, made once."""
    folder = Path(tempfile.mkdtemp(prefix="huying-simulated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "town.db"
    asyncio.run(_furnish(path))
    return path


async def _furnish(path: Path) -> None:
    sandbox, dice, now = Sandbox(), Random(0), datetime.fromtimestamp(MADE_S, UTC)
    town = furnish(sandbox)
    url = fresh_database(path)
    with (
        patch("time.time_ns", lambda: int(MADE_S * 1e9)),
        patch("secrets.token_bytes", lambda n=32: dice.randbytes(n or 32)),
        patch("secrets.choice", dice.choice),
    ):
        rules: dict[str, Any] = {"policy": Policy.load(), "calendar": Calendar.load(), "catalogue": Catalogue.load()}
        store = await Store.open(url, clock=lambda: now, **rules)
        await store.work(lambda uow: fill(uow, town.sheets, bot=town.bot.id))
        await store.close()


def dates(wall_s: Callable[[], float]) -> type[datetime]:
    """The class of dates for a library that asks it what the time is: it reads *wall_s*."""

    class Dates(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # no subclass: dates mix
            return datetime.fromtimestamp(wall_s(), tz)

    return Dates


_LOADS: Final[Mapping[Any, Any]] = {kind: cache(kind.load) for kind in (Policy, Calendar, Catalogue)}


@contextmanager
def read_once() -> Iterator[None]:
    """Read rules, calendar and catalogue once for all histories: they are values that nobody changes."""
    with ExitStack() as stack:
        for kind, load in _LOADS.items():
            stack.enter_context(patch.object(kind, "load", load))
        yield
