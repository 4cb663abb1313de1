"""`huying catalog`: who owns what in this town, and what nobody owns."""

import json
from pathlib import Path

import pytest

from bot.cli import catalog
from bot.sample.town import tables
from routing.model import ChatKind, ChatState, UnitCode
from routing.town import load
from storage.stores import Stores
from tests.cli.conftest import TOKEN, Run, tell
from tests.routing.village import MONDAY, _file

BOT = int(TOKEN.split(":")[0])
WARDENS, POWER = UnitCode("370001001901"), UnitCode("370001001902")


def _settle(stores: Stores) -> None:
    load(stores, tables(), bot=BOT)


def _desks(stores: Stores) -> None:
    for number, unit in ((-901, WARDENS), (-902, POWER)):
        chat = stores.chats.meet(BOT, number, ChatKind.DESK, unit, ChatState.OK)
        stores.chats.bind(chat.id, ChatKind.DESK, unit)


def _vacant(stores: Stores) -> None:
    for one in stores.people.staff_of(POWER):
        stores.people.dismiss(one.person, POWER)


def _policy(office: Path, monkeypatch: pytest.MonkeyPatch, section: str) -> None:
    text = (Path(catalog.__file__).parents[2] / "routing" / "policies" / "default.toml").read_text("utf-8")
    (office / "own.toml").write_text(f"{text}\n{section}\n", "utf-8")
    monkeypatch.setenv("HUYING_POLICY", str(office / "own.toml"))


async def test_what_nobody_owns_is_named_with_how_to_mend_it(office: Path, run: Run) -> None:
    await tell(_settle)
    await tell(_desks)
    ran = await run(catalog, "check")

    assert ran.code == 1
    assert "no department of this town is 'water'" in ran.out
    assert "L01 供水" in ran.out
    assert "Import a department with 供水 or 自来水 or 水务" in ran.out
    assert "no department of this town is 'power'" not in ran.out
    assert "no department of this town is 'urban_management'" not in ran.out
    assert "desk chat" not in ran.out


async def test_a_department_without_desk_or_staff_is_named(office: Path, run: Run) -> None:
    await tell(_settle)
    await tell(_vacant)
    ran = await run(catalog, "check", "--json")

    checks = {one["check"]: one for one in json.loads(ran.out)["checks"]}
    assert checks["staff"]["items"] == [f"{POWER} 示范供电所"]
    assert checks["chat"]["items"] == [f"{WARDENS} 示范执法中队", f"{POWER} 示范供电所"]
    assert all(one["mend"] for one in checks.values())


async def test_a_policy_that_names_a_department_the_town_does_not_have_is_told(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(_settle)
    _policy(office, monkeypatch, '[departments]\nwater = ["370001W"]')
    ran = await run(catalog, "check")

    assert ran.code == 1
    assert "[departments] water names 370001W, and there is no such department." in ran.out


async def test_a_town_whose_policy_names_every_owner_is_sound(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    await tell(_settle)
    await tell(_desks)
    every = "\n".join(f'{digit} = ["{POWER}"]' for digit in ("0", "1", "L"))
    _policy(office, monkeypatch, f"[departments]\n{every}")
    ran = await run(catalog, "check")

    assert (ran.code, ran.err) == (0, "")
    assert "All 215 matters have an owner and their limits." in ran.out


async def test_a_case_of_a_matter_that_is_gone_is_found(office: Path, run: Run) -> None:
    def haunted(stores: Stores) -> None:
        stores.connection.exec_driver_sql("UPDATE cases SET matter = 'X77'")

    await tell(_settle)
    await tell(_filed)
    await tell(haunted)
    ran = await run(catalog, "check")

    assert "1 case has a matter that the catalogue does not know." in ran.out
    assert "X77: 1 case" in ran.out


def _filed(stores: Stores) -> None:
    _file(stores, stores.people.meet(2001, "", None).id, MONDAY, {})


async def test_the_list_shows_who_owns_what(office: Path, run: Run) -> None:
    await tell(_settle)
    ran = await run(catalog, "list")

    assert f"L02  供电  power  示范供电所 ({POWER})" in ran.out.splitlines()
    assert "L01  供水  water  -" in ran.out.splitlines()
