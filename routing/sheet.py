"""Tables as they were read from a spreadsheet, and which kind of table a header makes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

UNITS: Final = (
    "code", "name", "level", "parent", "kind", "residents_chat", "desk_chat", "households", "buildings", "bounds",
    "phone",
)  # fmt: skip
STAFF: Final = ("telegram_id", "name", "unit", "post", "phone", "stationed_at")
HOUSEHOLDS: Final = ("code", "grid", "building", "unit_no", "room", "telegram_ids")
ROSTER: Final = ("unit", "telegram_id", "from", "to")
MOMENTS: Final = frozenset({"from", "to"})
"""Columns that hold a time, so that a spreadsheet's own times are welcome there."""
_OPTIONAL: Final = frozenset({"stationed_at", "telegram_ids", "phone", "bounds", "buildings"})


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, where: the file, the row as the spreadsheet numbers it (0: none), the column, and the reason."""

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        row = f", row {self.row}" if self.row else ""
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}{row}{column}: {self.reason}"


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One row: its number in the spreadsheet and its cells by column name."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table as it was read; *problems* are those found while reading."""

    file: str
    header: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def kind(self) -> str | None:
        """``units``, ``staff``, ``households`` or ``roster``, told by the header."""
        return next((name for name, known in KINDS.items() if set(known) - _OPTIONAL <= set(self.header)), None)


KINDS: Final = {"units": UNITS, "staff": STAFF, "households": HOUSEHOLDS, "roster": ROSTER}
