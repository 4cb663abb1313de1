"""Cells of tables that a spreadsheet can open without running anything that a resident wrote."""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What a cell must not begin with; a Chinese or Japanese Excel takes the full-width signs for the plain ones."""


def defuse(cell: object) -> object:
    """The cell with an apostrophe in front when a spreadsheet would take it for a formula.

    A carriage return becomes a plain line end: alone it would not be quoted, and begin a row that somebody made up.
    """
    if not isinstance(cell, str):
        return cell
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.startswith(_FORMULA) else text
