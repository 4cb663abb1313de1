"""查阅: observers read with a reason, each reading is written down, and the reporter sees it."""

import json

from bot.cli.export import export_readings
from handlers._kit.case_presses import CasePressed, ClaimPressed
from routing.model import Appointment, PersonId, Post, UnitCode
from routing.ports import UnitOfWork
from storage.stores import Stores
from tests.handlers.cast import LAMP, card_at, filed, zh
from tests.town import CITY, Persona, Town


async def _observer(town: Town) -> Persona:
    """He gives up leading the city and only watches it."""

    def watch(uow: UnitOfWork) -> None:
        person = uow.people.meet(town.he.id, "何川", "zh").id
        uow.people.dismiss(person, UnitCode(CITY))
        uow.people.appoint(Appointment(person, UnitCode(CITY), Post.OBSERVER, "何川"))

    await town.he.starts()
    await town.work(watch)
    return town.he


async def test_an_observer_is_asked_why_and_then_reads(town: Town) -> None:
    watcher = await _observer(town)
    await filed(town)
    await watcher.writes_privately("/case 1")
    assert town.last(watcher)["text"].startswith("查阅 #1")
    assert LAMP not in " ".join(town.said(watcher))
    await watcher.writes_privately("专项检查，电话13512345678")

    assert LAMP in town.last(watcher)["text"]
    assert "王小满" not in town.last(watcher)["text"]
    assert town.buttons(town.last(watcher)) == []
    await town.wang.writes_privately("/mydata")
    assert '"post": "observer"' in town.last(town.wang)["text"]
    assert '"why": "专项检查' in town.last(town.wang)["text"]
    rows = [json.loads(line) for line in (await town.read(_readings)).splitlines()]
    assert [(one["number"], one["by"], one["what"]) for one in rows] == [(1, "何川", "case")]
    assert "13512345678" not in rows[0]["why"]


def _readings(stores: Stores) -> str:
    return export_readings(stores, "jsonl")


async def test_a_reason_in_the_same_line_is_enough(town: Town) -> None:
    watcher = await _observer(town)
    await filed(town)
    await watcher.writes_privately("/case 1 群众反映办理拖延")

    assert LAMP in town.last(watcher)["text"]


async def test_every_reading_needs_its_own_reason(town: Town) -> None:
    watcher = await _observer(town)
    await filed(town)
    await watcher.writes_privately("/case 1 抽查")
    await watcher.writes_privately("/case 1")

    assert town.last(watcher)["text"].startswith("查阅 #1")


async def test_an_observer_changes_nothing_and_reads_nothing_by_a_made_up_press(town: Town) -> None:
    watcher = await _observer(town)
    card = await filed(town)
    case = (await town.case()).id
    await watcher.joins(town.group)
    await watcher.presses(card, ClaimPressed(case), forged=True)
    assert town.toast(watcher) == zh("refusal.not_yours")
    await watcher.presses(card, CasePressed(case), forged=True)
    await watcher.presses(card, "详情")

    assert LAMP not in " ".join(town.said(watcher))
    assert await town.read(_count) == 0


def _count(stores: Stores) -> int:
    return len(stores.readings.of(stores.cases.by_number(1).id))


async def test_a_post_that_was_taken_away_reads_nothing_any_more(town: Town) -> None:
    watcher = await _observer(town)
    await filed(town)
    await watcher.writes_privately("/case 1")

    def dismissed(uow: UnitOfWork) -> PersonId:
        person = uow.people.meet(watcher.id, "何川", "zh").id
        uow.people.dismiss(person, UnitCode(CITY))
        return person

    await town.work(dismissed)
    await watcher.writes_privately("专项检查")
    assert town.last(watcher)["text"] == zh("refusal.not_yours")
    assert LAMP not in " ".join(town.said(watcher))


async def test_staff_of_a_desk_read_as_before(town: Town) -> None:
    await filed(town)
    await town.chen.writes("/case 1")

    assert LAMP in card_at(town, town.community_desk)["text"]
    assert await town.read(_count) == 0
