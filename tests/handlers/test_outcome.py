"""At the end of a broadcast the desk gets a chart and a workbook, in its language, with figures that agree."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from openpyxl import load_workbook
from sqlalchemy import delete, update

from broadcasts.lists import workbook
from broadcasts.model import Audience, Broadcast, BroadcastId, Class, Door, ReceiptState, State, TargetState
from broadcasts.summary import gather, promise_files
from handlers.outcome import files
from routing.model import ChatKind, UnitCode
from storage.stores import Stores
from storage.tables import receipts, targets
from tests.broadcasts.pressing import pressed
from tests.handlers.cast import zh
from tests.town import GRID, STREET, Town


def _told(uow: Stores) -> Broadcast:
    """A broadcast of the street; one household pressed, one was told at the door, one has moved."""
    desk = uow.chats.of_unit(UnitCode(STREET), ChatKind.DESK)
    assert desk is not None
    now = uow.clock()
    broadcast = Broadcast(
        begun_at=now - timedelta(minutes=30),
        text="=1+1 <b>停水通知</b>",
        id=BroadcastId(uow.ids.new()),
        number=uow.broadcasts.next_number(),
        state=State.DONE,
        kind=Class.NOTICE,
        unit=UnitCode(STREET),
        author=None,
        chat=desk.id,
        drafted_at=now,
        audience=Audience(UnitCode(STREET)),
    )
    uow.broadcasts.add(broadcast)
    uow.targets.aim(broadcast)
    for target in uow.targets.at(broadcast.id, TargetState.WAITING, 99):
        uow.receipts.ask(target)
    person = uow.people.staff_of(UnitCode(GRID))[0].person
    homes = uow.people.households_in(UnitCode(GRID))
    pressed(uow, broadcast.id, homes[0].code, now)
    for home, found in zip(homes[1:4], (Door.TOLD, Door.MOVED, Door.AWAY), strict=True):
        uow.receipts.door(broadcast.id, home.code, found, person, now)
    promise_files(uow, broadcast, "end")
    return broadcast


async def test_the_desk_gets_a_chart_and_a_workbook(town: Town) -> None:
    broadcast = await town.work(_told)
    await town.quiet()

    photo = next(one for one in reversed(town.messages(town.street_desk)) if "photo" in one)
    assert "已确认 2/131 户（1%）" in photo["caption"]
    assert "1小时" not in photo["caption"]
    document = next(one for one in reversed(town.messages(town.street_desk)) if "document" in one)
    assert document["document"]["file_name"] == f"broadcast-{broadcast.number}.xlsx"
    assert document["caption"] == zh("outcome.list", number=broadcast.number)


async def test_the_files_open_and_say_what_the_figures_say(town: Town) -> None:
    broadcast = await town.work(_told)
    listed = await town.read(lambda uow: files.listed(uow, broadcast, "zh"))
    states = [row[4] for row in listed.rows]

    assert len(listed.rows) == 132
    assert [states.count(zh(f"outcome.state.{one}")) for one in ("pressed", "told", "moved", "missing")] == [
        1,
        1,
        1,
        129,
    ]
    assert [row[5] for row in listed.rows if row[5]] == [zh(f"outcome.door.{one}") for one in ("told", "moved", "away")]
    book = load_workbook(io.BytesIO(workbook(listed.title, files.header("zh"), listed.rows, files.WIDTHS)))
    assert [cell.value for cell in book.worksheets[0][1]] == files.header("zh")
    assert book.worksheets[0].max_row == 133


async def test_when_the_answers_are_erased_the_figures_are_still_told(town: Town) -> None:
    broadcast = await town.work(_told)
    await town.quiet()
    await town.work(lambda uow: uow.connection.execute(delete(receipts)))
    await town.work(promise_files, broadcast, "again")
    await town.quiet()
    figures, listed = town.messages(town.street_desk)[-2:]

    assert "已确认 2/131 户" in figures["text"]
    assert listed["text"] == zh("outcome.erased", number=broadcast.number)


async def test_a_broadcast_that_asked_nobody_has_no_files(town: Town) -> None:
    await town.work(_asked_nobody)
    await town.quiet()

    assert not any("photo" in one or "document" in one for one in town.messages(town.street_desk))


def _asked_nobody(uow: Stores) -> None:
    desk = uow.chats.of_unit(UnitCode(STREET), ChatKind.DESK)
    assert desk is not None
    broadcast = Broadcast(
        id=BroadcastId(uow.ids.new()),
        number=1,
        state=State.DONE,
        kind=Class.NOTICE,
        unit=UnitCode(STREET),
        author=None,
        chat=desk.id,
        drafted_at=uow.clock(),
        audience=Audience(UnitCode(STREET)),
    )
    uow.broadcasts.add(broadcast)
    promise_files(uow, broadcast, "end")


async def test_what_is_over_within_minutes_is_drawn_in_seconds_and_shows_grids_where_nobody_is_missing(
    town: Town,
) -> None:
    broadcast = await town.work(_told_within_a_minute)
    summary = await town.read(gather, broadcast)

    assert [point.minute for point in summary.curve[-2:]] == pytest.approx([0.5, 0.75])
    assert [(point.pressed, point.told) for point in summary.curve[-2:]] == [(1, 0), (1, 131)]
    assert [target.missing for _, target in summary.worst] == [0] * 6
    assert files.drawn(summary).bars[0] == (1, 23, 0)
    assert [after for _, after in summary.reached] == [timedelta(seconds=41)] * 3


def _told_within_a_minute(uow: Stores) -> Broadcast:
    begun = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
    broadcast = uow.broadcasts.save(replace(_told(uow), begun_at=begun, sent_at=begun))
    uow.connection.execute(update(receipts).values(state=ReceiptState.MISSING, note=None, at=None, by=None))
    zeroes = dict.fromkeys(("pressed", "told", "moved", "shown"), 0)
    uow.connection.execute(update(targets).values(state=TargetState.SENT, **zeroes))
    person = uow.people.staff_of(UnitCode(GRID))[0].person
    homes = [home for unit in uow.units.all() for home in uow.people.households_in(unit.code)]
    pressed(uow, broadcast.id, homes[0].code, begun + timedelta(seconds=26))
    for home in homes[1:]:
        uow.receipts.door(broadcast.id, home.code, Door.TOLD, person, begun + timedelta(seconds=41))
    return broadcast
