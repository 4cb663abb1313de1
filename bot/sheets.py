"""Tables from CSV and XLSX files, as rows of text with the number that a person sees in their spreadsheet."""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from openpyxl import load_workbook

from routing.town import Problem, Sheet, SheetRow

MOST_BYTES: Final = 64 * 1024 * 1024
MOST_UNPACKED: Final = 512 * 1024 * 1024


class BadSheet(ValueError):
    """The file cannot be read at all; the text says why and what to do."""


def read(path: Path) -> Sheet:
    """Read the first table of a file.

    Raises:
        BadSheet: no such file, wrong kind, not UTF-8, too large, or without a header row.
    """
    if not path.is_file():
        raise BadSheet(f"{path}: there is no such file")
    if path.stat().st_size > MOST_BYTES:
        raise BadSheet(f"{path}: larger than {MOST_BYTES // 1024 // 1024} MiB; split it")
    match path.suffix.lower():
        case ".csv":
            lines = _csv(path)
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
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise BadSheet(f"{path}: {error}") from error


def _xlsx(path: Path) -> Sequence[Sequence[str]]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(part.file_size for part in archive.infolist()) > MOST_UNPACKED:
                raise BadSheet(f"{path}: unpacks to more than {MOST_UNPACKED // 1024 // 1024} MiB")
        book = load_workbook(path, read_only=True, data_only=True)
    except (zipfile.BadZipFile, KeyError, OSError, ValueError) as error:
        if isinstance(error, BadSheet):
            raise
        raise BadSheet(f"{path}: not an XLSX workbook ({type(error).__name__})") from error
    try:
        sheet = book.worksheets[0]
        return [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    finally:
        book.close()


def _text(cell: Any) -> str:
    if cell is None:
        return ""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _sheet(path: Path, lines: Sequence[Sequence[str]]) -> Sheet:
    header = [cell.strip().lower() for cell in lines[0]] if lines else []
    while header and not header[-1]:
        header.pop()
    if not header:
        raise BadSheet(f"{path}: the first row must name the columns")
    if len(set(header)) != len(header):
        raise BadSheet(f"{path}: a column is named twice: {', '.join(header)}")
    problems: list[Problem] = []
    rows = list(_rows(path, header, lines[1:], problems))
    return Sheet(str(path), tuple(header), tuple(rows), tuple(problems))


def _rows(
    path: Path, header: Sequence[str], lines: Sequence[Sequence[str]], problems: list[Problem]
) -> Iterator[SheetRow]:
    for number, line in enumerate(lines, start=2):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if any(cells[len(header) :]):
            problems.append(Problem(str(path), number, "", f"has more cells than the header ({len(header)})"))
        padded = [*cells, *[""] * len(header)][: len(header)]
        yield SheetRow(number, dict(zip(header, padded, strict=True)))
