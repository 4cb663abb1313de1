"""What is counted is true: only what was committed counts, and what is asked of the database is what stands there."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.clock import Clock
from bot.measuring import MachineMeasures, TownMeasures
from bot.meters import Meters
from bot.settings import Settings
from broadcasts.model import Audience, Broadcast, BroadcastId, Class, State, TargetState
from routing.model import ChatId, ChatKind, ChatState, Household, Timer, TimerKind, Unit, UnitCode, UnitKind
from routing.ports import Lane, Promise
from storage.backup import backup
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import a_case, a_chat
from tests.tools.list_metrics import PAGE, names, page


def value(meters: Meters, name: str, **labels: str) -> float | None:
    return meters.registry.get_sample_value(name, labels)


def measures(store: Store, meters: Meters, *, bots: int = 1) -> TownMeasures:
    return TownMeasures(store, Clock(), meters, bots=bots)


def test_every_metric_stands_in_the_docs() -> None:
    text = PAGE.read_text("utf-8")

    assert page(text) == text, "run: python -m tests.tools.list_metrics"
    assert len(names()) > 40


def test_names_follow_the_conventions() -> None:
    for name, one in names().items():
        assert name.startswith("huying_")
        assert name.endswith("_total") == (one._type == "counter"), name
        assert not name.endswith(("_ms", "_minutes", "_mb", "_percent")), name
        assert one._documentation[0].isupper() or one._documentation[0].isdigit(), name


async def test_what_waits_is_measured_as_it_stands(store: Store, meters: Meters) -> None:
    now = Clock().now()

    def fill(stores: Stores) -> None:
        for number in range(3):
            stores.inbox.receive(42, number, "42:1", b"{}", now - timedelta(seconds=90))
        chat = a_chat(stores)
        stores.outbox.promise(Promise("a", chat, "tell", lane=Lane.EMERGENCY))
        stores.outbox.promise(Promise("b", chat, "tell", lane=Lane.EMERGENCY))
        stores.cases.add(a_case())
        for kind, ago in ((TimerKind.RESPOND, 5), (TimerKind.HANDLE, -3600)):
            due = now - timedelta(seconds=ago)
            stores.timers.put(Timer(case=a_case().id, kind=kind, started_at=now, due_at=due, next_at=due))

    await store.work(fill)
    await measures(store, meters).wait()

    assert value(meters, "huying_inbox_depth") == 3
    assert 90 <= (value(meters, "huying_inbox_lag_seconds") or 0) < 120
    assert value(meters, "huying_outbox_depth", lane="emergency") == 2
    assert value(meters, "huying_outbox_depth", lane="digest") == 0
    assert value(meters, "huying_deadlines_due") == 1
    assert value(meters, "huying_inbox_set_aside") == 0


async def test_open_cases_are_counted_by_status_and_the_count_is_rare_where_it_is_slow(
    store: Store, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.work(lambda stores: stores.cases.add(a_case()))
    await store.work(lambda stores: stores.cases.add(a_case(2, overdue=True)))
    counting = measures(store, meters)
    await counting.count()
    assert value(meters, "huying_open_cases", status="received") == 2
    assert value(meters, "huying_open_cases", status="claimed") == 0
    assert value(meters, "huying_overdue_cases") == 1

    await store.work(lambda stores: stores.cases.add(a_case(3)))
    monkeypatch.setattr("bot.measuring.MOST_OF_THE_TIME", 1e-9)
    counting._count_again_at = 0.0
    await counting.count()
    await store.work(lambda stores: stores.cases.add(a_case(4)))
    await counting.count()
    assert value(meters, "huying_open_cases", status="received") == 3, "the next count is far away"


def _a_broadcast(stores: Stores, begun_ago: timedelta) -> BroadcastId:
    """To four grids of ten households each; two have it, and seven households of the first have answered."""
    now = stores.clock()
    stores.units.put(Unit(code=UnitCode("c"), name="c", level="community", parent=None, kind=UnitKind.OFFICE))
    for number in range(4):
        grid = UnitCode(f"g{number}")
        stores.units.put(Unit(code=grid, name=grid, level="grid", parent=UnitCode("c"), kind=UnitKind.BASIC))
        met = stores.chats.meet(42, -100 - number, ChatKind.UNBOUND, grid, ChatState.OK)
        stores.chats.bind(met.id, ChatKind.RESIDENTS, grid)
        for home in range(10):
            stores.people.put_household(
                Household(
                    code=f"{grid}-{home}",
                    grid=grid,
                    building="1",
                    unit_no="1",
                    room=str(home),
                    door_code=f"d{number}-{home}",
                )
            )
    made = Broadcast(
        id=BroadcastId(stores.ids.new()),
        number=1,
        state=State.SENDING,
        kind=Class.NOTICE,
        unit=UnitCode("c"),
        author=None,
        chat=ChatId(1),
        drafted_at=now,
        audience=Audience(UnitCode("c")),
        begun_at=now - begun_ago,
        next_at=now + timedelta(minutes=1),
    )
    stores.broadcasts.add(made)
    stores.targets.aim(made)
    return made.id


async def test_broadcasts_that_run_show_progress_coverage_and_efficiency(store: Store, meters: Meters) -> None:
    broadcast = await store.work(_a_broadcast, timedelta(seconds=10))

    def go_on(stores: Stores) -> None:
        targets = stores.targets.at(broadcast, TargetState.WAITING, 9)
        assert len(targets) == 4
        for number, target in enumerate(targets):
            stores.receipts.ask(target)
            if number < 2:
                stores.targets.move(target, TargetState.SENT)
        homes = stores.receipts.answers(broadcast, [f"g0-{home}" for home in range(7)])
        stores.receipts.confirm(broadcast, list(homes.values()), stores.clock())

    store.watch(meters.onlooker("sqlite"))
    await store.work(go_on)
    await measures(store, meters, bots=2).run()

    assert value(meters, "huying_broadcasts_running", state="sending") == 1
    assert value(meters, "huying_broadcasts_running", state="chasing") == 0
    assert value(meters, "huying_broadcast_progress_ratio") == 0.5
    assert value(meters, "huying_broadcast_coverage_ratio") == 7 / 40
    assert 2 / 58 / 12 < (value(meters, "huying_broadcast_efficiency_ratio") or 0) <= 2 / 58 / 10
    assert value(meters, "huying_receipts_total", how="pressed") == 7


async def test_the_machine_tells_its_room_its_log_and_its_last_backup(
    tmp_path: Path, meters: Meters, store: Store
) -> None:
    machine = MachineMeasures(Settings(database_url=f"sqlite+aiosqlite:///{tmp_path / 'town.db'}"), meters)
    await store.work(lambda stores: stores.cases.add(a_case()))

    machine.look()
    assert (value(meters, "huying_disk_free_bytes") or 0) > 0
    assert (value(meters, "huying_sqlite_wal_bytes") or 0) > 4096
    assert value(meters, "huying_backup_last_success_timestamp_seconds", engine="sqlite") == 0

    _back_up(tmp_path)
    machine.look()
    assert (value(meters, "huying_backup_last_success_timestamp_seconds", engine="sqlite") or 0) > 1e9


def _back_up(folder: Path) -> None:
    backup(folder / "town.db", folder / "copy.db")


def test_a_server_has_no_backup_of_ours_to_tell_of(meters: Meters) -> None:
    MachineMeasures(Settings(database_url="postgresql://huying@127.0.0.1/huying"), meters).look()

    assert value(meters, "huying_backup_last_success_timestamp_seconds", engine="sqlite") is None


async def test_a_scrape_asks_the_database_nothing(
    store: Store, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Mapping[str, Any]] = []
    for name in ("work", "read"):
        monkeypatch.setattr(Store, name, lambda *_args, **named: asked.append(named))

    assert b"huying_outbox_depth" in meters.text()
    assert asked == []
