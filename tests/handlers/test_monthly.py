"""The sheet of a month as the desk at the top gets it: a workbook in its language."""

import io
from typing import Any, cast

import pytest
from openpyxl import load_workbook

from handlers import render
from handlers._kit import words
from handlers._kit.views import Attachment
from handlers.monthly.sheet import COLUMNS, header
from routing import months
from routing.model import ChatKind, UnitCode
from storage.stores import Stores
from tests.handlers.cast import resolved, zh
from tests.town import CITY, GRID, Town


async def test_the_city_gets_last_months_figures_as_a_workbook(town: Town) -> None:
    await resolved(town)
    await town.wang.presses(town.last(town.wang), "满意")
    await town.passes(days=9)
    assert await town.work(months.announce, town.now)
    await town.quiet()

    sent = town.last(town.city_desk)
    assert sent["document"]["file_name"] == "huying-2026-11.xlsx"
    assert sent["caption"] == zh("monthly.sheet", month="2026-11")
    sheet = load_workbook(io.BytesIO(await town.read(_workbook))).active
    assert sheet is not None
    table = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert table[0] == header("zh")
    grid = next(dict(zip(COLUMNS, row, strict=True)) for row in table[1:] if row[1] == GRID)
    assert (grid["came"], grid["solved"], grid["on_time"], grid["satisfied_final"]) == (1, 1, 1, 1)


def _workbook(stores: Stores) -> bytes:
    chat = stores.chats.of_unit(UnitCode(CITY), ChatKind.DESK)
    assert chat is not None
    at = months.month_of(stores.calendar, stores.cases.by_number(1).filed_at).begins.timestamp()
    made: Any = render(stores, "month_sheet", {"at": at}, chat, locale="zh")
    file = cast("Attachment", made.params["document"])
    return file.make(file.read(stores))


@pytest.mark.parametrize("lang", words.LANGUAGES)
def test_every_column_has_a_name_of_its_own(lang: str) -> None:
    assert len(set(header(lang))) == len(COLUMNS)
