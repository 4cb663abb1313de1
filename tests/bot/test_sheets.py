"""Reading CSV and XLSX: what a person typed comes out, and what a spreadsheet has spoilt is named."""

import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from bot import sheets
from bot.sheets import BadSheet, read

HEADER = "code,grid,building,unit_no,room,telegram_ids"


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "homes.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


@pytest.fixture
def workbook(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: list[Any]) -> Path:
        book = Workbook()
        assert book.active is not None
        for row in rows:
            book.active.append(row)
        path = tmp_path / "homes.xlsx"
        book.save(path)
        return path

    return write


def test_a_csv_file_is_read_with_its_mark_its_blanks_and_its_row_numbers(csv_file: Callable[..., Path]) -> None:
    sheet = read(csv_file(f'\ufeff{HEADER.upper()},\r\n h1 , g1,1号楼\r\n\r\n,,\r\n"h2","g,1","two\nlines"\r\n'))

    assert sheet.kind == "households"
    assert sheet.header == tuple(HEADER.split(","))
    assert [row.number for row in sheet.rows] == [2, 5]
    assert sheet.rows[0].cells == {
        "code": "h1", "grid": "g1", "building": "1号楼", "unit_no": "", "room": "", "telegram_ids": "",
    }  # fmt: skip
    assert sheet.rows[1].cells["building"] == "two lines"
    assert sheet.problems == ()


def test_a_workbook_is_read_like_a_csv_file(workbook: Callable[..., Path]) -> None:
    sheet = read(workbook(HEADER.split(","), ["h1", 370001001001001, "1号楼", 1.0, 101, None], [], ["h2", "g1"]))

    assert [row.number for row in sheet.rows] == [2, 4]
    assert sheet.rows[0].cells == {
        "code": "h1", "grid": "370001001001001", "building": "1号楼", "unit_no": "1", "room": "101", "telegram_ids": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (date(2026, 3, 10), "the spreadsheet has made a date or time of it (2026-03-10 00:00:00)"),
        (370001001001001001, "a number of more than 15 digits (3.70001001001001e+17) has lost its last ones"),
        ("3.70001E+17", "the spreadsheet has shortened a long number to 3.70001E+17"),
        ("#N/A", "the formula in it gives #N/A"),
        ("3\u200b号楼", "a sign that cannot be seen stands in it"),
    ],
)
def test_a_cell_that_the_spreadsheet_has_spoilt_is_named(
    workbook: Callable[..., Path], cell: object, reason: str
) -> None:
    sheet = read(workbook(HEADER.split(","), ["h1", "g1", cell]))

    assert [(one.row, one.column) for one in sheet.problems] == [(2, "building")]
    assert sheet.problems[0].reason.startswith(reason)


def test_a_long_number_that_was_shortened_is_seen_in_a_csv_file_too(csv_file: Callable[..., Path]) -> None:
    sheet = read(csv_file(f"{HEADER}\n3.70001E+17,g1,1,1,101,\n"))

    assert [(one.row, one.column) for one in sheet.problems] == [(2, "code")]


def test_a_cell_beyond_the_header_is_named(csv_file: Callable[..., Path]) -> None:
    sheet = read(csv_file(f"{HEADER}\nh1,g1,1,1,101,,surplus\n"))

    assert [str(one).partition(", ")[2] for one in sheet.problems] == ["row 2: has a cell under no column name"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("代码,网格\n".encode("gb18030"), "not UTF-8 at byte 0; save it as 'CSV UTF-8'"),
        (b"", "the first row must name the columns"),
        (b",,\nh1,g1", "the first row must name the columns"),
        (b"code,grid,code\n", "a column is named twice: code, grid, code"),
        (b'code,grid\n"h1"x,2\n', "row 2: ',' expected after '\"'"),
        (b'code,grid\nh1,g1\nh2,"g2\nh3,g3\n', "row 3: a quotation mark opens a cell here and nothing closes it"),
        (b"code;grid\nh1;g1\n", "';' stands between the columns; save it as 'CSV UTF-8', with commas"),
        ("code，grid\nh1，g1\n".encode(), "'，' stands between the columns"),
        (b"code\tgrid\nh1\tg1\n", "'\\t' stands between the columns"),
    ],
)
def test_a_csv_file_that_cannot_be_read_says_why(csv_file: Callable[..., Path], content: bytes, reason: str) -> None:
    with pytest.raises(BadSheet) as refused:
        read(csv_file(content))

    assert reason in str(refused.value)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("homes.xls", b"x", ".xls is not supported; save it as .csv (UTF-8) or .xlsx"),
        ("homes", b"x", "a file without an ending is not supported"),
        ("homes.xlsx", b"x", "not an XLSX workbook (BadZipFile)"),
    ],
)
def test_a_file_of_another_kind_says_what_to_do(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(BadSheet) as refused:
        read(tmp_path / name)

    assert reason in str(refused.value)


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "homes.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<broken")

    with pytest.raises(BadSheet, match="not an XLSX workbook"):
        read(tmp_path / "homes.xlsx")


def test_a_bomb_is_not_unpacked(workbook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_UNPACKED", 1024)

    with pytest.raises(BadSheet, match="unpacks to more than"):
        read(workbook(HEADER.split(",")))


def test_a_file_beyond_the_limit_is_refused(csv_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_BYTES", 3)

    with pytest.raises(BadSheet, match="split it"):
        read(csv_file(HEADER))
