"""The households of a broadcast by state, as a workbook or as CSV."""

import csv
import io
from collections.abc import Iterable, Sequence

from routing.cells import defuse

Cell = str | int | None


def workbook(title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], widths: Sequence[int]) -> bytes:
    """A workbook of one sheet, its header frozen and filterable.

    Args:
        title: Of the sheet; signs that a sheet's name must not have fall away.
        header: One name per column.
        rows: The households; nothing in them is taken for a formula.
        widths: Of the columns, in characters.
    """
    from openpyxl import Workbook  # seldom needed, and a tenth of a second of every start
    from openpyxl.styles import Font, PatternFill
    from openpyxl.utils import get_column_letter

    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise ValueError("a new workbook has no sheet")
    sheet.title = "".join(sign for sign in title if sign not in r"\/*?:[]")[:31] or "1"
    sheet.append(list(header))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E3EFE9")
    for row in rows:
        sheet.append([defuse(value) for value in row])
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def households_csv(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """The same as CSV in UTF-8 with the mark by which spreadsheets know it."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(header)
    table.writerows([defuse(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
