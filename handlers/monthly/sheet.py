"""The sheet of a month as a workbook, made when the message leaves: a row for each unit that had a case then."""

from datetime import UTC, datetime
from typing import Any, Final

from broadcasts.lists import workbook
from handlers._kit import words
from handlers._kit.registry import view
from handlers._kit.views import Attachment, Look, Outgoing
from routing import months
from routing.ports import UnitOfWork

COLUMNS: Final = (*months.NAMED, *months.FIGURES)
WIDTHS: Final = (10, 18, 24, 12, *(11 for _ in months.FIGURES))


@view("month_sheet")
def sheet(look: Look) -> Outgoing:
    """The workbook, with a line that says what it is."""
    month = months.month_of(look.uow.calendar, datetime.fromtimestamp(float(str(look.params["at"])), UTC))
    lang = look.lang

    def read(uow: UnitOfWork) -> list[dict[str, Any]]:
        return list(months.rows(uow, month.ends, month))

    def make(rows: list[dict[str, Any]]) -> bytes:
        return workbook(month.name, header(lang), ([row[name] for name in COLUMNS] for row in rows), WIDTHS)

    file = Attachment(f"huying-{month.name}.xlsx", read, make)
    return Outgoing("sendDocument", {"document": file, "caption": look.t("monthly.sheet", month=month.name)})


def header(lang: str) -> list[str]:
    """The names of the columns."""
    return [words.plain(f"monthly.column.{name}", lang) for name in COLUMNS]
