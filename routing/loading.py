"""An import at work: the rows of its sheets, what they did, and every problem found on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from routing.model import PersonId, Post, Unit, UnitCode
from routing.ports import Lane, Promise, UnitOfWork
from routing.sheet import KINDS, Problem, Sheet

OWN_MENU: Final = "own_menu"
"""The view that shows somebody the commands of their posts, and those of everybody once they have none."""


class BadTown(ValueError):
    """Some rows cannot be used; nothing was written. ``problems`` has them all."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(slots=True)
class Loaded:
    """What an import did, or would do."""

    new: dict[str, int] = field(default_factory=dict)
    changed: dict[str, int] = field(default_factory=dict)
    same: dict[str, int] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    """Units of the town that the files lack. They stay: leaving a row out drops nobody's open cases."""
    dismissed: int = 0
    dropped: int = 0
    """Shifts that the roster had in the span of the file and the file has not."""

    def count(self, kind: str, before: object, after: object) -> None:
        """Book one row as new, changed or the same."""
        book = self.new if before is None else self.same if before == after else self.changed
        book[kind] = book.get(kind, 0) + 1


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its file; optional columns that the file lacks are empty."""

    file: str
    number: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class Load:
    """What one import knows while it works.

    Units in *broken* have bad rows: whoever names them is not to blame. *moved* are the people whose posts change.
    """

    uow: UnitOfWork
    bot: int
    problems: list[Problem]
    blamed: set[tuple[str, int, str]]
    loaded: Loaded = field(default_factory=Loaded)
    broken: set[str] = field(default_factory=set)
    staffed: set[tuple[PersonId, str, Post]] = field(default_factory=set)
    moved: set[PersonId] = field(default_factory=set)

    def bad(self, line: Line, column: str, reason: str) -> None:
        """Note a problem, unless that cell has one already."""
        cell = (line.file, line.number, column)
        if cell not in self.blamed:
            self.blamed.add(cell)
            self.problems.append(Problem(*cell, reason))

    def unit(self, line: Line, column: str) -> Unit | None:
        """The unit that a cell names; ``None``, with the problem noted, when there is none."""
        code = line.cells[column]
        unit = self.uow.units.find(UnitCode(code))
        if unit is None and code not in self.broken:
            self.bad(line, column, f"there is no unit {code!r}")
        return unit

    def show_menus(self) -> None:
        """Let those whose posts have changed see the commands that are theirs now, where they have met a bot."""
        for person in sorted(self.moved):
            for chat in self.uow.chats.privates(person):
                key = f"menu:{chat.id}:{self.uow.ids.new()}"
                self.uow.outbox.promise(Promise(key=key, chat=chat.id, view=OWN_MENU, lane=Lane.NOTICE))


def lines_of(sheets: Sequence[Sheet], kind: str) -> list[Line]:
    """The rows of every sheet of that kind, as one table."""
    return [
        Line(sheet.file, row.number, {column: row.cells.get(column, "") for column in KINDS[kind]})
        for sheet in sheets
        if sheet.kind == kind
        for row in sheet.rows
    ]
