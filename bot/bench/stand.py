"""Where the parts of the bot are measured: a town in a real database file, real handlers, and no network."""

import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson
from telegram import Update
from telegram.ext import TypeHandler
from telegram.request import BaseRequest

from bot.ingress import Intake
from bot.lots import Lots
from bot.meters import Meters
from bot.rush import Rush
from bot.settings import Secret
from bot.spool import Spool
from bot.telegram import App, build
from bot.worker import Worker
from handlers import BotIdentity, Crowd, GridContext, Judge, Services, assemble
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.policy import Policy
from routing.sheet import Sheet, SheetRow
from routing.town import load
from storage.store import Store

BOT: Final = 1
TOKEN: Final = Secret("1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
USERNAME: Final = "huying_bench_bot"


class Offline(BaseRequest):
    """Answers every call at once, and ``getMe`` with who the bot is."""

    @property
    def read_timeout(self) -> float:
        """Seconds; nothing is ever waited for."""
        return 1.0

    async def initialize(self) -> None:
        """Open nothing."""

    async def shutdown(self) -> None:
        """Close nothing."""

    async def do_request(self, url: str, method: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ARG002 - the signature is the library's
        """Say that it was done."""
        me = {"id": BOT, "is_bot": True, "first_name": "Huying", "username": USERNAME}
        return 200, orjson.dumps({"ok": True, "result": me if url.endswith("/getMe") else True})


@dataclass(slots=True)
class Stand:
    """The way of an update from its bytes to the commit of everything that it causes."""

    store: Store
    intake: Intake
    worker: Worker
    application: App
    crowd: Crowd
    chats: Sequence[int]

    async def feed(self, raws: Sequence[bytes], batch: int = 100) -> float:
        """Take updates as they come from polling, *batch* at a time; returns the seconds until all are handled."""
        started = time.perf_counter()
        for first in range(0, len(raws), batch):
            await self.intake.keep([orjson.loads(raw) for raw in raws[first : first + batch]])
        await self.worker.wait_idle()
        return time.perf_counter() - started


@asynccontextmanager
async def stand(
    grids: int,
    *,
    households: int = 0,
    path: Path | None = None,
    answer: Callable[[str, str | None, bool], None] = lambda *_: None,
    together: bool = True,
) -> AsyncIterator[Stand]:
    """A town of one street, one community and *grids* grids, each with its group.

    Args:
        grids: How many.
        households: In each of them.
        path: The new database file; by default one that is dropped at the end.
        answer: Gets the answers to presses: the id of the query, the text, whether it is an alert.
        together: Whether presses that can be heard together are.
    """
    with tempfile.TemporaryDirectory(prefix="huying-bench-", ignore_cleanup_errors=True) as folder:
        store = await open_store(path or Path(folder) / "town.db")
        chats = [-1_000_000_000_000 - number for number in range(1, grids + 1)]
        await store.work(load, town(chats, households), bot=BOT)
        async with over(store, Path(folder), chats, answer=answer, together=together) as place:
            yield place


@asynccontextmanager
async def over(
    store: Store,
    folder: Path,
    chats: Sequence[int],
    *,
    answer: Callable[[str, str | None, bool], None] = lambda *_: None,
    together: bool = True,
    clock: Callable[[], datetime] | None = None,
) -> AsyncIterator[Stand]:
    """The same over a town that is there already, which is closed in the end; *chats* are those of its grids."""
    clock = clock or now
    application = build(TOKEN, "https://127.0.0.1", GridContext, request=Offline())
    await application.initialize()
    identity = BotIdentity(BOT, USERNAME)
    services = Services(store=store, clock=clock, answer=answer, bot=identity, locale="zh")
    crowd = assemble(application, services)
    meters = Meters()
    rush = Rush()
    lots = {BOT: Lots(BOT, crowd.chorus, store, clock, rush)} if together else {}
    worker = Worker(store, {BOT: application}, clock, meters, lots, rush)
    judge = Judge(identity, lambda _chat, _text: False)
    intake = Intake(BOT, judge, store, worker, clock, meters, Spool(folder / "spool"), crowd if together else None)
    await worker.start()
    try:
        yield Stand(store, intake, worker, application, crowd, chats)
    finally:
        await worker.stop()
        await application.shutdown()
        await store.close()


async def open_store(path: Path, *, migrate: bool = True, read_only: bool = False) -> Store:
    """A database file with the default rules."""
    return await Store.open(
        f"sqlite+aiosqlite:///{path}",
        policy=Policy.load(),
        calendar=Calendar.load("Asia/Shanghai"),
        catalogue=Catalogue.load(),
        migrate=migrate,
        read_only=read_only,
    )


async def bare(raws: Sequence[bytes]) -> float:
    """The least that python-telegram-bot can do with these updates: parse each and call an empty handler; seconds."""

    async def nothing(_update: object, _context: object) -> None:
        pass

    application: App = build(TOKEN, "https://127.0.0.1", request=Offline())
    application.add_handler(TypeHandler(object, nothing))
    await application.initialize()
    started = time.perf_counter()
    await _dispatch(application, raws)
    spent = time.perf_counter() - started
    await application.shutdown()
    return spent


async def _dispatch(application: App, raws: Sequence[bytes]) -> None:
    for raw in raws:
        await application.process_update(Update.de_json(orjson.loads(raw), application.bot))


def now() -> datetime:
    """This instant, aware UTC."""
    return datetime.now(UTC)


def town(chats: Sequence[int], households: int) -> list[Sheet]:
    """The tables of a town whose grids have these *chats* and so many *households* each."""
    units = [
        _unit("37", "City", "city", "", ""),
        _unit("3701", "Street", "street", "37", ""),
        _unit("370101", "Community", "community", "3701", ""),
    ]
    units += [_unit(_grid(i), f"Grid {i}", "grid", "370101", str(chat)) for i, chat in enumerate(chats, 1)]
    staff = [
        {
            "telegram_id": str(900_000_000 + i), "name": f"Worker {i}", "unit": _grid(i), "post": "worker",
            "phone": "", "stationed_at": "",
        }
        for i in range(1, len(chats) + 1)
    ]  # fmt: skip
    homes = [
        {"code": f"{_grid(i)}-{n}", "grid": _grid(i), "building": f"{n // 40 + 1}", "unit_no": "1", "room": str(n),
         "telegram_ids": str(resident(i, n))}
        for i in range(1, len(chats) + 1)
        for n in range(households)
    ]  # fmt: skip
    return [_sheet("units", units), _sheet("staff", staff), *([_sheet("households", homes)] if homes else [])]


def resident(grid: int, number: int) -> int:
    """The Telegram id of resident *number* of grid *grid*."""
    return grid * 10_000 + number + 1_000_000


def _grid(number: int) -> str:
    return f"370101{number:05d}"


def _unit(code: str, name: str, level: str, parent: str, chat: str) -> dict[str, str]:
    return {
        "code": code, "name": name, "level": level, "parent": parent, "kind": "", "residents_chat": chat,
        "desk_chat": "", "households": "400", "buildings": "", "bounds": "", "phone": "",
    }  # fmt: skip


def _sheet(kind: str, rows: Sequence[dict[str, str]]) -> Sheet:
    lines = tuple(SheetRow(number, cells) for number, cells in enumerate(rows, 2))
    return Sheet(f"{kind}.csv", tuple(rows[0]), lines)
