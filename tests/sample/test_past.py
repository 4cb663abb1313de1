"""The past of every sample town: a case at every stage, by every law, the same at every start."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.app import open_store
from bot.clock import Clock
from bot.sample.past import Past, scripts
from bot.sample.town import TOKEN, cities, furnish
from bot.sandbox import Sandbox
from bot.settings import Secret, Settings
from routing.model import AssistState, Case, Rating, RulingKind, Status, Urgency
from routing.policy import Policy, presets
from routing.ports import UnitOfWork
from routing.town import load
from storage.audit import findings
from storage.reports import Reports
from storage.stores import Stores
from tests.town import MONDAY


def _lived(stores: Stores) -> tuple[list[Case], list[str]]:
    return [case for case, _ in Reports(stores.connection, stores.city).cases()], [str(one) for one in findings(stores)]


def _greeted(stores: Stores) -> tuple[int, int]:
    counts = ("FROM outbox WHERE view = 'start'", "FROM chats WHERE kind = 'private'")
    greeted, opened = (stores.connection.exec_driver_sql(f"SELECT count(*) {one}").scalar_one() for one in counts)
    return int(greeted), int(opened)


def _told_twice(stores: Stores) -> list[str]:
    """Chats that are still to hear more than one sentence about the same case: the earlier ones are of no use."""
    rows = stores.connection.exec_driver_sql("SELECT chat, params FROM outbox WHERE view = 'tell' AND state = 'ready'")
    told = Counter((chat, json.loads(params)["case"]) for chat, params in rows)
    assert told, "what still matters is said"
    return [f"{case} in {chat}" for (chat, case), count in told.items() if count > 1]


async def lived(city: str, file: Path, visitor: str | None = None) -> list[Case]:
    """The cases of a town after its past, which broke no law; of its messages the bot hears a visitor's only."""
    async with Sandbox() as sandbox:
        town = furnish(sandbox, city)
        furnishing = tuple(sandbox.exchange.queues[town.bot.id].alive())
        if visitor is not None:
            await sandbox.act(town.residents(town.grids[0])[0], "start", bot=town.bot.username, payload=visitor)
        settings = Settings(bot_token=(Secret(TOKEN),), database_url=f"sqlite+aiosqlite:///{file}", policy=city)
        store = await open_store(settings, Clock(), migrate=True)

        def settle(uow: UnitOfWork) -> None:
            load(uow, town.sheets, bot=town.bot.id)

        try:
            await store.work(settle)
            await Past(sandbox, town, store, furnishing).live(MONDAY)
            cases, broken = await store.read(_lived)
            greeted, opened = await store.read(_greeted)
            assert await store.read(_told_twice) == []
        finally:
            await store.close()
        heard = [one for one in sandbox.exchange.queues[town.bot.id].alive() if one.kind == "message"]
    assert broken == []
    assert greeted == opened > 0, "whoever pressed Start is answered"
    assert [one.update["message"]["text"] for one in heard] == ([f"/start {visitor}"] if visitor else [])
    return cases


async def test_what_a_visitor_writes_while_the_past_is_lived_is_heard(tmp_path: Path) -> None:
    assert await lived("default", tmp_path / "town.db", visitor="mine")


def test_every_policy_has_its_town() -> None:
    assert set(cities()) == set(presets())
    assert cities()[0] == "default"


@pytest.mark.parametrize("city", cities())
async def test_every_stage_is_there_to_be_seen(city: str, tmp_path: Path) -> None:
    cases = await lived(city, tmp_path / "town.db")

    assert len(cases) == len(scripts(city))
    assert {case.status for case in cases} == set(Status) - {Status.RECEIVED}
    ordinary = [case for case in cases if case.urgency is Urgency.ORDINARY]
    assert [case.number for case in ordinary if case.overdue] == []
    assert any(case.overdue for case in cases)
    assert {case.ruling for case in cases} == {None, *RulingKind}
    assert {state.state for case in cases for state in case.assists} == {AssistState.WHISTLED, AssistState.CHECKED_IN}
    assert any(case.waiting for case in cases)
    assert any(case.judged for case in cases)
    assert any(case.reopened and case.status is Status.CLAIMED for case in cases)
    assert any(case.me_too for case in cases)
    archived = {case.rating_final for case in cases if case.status is Status.ARCHIVED}
    calls_back = Policy.load(city).call_back is not None
    assert archived == ({Rating.SATISFIED} if calls_back else {None, Rating.SATISFIED})
    assert any(case.calling for case in cases) is calls_back, "who did not rate waits to be called, where that is done"


async def test_the_past_is_the_same_at_every_start(tmp_path: Path) -> None:
    first, second = await lived("zhaoyuan", tmp_path / "first.db"), await lived("zhaoyuan", tmp_path / "second.db")

    assert [(one.number, one.status, one.unit, one.due_at) for one in first] == [
        (one.number, one.status, one.unit, one.due_at) for one in second
    ]
