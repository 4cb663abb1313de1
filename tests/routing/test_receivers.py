"""Who gets a new case first: lines of the policy, special grids, departments, and who is there to take it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from routing import departments, owners, receivers, staffing
from routing.catalogue import Catalogue
from routing.checked import BadPolicy
from routing.model import Appointment, Case, Post, Unit, UnitCode, UnitKind, Venue, WordsKind
from routing.policy import CLASSES, Policy, presets
from routing.ports import UnitOfWork
from storage.stores import Stores
from tests.routing.cities import WATER, city
from tests.routing.village import COMMUNITY, GRID, LI, STREET, Village, village

pytestmark = pytest.mark.usefixtures("engine")

MARKET, MARKET_COMMUNITY = UnitCode("370001001002003"), UnitCode("370001001002")
WARDENS, POWER = UnitCode("370001001901"), UnitCode("370001001902")
STALLS = "06001"
"""A matter of urban management, whose class is enforcement."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as one:
        yield one


async def _told(town: Village, text: str, **fields: object) -> Case:
    """Where a case with these words would start: it is written down and not dispatched."""

    def place(uow: UnitOfWork) -> tuple[UnitCode, str]:
        case = replace(filed, **fields)  # type: ignore[arg-type]  # fields of a case
        for words in uow.words.of(filed.id, WordsKind.REPORT):
            uow.words.rewrite(words.id, text)
        return receivers.first_receiver(uow, case)

    filed = await town.files()
    unit, rule = await town.work(place)
    return replace(filed, unit=unit, rule=rule)


async def test_a_case_without_a_line_starts_where_its_class_does(town: Village) -> None:
    case = await _told(town, "楼道灯坏了")

    assert (case.unit, case.rule) == (GRID, "class:livelihood starts at grid")


async def test_the_community_is_first_for_every_class_without_a_table_where_the_policy_says_so(tmp_path: Path) -> None:
    text = (files("routing") / "policies" / "default.toml").read_text("utf-8")
    rest = '[classes."*"]\nstarts_at = "community"\n[classes.livelihood]'
    for name in ("enforcement", "development"):
        text = text.replace(f'[classes.{name}]\nstarts_at = "grid"', "")
    (tmp_path / "rest.toml").write_text(text.replace("[classes.livelihood]", rest), "utf-8")
    async with village(tmp_path, str(tmp_path / "rest.toml")) as town:
        first = {top: (await _told(town, "楼道灯坏了", top=top)).unit for top in CLASSES}

    assert first == {"livelihood": GRID, "enforcement": COMMUNITY, "development": COMMUNITY}


async def test_a_tip_off_never_starts_in_the_grid(town: Village) -> None:
    for policy in presets():
        assert any(line.kind == "tip_off" and line.to == "street" for line in Policy.load(policy).receivers)
    case = await _told(town, "举报", kind="tip_off")

    assert (case.unit, case.rule) == (STREET, "policy:tip-off")


async def test_in_a_market_the_department_comes_at_once_and_everything_else_is_the_markets(town: Village) -> None:
    stalls = await _told(town, "占道经营", grid=MARKET, matter=STALLS, top="enforcement")
    lamp = await _told(town, "灯坏了", grid=MARKET)

    assert (stalls.unit, stalls.rule) == (WARDENS, "policy:market-enforcement")
    assert lamp.unit == MARKET


async def test_what_the_import_calls_a_market_is_a_special_grid(town: Village) -> None:
    def market(stores: Stores) -> Unit:
        return stores.units.get(MARKET)

    unit = await town.store.read(market)
    assert (unit.kind, unit.venue) == (UnitKind.SPECIAL, Venue.MARKET)


async def test_a_special_grid_asks_its_leader_first_and_a_basic_one_everybody(town: Village) -> None:
    def appoint(uow: UnitOfWork) -> tuple[list[int], list[int]]:
        boss = uow.people.meet(9001, "market manager", "zh").id
        uow.people.appoint(Appointment(boss, MARKET, Post.LEADER, "market manager"))
        return [int(one) for one in staffing.roster(uow, MARKET)], [int(one) for one in staffing.roster(uow, GRID)]

    market, grid = await town.work(appoint)
    assert len(market) == 1
    assert len(grid) == 2


async def test_where_nobody_could_claim_the_case_goes_up_to_where_somebody_can(town: Village) -> None:
    def dismiss(uow: UnitOfWork) -> None:
        for number in (LI, 1002):
            uow.people.dismiss(uow.people.meet(number, "", None).id, GRID)

    await town.work(dismiss)
    case = await town.files()
    assert case.unit == COMMUNITY
    assert case.rule == f"word:lamp > class:livelihood starts at grid, nobody:{GRID}"


async def test_what_many_households_have_goes_to_the_community_and_small_things_stay(tmp_path: Path) -> None:
    async with village(tmp_path, "zhaoyuan") as town:
        big, small = await _told(town, "整栋楼停水"), await _told(town, "我家水龙头漏水")

    assert (big.unit, big.rule) == (COMMUNITY, "policy:large")
    assert small.unit == GRID


async def test_the_owner_of_a_matter_is_the_nearest_department_whose_name_says_so(tmp_path: Path) -> None:
    async with city(tmp_path, "default", "2026-11-23T09:00") as town:
        case = await town.files(matter="L01")

        def found(uow: UnitOfWork) -> list[UnitCode]:
            return [unit.code for unit in owners.owners(uow, case)]

        assert await town.work(found) == [WATER]


def test_the_policy_says_whose_a_matter_is_by_code_by_beginning_and_by_key() -> None:
    matter = Catalogue.load().matters["L02"]
    mapping = {"L0": ("A",), "L02": ("B",), "power": ("C",)}

    assert departments.wanted(mapping, matter) == ("B",)
    assert departments.wanted({"L0": ("A",), "power": ("C",)}, matter) == ("A",)
    assert departments.wanted({"power": ("C",)}, matter) == ("C",)
    assert "供电" in departments.wanted({}, matter)


def test_every_department_of_the_catalogue_has_a_name() -> None:
    used = {matter.department for matter in Catalogue.load().matters.values() if matter.department}

    assert used <= departments.known().keys()


@pytest.mark.parametrize(
    ("section", "fault"),
    [
        ('[departments]\nmoon = ["A"]', "departments.moon: is no department, and no matter of the catalogue begins"),
        ("[departments]\npower = []", "departments.power: must be a list of codes"),
        ('[departments]\npower = "A"', "departments.power: must be a list of codes"),
        ('[asked]\nspecial = ["observer"]', "asked.special: must be a list of posts that may claim"),
        ('[asked]\nmoon = ["leader"]', "asked.moon: unknown key"),
        (
            '[[receivers]]\nname = "a"\nto = "moon"',
            "receivers[1].to: must be one of city, street, community, grid, owner",
        ),
        (
            '[[receivers]]\nname = "a"\nto = "grid"\ngrid = "sea"',
            "receivers[1].grid: must be one of basic, special, mar",
        ),
        ('[[receivers]]\nname = "a"\nto = "grid"\nmatter = "Z"', "receivers[1].matter: no matter of the catalogue"),
        (
            '[[receivers]]\nname = "a"\nto = "grid"\n[[receivers]]\nname = "a"\nto = "city"',
            "receivers[1].name: a stands in two lines",
        ),
    ],
)
def test_a_line_that_cannot_be_meant_is_refused(section: str, fault: str, tmp_path: Path) -> None:
    text = (Path(receivers.__file__).parent / "policies" / "default.toml").read_text("utf-8")
    kept = text[: text.index("# Who gets what")] + text[text.index('# The first line that fits decides; "*"') :]
    (tmp_path / "own.toml").write_text(f"{kept}\n{section}\n", "utf-8")

    with pytest.raises(BadPolicy) as refused:
        Policy.load(str(tmp_path / "own.toml"))
    assert fault in str(refused.value)


async def test_the_rule_is_stored_with_the_dispatch(town: Village) -> None:
    case = await town.files(kind="tip_off")

    assert (case.rule, case.policy) == ("word:lamp > policy:tip-off", Policy.load().stamp)
