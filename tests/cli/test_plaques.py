"""`huying plaques`: what hangs in a building leads to that building, and is printed once."""

import csv
import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import pytest
import segno

from bot.cli import import_, plaques
from bot.cli._common import opened
from bot.cli._plaque_page import page
from bot.cli._printing import fresh
from bot.sandbox import Sandbox
from bot.settings import Settings
from routing.model import Appointment, PersonId, Post, Unit, UnitCode
from routing.ports import Code
from tests.cli.conftest import UNITS, Run, ask, table, tell
from tests.cli.test_import import STAFF, TREE

NOW = datetime(2026, 11, 23, tzinfo=UTC)
GRIDS = (
    *TREE[:3],
    ("g1", "Spring <One>", "grid", "37-1-1", "basic", "", "", 300, "No. 1;No. 2"),
    ("g2", "=The Market", "grid", "37-1-1", "special", "", "", 40, ""),
)


@pytest.fixture
async def town(office: Path, run: Run) -> Path:
    """Two grids; one has two buildings and a worker."""
    staff = ((7, "Li & An", "g1", "worker", "0535-0001"), (8, "Boss", "g1", "leader", "0535-0002"))
    units = table(office / "units.csv", (*UNITS, "buildings"), *GRIDS)
    ran = await run(import_, units, table(office / "staff.csv", (*STAFF, "phone"), *staff))
    assert ran.err == ""
    return office


def links(folder: Path, name: str = "links.csv") -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


async def looked_up(secret: str) -> Code | None:
    return await ask(lambda stores: stores.notebook.code(secret))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_every_building_gets_a_link_that_leads_to_it_and_a_grid_without_buildings_one(
    town: Path, run: Run
) -> None:
    ran = await run(plaques, "--out", town / "out", "--username", "@town_bot")

    assert (ran.code, ran.err) == (0, "")
    assert "3 plaques made" in ran.out
    rows = links(town / "out")
    assert [(row["grid"], row["building"]) for row in rows] == [("g1", "No. 1"), ("g1", "No. 2"), ("g2", "")]
    assert rows[-1]["grid_name"] == "'=The Market"
    for row in rows:
        secret = re.fullmatch(r"https://t\.me/town_bot\?start=p([A-Za-z0-9_-]{22})", row["link"])
        assert secret is not None
        code = await looked_up(secret[1])
        assert code is not None
        assert (code.purpose, code.unit, code.params, code.once, code.expires_at) == (
            "plaque", UnitCode(row["grid"]), {"building": row["building"]}, False, None,
        )  # fmt: skip


async def test_the_page_shows_place_worker_and_code_of_each_building(town: Path, run: Run) -> None:
    await run(plaques, "--out", town / "out", "--username", "town_bot", "--grid", "g1")

    text = (town / "out" / "grid-g1.html").read_text(encoding="utf-8")
    assert text.count("<article>") == 2
    assert "Spring &lt;One&gt; · No. 1" in text
    assert "<b>Li &amp; An</b> 0535-0001" in text
    assert "Boss" not in text
    for row in links(town / "out"):
        assert (
            segno.make_qr(row["link"], error="q").svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None)
            in text
        )
    assert "http" not in unescape(re.sub(r"<svg.*?</svg>", "", text)), "the page fetches nothing"


async def test_every_page_stands_in_the_folder_and_nothing_beside_it(town: Path, run: Run) -> None:
    await run(plaques, "--out", town / "out" / "deep", "--username", "town_bot")

    assert files(town / "out" / "deep") == ["grid-g1.html", "grid-g2.html", "links.csv"]
    assert files(town / "out") == ["deep"]


@pytest.mark.parametrize(
    ("stem", "name"),
    [
        ("grid-../../etc/passwd", "grid-etc-passwd.html"),
        ("grid-C:\\con", "grid-C-con.html"),
        ("grid-网格", "grid.html"),
        ("grid-a\0b\nc", "grid-a-b-c.html"),
        ("grid-" + "x" * 300, "grid-" + "x" * 55 + ".html"),
    ],
)
def test_a_file_is_named_by_letters_and_digits_only(tmp_path: Path, stem: str, name: str) -> None:
    assert fresh(tmp_path, stem, ".html") == tmp_path / name


async def test_a_second_run_makes_only_what_is_new(town: Path, run: Run) -> None:
    await run(plaques, "--out", town / "first", "--username", "town_bot")

    again = await run(plaques, "--out", town / "second", "--username", "town_bot")
    assert "0 plaques made" in again.out
    assert "3 passed over" in again.out
    assert files(town / "second") == []

    await tell(lambda stores: stores.units.put(grown(stores.units.get(UnitCode("g1")))))
    await run(plaques, "--out", town / "third", "--username", "town_bot")
    assert [row["building"] for row in links(town / "third")] == ["No. 3"]


def grown(unit: Unit) -> Unit:
    """The unit with one more building."""
    return replace(unit, buildings=(*unit.buildings, "No. 3"))


async def test_again_issues_new_ones_and_the_old_ones_keep_working(town: Path, run: Run) -> None:
    await run(plaques, "--out", town / "first", "--username", "town_bot")
    await run(plaques, "--out", town / "second", "--username", "town_bot", "--again")

    both = [row["link"] for name in ("first", "second") for row in links(town / name)]
    assert len(set(both)) == 6
    codes = await ask(lambda stores: [stores.notebook.code(link.partition("=p")[2]) for link in both])
    assert None not in codes


async def test_a_folder_with_files_is_refused_before_anything_is_issued(town: Path, run: Run) -> None:
    (town / "out").mkdir()
    (town / "out" / "links.csv").write_text("precious")

    refused = await run(plaques, "--out", town / "out", "--username", "town_bot")
    assert refused.code == 2
    assert "is not empty" in refused.err

    forced = await run(plaques, "--out", town / "out", "--username", "town_bot", "--force")
    assert "3 plaques made" in forced.out
    assert (town / "out" / "links.csv").read_text() == "precious"
    assert len(links(town / "out", "links-2.csv")) == 3


async def test_a_folder_that_cannot_be_made_is_named_before_anything_is_issued(town: Path, run: Run) -> None:
    (town / "file").touch()

    refused = await run(plaques, "--out", town / "file", "--username", "town_bot")
    assert refused.code == 2
    assert "cannot be written" in refused.err
    assert "3 plaques made" in (await run(plaques, "--out", town / "out", "--username", "town_bot")).out


async def test_a_grid_that_is_none_is_refused(town: Path, run: Run) -> None:
    ran = await run(plaques, "--out", town / "out", "--username", "town_bot", "--grid", "37-1-1")

    assert (ran.code, ran.err) == (2, "huying: There is no grid '37-1-1'.\n")


async def test_telegram_is_asked_what_the_bot_is_called(town: Path, telegram: Sandbox, run: Run) -> None:
    telegram.add_bot("Sample", "asked_bot")

    await run(plaques, "--out", town / "out")

    assert {row["link"].partition("?")[0] for row in links(town / "out")} == {"https://t.me/asked_bot"}


async def test_without_telegram_the_name_is_asked_for_and_nothing_is_issued(
    town: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUYING_API_URL", "http://127.0.0.1:1")

    ran = await run(plaques, "--out", town / "out")

    assert ran.code == 2
    assert "give --username NAME" in ran.err
    async with opened(Settings.load()) as store:
        issued = await store.work(plaques.issue, None, again=False, at=NOW)
    assert [one.passed_over for one in issued] == [0, 0]


async def test_a_name_that_is_none_is_refused(town: Path, run: Run) -> None:
    assert (await run(plaques, "--out", town / "out", "--username", "x y")).code == 2


def test_four_plaques_fill_a_sheet_and_long_names_are_escaped() -> None:
    worker = Appointment(PersonId(1), UnitCode("g1"), Post.WORKER, '"><script>', "1")
    text = page("<b>", [worker], [("<i>", "https://t.me/x?start=p1")] * 4)

    assert "<script>" not in text
    assert "<i>" not in text
    assert "height: 132mm" in text  # twice, with the gap, is less than A4's 297 mm without its margins
