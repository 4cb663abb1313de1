"""Loading a town: every bad cell is named once, with its reason, and nothing else is."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.loading import BadTown, Loaded
from routing.model import ChatKind, ChatState, Unit, UnitCode, UnitKind
from routing.policy import Policy
from routing.ports import UnitOfWork
from routing.sheet import HOUSEHOLDS, STAFF, UNITS, Sheet, SheetRow
from routing.town import load
from storage.store import Store
from tests.databases import fresh_database

pytestmark = pytest.mark.usefixtures("engine")

TREE = (
    "c,City,city",
    "s,Street,street,c",
    "k,Community,community,s",
    "g1,One,grid,k",
    "g2,Two,grid,k,special",
    "d,Water,department,s",
)


def sheet(columns: Sequence[str], *rows: str, file: str = "") -> Sheet:
    """A table from lines with commas; cells left out at the end are empty."""
    name = file or {UNITS: "units", STAFF: "staff", HOUSEHOLDS: "homes"}[tuple(columns)]
    cells = [(row.split(",") + [""] * len(columns))[: len(columns)] for row in rows]
    numbered = [SheetRow(n, dict(zip(columns, line, strict=True))) for n, line in enumerate(cells, start=2)]
    return Sheet(name, tuple(columns), tuple(numbered))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(
        fresh_database(tmp_path / "town.db"),
        policy=Policy.load(),
        calendar=Calendar.load(),
        catalogue=Catalogue.load(),
    )
    yield opened
    await opened.close()


async def loaded(store: Store, *sheets: Sheet) -> Loaded:
    return await store.work(load, sheets, bot=42)


async def faults(store: Store, *sheets: Sheet) -> list[str]:
    """The problems, as an operator reads them."""
    with pytest.raises(BadTown) as refused:
        await loaded(store, *sheets)
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",Name,grid,k", "column code: is empty"),
        ("x:1,Name,grid,k", "column code: 'x:1': up to 32 letters, digits"),
        (f"{'x' * 33},Name,grid,k", "column code"),
        ("x,,grid,k", "column name: is empty"),
        ("x,Name,,k", "column level: is empty"),
        ("x,Name,galaxy,k", "column level: 'galaxy' is no level of the policy default"),
        ("x,Name,grid,k,purple", "column kind: 'purple': a grid is one of basic, special, market"),
        ("x,Name,street,c,basic", "column kind: 'basic': a grid is one of basic, special"),
        ("x,Name,grid,nowhere", "column parent: there is no unit 'nowhere'"),
        ("x,Name,grid", "column parent: is empty"),
        ("x,Name,grid,s", "column parent: Street is a street; a grid belongs to a community"),
        ("x,Name,grid,d", "column parent: Water is a department; a grid belongs to a community"),
        ("x,Name,city,c", "column parent: a city is at the top and belongs to nothing"),
        ("x,Name,department,x", "column parent: Name would stand above itself"),
        ("x,Name,grid,k,,hello", "column residents_chat: 'hello' is not the id of a group"),
        ("x,Name,grid,k,,100", "column residents_chat: '100' is not the id of a group"),
        ("x,Name,grid,k,,,-100", "column desk_chat: a grid has a residents' chat, every other unit a desk chat"),
        ("x,Name,street,c,,-100", "column residents_chat: a grid has a residents' chat"),
        ("x,Name,grid,k,,,,many", "column households: 'many' is not a number of households"),
        ("x,Name,grid,k,,,,-3", "column households: '-3' is not a number of households"),
        ("x,Name,grid,k,,,,1_000", "column households: '1_000' is not a number of households"),
        (f"x,Name,grid,k,,-{'9' * 30}", "column residents_chat"),
        ("g1,Again,grid,k", "column code: g1 stands in an earlier row, too"),
        ("x,Name,galaxy,k,basic", "column level: 'galaxy' is no level of the policy default"),
        ("x,Name,grid,k,,,,,1号楼、2号楼", "column buildings: '1号楼、2号楼': put ';' between several buildings"),
        ("x,Name,grid,k,,,,,1号楼;2号楼；1号楼", "column buildings: 1号楼 stands there twice"),
        (f"x,{'N' * 65},grid,k", "column name: is longer than 64 characters"),
    ],
)
async def test_a_bad_unit_is_named_once_with_its_reason(store: Store, row: str, fault: str) -> None:
    found = await faults(store, sheet(UNITS, *TREE, row))

    assert len(found) == 1, found
    assert found[0].startswith(f"units, row {len(TREE) + 2}, {fault}")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("zero,Li,g1,worker", "column telegram_id: 'zero' is not a person's Telegram id"),
        ("-5,Li,g1,worker", "column telegram_id: '-5' is not a person's Telegram id"),
        ("٣,Li,g1,worker", "column telegram_id"),
        ("7,,g1,worker", "column name: is empty"),
        (f"7,{'L' * 65},g1,worker", "column name: is longer than 64 characters"),
        ("1087968824,Li,g1,worker", "column telegram_id: 1087968824 is nobody's"),
        ("7,Li,nowhere,worker", "column unit: there is no unit 'nowhere'"),
        ("7,Li,g1,king", "column post: 'king' is no post (leader, worker"),
        ("7,Li,g1,worker,,nowhere", "column stationed_at: there is no unit 'nowhere'"),
        ("1,Li,g1,worker", "column telegram_id: 1 is worker of g1 in an earlier row, too"),
    ],
)
async def test_a_bad_member_of_staff_is_named_once_with_the_reason(store: Store, row: str, fault: str) -> None:
    found = await faults(store, sheet(UNITS, *TREE), sheet(STAFF, "1,An,g1,worker", row))

    assert len(found) == 1, found
    assert found[0].startswith(f"staff, row 3, {fault}")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (",g1,1,1,101", "column code: is empty"),
        ("h1,g1,1,1,101", "column code: h1 stands in an earlier row, too"),
        ("h2,nowhere,1,1,101", "column grid: there is no unit 'nowhere'"),
        ("h2,k,1,1,101", "column grid: Community is no grid"),
        ("h2,g1,1,1,101,5;six", "column telegram_ids: must be Telegram ids separated by ';'"),
        ("h2,g1,1,1,102,7;6", "column telegram_ids: 6 lives in h1 by an earlier row; a person has one home"),
        ("h2,g1,1,1,101", "column room: this door is the household h1 already; one door is one household"),
    ],
)
async def test_a_bad_household_is_named_once_with_the_reason(store: Store, row: str, fault: str) -> None:
    found = await faults(store, sheet(UNITS, *TREE), sheet(HOUSEHOLDS, "h1,g1,1,1,101,5；6", row))

    assert found == [f"homes, row 3, {fault}"]


async def test_every_problem_of_every_sheet_and_cell_is_told_at_once(store: Store) -> None:
    found = await faults(
        store,
        sheet(UNITS, *TREE, "x,,galaxy,k,,,,many"),
        sheet(STAFF, "zero,,g1,king"),
        sheet(HOUSEHOLDS, "h1,nowhere,1,1,101,x"),
    )

    assert [line.partition(":")[0] for line in found] == [
        "units, row 8, column name",
        "units, row 8, column level",
        "units, row 8, column households",
        "staff, row 2, column telegram_id",
        "staff, row 2, column name",
        "staff, row 2, column post",
        "homes, row 2, column grid",
        "homes, row 2, column telegram_ids",
    ]


async def test_whoever_only_names_a_bad_row_is_not_blamed(store: Store) -> None:
    found = await faults(
        store,
        sheet(UNITS, *TREE[:2], "k,,community,s", *TREE[3:]),
        sheet(STAFF, "1,An,g1,worker"),
        sheet(HOUSEHOLDS, "h1,g1,1,1,101"),
    )

    assert found == ["units, row 4, column name: is empty"]


async def test_units_cannot_stand_above_one_another_in_a_circle(store: Store) -> None:
    found = await faults(store, sheet(UNITS, *TREE, "x,Ex,department,y", "y,Why,department,x"))

    assert found == ["units, row 8, column parent: Ex would stand above itself"]


async def test_a_chat_serves_one_unit_and_a_unit_has_one_chat(store: Store) -> None:
    both = sheet(UNITS, *TREE[:3], "g1,One,grid,k,,-100", "g2,Two,grid,k,,-100")
    assert await faults(store, both) == ["units, row 6, column residents_chat: the chat -100 already serves g1"]

    await loaded(store, sheet(UNITS, *TREE[:3], "g1,One,grid,k,,-100"))
    other = sheet(UNITS, *TREE[:3], "g1,One,grid,k,,-200")
    assert await faults(store, other) == [
        "units, row 5, column residents_chat: One already has the chat -100; send /unbind there first, or start the "
        "bot once if it was never in it, and import again"
    ]


async def test_a_chat_that_was_lost_or_never_there_gives_its_place_to_the_one_that_is_imported(store: Store) -> None:
    await loaded(store, sheet(UNITS, *TREE[:3], "g1,One,grid,k,,-100"))
    await store.work(_lost, -100)

    await loaded(store, sheet(UNITS, *TREE[:3], "g1,One,grid,k,,-200"))

    assert await store.work(_residents_of, "g1") == -200


def _lost(uow: UnitOfWork, telegram_id: int) -> None:
    chat = uow.chats.meet(42, telegram_id, ChatKind.RESIDENTS, "One", ChatState.OK)
    uow.chats.set_state(chat.id, ChatState.GONE)


def _residents_of(uow: UnitOfWork, unit: str) -> int | None:
    chat = uow.chats.of_unit(UnitCode(unit), ChatKind.RESIDENTS)
    return None if chat is None else chat.telegram_id


async def test_digits_of_full_width_are_digits(store: Store) -> None:
    await loaded(store, sheet(UNITS, *TREE[:3], "g1,One,grid,k,,－１００,,３２０"))

    assert await store.work(_residents_of, "g1") == -100
    assert (await store.work(_households_of, "g1")) == 320


def _households_of(uow: UnitOfWork, unit: str) -> int:
    return uow.units.get(UnitCode(unit)).households


async def test_a_grid_with_a_chat_or_with_homes_cannot_become_another_unit(store: Store) -> None:
    await loaded(store, sheet(UNITS, *TREE[:3], "g1,One,grid,k,,-100", *TREE[4:]), sheet(HOUSEHOLDS, "h1,g2,1,1,101"))

    assert await faults(store, sheet(UNITS, "g1,One,department,s", "g2,Two,department,s")) == [
        "units, row 2, column level: One is a grid and has the chat -100; unbind it first",
        "units, row 3, column level: Two is a grid with 1 households; give them another grid first",
    ]
    assert (await loaded(store, sheet(UNITS, "d,Water,partner,s"))).changed["units"] == 1


async def test_a_unit_cannot_change_its_level_under_its_children(store: Store) -> None:
    await loaded(store, sheet(UNITS, *TREE))

    found = await faults(store, sheet(UNITS, "k,Community,street,c"))

    assert found == [
        "units, row 2, column level: One (g1) is below it: Community is a street; a grid belongs to a community"
    ]


async def test_a_level_that_another_policy_has_left_behind_is_named(store: Store) -> None:
    await loaded(store, sheet(UNITS, *TREE))
    corner = Unit(UnitCode("m1"), "Corner", "microgrid", UnitCode("g1"), UnitKind.MICRO)
    await store.work(lambda stores: stores.units.put(corner))

    found = await faults(store, sheet(UNITS, "g1,One,grid,k"))

    assert found == [
        "units, row 2, column level: Corner (m1) is below it: 'microgrid' is no level of the policy default"
    ]


async def test_a_unit_that_moves_keeps_its_switches(store: Store) -> None:
    await loaded(store, sheet(UNITS, *TREE, "k2,Other,community,s"))
    moved = await loaded(store, sheet(UNITS, "g1,One,grid,k2"))

    assert (moved.changed, moved.missing) == ({"units": 1}, ["c", "d", "g2", "k", "k2", "s"])
    assert await store.read(lambda s: s.units.get(UnitCode("g1")).parent) == "k2"


async def test_a_table_that_nobody_knows_is_refused_with_the_tables_that_are_known(store: Store) -> None:
    strange = Sheet("strange", ("colour", "taste"), ())
    extra = Sheet("extra", (*STAFF, "shoe_size"), ())
    mistyped = Sheet("mistyped", ("code", "name", "levle", "parent"), ())

    found = await faults(store, strange, extra, mistyped)

    assert found[0].startswith("strange, row 1: the header fits no kind of table (units: code,name,level")
    assert found[1] == "extra, row 1, column shoe_size: unknown column in a staff table"
    assert found[2].startswith("mistyped, row 1: the header fits no kind of table; nearest is units: code,name,level,")
    assert found[2].endswith("; unknown there: 'levle'")


async def test_columns_that_nobody_needs_may_be_left_out(store: Store) -> None:
    await loaded(store, sheet(UNITS, *TREE))

    done = await loaded(
        store,
        Sheet(
            "staff", STAFF[:4], (SheetRow(2, {"telegram_id": "7", "name": "Li", "unit": "d", "post": "dispatcher"}),)
        ),
    )

    assert done.new == {"staff": 1}
