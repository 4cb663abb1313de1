"""Tables from CSV and XLSX files, as rows of text with the number that a person sees in their spreadsheet."""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook

from routing.sheet import MOMENTS, Problem, Sheet, SheetRow

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_UNPACKED: Final = 512 * 1024 * 1024
_MOST_EXACT: Final = 10**15  # a spreadsheet keeps 15 digits
_SHORTENED: Final = re.compile(r"-?[0-9](\.[0-9]+)?E\+[0-9]+")
_SEPARATORS: Final = re.compile("[;\t，；]")
_FORMULA_ERRORS: Final = frozenset({"#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!"})
_AS_TEXT: Final = "format the column as text and enter it again"


class BadSheet(ValueError):
    """The file cannot be read at all; the text says why and what to do."""


def read(path: Path) -> Sheet:
    """Read the first table of a file.

    Raises:
        BadSheet: no such file, wrong kind, not UTF-8, too large, or without a header row.
    """
    try:
        return _read(path)
    except OSError as error:
        raise BadSheet(f"{path}: cannot be read: {error.strerror or error}") from error


def _read(path: Path) -> Sheet:
    if not path.is_file():
        raise BadSheet(f"{path}: there is no such file")
    if path.stat().st_size > MOST_BYTES:
        raise BadSheet(f"{path}: larger than {MOST_BYTES // 1024 // 1024} MiB; split it")
    match path.suffix.lower():
        case ".csv":
            lines: Sequence[Sequence[Any]] = _csv(path)
        case ".xlsx":
            lines = _xlsx(path)
        case other:
            raise BadSheet(
                f"{path}: {other or 'a file without an ending'} is not supported; save it as .csv (UTF-8) or .xlsx"
            )
    return _sheet(path, lines)


def _csv(path: Path) -> Sequence[Sequence[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadSheet(f"{path}: not UTF-8 at byte {error.start}; save it as 'CSV UTF-8'") from error
    rows: list[list[str]] = []
    try:
        rows.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        unclosed = "unexpected end" in str(error)
        reason = 'a quotation mark opens a cell here and nothing closes it; write "" for one' if unclosed else error
        raise BadSheet(f"{path}, row {len(rows) + 1}: {reason}") from error
    if rows and len(rows[0]) == 1 and (sign := _SEPARATORS.search(rows[0][0])):
        raise BadSheet(f"{path}: {sign.group()!r} stands between the columns; save it as 'CSV UTF-8', with commas")
    return rows


def _xlsx(path: Path) -> Sequence[Sequence[Any]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise BadSheet(f"{path}: unpacks to more than {MOST_UNPACKED // 1024 // 1024} MiB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about colours and drop-down lists, which are not read
            return _first_table(path)
    except (BadSheet, OSError):
        raise
    except Exception as error:  # whatever the library stumbles over in a damaged or forged file
        raise BadSheet(f"{path}: not an XLSX workbook ({type(error).__name__})") from error


def _first_table(path: Path) -> Sequence[Sequence[Any]]:
    book = load_workbook(path, read_only=True, data_only=True)
    try:
        if not book.worksheets:
            raise BadSheet(f"{path}: the workbook has no table")
        if more := [table.title for table in book.worksheets[1:] if _looks_like_ours(table)]:
            raise BadSheet(
                f"{path}: only the first table of a workbook is read, and {', '.join(more)} would be left out; save "
                "each as a file of its own"
            )
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


def _looks_like_ours(table: Any) -> bool:
    """Whether its first row names the columns of a table that could be imported; notes and lists may stand there."""
    header = next(table.iter_rows(max_row=1, values_only=True), ())
    return Sheet("", tuple(str(cell or "").strip().lower() for cell in header), ()).kind is not None


def _text(cell: Any) -> str:
    """The cell as a person typed it.

    Raises:
        ValueError: the spreadsheet has already changed what was typed; the text says how to mend it.
    """
    if cell is None:
        return ""
    if isinstance(cell, date | time | timedelta):
        raise ValueError(f"the spreadsheet has made a date or time of it ({cell}); {_AS_TEXT}")
    if isinstance(cell, int | float) and abs(cell) >= _MOST_EXACT:
        raise ValueError(f"a number of more than 15 digits ({cell}) has lost its last ones; {_AS_TEXT}")
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
    if _SHORTENED.fullmatch(text):
        raise ValueError(f"the spreadsheet has shortened a long number to {text}; {_AS_TEXT}")
    if text in _FORMULA_ERRORS:
        raise ValueError(f"the formula in it gives {text}")
    line = " ".join(text.splitlines())
    if not all(sign.isprintable() or sign.isspace() for sign in line):
        raise ValueError("a sign that cannot be seen stands in it; delete the cell and enter it again")
    return line


def _moment(cell: datetime) -> str:
    """A time as a person types it, to the minute: a spreadsheet keeps days as fractions and may miss it by a little."""
    return (cell + timedelta(seconds=30)).strftime("%Y-%m-%d %H:%M")


def _sheet(path: Path, lines: Sequence[Sequence[Any]]) -> Sheet:
    header = [str(cell or "").strip().lower() for cell in lines[0]] if lines else []
    while header and not header[-1]:
        header.pop()
    if not header:
        raise BadSheet(f"{path}: the first row must name the columns")
    named = [name for name in header if name]
    if len(set(named)) != len(named):
        raise BadSheet(f"{path}: a column is named twice: {', '.join(named)}")
    problems: list[Problem] = []
    rows = list(_rows(path, header, lines[1:], problems))
    return Sheet(str(path), tuple(named), tuple(rows), tuple(problems))


def _rows(
    path: Path, header: Sequence[str], lines: Sequence[Sequence[Any]], problems: list[Problem]
) -> Iterator[SheetRow]:
    for number, line in enumerate(lines, start=2):
        cells = []
        for name, cell in zip_longest(header, line, fillvalue=""):
            try:
                cells.append(_moment(cell) if name in MOMENTS and isinstance(cell, datetime) else _text(cell))
            except ValueError as error:
                problems.append(Problem(str(path), number, name, str(error)))
                cells.append(str(cell))
        if not any(cells):
            continue
        if any(text and not name for name, text in zip_longest(header, cells, fillvalue="")):
            problems.append(Problem(str(path), number, "", "has a cell under no column name"))
        yield SheetRow(number, {name: text for name, text in zip(header, cells, strict=False) if name})
