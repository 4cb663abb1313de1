"""How the process says that it is well: each check can fail, for its own reason, and only then the watchdog starves."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import health
from bot.clock import Clock
from bot.health import Check, Seen
from bot.jobs import Jobs
from bot.meters import Meters
from bot.sandbox import Sandbox
from bot.settings import Secret
from bot.systemd import Systemd
from storage.store import Store
from tests.bot.test_app import Starter, start
from tests.bot.test_ticker import monitor

__all__ = ["monitor", "start"]  # fixtures

WELL = Seen(
    courier_s=1.0,
    worker_s=0.5,
    poller_s=25.0,
    poll_s=25.0,
    sweep_s=1.0,
    update_s=2.0,
    message_s=0.0,
    revision="0008",
    wanted="0008",
    free=5e9,
)


def failing(seen: Seen) -> list[str]:
    return [one.check for one in health.ready(seen) if not one.well]


def test_a_process_that_does_its_work_is_ready() -> None:
    assert failing(WELL) == []
    assert len(health.ready(WELL)) == 15
    assert all(one.says.endswith(".") for one in health.ready(WELL))


@pytest.mark.parametrize(
    ("change", "check", "words", "dead"),
    [
        ({"loop_lag_s": 5.0}, "loop", "5.0 s late", True),
        ({"writer_s": 91.0}, "writer", "it hangs", True),
        ({"courier_s": 121.0}, "courier", "last went round 121.0 s ago", True),
        ({"call_s": 301.0}, "call", "waits for 301.0 s", True),
        ({"worker_s": 301.0}, "worker", "The worker last went round 301.0 s ago", True),
        ({"poller_s": 301.0}, "poller", "The poller last went round 301.0 s ago", True),
        ({"commit_s": 31.0}, "commit", "the database does not answer", False),
        ({"poll_s": 91.0}, "poll", "another poller", False),
        ({"sweep_s": 31.0}, "sweep", "deadlines do not ring", False),
        ({"update_s": 301.0}, "inbox", "does not keep up", False),
        ({"message_s": 301.0}, "outbox", "waits for 301.0 s", False),
        ({"revision": "0007"}, "schema", "is at 0007, and this program needs 0008", False),
        ({"revision": None}, "schema", "could not be asked", False),
        ({"lease_over": True}, "lease", "another program has taken over", True),
        ({"free": 1e8}, "disk", "Only 95 MiB are free", False),
        ({"full_s": 29.9}, "disk", "Nothing more could be written 29.9 s ago", False),
        ({"stopping": True}, "open", "stopping", False),
    ],
)
def test_each_check_fails_for_its_own_reason(change: dict[str, Any], check: str, words: str, dead: bool) -> None:
    seen = replace(WELL, **change)

    assert failing(seen) == [check]
    (said,) = [one.says for one in health.ready(seen) if not one.well]
    assert words in said
    assert health.all_well(health.vital(seen)) is not dead


@pytest.mark.parametrize("part", ["courier_s", "worker_s", "poller_s", "poll_s", "sweep_s", "update_s", "message_s"])
def test_what_another_program_does_is_not_held_against_this_one(part: str) -> None:
    missing: dict[str, Any] = {part: None}
    seen = replace(WELL, **missing)

    assert failing(seen) == []
    assert len(health.ready(seen)) == 14


async def get(url: str) -> tuple[int, dict[str, Any]]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.json()


@asynccontextmanager
async def hanging(store: Store) -> AsyncIterator[None]:
    """While the block lasts, a work in the writer's thread does not end."""
    begun, gate = threading.Event(), threading.Event()

    def hang(_: object) -> None:
        begun.set()
        gate.wait(60)

    work = asyncio.create_task(store.work(hang))
    try:
        assert await asyncio.to_thread(begun.wait, 30)
        yield
    finally:
        gate.set()
        await work


def ill(report: dict[str, Any]) -> list[str]:
    """The checks that say no."""
    return [one["check"] for one in report["checks"] if not one["well"]]


async def test_a_writer_that_hangs_makes_the_process_unready_then_dead(
    start: Starter, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.readiness.PATIENCE_S", 0.05)
    monkeypatch.setattr("bot.health.COMMIT_S", 0.05)
    async with start() as app:
        root = f"http://127.0.0.1:{app.http_port}"
        assert (await get(root + "/healthz"))[0] == (await get(root + "/livez"))[0] == 200
        async with hanging(app.store):  # from now on nothing can be committed
            status, report = await get(root + "/readyz")
            assert (status, report["ready"], report["commit_s"]) == (503, False, None)
            assert "commit" in ill(report)
            assert app.meters.registry.get_sample_value("huying_ready") == 0
            assert (await get(root + "/healthz"))[0] == 200, "a restart is not yet due"

            monkeypatch.setattr("bot.health.WRITER_S", 0.05)
            status, report = await get(root + "/healthz")
            assert (status, report["alive"]) == (503, False)
            assert ill(report) == ["writer"]
        for name, value in (("health.WRITER_S", 90.0), ("health.COMMIT_S", 30.0), ("readiness.PATIENCE_S", 30.0)):
            monkeypatch.setattr(f"bot.{name}", value)
        assert (await get(root + "/readyz"))[0] == 200


async def test_a_call_that_is_not_answered_makes_the_process_dead_for_as_long(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as app:
        url = f"http://127.0.0.1:{app.http_port}/healthz"
        async with hanging(app.store):
            assert (await get(url))[0] == 200
            monkeypatch.setattr("bot.health.CALL_S", 0.3)
            async with asyncio.timeout(30):
                while (answer := await get(url))[0] == 200:
                    pass
            assert ill(answer[1]) == ["call"]
        async with asyncio.timeout(30):
            while (await get(url))[0] != 200:
                pass


async def test_a_database_that_fails_makes_it_unready_and_leaves_it_alive(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise OSError("as asked")

    async with start() as app:
        with monkeypatch.context() as broken:
            broken.setattr("bot.health.COMMIT_S", 0.0)
            broken.setattr(app.store, "work", fail)
            answered_before = app._readiness._answered_at
            assert (await get(f"http://127.0.0.1:{app.http_port}/readyz"))[0] == 503
            assert app._readiness._answered_at > answered_before, "a no is an answer, too"
            assert (await get(f"http://127.0.0.1:{app.http_port}/healthz"))[0] == 200


async def test_a_courier_that_hangs_is_seen_and_one_that_is_halted_goes_on_beating(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.courier.ROUND_S", 0.01)
    async with start() as app:
        (courier,) = app._couriers.values()
        courier._pacer._bot_halted_until = courier._steady() + 3600.0
        courier.wake()
        before = courier._beaten_at
        async with asyncio.timeout(20):
            while courier._beaten_at <= before + 0.05:
                await asyncio.wait([asyncio.create_task(app.store.work(lambda _: None))])
        courier._beaten_at = courier._steady() - 121.0
        assert [one.check for one in health.vital(replace(WELL, courier_s=courier.beat_age_s)) if not one.well] == [
            "courier"
        ]


async def test_a_poll_without_an_answer_makes_it_unready_and_a_poller_that_hangs_makes_it_dead(start: Starter) -> None:
    async with start() as app:
        (poller,) = app._readiness._pollers
        poller.polled_at -= health.POLL_S + 1
        status, report = await get(f"http://127.0.0.1:{app.http_port}/readyz")
        assert (status, ill(report)) == (503, ["poll"])
        assert report["poll_age_s"] > health.POLL_S

        poller._beaten_at -= health.POLLER_S + 1
        assert [one.check for one in app._readiness.vital() if not one.well] == ["poller"]


# systemd


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The end of systemd."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(str(tmp_path / "notify"))
        ear.setblocking(False)
        yield ear


def environ(ear: socket.socket, **more: str) -> dict[str, str]:
    return {"NOTIFY_SOCKET": ear.getsockname(), **more}


async def heard(ear: socket.socket) -> str:
    async with asyncio.timeout(10):
        return (await asyncio.get_running_loop().sock_recv(ear, 4096)).decode()


async def test_systemd_is_told_in_one_datagram(manager: socket.socket) -> None:
    assert Systemd(environ(manager)).tell("READY=1", "STATUS=up")
    assert await heard(manager) == "READY=1\nSTATUS=up"


def test_an_address_without_a_file_is_understood() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind(b"\0huying-test-notify")
        assert Systemd({"NOTIFY_SOCKET": "@huying-test-notify"}).tell("READY=1")
        assert ear.recv(100) == b"READY=1"


def test_without_systemd_nothing_is_told_and_a_manager_that_is_gone_harms_nothing(tmp_path: Path) -> None:
    assert not Systemd({}).tell("READY=1")
    assert not Systemd({"NOTIFY_SOCKET": str(tmp_path / "nobody")}).tell("READY=1")


async def test_the_watchdog_is_fed_while_all_is_well_and_starves_otherwise(
    manager: socket.socket, caplog: pytest.LogCaptureFixture
) -> None:
    ill: list[Check] = []
    systemd = Systemd(environ(manager, WATCHDOG_USEC="300000"))
    feeding = asyncio.create_task(systemd.feed(lambda: ill))
    assert [await heard(manager) for _ in range(3)] == ["WATCHDOG=1"] * 3
    ill.append(Check("writer", False, "The writer hangs."))
    said = await heard(manager)
    while said == "WATCHDOG=1":
        said = await heard(manager)
    assert said == "STATUS=The writer hangs."
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await asyncio.get_running_loop().sock_recv(manager, 100)
    stand = [one for one in caplog.records if one.message == "task stands"]
    assert len(stand) == len({vars(one)["part"] for one in stand}), "it is told once where everything stands"
    assert any("feed" in vars(one)["at"] for one in stand)
    ill.clear()
    assert await heard(manager) == "WATCHDOG=1"
    feeding.cancel()


async def test_another_process_s_watchdog_is_not_fed(manager: socket.socket) -> None:
    systemd = Systemd(environ(manager, WATCHDOG_USEC="300000", WATCHDOG_PID="1"))

    await systemd.feed(list)
    with pytest.raises(BlockingIOError):
        manager.recv(100)


async def test_the_program_says_when_it_is_up_and_when_it_stops(
    start: Starter, manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environ(manager, WATCHDOG_USEC="30000000").items():
        monkeypatch.setenv(name, value)
    async with start():
        assert await heard(manager) == "READY=1\nSTATUS=@huying_sample_bot is up"
        assert await heard(manager) == "WATCHDOG=1"
    assert await heard(manager) == "STOPPING=1"


async def test_the_heartbeat_beats_only_while_the_process_is_ready(
    store: Store, meters: Meters, monitor: tuple[str, list[str]]
) -> None:
    well = [False, True]
    jobs = Jobs(store, Clock(), meters, heartbeat=Secret(monitor[0] + "/uuid"), well=lambda: well[0])
    await jobs.sweep()
    await jobs.beat()
    assert monitor[1] == []
    well.pop(0)
    await jobs.beat()
    assert monitor[1] == ["/uuid"]
