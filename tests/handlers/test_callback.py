"""回访 from the desk: who did not rate is called, what they say is noted apart, and their own press goes before it."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from bot.cli._sheets import export_late
from bot.cli.export import as_row
from handlers._kit.case_presses import CalledPressed
from routing import months
from routing.events import Fault
from routing.model import Rating, Status, Told, UnitCode
from storage.audit import findings
from storage.reports import Reports
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, offers, resolved, zh
from tests.town import CITY, MONDAY, STREET, Message, Town, town_in

CALLING = '\n[call_back]\nby = "city"\ntries = 2\n[[limits]]\nclock = "call_back"\nlimit = "1 calendar_days"\n'
HEARD = "他说噪声没有了"
PHONED = ("called_back", "reached", "told_satisfied", "not_called")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """A town whose city calls back who does not rate."""
    policy = tmp_path / "calling.toml"
    default = (files("routing") / "policies" / "default.toml").read_text("utf-8")
    policy.write_text(default + CALLING, "utf-8")
    async with town_in(tmp_path, policy=str(policy)) as running:
        yield running


async def _silent(town: Town) -> Message:
    """A closed case that Wang has not rated; its card at the city's desk."""
    await town.he.starts()
    await resolved(town)
    for _ in range(14):
        if (await town.case()).calling is None:
            await town.passes(days=1)
    return card_at(town, town.city_desk)


async def _called(town: Town, button: str, words: str = HEARD) -> None:
    await town.he.presses(card_at(town, town.city_desk), button)
    await town.he.writes_privately(words)


def _exported(stores: Stores) -> dict[str, object]:
    return as_row(stores, stores.cases.by_number(1), "")


def _figures(stores: Stores) -> tuple[int, ...]:
    """The calls that the city made, reached somebody with, heard satisfied in, and did not make, of all months."""
    sheet = Counter[str]()
    for row in months.rows(stores, stores.clock() + timedelta(days=365)):
        assert row["unit"] == CITY or not any(row[name] for name in PHONED), "booked on the unit that calls"
        sheet.update({name: row[name] for name in PHONED})
    return tuple(sheet[name] for name in PHONED)


def _broken(stores: Stores) -> list[str]:
    return [str(one) for one in findings(stores)]


async def test_the_city_finds_the_call_in_its_list_and_on_the_card_and_nobody_else_does(town: Town) -> None:
    card = await _silent(town)
    case = await town.case()
    assert (case.status, case.calling, case.handler) == (Status.AWAITING_RATING, CITY, case.grid)
    assert any(text.startswith("☎️ #1") and "电话回访" in text for text in town.said(town.city_desk))
    assert town.buttons(card)[:4] == ["☎️ 回访：满意", "☎️ 回访：基本满意", "☎️ 回访：不满意", "☎️ 没联系上"]
    assert zh("card.calling", unit="样例市", count=0) in card["text"]
    await town.he.writes("/desk")
    assert zh("desk.calling", count=1) in town.last(town.city_desk)["text"]
    assert any("#1" in button for button in town.buttons(town.last(town.city_desk)))

    await town.sun.writes("/case 1")
    other = card_at(town, town.street_desk)
    assert not await offers(town, town.sun, other, "回访：满意")
    await town.sun.presses(other, CalledPressed(case.id, Told.SATISFIED), forged=True)
    assert town.toast(town.sun) == zh("refusal.not_yours")
    await town.wang.presses(card_of(town, town.wang), CalledPressed(case.id, Told.SATISFIED), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")


async def test_what_is_heard_is_noted_apart_and_the_reporter_s_own_press_goes_before_it(town: Town) -> None:
    await _silent(town)
    await _called(town, "回访：满意")
    assert town.last(town.he)["text"] == zh("callback.noted", number=1)
    assert await town.read(_figures) == (1, 1, 1, 0)
    case = await town.case()
    assert (case.told, case.rating_final, case.status) == (Told.SATISFIED, None, Status.AWAITING_RATING)
    assert HEARD in " ".join(town.said(town.city_desk))
    assert HEARD not in " ".join([*town.said(town.wang), *town.said(town.group)])
    asked = town.last(town.wang)
    assert "记录为“满意”" in asked["text"]
    exported = await town.read(_exported)
    assert (exported["told_by_phone"], exported["rating_final"], exported["rating_first"]) == ("satisfied", None, None)

    await town.wang.presses(asked, "不满意")
    case = await town.case()
    assert (case.status, case.reopened, case.rating_first) == (Status.OFFERED, 1, Rating.NOT_SATISFIED)


async def test_not_satisfied_on_the_phone_starts_it_again_one_level_up(town: Town) -> None:
    await _silent(town)
    await _called(town, "回访：不满意", "晚上还是吵")
    case = await town.case()

    assert (case.status, case.reopened, case.told, case.rating_final) == (
        Status.OFFERED,
        1,
        Told.NOT_SATISFIED,
        None,
    )
    assert case.unit not in (case.grid, STREET, CITY)
    assert any("重办" in text for text in town.said(town.wang))
    assert zh("card.told", told="不满意") in card_at(town, town.community_desk)["text"]


async def test_who_is_not_reached_twice_is_archived_as_unrated_and_counted_apart(town: Town) -> None:
    await _silent(town)
    await _called(town, "没联系上", "9点无人接听")
    assert ((await town.case()).calls, (await town.case()).calling) == (1, CITY)
    await _called(town, "没联系上", "15点关机")

    case = await town.case()
    assert (case.status, case.told, case.rating_final) == (Status.ARCHIVED, Told.NOT_REACHED, None)
    counted = await town.read(lambda stores: Reports(stores.connection, stores.city).stats())
    assert (counted["called_back"], counted["told_satisfied"], counted["rated"], counted["unrated"]) == (1, 0, 0, 1)
    assert await town.read(_figures) == (2, 0, 0, 0)
    await town.he.presses(card_at(town, town.city_desk), CalledPressed(case.id, Told.SATISFIED), forged=True)
    assert town.toast(town.he) != zh("callback.noted", number=1)


async def test_a_call_that_the_city_forgets_is_told_to_it_and_ends_the_case_unrated(town: Town) -> None:
    await _silent(town)
    await town.passes(days=2)

    assert ((await town.case()).status, (await town.case()).told) == (Status.ARCHIVED, None)
    assert any("逾期未回访" in text for text in town.said(town.city_desk))
    await town.he.writes("/desk")
    assert "未回访" in next(text for text in reversed(town.said(town.city_desk)) if "通报" in text)
    [notice] = await town.read(lambda stores: stores.bulletin.of([UnitCode(CITY)], MONDAY, 9))
    assert notice.fault is Fault.UNCALLED
    assert await town.read(_figures) == (0, 0, 0, 1)
    assert await town.read(_broken) == []


async def test_a_call_that_is_late_stands_among_what_is_late(town: Town) -> None:
    await _silent(town)
    due = (await town.case()).due_at
    assert due is not None

    def late(stores: Stores, after: timedelta) -> str:
        return export_late(stores, "csv", due + after)

    assert CITY not in await town.read(late, timedelta())
    assert f",{CITY}," in await town.read(late, timedelta(minutes=1))
