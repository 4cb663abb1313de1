"""`huying slips`: one page per grid, a slip per door, and the link on it registers whoever scans it."""

import re
from html import unescape
from pathlib import Path

import pytest
import segno

from bot.cli import import_, slips
from bot.cli._slip_page import Slip, page
from routing.model import Appointment, PersonId, Post, UnitCode
from storage.stores import Stores
from tests.cli.conftest import UNITS, Run, ask, table
from tests.cli.test_import import STAFF, TREE

HOMES = ("code", "grid", "building", "unit_no", "room", "telegram_ids")
GRIDS = (
    *TREE[:3],
    ("g1", "Spring <One>", "grid", "37-1-1", "basic", "", "", 300),
    ("g2", "The Market", "grid", "37-1-1", "special", "", "", 40),
)


@pytest.fixture
async def town(office: Path, run: Run) -> Path:
    """Two grids with three doors; one door has somebody behind it."""
    doors = (
        ("h1", "g1", "No. 2", "1", "<101>", ""),
        ("h2", "g1", "No. 1", "1", "102", "55"),
        ("h3", "g2", "", "", "", ""),
    )
    staff = table(office / "staff.csv", STAFF, (7, "Li & An", "g1", "worker"))
    ran = await run(import_, table(office / "u.csv", UNITS, *GRIDS), staff, table(office / "h.csv", HOMES, *doors))
    assert ran.err == ""
    return office


def _codes(stores: Stores) -> dict[str, str]:
    grids = (UnitCode("g1"), UnitCode("g2"))
    return {home.code: home.door_code for grid in grids for home in stores.people.households_in(grid)}


async def test_every_door_has_its_slip_on_the_page_of_its_grid(town: Path, run: Run) -> None:
    ran = await run(slips, "--out", town / "out", "--username", "town_bot")

    assert (ran.code, ran.out) == (0, f"3 slips on 2 pages, one page per grid, in {town / 'out'}\n")
    codes = await ask(_codes)
    text = (town / "out" / "slips-g1.html").read_text("utf-8")
    shown = [unescape(door) for door in re.findall("<h1>(.*?)</h1>", text)]
    assert shown == ["No. 1 1 102", "No. 2 1 <101>"]
    assert re.findall('"code">(.*?)<', text) == [f"{codes[home][:4]}-{codes[home][4:]}" for home in ("h2", "h1")]
    assert "Li &amp; An" in text
    link = f"https://t.me/town_bot?start=h{codes['h2']}"
    assert segno.make_qr(link, error="m").svg_inline(border=2, omitsize=True, svgclass=None, lineclass=None) in text
    assert f"{codes['h3'][:4]}-{codes['h3'][4:]}" in (town / "out" / "slips-g2.html").read_text("utf-8")
    assert (town / "out" / "slips-g1.html").stat().st_mode & 0o077 == 0


async def test_only_the_doors_where_nobody_has_registered(town: Path, run: Run) -> None:
    ran = await run(slips, "--out", town / "out", "--username", "town_bot", "--unbound", "--grid", "g1")

    assert "1 slips on 1 pages" in ran.out
    assert "102" not in re.findall("<h1>(.*?)</h1>", (town / "out" / "slips-g1.html").read_text("utf-8"))[0]


async def test_printing_again_prints_the_same_codes(town: Path, run: Run) -> None:
    for name in ("first", "second"):
        await run(slips, "--out", town / name, "--username", "town_bot")

    first, second = ((town / name / "slips-g1.html").read_text("utf-8") for name in ("first", "second"))
    assert first == second


async def test_a_grid_that_is_none_and_a_full_folder_are_refused(town: Path, run: Run) -> None:
    refused = await run(slips, "--out", town / "out", "--username", "town_bot", "--grid", "37-1")
    assert (refused.code, refused.err) == (2, "huying: There is no grid '37-1'.\n")
    refused = await run(slips, "--out", town, "--username", "town_bot")
    assert "is not empty" in refused.err


def test_ten_slips_fill_a_sheet_and_names_are_escaped() -> None:
    worker = Appointment(PersonId(1), UnitCode("g1"), Post.WORKER, '"><script>', "1")
    text = page("<b>", [worker], [Slip("<i>", "ABCD2345")] * 10, "x_bot")

    assert "<script>" not in text
    assert "<i>" not in text
    assert "height: 56mm" in text  # five times is less than A4's 297 mm without its margins
