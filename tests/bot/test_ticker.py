"""The ticker and its jobs: what is due rings once, what fails is called again, what has been missed is said aloud."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from sqlalchemy.exc import OperationalError

from bot import jobs as module
from bot.clock import Clock
from bot.jobs import Jobs
from bot.listening import Listening
from bot.meters import Meters
from bot.settings import Secret
from bot.telegram import App
from bot.ticker import Job, Nightly, Ticker
from broadcasts import ticking as broadcasting
from routing import ticking
from routing.model import CaseId, ChatKind, ChatState, Timer, TimerKind, Unit, UnitCode, UnitKind
from storage.errors import Closed, CommitUnknown
from storage.store import Store
from tests.bot.conftest import CATALOGUE
from tests.routing.village import village


async def test_a_job_that_fails_is_called_again_and_the_others_go_on(meters: Meters) -> None:
    calls: list[str] = []
    enough = asyncio.Event()

    async def fail() -> None:
        calls.append("fail")
        raise RuntimeError("as asked")

    async def work() -> None:
        calls.append("work")
        if calls.count("fail") >= 2 and calls.count("work") >= 2:
            enough.set()

    ticker = Ticker([Job("fail", 0.01, fail), Job("work", 0.01, work)], meters, UTC)
    ticker.start()
    await asyncio.wait_for(enough.wait(), 10)
    await ticker.stop()
    assert meters.registry.get_sample_value("huying_scheduler_last_run_timestamp_seconds", {"job": "work"})
    assert not meters.registry.get_sample_value("huying_scheduler_last_run_timestamp_seconds", {"job": "fail"})


async def test_a_job_whose_call_is_broken_off_is_called_again(meters: Meters) -> None:
    """What it waits for was cancelled, which nobody meant for the job: it must not stand still from then on."""
    calls: list[str] = []
    again = asyncio.Event()

    async def work() -> None:
        calls.append("work")
        if len(calls) > 1:
            again.set()
        other = asyncio.get_running_loop().create_future()
        other.cancel()
        await other

    ticker = Ticker([Job("work", 0.01, work)], meters, UTC)
    ticker.start()
    await asyncio.wait_for(again.wait(), 10)
    await ticker.stop()


async def test_stopping_waits_for_the_job_under_way(meters: Meters) -> None:
    begun, gate, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await gate.wait()
        ended.set()

    ticker = Ticker([Job("work", 60, work)], meters, UTC)
    ticker.start()
    await begun.wait()
    stopping = asyncio.create_task(ticker.stop())
    gate.set()
    await stopping
    assert ended.is_set()


async def test_what_belongs_to_the_night_runs_at_the_start_too_and_is_waited_for(meters: Meters) -> None:
    begun, gate, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> None:
        begun.set()
        await gate.wait()
        ended.set()

    ticker = Ticker([Nightly("work", 3, 30, work)], meters, UTC)
    ticker.start()
    await asyncio.wait_for(begun.wait(), 10)
    stopping = asyncio.create_task(ticker.stop())
    gate.set()
    await stopping
    assert ended.is_set()
    assert meters.registry.get_sample_value("huying_scheduler_last_run_timestamp_seconds", {"job": "work"})


async def test_the_night_is_the_towns(meters: Meters, monkeypatch: pytest.MonkeyPatch) -> None:
    """At 19:29:59 in Greenwich a second is missing to half past three in Shanghai."""
    called: asyncio.Queue[str] = asyncio.Queue()

    async def work() -> None:
        called.put_nowait("work")

    class Evening(datetime):
        begun = time.monotonic()

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]  # a date of the test's own
            past = timedelta(seconds=time.monotonic() - cls.begun)
            return (datetime(2026, 11, 29, 19, 29, 59, tzinfo=UTC) + past).astimezone(tz)

    monkeypatch.setattr("bot.ticker.datetime", Evening)
    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Evening)
    ticker = Ticker([Nightly("work", 3, 30, work)], meters, ZoneInfo("Asia/Shanghai"))
    ticker.start()
    assert [await asyncio.wait_for(called.get(), 10) for _ in range(2)] == ["work", "work"]
    await ticker.stop()


@pytest.fixture
def jobs(store: Store, application: App, meters: Meters) -> Jobs:
    return make_jobs(store, application, meters)


def make_jobs(
    store: Store, application: App, meters: Meters, heartbeat: Secret | None = None, clock: Clock | None = None
) -> Jobs:
    clock = clock or Clock()
    return Jobs(store, clock, meters, heartbeat=heartbeat)


async def test_the_sweep_goes_on_until_nothing_is_due(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    left, now = [200, 200, 7, 0, 99], Clock().now()
    timer = Timer(case=CaseId(1), kind=TimerKind.RESPOND, started_at=now, due_at=now, next_at=now)
    monkeypatch.setattr("routing.ticking.ring_due", lambda stores, now, limit, away_since: [timer] * left.pop(0))
    await jobs.sweep()
    assert left == [99]


async def test_a_timer_that_cannot_be_rung_holds_up_no_other(
    tmp_path: Path, application: App, meters: Meters, caplog: pytest.LogCaptureFixture
) -> None:
    nobodys = CaseId(1)  # sorts before and between the good ones, whatever order they are rung in
    async with village(tmp_path) as town:
        good = [await town.files() for _ in range(3)]
        due = town.now + timedelta(hours=1)
        broken = Timer(case=nobodys, kind=TimerKind.RESPOND, started_at=town.now, due_at=due, next_at=due)
        await town.work(lambda stores: stores.timers.put(broken))
        town.now += timedelta(days=7)
        jobs = make_jobs(town.store, application, meters, clock=Clock(wall=town.now.timestamp))

        await jobs.sweep()
        await jobs.sweep()

        assert [(await town.case(case)).overdue for case in good] == [True] * 3
        assert await town.store.read(lambda stores: stores.timers.due(town.now, 10)) == []
        (put_off,) = await town.store.read(lambda stores: stores.timers.of(nobodys))
    assert put_off.next_at == town.now + ticking.PUT_OFF
    assert (meters.registry.get_sample_value("huying_deadline_lateness_seconds_count") or 0) >= 3
    assert meters.registry.get_sample_value("huying_timers_put_off_total") == 1
    assert [record.message for record in caplog.records if record.levelno == logging.ERROR] == [
        "timer can't be rung and is put off"
    ]


async def test_a_database_that_is_away_puts_no_timer_off(jobs: Jobs, meters: Meters, store: Store) -> None:
    await store.close()
    with pytest.raises(Closed):
        await jobs.sweep()
    assert meters.registry.get_sample_value("huying_timers_put_off_total") == 0


class _Locked(Exception):
    sqlstate = "55P03"


_HICCUPS = pytest.mark.parametrize(
    "trouble", [CommitUnknown(), OperationalError("", {}, _Locked())], ids=["broken", "locked"]
)


@_HICCUPS
async def test_a_timer_that_the_database_fails_rings_at_the_next_turn(
    jobs: Jobs, store: Store, meters: Meters, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    now, fails = Clock().now(), [trouble] * 2  # when they are rung together, and when each is rung alone
    timer = Timer(case=CaseId(1), kind=TimerKind.RESPOND, started_at=now, due_at=now, next_at=now)
    await store.work(lambda stores: stores.timers.put(timer))

    def ring(stores: Any, one: Timer, *_: object, **__: object) -> None:
        if fails:
            raise fails.pop()
        stores.timers.put(replace(one, next_at=None))

    monkeypatch.setattr(ticking, "ring", ring)
    for _ in range(3):
        with suppress(CommitUnknown):
            await jobs.sweep()

    assert (await store.read(lambda stores: stores.timers.of(CaseId(1))))[0].next_at is None
    assert meters.registry.get_sample_value("huying_timers_put_off_total") == 0


@_HICCUPS
async def test_a_broadcast_that_the_database_fails_goes_on_at_the_next_turn(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    fails = [trouble]
    looked: list[int] = []
    put_off: list[int] = []

    def look(_stores: object, broadcast: int, _now: datetime) -> int:
        if fails:
            raise fails.pop()
        looked.append(broadcast)
        return 0

    monkeypatch.setattr(broadcasting, "due", lambda *_: [1, 2])
    monkeypatch.setattr(broadcasting, "look", look)
    monkeypatch.setattr(broadcasting, "postpone", lambda _, broadcast, __: put_off.append(broadcast))
    for _ in range(2):
        await jobs.broadcast()

    assert looked == [2, 1, 2]  # the other one did not wait for it
    assert put_off == []


async def test_a_deadline_that_did_not_ring_raises_the_alarm(
    jobs: Jobs, store: Store, meters: Meters, caplog: pytest.LogCaptureFixture
) -> None:
    now = Clock().now()
    due = now - timedelta(hours=1)
    timer = Timer(case=CaseId(1), kind=TimerKind.RESPOND, started_at=due, due_at=due, next_at=due)
    await store.work(lambda stores: stores.timers.put(timer))
    with caplog.at_level(logging.ERROR):
        await jobs.audit()
    assert "deadlines have not rung" in caplog.text
    assert meters.registry.get_sample_value("huying_deadlines_overdue") == 1
    assert (meters.registry.get_sample_value("huying_deadlines_overdue_seconds") or 0) >= 3600


async def test_old_ids_are_forgotten_and_young_ones_are_not(jobs: Jobs, store: Store) -> None:
    now = Clock().now()

    def receive(stores: Any) -> None:
        for number, age in ((1, timedelta(days=9)), (2, timedelta(days=7))):
            stores.inbox.receive(42, number, "42:1", b"{}", now - age)
            stores.inbox.done(42, number, now - age)

    await store.work(receive)
    await jobs.purge()
    again = await store.work(lambda stores: [stores.inbox.receive(42, n, "42:1", b"{}", now) for n in (1, 2)])
    assert again == [True, False]


@pytest.fixture
async def monitor() -> AsyncIterator[tuple[str, list[str]]]:
    """Somebody who watches for the heartbeat."""
    heard: list[str] = []

    async def listen(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response()

    application = web.Application()
    application.router.add_get("/{secret}", listen)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", heard
    await runner.cleanup()


async def test_the_heartbeat_beats_while_deadlines_ring_and_stops_when_they_do_not(
    store: Store, application: App, meters: Meters, monitor: tuple[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = make_jobs(store, application, meters, Secret(monitor[0] + "/uuid"))
    await jobs.sweep()
    await jobs.beat()
    assert monitor[1] == ["/uuid"]
    monkeypatch.setattr(module, "GRACE_S", -1.0)  # as if the last sweep were long ago
    await jobs.beat()
    assert monitor[1] == ["/uuid"]


async def test_a_monitor_that_is_away_harms_nothing(
    store: Store, application: App, meters: Meters, caplog: pytest.LogCaptureFixture
) -> None:
    await make_jobs(store, application, meters, Secret("http://127.0.0.1:9/uuid-secret")).beat()
    assert "heartbeat not heard" in caplog.text
    assert "uuid-secret" not in caplog.text


async def test_the_quiet_offer_is_heard_only_where_a_grid_wants_it(store: Store, tmp_path: Path) -> None:
    def furnish(stores: Any) -> None:
        for code, offer, chat in (("g1", True, -1), ("g2", False, -2)):
            stores.units.put(
                Unit(code=UnitCode(code), name=code, level="grid", parent=None, kind=UnitKind.BASIC, quiet_offer=offer)
            )
            met = stores.chats.meet(42, chat, ChatKind.UNBOUND, code, ChatState.OK)
            stores.chats.bind(met.id, ChatKind.RESIDENTS, UnitCode(code))
        stores.chats.meet(42, -3, ChatKind.UNBOUND, "elsewhere", ChatState.OK)

    await store.work(furnish)
    listening = Listening(CATALOGUE)
    await listening.refresh(store)
    report = "3号楼2单元楼道的灯坏了，谁能来修一下？"
    assert [listening.hears(42, chat, report) for chat in (-1, -2, -3)] == [True, False, False]
    assert not listening.hears(43, -1, report)
    assert not listening.hears(42, -1, "谢谢大家")
