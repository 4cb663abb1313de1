"""Tables for spreadsheets: nothing that a resident wrote is run, nothing is lost."""

import csv
import io
import json

import pytest

from bot.tables import write
from routing.cells import defuse


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\n", "\0", "＝", "＋", "－", "＠"])
def test_a_text_that_a_spreadsheet_would_run_is_defused(sign: str) -> None:
    assert defuse(f"{sign}cmd|' /C calc'!A0") == f"'{sign}cmd|' /C calc'!A0"


@pytest.mark.parametrize("end", ["\r", "\r\n"])
def test_a_carriage_return_begins_no_row_that_somebody_made_up(end: str) -> None:
    out = io.StringIO()
    write([{"text": f"漏水{end}=cmd()", "at": f"{end}=1"}], ("text", "at"), "csv", out)

    assert list(csv.reader(io.StringIO(out.getvalue(), newline=""))) == [["text", "at"], ["漏水\n=cmd()", "'\n=1"]]


@pytest.mark.parametrize("cell", ["3号楼=漏水", "", " =1", -5, -0.5, None, True])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert defuse(cell) == cell


def test_a_csv_table_has_its_columns_in_order_and_is_read_back_whole() -> None:
    out = io.StringIO()

    assert (
        write([{"text": '=a,"b"\nc', "number": 1, "extra": 2}, {"number": None}], ("number", "text"), "csv", out) == 2
    )

    assert list(csv.reader(io.StringIO(out.getvalue()))) == [["number", "text"], ["1", '\'=a,"b"\nc'], ["", ""]]


def test_json_lines_keep_every_field_and_every_character() -> None:
    out = io.StringIO()

    write([{"text": "=漏水\n", "number": 1}, {"text": None}], (), "jsonl", out)

    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"text": "=漏水\n", "number": 1},
        {"text": None},
    ]
    assert "漏水" in out.getvalue()
