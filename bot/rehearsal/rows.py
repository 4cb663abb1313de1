"""The messages that are rehearsed: a table with the columns id, author, title, posted_at and body."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.sheets import BadSheet, read
from routing.sheet import Problem, SheetRow

COLUMNS: Final = ("id", "author", "title", "posted_at", "body")
_FORMS: Final = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")
LONGEST: Final = 100_000
"""Characters of one message; a longer one is a mistake in the file."""


class BadRows(Exception):
    """The file can't be rehearsed; *problems* say where and why, without repeating what people wrote."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Row:
    """One message. ``posted_at`` has no zone: it only puts the messages in order."""

    id: str
    author: str
    title: str
    posted_at: datetime
    body: str

    @property
    def text(self) -> str:
        """Title and body, as somebody would write them in a chat."""
        return "\n".join(part for part in (self.title, self.body) if part)


def read_rows(path: Path) -> list[Row]:
    """Read the file, oldest message first.

    Raises:
        BadRows: it can't be read, a column is missing, or a row can't be used; every bad cell is named.
    """
    try:
        sheet = read(path)
    except BadSheet as bad:
        raise BadRows([Problem(str(path), 0, "", str(bad).removeprefix(f"{path}: "))]) from bad
    missing = [name for name in COLUMNS if name not in sheet.header]
    if missing:
        raise BadRows([Problem(str(path), 1, name, "the column is missing") for name in missing])
    problems = [*sheet.problems, *_problems(str(path), sheet.rows)]
    if problems:
        raise BadRows(problems)
    rows = [_row(line.cells) for line in sheet.rows]
    if not rows:
        raise BadRows([Problem(str(path), 0, "", "there is no message in it")])
    return sorted(rows, key=lambda row: row.posted_at)


def _row(cells: Mapping[str, str]) -> Row:
    return Row(
        id=cells["id"].strip(),
        author=cells["author"].strip(),
        title=cells["title"].strip(),
        posted_at=_instant(cells["posted_at"]),
        body=cells["body"].strip(),
    )


def _problems(path: str, lines: tuple[SheetRow, ...]) -> Iterator[Problem]:
    seen: set[str] = set()
    for line in lines:
        cells = {name: line.cells.get(name, "").strip() for name in COLUMNS}
        for column, is_wrong, reason in _CHECKS:
            if is_wrong(cells):
                yield Problem(path, line.number, column, reason)
        if cells["id"] and cells["id"] in seen:
            yield Problem(path, line.number, "id", "is there twice")
        seen.add(cells["id"])


def _instant(text: str) -> datetime:
    """An instant such as 2017-06-08 17:31:20, 2019/2/28 11:25 or any of ISO 8601; its zone is dropped.

    Raises:
        ValueError: it is none.
    """
    plain = text.strip().replace("/", "-")
    for form in _FORMS:
        try:
            return datetime.strptime(plain, form)  # noqa: DTZ007 - only the order counts
        except ValueError:
            continue
    return datetime.fromisoformat(plain).replace(tzinfo=None)


def _is_no_instant(text: str) -> bool:
    try:
        _instant(text)
    except ValueError:
        return True
    return False


_CHECKS: Final[tuple[tuple[str, Callable[[Mapping[str, str]], bool], str], ...]] = (
    ("id", lambda cells: not cells["id"], "is empty"),
    ("author", lambda cells: not cells["author"], "is empty"),
    ("posted_at", lambda cells: _is_no_instant(cells["posted_at"]), "is no time such as 2017-06-08 17:31:20"),
    ("body", lambda cells: not (cells["body"] or cells["title"]), "is empty, and so is the title"),
    ("body", lambda cells: len(cells["body"]) > LONGEST, f"is longer than {LONGEST} characters"),
)
