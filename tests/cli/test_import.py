"""`huying import`: all of it or nothing, with a place and a reason for whatever is wrong."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot.bench.shape import ZHAOYUAN, Shape
from bot.cli import import_
from bot.settings import SettingsError
from routing.model import ChatKind, Household, Post, UnitCode
from storage.stores import Stores
from tests.cli.conftest import UNITS, Run, ask, table, tell
from tests.routing.village import GRID, LI, village
from tests.tools.make_town import make

SMALL = Shape(streets=1, communities=2, basic=12, special=1, departments=1, workers=20, homes=6)
STAFF = ("telegram_id", "name", "unit", "post")
HOMES = ("code", "grid", "building", "unit_no", "room", "telegram_ids")
TREE = (
    ("37", "Sample City", "city", "", "", "", "", ""),
    ("37-1", "First Street", "street", "37", "", "", "-100301", ""),
    ("37-1-1", "Spring", "community", "37-1", "", "", "", ""),
    ("g1", "Spring One", "grid", "37-1-1", "basic", "-100101", "", 300),
    ("g2", "The Market", "grid", "37-1-1", "special", "", "", 40),
)


def counted(stores: Stores) -> tuple[int, int, int]:
    """Units, posts and households in the database."""
    units = stores.units.all()
    staff = sum(len(stores.people.staff_of(unit.code)) for unit in units)
    return len(units), staff, sum(len(stores.people.households_in(unit.code)) for unit in units)


@pytest.mark.parametrize("shape", [SMALL, replace(ZHAOYUAN, homes=2)])
async def test_a_town_of_any_size_comes_in_at_one_go(office: Path, run: Run, shape: Shape) -> None:
    ran = await run(import_, *make(office, shape))

    assert (ran.code, ran.err) == (0, "")
    offices = 1 + shape.streets + shape.communities + shape.departments
    units = offices + shape.grids
    assert f"units: {units} new, 0 changed, 0 the same" in ran.out
    assert await ask(counted) == (units, shape.workers + 2 * offices, shape.basic * shape.homes)


async def test_the_published_shape_of_zhaoyuan_has_its_numbers(office: Path, run: Run) -> None:
    await run(import_, *make(office))

    levels = Counter(await ask(lambda stores: [unit.level for unit in stores.units.all()]))
    assert levels == {"city": 1, "street": 14, "community": 20, "grid": 534, "department": 115}


async def test_the_order_of_the_files_does_not_matter(office: Path, run: Run) -> None:
    ran = await run(import_, *reversed(make(office, SMALL)))

    assert (ran.code, ran.err) == (0, "")


async def test_two_files_of_units_are_one_table(office: Path, run: Run) -> None:
    grids = table(office / "grids.csv", UNITS, *TREE[3:])
    above = table(office / "above.csv", UNITS, *TREE[:3])

    first, again = await run(import_, grids, above), await run(import_, grids, above)

    assert "units: 5 new" in first.out
    assert "units: 0 new, 0 changed, 5 the same" in again.out
    assert "not in the file" not in again.out


async def test_what_an_import_brings_is_there_afterwards(office: Path, run: Run) -> None:
    await run(
        import_,
        table(office / "units.csv", UNITS, *TREE),
        table(office / "staff.csv", STAFF, (7, "Li An", "g1", "Worker")),
        table(office / "homes.csv", HOMES, ("g1-101", "g1", "No. 1", "1", "101", "8; 9")),
    )

    def read(stores: Stores) -> None:
        chat = stores.chats.of_unit(UnitCode("g1"), ChatKind.RESIDENTS)
        desk = stores.chats.of_unit(UnitCode("37-1"), ChatKind.DESK)
        assert chat is not None
        assert desk is not None
        assert (chat.bot, chat.telegram_id, desk.telegram_id) == (42, -100101, -100301)
        assert [(one.name, one.post) for one in stores.people.staff_of(UnitCode("g1"))] == [("Li An", Post.WORKER)]
        home = stores.people.household("g1-101")
        assert home is not None
        assert len(home.door_code) == 8
        assert len(stores.people.members_of("g1-101")) == 2

    await ask(read)


async def test_the_chats_of_a_file_are_those_of_the_bot_that_is_named(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_BOT_TOKEN", "42:SANDBOX,43:SANDBOX")
    units = table(office / "units.csv", UNITS, *TREE)
    with pytest.raises(SettingsError, match="no token of the bot 44, only of 42, 43"):
        await run(import_, units, "--bot", 44)
    await run(import_, units, "--bot", 43)

    def bot(stores: Stores) -> int:
        chat = stores.chats.of_unit(UnitCode("g1"), ChatKind.RESIDENTS)
        assert chat is not None
        return chat.bot

    assert await ask(bot) == 43


async def test_a_dry_run_says_what_it_would_do_and_writes_nothing(office: Path, run: Run) -> None:
    ran = await run(import_, "--dry-run", *make(office, SMALL))

    assert ran.code == 0
    assert "units: 18 would be new" in ran.out
    assert await ask(counted) == (0, 0, 0)


async def test_a_second_import_tells_new_from_changed_from_the_same_and_keeps_what_is_missing(
    office: Path, run: Run
) -> None:
    await run(import_, table(office / "first.csv", UNITS, *TREE))
    renamed = [*TREE[:3], ("g1", "Spring First", "grid", "37-1-1", "basic", "", "", 300)]
    added = ("g3", "Spring Three", "grid", "37-1-1", "", "", "", 12)

    ran = await run(import_, table(office / "second.csv", UNITS, *renamed, added))

    assert "units: 1 new, 1 changed, 3 the same" in ran.out
    assert "not in the file and kept: g2" in ran.out
    assert await ask(lambda stores: stores.units.get(UnitCode("g2")).name) == "The Market"
    assert await ask(lambda stores: stores.chats.of_unit(UnitCode("g1"), ChatKind.RESIDENTS)) is not None


async def test_a_home_keeps_its_door_code_and_its_people_when_it_is_imported_again(office: Path, run: Run) -> None:
    files = make(office, SMALL)
    await run(import_, *files)
    before = await ask(homes)

    ran = await run(import_, *files)

    assert "households: 0 new, 0 changed" in ran.out
    assert before == await ask(homes)


def homes(stores: Stores) -> list[Household]:
    """Every household of the town."""
    return [home for unit in stores.units.all() for home in stores.people.households_in(unit.code)]


async def test_one_bad_row_keeps_everything_out(office: Path, run: Run) -> None:
    files = make(office, SMALL)
    with files[2].open("a", encoding="utf-8") as file:
        file.write("x-1,nowhere,1,1,101,\n")

    ran = await run(import_, *files)

    assert ran.code == 1
    assert "households.csv, row" in ran.err
    assert "column grid: there is no unit 'nowhere'" in ran.err
    assert "1 problem; nothing was imported." in ran.err
    assert await ask(counted) == (0, 0, 0)
    assert await ask(lambda stores: stores.chats.all()) == []


async def test_files_that_cannot_be_read_are_all_named(office: Path, run: Run) -> None:
    (office / "old.xls").write_bytes(b"x")

    ran = await run(import_, office / "old.xls", office / "gone.csv")

    assert ran.code == 1
    assert "old.xls: .xls is not supported; save it as .csv (UTF-8) or .xlsx" in ran.err
    assert "gone.csv: there is no such file" in ran.err
    assert "2 problems; nothing was imported." in ran.err


async def test_a_second_table_in_a_workbook_is_not_left_out_in_silence(office: Path, run: Run) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(UNITS)
    book.create_sheet("notes").append(["ask Li"])
    book.save(office / "town.xlsx")
    empty = await run(import_, office / "town.xlsx")
    book.create_sheet("人员").append(STAFF)
    book.save(office / "town.xlsx")

    ran = await run(import_, office / "town.xlsx")

    assert (empty.code, empty.out) == (0, "the files have no rows below their headers\n")
    assert ran.code == 1
    assert "only the first table of a workbook is read, and 人员 would be left out" in ran.err


async def test_a_file_that_may_not_be_read_is_named_like_every_other(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def locked(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (office / "units.csv").touch()
    monkeypatch.setattr(Path, "read_bytes", locked)

    ran = await run(import_, office / "units.csv")

    assert ran.code == 1
    assert "units.csv: cannot be read: Permission denied" in ran.err


async def test_staff_who_still_hold_a_case_are_not_replaced(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_DATABASE_URL", f"sqlite+aiosqlite:///{office / 'village.db'}")
    async with village(office) as town:
        lamp = await town.claims(await town.files())
    others = table(office / "staff.csv", STAFF, (1002, "Zhang", GRID, "worker"))

    ran = await run(import_, "--replace-staff", others)

    assert ran.code == 1
    assert ran.err.count(f"still holds #{lamp.number}; hand over first") == 1
    assert len(await ask(lambda stores: stores.people.staff_of(GRID))) == 2


async def test_replacing_staff_takes_single_posts_away_and_leaves_the_others(
    office: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(import_, table(office / "units.csv", UNITS, *TREE))
    await run(
        import_,
        table(
            office / "staff.csv", STAFF, (7, "Li", "g1", "worker"), (7, "Li", "g1", "leader"), (8, "An", "g1", "worker")
        ),
    )

    kept = await run(import_, table(office / "fewer.csv", STAFF, (7, "Li", "g1", "leader")))
    ran = await run(import_, "--replace-staff", office / "fewer.csv")

    assert "dismissed" not in kept.out
    assert "staff: 2 dismissed" in ran.out
    assert await ask(lambda s: [(one.name, one.post) for one in s.people.staff_of(UnitCode("g1"))]) == [
        ("Li", Post.LEADER)
    ]


async def test_a_worker_of_the_sample_is_bound_to_a_home_without_losing_the_post(office: Path, run: Run) -> None:
    await run(import_, table(office / "units.csv", UNITS, *TREE))
    await run(import_, table(office / "staff.csv", STAFF, (LI, "Li An", "g1", "worker")))
    await run(import_, table(office / "homes.csv", HOMES, ("g1-101", "g1", "No. 1", "1", "101", LI)))

    assert await ask(lambda s: [one.name for one in s.people.staff_of(UnitCode("g1"))]) == ["Li An"]
    person = await tell(lambda s: s.people.meet(LI, "Li An", None).id)
    assert await ask(lambda s: s.people.members_of("g1-101")) == {person}


ROSTER = ("unit", "telegram_id", "from", "to")
PEOPLE = (("1001", "Li", "g1", "worker"), ("1002", "Zhang", "g1", "worker"), ("1003", "Chen", "g1", "observer"))
NIGHT = ("g1", "1001", "2026-11-23 17:30", "2026-11-24 09:00")


async def _staffed(office: Path, run: Run) -> None:
    ran = await run(import_, table(office / "units.csv", UNITS, *TREE), table(office / "staff.csv", STAFF, *PEOPLE))
    assert ran.code == 0


def _shifts(stores: Stores) -> list[tuple[str, str]]:
    day = datetime(2026, 11, 1, tzinfo=UTC)
    found = stores.shifts.between(UnitCode("g1"), day, day + timedelta(days=60))
    local = stores.calendar.local
    return [(f"{local(one.starts_at):%d %H:%M}", f"{local(one.ends_at):%d %H:%M}") for one in found]


async def test_a_roster_is_right_for_the_span_that_it_covers(office: Path, run: Run) -> None:
    await _staffed(office, run)
    other = ("g1", "1002", "2026/11/24 17:30", "2026/11/24 24:00")
    first = await run(import_, table(office / "one.csv", ROSTER, NIGHT, other))
    assert (first.code, first.err) == (0, "")
    assert "roster: 2 new, 0 changed, 0 the same" in first.out
    assert await ask(_shifts) == [("23 17:30", "24 09:00"), ("24 17:30", "25 00:00")]
    longer, next_day = (*NIGHT[:3], "2026-11-24 08:00"), ("g1", "1002", "2026-11-24 18:00", "2026-11-25 09:00")

    again = await run(import_, table(office / "two.csv", ROSTER, longer, next_day))
    assert "roster: 1 new, 1 changed, 0 the same" in again.out
    assert "roster: 1 dropped" in again.out
    assert await ask(_shifts) == [("23 17:30", "24 08:00"), ("24 18:00", "25 09:00")]


async def test_every_bad_row_of_a_roster_is_named_and_nothing_is_imported(office: Path, run: Run) -> None:
    await _staffed(office, run)
    bad = [
        ("g9", "1001", "2026-11-23 17:30", "2026-11-24 09:00"),
        ("g1", "x", "2026-11-23 17:30", "2026-11-24 09:00"),
        ("g1", "1003", "2026-11-23 17:30", "2026-11-24 09:00"),
        ("g1", "1002", "tomorrow", "2026-11-24 09:00"),
        ("g1", "1002", "2026-02-30 10:00", "2026-11-24 09:00"),
        ("g1", "1002", "2026-11-24 09:00", "2026-11-23 17:30"),
        ("g1", "1001", "2026-11-24 08:59", "2026-11-24 12:00"),
    ]
    ran = await run(import_, table(office / "roster.csv", ROSTER, NIGHT, *bad))

    assert ran.code == 1
    assert [line.partition("roster.csv, ")[2] for line in ran.err.splitlines()[:-1]] == [
        "row 3, column unit: there is no unit 'g9'",
        "row 4, column telegram_id: 'x' is not a person's Telegram id",
        "row 5, column telegram_id: 1003 has no post in Spring One that may take a case "
        "(dispatcher, helper, leader, worker)",
        "row 6, column from: 'tomorrow' is no time; write for instance 2026-11-23 17:30",
        "row 7, column from: '2026-02-30 10:00' is no time; write for instance 2026-11-23 17:30",
        "row 8, column to: must be later than from, and by no more than 31 days",
        "row 9, column from: overlaps with row 2: the same person is on duty already",
    ]
    assert await ask(_shifts) == []


async def test_the_times_of_a_spreadsheet_are_taken_as_they_are(office: Path, run: Run) -> None:
    await _staffed(office, run)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(ROSTER)
    sheet.append(("g1", 1001, datetime(2026, 11, 23, 17, 29, 59, 999000), datetime(2026, 11, 24, 9)))  # noqa: DTZ001 - as a spreadsheet has it
    book.save(office / "roster.xlsx")
    ran = await run(import_, office / "roster.xlsx")

    assert (ran.code, ran.err) == (0, "")
    assert await ask(_shifts) == [("23 17:30", "24 09:00")]
