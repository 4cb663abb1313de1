"""The file of a rehearsal: read in the order of its times, refused with file, row and column."""

from pathlib import Path

import pytest

from bot.rehearsal.rows import BadRows, read_rows

HEADER = "id,author,title,posted_at,body\n"


def written(folder: Path, lines: str, header: str = HEADER) -> Path:
    file = folder / "messages.csv"
    file.write_text(header + lines, encoding="utf-8")
    return file


def test_messages_are_read_oldest_first_and_other_columns_are_passed_over(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        "2,Ann,Lamp,2026/2/3 4:05:06,Out since Monday,7\n1,Bo,,2026-02-03 04:05,路灯不亮,8\n",
        "id,author,title,posted_at,body,up\n",
    )

    first, second = read_rows(file)
    assert (first.id, first.text) == ("1", "路灯不亮")
    assert (second.id, second.text) == ("2", "Lamp\nOut since Monday")


@pytest.mark.parametrize(
    ("line", "column"),
    [
        (",Ann,T,2026-01-01,B\n", "id"),
        ("1,,T,2026-01-01,B\n", "author"),
        ("1,Ann,T,yesterday,B\n", "posted_at"),
        ("1,Ann,,2026-01-01, \n", "body"),
    ],
)
def test_a_bad_cell_is_named_by_file_row_and_column(tmp_path: Path, line: str, column: str) -> None:
    file = written(tmp_path, "9,Ann,T,2026-01-01,B\n" + line)

    with pytest.raises(BadRows) as caught:
        read_rows(file)

    assert [(one.file, one.row, one.column) for one in caught.value.problems] == [(str(file), 3, column)]


def test_the_same_id_twice_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, "1,Ann,T,2026-01-01,B\n1,Bo,T,2026-01-02,B\n")

    with pytest.raises(BadRows, match="row 3, column id: is there twice"):
        read_rows(file)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    file = written(tmp_path, "1,Ann,T,B\n", "id,author,title,body\n")

    with pytest.raises(BadRows, match="column posted_at: the column is missing"):
        read_rows(file)


@pytest.mark.parametrize("name", ["nowhere.csv", "messages.txt"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "messages.txt").write_text("id", encoding="utf-8")

    with pytest.raises(BadRows):
        read_rows(tmp_path / name)
