"""After a restore nothing of a broadcast is said a second time by the clock; its desk goes on with it knowingly."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from bot.cli._broadcasts import HELD_BACK, held_back
from broadcasts import desk, ticking
from broadcasts.lifecycle import MOVES, Event
from broadcasts.model import Broadcast, State, TargetState
from broadcasts.refusals import WindowPassed
from storage.audit import findings
from storage.backup import SetAside, quarantine
from storage.held_back import HeldBack
from storage.stores import Stores
from tests.broadcasts.test_chase import _chasing
from tests.routing.village import MONDAY, SUN, Village

pytestmark = pytest.mark.usefixtures("engine")

LEAVES = MONDAY + timedelta(minutes=30)
RESTORED = MONDAY + timedelta(minutes=90)
TOMORROW = MONDAY + timedelta(days=1)


def scheduled(uow: Stores, at: datetime = LEAVES, repeat_s: int | None = None) -> Broadcast:
    week = timedelta(days=7)
    drafted = MONDAY - week  # as of a series, which is laid when the one before it begins
    return _chasing(
        uow, state=State.SCHEDULED, begun_at=None, submitted_at=drafted, drafted_at=drafted, send_at=at, next_at=at,
        repeat_s=repeat_s, text="停水通知\n明天停水", expires_at=at + week,
    )  # fmt: skip


def begun(uow: Stores, state: State, next_at: datetime = MONDAY, expires_at: datetime = TOMORROW) -> Broadcast:
    made = _chasing(uow, state=state, next_at=next_at, expires_at=expires_at, text="台风")
    uow.targets.aim(made)
    return made


async def restored(town: Village) -> SetAside:
    return await town.work(lambda uow: quarantine(uow.connection, RESTORED))


async def now_is(town: Village, broadcast: Broadcast) -> Broadcast:
    return await town.store.read(lambda uow: uow.broadcasts.get(broadcast.id))


async def time_passes(town: Village, until: datetime) -> None:
    at = RESTORED
    while at < until:
        for one in await town.store.read(ticking.due, at):
            await town.work(ticking.look, one, at)
        at += timedelta(minutes=30)


async def said(town: Village) -> list[str]:
    rows = await town.store.read(lambda uow: uow.connection.exec_driver_sql("SELECT view FROM outbox").all())
    return [view for (view,) in rows if view.startswith("broadcast")]


async def audited(town: Village) -> Sequence[object]:
    return await town.store.read(lambda uow: list(findings(uow)))


@pytest.mark.parametrize("repeat_s", [None, 86_400])
async def test_what_was_to_leave_before_the_restore_is_a_draft_again_and_does_not_leave(
    town: Village, repeat_s: int | None
) -> None:
    made = await town.work(scheduled, repeat_s=repeat_s)

    aside = await restored(town)
    await time_passes(town, TOMORROW)

    assert aside.broadcasts == [HeldBack(made.number, "停水通知", State.DRAFT)]
    assert (await now_is(town, made)).state is State.DRAFT, "for days, however long ago it was drafted"
    assert len(await town.store.read(lambda uow: uow.broadcasts.all())) == 1, "no next one of the series either"
    assert await said(town) == []
    assert await audited(town) == []


async def test_its_desk_gives_it_another_time_and_publishes_it(town: Village) -> None:
    made = await town.work(scheduled)
    await restored(town)

    with pytest.raises(WindowPassed):
        await town.work(desk.submit, made.id, town.people[SUN], RESTORED)
    await town.work(desk.edit, made.id, town.people[SUN], RESTORED, send_at=None)
    await town.work(desk.submit, made.id, town.people[SUN], RESTORED)
    await town.work(ticking.look, made.id, RESTORED)

    assert (await now_is(town, made)).begun_at == RESTORED


async def test_what_is_for_later_leaves_then_and_is_named(town: Village) -> None:
    made = await town.work(scheduled, TOMORROW)

    assert (await restored(town)).broadcasts == [HeldBack(made.number, "停水通知", State.SCHEDULED)]
    assert await now_is(town, made) == made


@pytest.mark.parametrize("state", [State.SENDING, State.CHASING])
async def test_what_was_under_way_is_paused_until_its_desk_resumes_it(town: Village, state: State) -> None:
    made = await town.work(begun, state)

    aside = await restored(town)
    await time_passes(town, MONDAY + timedelta(hours=20))

    assert aside.broadcasts == [HeldBack(made.number, "台风", State.PAUSED)]
    assert (await now_is(town, made)).state is State.PAUSED
    assert await said(town) == []
    assert await audited(town) == []
    waiting = await town.store.read(lambda uow: uow.targets.figures(made.id).waiting)
    assert waiting > 0
    resumed = await town.work(desk.resume, made.id, town.people[SUN], RESTORED)
    await town.work(ticking.look, resumed.id, RESTORED)
    left = await town.store.read(lambda uow: uow.targets.at(made.id, TargetState.WAITING, 99))
    assert len(left) < waiting


async def test_what_has_nobody_to_chase_yet_or_has_expired_is_left_as_it_is(town: Village) -> None:
    later = await town.work(begun, State.CHASING, TOMORROW)
    over = await town.work(begun, State.SENDING, MONDAY, LEAVES)

    assert (await restored(town)).broadcasts == []
    assert await now_is(town, later) == later
    assert await now_is(town, over) == over


async def test_a_backup_from_before_there_were_broadcasts_is_restored(town: Village) -> None:
    await town.work(lambda uow: uow.connection.exec_driver_sql("ALTER TABLE broadcasts RENAME TO none_yet"))

    assert (await restored(town)).broadcasts == []


async def test_after_the_start_its_desk_sees_how_it_stands(town: Village) -> None:
    await town.work(begun, State.SENDING)
    await restored(town)

    await town.work(lambda uow: desk.show_anew(uow, desk.living(uow), RESTORED))

    assert await said(town) == ["broadcast_live"]


def test_a_restore_makes_moves_that_a_desk_can_make() -> None:
    assert MOVES[State.SCHEDULED, Event.RECALLED].to is State.DRAFT
    assert {MOVES[state, Event.PAUSED].to for state in (State.SENDING, State.CHASING)} == {State.PAUSED}


def test_every_broadcast_that_a_restore_names_has_a_line() -> None:
    lines = held_back(HeldBack(number, "停水", state) for number, state in enumerate(HELD_BACK, 1)).splitlines()

    assert [line.split(") ")[0] for line in lines] == [f"broadcast no. {n} (停水" for n in (1, 2, 3)]
