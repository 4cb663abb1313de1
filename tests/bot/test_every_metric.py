"""Every metric there is moves when that happens which it tells of: none may be left out, whoever adds one later.

A scene names the metrics that it must move. Most are played by one town, one after another; what needs a trouble
provokes it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar
from unittest.mock import patch

from bot.chores import Chores
from bot.clock import Clock
from bot.jobs import Jobs
from bot.meters import Meters
from bot.readiness import Readiness
from bot.sandbox import Sandbox
from bot.sandbox.faults import Fault
from bot.seats import Seats
from bot.telegram import App
from broadcasts import ticking as broadcasting
from routing.model import ChatKind, ChatState
from routing.ports import Promise
from storage.backup import backup
from storage.errors import GroupLost
from storage.store import Store
from tests import databases
from tests.bot.conftest import CALENDAR, CATALOGUE, POLICY
from tests.databases import POSTGRESQL, fresh_database
from tests.handlers.broadcasting import drafted, panel
from tests.tools.list_metrics import names
from tests.town import Town

Samples = Mapping[str, Mapping[tuple[Any, ...], float]]
AGO: Final = timedelta(seconds=90)
LONG_S: Final = 30.0
F = TypeVar("F", bound=Callable[..., Awaitable[None]])


class Stage:
    """The running town, its meters, and the jobs of its clock, which run here when a scene wants them to."""

    def __init__(self, town: Town) -> None:
        self.town, self.meters, self.store = town, town.app.meters, town.app.store
        self.bot = town.sample.bot.id
        assert town.app._ticker is not None
        self.jobs = _owner(town.app._ticker._jobs[0].call, Jobs)
        self.readiness: Readiness = town.app._readiness
        assert town.app._worker is not None
        self.worker = town.app._worker
        self.poller = town.app._pollers[0]

    def value(self, name: str, **labels: str) -> float:
        """What a sample says; 0 where there is none."""
        return self.meters.registry.get_sample_value(name, labels) or 0.0

    async def until(self, told: Callable[[], bool]) -> None:
        """Return when that is so."""
        async with asyncio.timeout(LONG_S):
            while not told():
                await asyncio.wait([asyncio.create_task(asyncio.Event().wait())], timeout=0.02)

    async def count(self) -> None:
        """Let the open cases be counted, however recently they were."""
        self.jobs._measures._count_again_at = 0.0
        await self.jobs._measures.count()


Scene = Callable[[Stage], Awaitable[None]]
SCENES: Final[list[tuple[frozenset[str], Scene]]] = []
ELSEWHERE: Final[set[str]] = set()
"""Moved by a test of their own, below."""


def moves(*metrics: str) -> Callable[[Scene], Scene]:
    """The scene moves those metrics, whose common beginning is left out."""

    def kept(scene: Scene) -> Scene:
        SCENES.append((frozenset(f"huying_{one}" for one in metrics), scene))
        return scene

    return kept


def moved_here(*metrics: str) -> Callable[[F], F]:
    """The test that follows sees to those."""
    ELSEWHERE.update(f"huying_{one}" for one in metrics)
    return lambda test: test


def test_no_metric_is_left_out() -> None:
    told = ELSEWHERE.union(*(metrics for metrics, _ in SCENES))

    assert told == set(names())


async def test_every_metric_of_a_town_moves_with_what_it_tells_of(town: Town) -> None:
    stage = Stage(town)
    assert town.app._ticker is not None
    await town.app._ticker.stop()  # from here on its jobs run when a scene says so
    still: dict[str, str] = {}
    for number, (metrics, scene) in enumerate(SCENES):
        before = samples(stage.meters) if number else {}
        await scene(stage)
        after = samples(stage.meters)
        still |= {one: scene.__name__ for one in metrics if after[one] == before.get(one, {})}

    assert still == {}


def samples(meters: Meters) -> Samples:
    """What every metric says, by its name; for a histogram the number of what it has seen."""
    found: dict[str, dict[tuple[Any, ...], float]] = {name: {} for name in names()}
    for family in meters.registry.collect():
        name = f"{family.name}_total" if family.type == "counter" else family.name
        for sample in family.samples:
            if name in found and sample.name in (name, f"{name}_count"):
                found[name][sample.name, *sorted(sample.labels.items())] = sample.value
    return found


@moves("build_info", "seats", "scheduler_last_run_timestamp_seconds", "lease_held")
async def it_has_begun(stage: Stage) -> None:
    assert [stage.value("huying_seats", part=part) for part in ("courier", "poller", "ticker")] == [1, 1, 1]
    assert stage.value("huying_scheduler_last_run_timestamp_seconds", job="sweep") > time.time() - LONG_S
    assert stage.value("huying_lease_held") == 1


@moves("updates_received_total", "moves_total", "open_cases", "sends_total", "send_seconds")
async def somebody_reports(stage: Stage) -> None:
    await stage.town.wang.writes("/report 楼道灯坏了")
    await stage.count()
    assert stage.value("huying_updates_received_total", kind="message", fate="kept") > 0
    assert stage.value("huying_moves_total", event="Filed") == 1
    assert stage.value("huying_sends_total", method="sendMessage", lane="card", outcome="sent") > 0


@moves("updates_received_total")
async def neighbours_chat(stage: Stage) -> None:
    chatter = partial(stage.value, "huying_updates_received_total", kind="message", fate="chatter")
    before = chatter()
    await stage.town.zhou.writes("吃了吗")
    await stage.until(lambda: chatter() == before + 1)


@moves("update_processing_seconds", "press_answers_total")
async def somebody_presses(stage: Stage) -> None:
    await stage.town.li.presses(stage.town.last(stage.town.group), "接单")
    assert stage.value("huying_moves_total", event="Claimed") == 1
    assert stage.value("huying_press_answers_total", outcome="sent") > 0


@moves("inbox_duplicates_total")
async def telegram_brings_the_same_again(stage: Stage) -> None:
    update = {"update_id": 7, **await stage.town.wang.writes_privately("/help")}
    await stage.poller._intake.keep([update])
    await stage.poller._intake.keep([update])


@moves("spooled_updates")
async def the_database_is_away(stage: Stage) -> None:
    update = {"update_id": 8, **await stage.town.wang.writes_privately("/help")}
    with patch.object(Store, "take_in", side_effect=OSError):
        await stage.poller._intake.keep_or_spool(update)
    assert stage.value("huying_spooled_updates") == 1


@moves("poll_age_seconds")
async def telegram_answers_a_poll(stage: Stage) -> None:
    stage.poller.polled_at -= LONG_S
    long_s = stage.value("huying_poll_age_seconds", bot=str(stage.bot))
    await stage.town.zhou.writes("吃过了")
    await stage.until(lambda: stage.value("huying_poll_age_seconds", bot=str(stage.bot)) < long_s / 2)
    assert long_s >= LONG_S


@moves("transaction_seconds", "commit_batch_size", "question_seconds", "sqlite_wal_bytes", "disk_free_bytes")
async def it_writes_and_asks(stage: Stage) -> None:
    for turn in range(20):
        await stage.store.work(_note, turn)
    await stage.store.read(lambda stores: stores.notebook.setting("turn 1"))
    stage.town.app._machine.look()


@moves("backup_last_success_timestamp_seconds")
async def it_is_backed_up(stage: Stage) -> None:
    file = stage.town.settings.database_file
    assert file is not None
    await asyncio.to_thread(backup, file, file.with_name("copy.db"))
    stage.town.app._machine.look()


@moves("transactions_undone_total")
async def a_transaction_is_undone(stage: Stage) -> None:
    with patch("storage.writer._run_apart", side_effect=GroupLost("no room")):
        await asyncio.wait([asyncio.ensure_future(stage.store.work(lambda _: None))])


@moves("event_loop_lag_seconds")
async def the_loop_is_busy(stage: Stage) -> None:
    looking = asyncio.create_task(_chores(stage).look())
    await asyncio.wait([looking], timeout=0)
    end = time.monotonic() + 0.05
    while time.monotonic() < end:
        pass
    await looking
    assert stage.value("huying_event_loop_lag_seconds") > 0.02


@moves("ready")
async def it_is_stopping(stage: Stage) -> None:
    await stage.readiness()
    assert stage.value("huying_ready") == 1
    stage.readiness.stopping = True
    await stage.readiness()
    stage.readiness.stopping = False


@moves("inbox_depth", "inbox_lag_seconds")
async def an_update_waits(stage: Stage) -> None:
    def receive(stores: Any) -> None:
        stores.inbox.receive(stage.bot, 9, "chat:9", b"no update", stage.town.now - AGO)
        stores.connection.exec_driver_sql("UPDATE inbox SET attempts = 1 WHERE update_id = 9")

    await stage.store.work(receive)
    await stage.jobs._measures.wait()
    assert stage.value("huying_inbox_lag_seconds") >= AGO.total_seconds()


@moves("inbox_retries_total", "inbox_resting_chats")
async def it_fails_once(stage: Stage) -> None:
    with patch("bot.worker.RETRIES_S", (LONG_S, LONG_S)):
        stage.worker.refresh()
        await stage.until(lambda: stage.value("huying_inbox_resting_chats") == 1)
    assert stage.value("huying_inbox_retries_total", blame="update") == 1


@moves("inbox_poison_total", "inbox_set_aside")
async def nobody_can_handle_it(stage: Stage) -> None:
    stage.worker._resting["chat:9"].cancel()
    stage.worker._rested("chat:9")
    await stage.until(lambda: stage.value("huying_inbox_poison_total") == 1)
    await stage.jobs._measures.wait()


@moves("spool_set_aside")
async def the_disk_holds_no_update(stage: Stage) -> None:
    disk = stage.poller._intake._disk
    disk._spool.put(stage.bot, 10, b"no update")
    await disk.run()
    assert stage.value("huying_spool_set_aside") == 1


@moves("messages_dropped_total")
async def a_message_comes_too_late(stage: Stage) -> None:
    await stage.store.work(_promise, stage, "late", not_after=stage.town.now - AGO)
    await stage.jobs.show()
    assert stage.value("huying_messages_dropped_total", outcome="expired") == 1


@moves("deadlines_due", "deadlines_overdue", "deadlines_overdue_seconds")
async def nobody_rings_the_clocks(stage: Stage) -> None:
    stage.town.clock.advance(timedelta(days=3))
    await stage.jobs._measures.wait()
    await stage.jobs.audit()
    assert stage.value("huying_deadlines_overdue_seconds") > 3600


@moves("timers_put_off_total")
async def a_clock_cannot_ring(stage: Stage) -> None:
    with patch("routing.ticking._ring", side_effect=KeyError("no such word")):
        await stage.jobs.sweep()


@moves("deadline_lateness_seconds", "overdue_cases", "sweep_age_seconds")
async def clocks_ring(stage: Stage) -> None:
    stage.town.clock.advance(timedelta(days=1))
    stage.jobs._swept_at -= LONG_S
    assert stage.value("huying_sweep_age_seconds") >= LONG_S
    await stage.jobs.sweep()
    await stage.count()
    assert stage.value("huying_sweep_age_seconds") < LONG_S / 2
    assert stage.value("huying_overdue_cases") == 1
    await stage.town.quiet()


@moves("broadcasts_running", "broadcast_progress_ratio")
async def an_alert_begins(stage: Stage) -> None:
    you = await drafted(stage.town)
    await you.presses(panel(stage.town, "📝 第 1 号"), "📣 发布")
    await stage.town.sun.presses(panel(stage.town, "🖊 第 1 号"), "✅ 同意")
    (due,) = await stage.store.read(broadcasting.due, stage.town.now)
    await stage.store.work(broadcasting.look, due, stage.town.now)
    await stage.jobs._measures.run()
    assert stage.value("huying_broadcasts_running", state="sending") == 1
    assert stage.value("huying_broadcast_progress_ratio") < 1


@moves("broadcasts_running", "broadcast_progress_ratio", "broadcast_efficiency_ratio")
async def it_is_sent(stage: Stage) -> None:
    await stage.town.tick()
    await stage.jobs._measures.run()
    assert stage.value("huying_broadcasts_running", state="chasing") == 1
    assert stage.value("huying_broadcast_progress_ratio") == 1


@moves("broadcast_coverage_ratio", "receipts_total")
async def a_household_confirms(stage: Stage) -> None:
    await stage.town.wang.presses(panel(stage.town, "🟠【暴雪橙色预警】", stage.town.group), "✅ 收到")
    await stage.jobs._measures.run()
    assert stage.value("huying_receipts_total", how="pressed") == 1
    assert stage.value("huying_broadcast_coverage_ratio") == 1 / 132


@moves(
    *("rate_limited_total", "retry_after_seconds", "halted_seconds", "rate_current"),
    *("outbox_depth", "outbox_oldest_seconds"),
)
async def telegram_refuses_everything(stage: Stage) -> None:
    """It comes last: the bot says nothing afterwards."""
    stage.town.sandbox.exchange.faults.order(Fault("429", method="sendMessage", times=9, retry_after=600))
    await stage.town.wang.acts("send_text", chat=stage.town.bot_chat, text="/help")
    await stage.until(lambda: stage.value("huying_rate_limited_total", scope="bot") > 0)
    await stage.store.work(_promise, stage, "waits")
    await stage.jobs._measures.wait()
    assert stage.value("huying_halted_seconds", bot=str(stage.bot)) > 500
    assert stage.value("huying_outbox_depth", lane="answer") > 0


def _note(stores: Any, turn: int) -> None:
    stores.notebook.set_setting(f"turn {turn}", "x" * 20_000)


def _promise(stores: Any, stage: Stage, key: str, not_after: datetime | None = None) -> None:
    chat = stores.chats.meet(stage.bot, stage.town.group.id, ChatKind.RESIDENTS, "", ChatState.OK).id
    stores.outbox.promise(Promise(key, chat, "tell", not_after=not_after))


def _owner(method: Any, kind: type[Jobs]) -> Jobs:
    owner = method.__self__
    assert isinstance(owner, kind)
    return owner


def _chores(stage: Stage, applications: "tuple[App, ...]" = ()) -> Chores:
    app = stage.town.app
    return _made_chores(app.store, app.meters, app._machine, applications)


def _made_chores(store: Any, meters: Meters, machine: Any, applications: "tuple[App, ...]") -> Chores:
    given: dict[str, Any] = {"worker": None, "intakes": (), "listening": None, "forget": print, "report": print}
    return Chores(store, Clock(), meters, applications=applications, machine=machine, by_webhook=True, **given)


@moved_here("webhook_pending_updates")
async def test_what_waits_at_telegram_for_a_webhook_is_asked_there(
    application: App, sandbox: Sandbox, meters: Meters
) -> None:
    who = sandbox.add_person("Li Wei")
    await sandbox.act(who, "start", bot="huying_sample_bot")
    await _made_chores(None, meters, None, (application,)).pending()

    assert meters.registry.get_sample_value("huying_webhook_pending_updates", {"bot": "42"}) == 1


@moved_here("lease_epoch", "lease_held")
async def test_a_lease_has_a_number_and_is_not_held_for_ever(tmp_path: Path, meters: Meters) -> None:
    with ExitStack() as stack:
        stack.enter_context(databases.on(POSTGRESQL))
        url = fresh_database(tmp_path)
        store = await Store.open(url, policy=POLICY, calendar=CALENDAR, catalogue=CATALOGUE)
        Seats(store, meters)
        values = [meters.registry.get_sample_value(f"huying_lease_{what}") for what in ("epoch", "held")]
        await store.close()
        ended = meters.registry.get_sample_value("huying_lease_held")

    assert values == [1, 1]
    assert ended == 0
