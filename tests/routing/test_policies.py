"""One story of each published city, on a real database, under its own policy."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from routing import binding, casework
from routing.casework import Saying
from routing.events import (
    Approved,
    AssistDone,
    CheckedIn,
    Escalated,
    ExtensionAsked,
    Noted,
    NoteKind,
    SentBack,
    Whistled,
)
from routing.loading import BadTown
from routing.model import AssistState, Place, Rating, Status, TimerKind, UnitKind
from routing.policy import Policy
from routing.ports import UnitOfWork
from routing.refusals import NothingAbove, NotNow, NotYours
from routing.town import load
from tests.routing.cities import (
    COMMUNITY_DESK,
    HE,
    LOU,
    MICRO,
    PLUMBER,
    RESIDENTS,
    REVIEWER,
    STREET_DESK,
    TOP,
    TOP_DESK,
    WATER,
    WATER_DESK,
    at,
    city,
    shaped,
    shown_at,
    texts,
    works,
)  # fmt: skip
from tests.routing.village import BOT, CHEN, COMMUNITY, GRID, LI, STREET, SUN, WANG, ZHANG, ZHOU, Village

pytestmark = pytest.mark.usefixtures("engine")

FRIDAY = "2026-02-13T10:00"  # before the Spring Festival; Saturday is a working day in exchange


@pytest.fixture
async def shinan(tmp_path: Path) -> AsyncIterator[Village]:
    async with city(tmp_path, "shinan", FRIDAY) as town:
        yield town


@pytest.fixture
async def zhaoyuan(tmp_path: Path) -> AsyncIterator[Village]:
    async with city(tmp_path, "zhaoyuan", FRIDAY) as town:
        yield town


@pytest.fixture
async def dongying(tmp_path: Path) -> AsyncIterator[Village]:
    async with city(tmp_path, "dongying", "2026-11-21T09:00") as town:  # a Saturday
        yield town


@pytest.fixture
async def feicheng(tmp_path: Path) -> AsyncIterator[Village]:
    async with city(tmp_path, "feicheng", FRIDAY) as town:
        yield town


# Shinan: three classes, four hours, one, two and five working days, review by the district


async def test_in_shinan_the_class_says_where_a_case_starts_and_the_level_by_when_it_ends(shinan: Village) -> None:
    noise = await shinan.files(top="livelihood")
    shed = await shinan.files(top="enforcement")
    plan = await shinan.files(top="development")

    assert [(one.unit, one.due_at) for one in (noise, shed, plan)] == [
        (COMMUNITY, at("2026-02-14T10:00")),
        (STREET, at("2026-02-24T10:00")),
        (STREET, at("2026-02-24T10:00")),
    ]
    assert noise.rule == "word:lamp > class:livelihood starts at community"
    raised = await shinan.moves(shed, Escalated, SUN)
    assert (raised.unit, raised.due_at) == (TOP, at("2026-02-27T10:00"))


async def test_in_shinan_four_hours_by_the_clock_without_a_person_are_late_whatever_a_machine_said(
    shinan: Village,
) -> None:
    case = await shinan.files()
    assert case.respond_due_at == at("2026-02-13T14:00")

    await shinan.passes(hours=3, minutes=59)
    assert await shinan.told("tell.respond_overdue_above") == []
    await shinan.passes(minutes=1)

    assert await shinan.told("tell.respond_overdue_above") == [STREET_DESK]


async def test_in_shinan_no_word_of_the_handler_reaches_the_resident_before_the_district_approves(
    shinan: Village,
) -> None:
    case = await shinan.files(matter="L99")
    await works(shinan, casework.dispatch, case, CHEN, GRID)
    await shinan.claims(case, LI)
    sent = await works(shinan, casework.resolve, case, LI, Saying("lamp changed, wall painted"))

    assert sent.status is Status.IN_REVIEW
    assert (await shinan.timers(case))[TimerKind.REVIEW].unit == TOP
    offered = {COMMUNITY_DESK, CHEN, ZHANG}  # they see on their cards, which may be on their way, what became of it
    assert await shown_at(shinan, case) == {WANG, LI, RESIDENTS, TOP_DESK} | offered
    for between in (CHEN, SUN):
        with pytest.raises(NotYours):
            await shinan.moves(case, Approved, between)
        with pytest.raises(NotYours):
            await shinan.moves(case, SentBack, between)

    again = await works(shinan, casework.reject, case, REVIEWER, Saying("say when"))
    assert (again.status, again.unit, again.due_at) == (Status.OFFERED, GRID, at("2026-02-14T10:00"))
    await shinan.claims(case, LI)
    await works(shinan, casework.resolve, case, LI, Saying("lamp changed today at nine"))
    assert "lamp changed" not in await texts(shinan, WANG, RESIDENTS)
    approved = await shinan.moves(case, Approved, REVIEWER)

    assert approved.status is Status.AWAITING_RATING
    said = await texts(shinan, WANG)
    assert "lamp changed today at nine" in said
    assert "wall painted" not in said


async def test_in_shinan_a_review_that_nobody_makes_is_missed_at_the_district(shinan: Village) -> None:
    case = await shinan.claims(await shinan.files(), CHEN)
    await shinan.resolves(case, CHEN)

    await shinan.passes(days=20)

    assert await shinan.told("tell.review_overdue") == [TOP_DESK]


async def test_in_shinan_a_judgement_is_asked_of_the_level_above_and_not_of_the_district(shinan: Village) -> None:
    case = await shinan.claims(await shinan.files(), CHEN)
    await shinan.resolves(case, CHEN)
    await shinan.moves(case, Approved, REVIEWER)
    again = await shinan.rates(case, Rating.NOT_SATISFIED)
    assert again.unit == STREET
    await shinan.claims(again, SUN)
    await shinan.resolves(case, SUN)
    await shinan.moves(case, Approved, REVIEWER)

    judged = await shinan.rates(case, Rating.NOT_SATISFIED)

    assert (judged.status, judged.judged) == (Status.IN_REVIEW, True)
    assert (await shinan.timers(case))[TimerKind.REVIEW].unit == TOP


# Zhaoyuan: the grid calls the community, the community the street, the street the city


async def test_in_zhaoyuan_each_of_the_three_calls_starts_the_clock_of_the_level_that_answers(
    zhaoyuan: Village,
) -> None:
    case = await zhaoyuan.claims(await zhaoyuan.files(), LI)
    dues = [(case.unit, case.due_at)]
    for caller, answering in ((LI, CHEN), (CHEN, SUN), (SUN, HE)):
        await zhaoyuan.passes(hours=1)
        await zhaoyuan.moves(case, Escalated, caller)
        taken = await zhaoyuan.claims(case, answering)
        dues.append((taken.unit, taken.due_at))

    assert dues == [
        (GRID, at("2026-02-14T10:00")),
        (COMMUNITY, at("2026-02-24T11:00")),
        (STREET, at("2026-02-25T12:00")),
        (TOP, at("2026-02-27T13:00")),
    ]
    assert await zhaoyuan.told("tell.escalated") == [CHEN, COMMUNITY_DESK, SUN, STREET_DESK, HE, TOP_DESK]
    with pytest.raises(NothingAbove):
        await zhaoyuan.moves(case, Escalated, HE)


async def test_in_zhaoyuan_no_level_pays_for_the_time_that_another_one_held(zhaoyuan: Village) -> None:
    case = await zhaoyuan.claims(await zhaoyuan.files(), LI)
    await zhaoyuan.passes(hours=23)
    await zhaoyuan.moves(case, Noted, LI, kind=NoteKind.NOTE)
    await zhaoyuan.passes(hours=2)
    assert (await zhaoyuan.case(case)).overdue

    raised = await zhaoyuan.moves(case, Escalated, LI)

    assert not raised.overdue
    assert (raised.dispatched_at, raised.respond_due_at) == (zhaoyuan.now, zhaoyuan.now + timedelta(hours=4))


# Dongying: the same day, the law, the whistle


async def test_in_dongying_water_reported_on_saturday_at_nine_is_due_on_saturday_at_midnight(dongying: Village) -> None:
    water = await dongying.files(matter="L01")
    lamp = await dongying.files(matter="L99")

    assert water.due_at == at("2026-11-22T00:00")
    assert water.respond_due_at == at("2026-11-21T10:00")
    assert lamp.due_at == at("2026-11-24T00:00")


async def test_in_dongying_what_turns_out_to_be_water_is_due_the_same_day(dongying: Village) -> None:
    case = await dongying.claims(await dongying.files(matter="L99"), LI)
    water = await dongying.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L01")
    assert water.due_at == at("2026-11-22T00:00")
    assert (await dongying.timers(case))[TimerKind.HANDLE].due_at == water.due_at
    again = await dongying.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L99")

    assert again.due_at == water.due_at, "a correction buys nobody time"


async def test_in_dongying_what_stays_the_same_day_stays_so_one_rung_up(dongying: Village) -> None:
    water = await dongying.claims(await dongying.files(matter="L01"), LI)
    await dongying.passes(hours=12)

    raised = await dongying.moves(water, Escalated, LI)

    assert (raised.unit, raised.due_at) == (COMMUNITY, at("2026-11-22T00:00"))


async def test_in_dongying_a_legal_matter_names_the_body_that_decides_and_no_date(dongying: Village) -> None:
    wages = await dongying.files(matter="L32")

    assert wages.due_at is None
    assert (await dongying.timers(wages))[TimerKind.HANDLE].due_at == at("2027-02-19T09:00")
    told = await texts(dongying, WANG, RESIDENTS)
    assert "由劳动保障监察机构 / 劳动人事争议仲裁委员会依法决定" in told
    assert "前办结" not in told
    await dongying.claims(wages, LI)
    assert "待定" not in await texts(dongying, WANG, LI, RESIDENTS, COMMUNITY_DESK)
    await dongying.moves(wages, Noted, LI, kind=NoteKind.QUESTION)
    answered = await dongying.moves(wages, Noted, WANG, kind=NoteKind.ANSWER)
    assert answered.due_at is None


async def test_in_dongying_a_legal_matter_is_watched_until_somebody_acts(dongying: Village) -> None:
    wages = await dongying.claims(await dongying.files(matter="L32"), LI)

    await dongying.passes(days=91)

    assert (await dongying.case(wages)).overdue
    assert "但很久没有进展" in await texts(dongying, COMMUNITY_DESK)
    assert COMMUNITY_DESK in await dongying.told("tell.overdue_above")


async def test_in_dongying_a_matter_corrected_to_one_that_the_law_decides_loses_its_date_and_back(
    dongying: Village,
) -> None:
    case = await dongying.claims(await dongying.files(matter="L99"), LI)
    assert case.due_at is not None

    lawful = await dongying.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L32")
    assert lawful.due_at is None
    assert (await dongying.timers(case))[TimerKind.HANDLE].due_at == at("2027-02-19T09:00")
    plain = await dongying.moves(case, Noted, LI, kind=NoteKind.CORRECTION, matter="L01")

    assert plain.due_at == at("2026-11-22T00:00")
    assert (await dongying.timers(case))[TimerKind.HANDLE].due_at == plain.due_at


async def test_in_dongying_nobody_extends_a_date_that_was_not_given(dongying: Village) -> None:
    wages = await dongying.claims(await dongying.files(matter="L32"), LI)

    with pytest.raises(NotNow):
        await dongying.moves(wages, ExtensionAsked, LI)


async def test_in_dongying_a_department_that_hears_the_whistle_and_does_not_come_is_marked_absent(
    dongying: Village,
) -> None:
    case = await dongying.claims(await dongying.files(matter="L01"), LI)
    await dongying.moves(case, Whistled, CHEN, units=(WATER,), place="East gate", meet_at=dongying.now)
    assert await dongying.told("tell.whistled") == [WATER_DESK]

    await dongying.passes(hours=2)
    absent = (await dongying.case(case)).assists[0]
    assert (absent.state, absent.due_at) == (AssistState.ABSENT, dongying.now)
    assert await dongying.told("tell.absent") == [LI, WATER_DESK, COMMUNITY_DESK, STREET_DESK]
    await dongying.passes(minutes=1)
    late = await dongying.moves(case, CheckedIn, PLUMBER, assist=WATER)
    assert late.assists[0].state is AssistState.LATE
    await dongying.moves(case, AssistDone, PLUMBER, assist=WATER)

    assert (await dongying.resolves(case, LI)).status is Status.AWAITING_RATING


# Feicheng: five levels, one chat to a grid, six steps


async def test_in_feicheng_a_small_matter_starts_in_the_micro_grid_of_its_building(feicheng: Village) -> None:
    case = await feicheng.files(place=Place(building="1号楼"))

    assert (case.unit, case.grid) == (MICRO, GRID)
    assert case.rule == "word:lamp > class:livelihood starts at microgrid, place:1号楼"
    assert await shown_at(feicheng, case) == {LOU, WANG, RESIDENTS}
    elsewhere = await feicheng.files(place=Place(building="2号楼"))
    assert (elsewhere.unit, elsewhere.rule) == (GRID, "word:lamp > place:grid")


async def test_in_feicheng_a_case_climbs_from_the_micro_grid_to_the_city_along_five_levels(feicheng: Village) -> None:
    case = await feicheng.claims(await feicheng.files(place=Place(building="1号楼")), LOU)
    held = [case.unit]
    for caller, answering in ((LOU, LI), (LI, CHEN), (CHEN, SUN), (SUN, HE)):
        await feicheng.moves(case, Escalated, caller)
        held.append((await feicheng.claims(case, answering)).unit)

    assert held == [MICRO, GRID, COMMUNITY, STREET, TOP]


async def test_in_feicheng_a_case_goes_down_to_a_micro_grid_in_one_step(feicheng: Village) -> None:
    case = await feicheng.files(place=Place(building="2号楼"))

    sent = await works(feicheng, casework.dispatch, case, CHEN, MICRO)

    assert sent.unit == MICRO
    assert sent.due_at == at("2026-02-14T10:00")


async def test_in_feicheng_a_micro_grid_speaks_in_the_chat_of_its_grid(feicheng: Village) -> None:
    def kinds(uow: UnitOfWork) -> tuple[UnitKind, UnitKind, int, int]:
        return (
            uow.units.get(GRID).kind,
            uow.units.get(MICRO).kind,
            binding.missing(uow, MICRO),
            binding.missing(uow, GRID),
        )

    assert await feicheng.work(kinds) == (UnitKind.BASIC, UnitKind.MICRO, 0, 0)
    case = await feicheng.claims(await feicheng.files(place=Place(building="1号楼")), LOU)
    assert RESIDENTS in await shown_at(feicheng, case)


SORTS = "basic, special, market, school, hospital, tower, park"


@pytest.mark.parametrize(
    ("kind", "chat", "fault"),
    [
        ("basic", "", f"column kind: 'basic': a grid is one of {SORTS}; other units leave it empty"),
        ("", "-500", "column residents_chat: a grid has a residents' chat, every other unit a desk chat"),
    ],
)
async def test_in_feicheng_a_micro_grid_is_no_grid(feicheng: Village, kind: str, chat: str, fault: str) -> None:
    units = shaped(Policy.load("feicheng"))[0]
    micro = replace(units.rows[-1], cells={**units.rows[-1].cells, "kind": kind, "residents_chat": chat})

    with pytest.raises(BadTown) as refused:
        await feicheng.work(load, [replace(units, rows=(*units.rows[:-1], micro))], bot=BOT)

    assert [str(replace(one, file="units")) for one in refused.value.problems] == [
        f"units, row {micro.number}, {fault}"
    ]


async def test_in_feicheng_homes_belong_to_the_grid_and_not_to_a_micro_grid(feicheng: Village) -> None:
    homes = shaped(Policy.load("feicheng"))[2]
    home = replace(homes.rows[0], cells={**homes.rows[0].cells, "grid": MICRO})

    with pytest.raises(BadTown, match="1号楼 is no grid"):
        await feicheng.work(load, [replace(homes, rows=(home,))], bot=BOT)


async def test_in_feicheng_residents_see_six_steps(feicheng: Village) -> None:
    await feicheng.claims(await feicheng.files(), LI)

    chain = "信息收集 · 源头发现 · 分流交办 · <b>分级办理</b> · 结果反馈 · 督查考核"
    assert chain in await texts(feicheng, RESIDENTS, WANG)


async def test_in_feicheng_anybody_of_the_household_rates(feicheng: Village) -> None:
    home = "370001001001001-11101"
    await feicheng.work(lambda uow: uow.people.join_household(feicheng.people[ZHOU], home, feicheng.now))
    case = await feicheng.resolves(await feicheng.claims(await feicheng.files(), LI), LI)

    rated = await feicheng.rates(case, Rating.SATISFIED, ZHOU)

    assert rated.status is Status.ARCHIVED
