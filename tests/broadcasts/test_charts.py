"""The chart and the lists: files that open, with or without a Chinese font, and cells that nothing runs."""

import csv
import io
import threading
from collections.abc import Iterator

import pytest
from openpyxl import load_workbook
from PIL import Image

from broadcasts import charts
from broadcasts.charts import Chart, Labels, summary_png
from broadcasts.lists import households_csv, workbook

CHART = Chart(20, [0, 5, 9], [0, 4, 8], [0, 0, 2], [9.0], [(3, 1, 6), (5, 1, 4)])


def labels(**fields: object) -> Labels:
    known = {
        "title": "#1 暴雪 $5_x$", "subtitle": "10/20", "pressed": "收到", "told": "上门", "missing": "未确认",
        "minutes": "分钟", "households": "户", "grids": ("春风一网格", "春风二网格"), "marks": ("50%",),
    }  # fmt: skip
    return Labels(**{**known, **fields})  # type: ignore[arg-type]  # the test says what it replaces


PLAIN = labels(title="#1", pressed="p", told="t", missing="m", minutes="min", households="h", grids=("g1", "g2"))


@pytest.fixture
def no_chinese_font(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine with the fonts that matplotlib brings along and no other."""
    charts.cjk_font.cache_clear()
    monkeypatch.setattr(charts, "FONTS", ())
    yield
    charts.cjk_font.cache_clear()


def size(png: bytes) -> tuple[int, int]:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image.size


def test_a_chart_is_a_picture_of_the_size_that_a_phone_shows_well() -> None:
    assert size(summary_png(CHART, labels(), PLAIN)) == (1200, 630)


def test_without_a_chinese_font_the_plain_labels_are_drawn(no_chinese_font: None) -> None:
    chinese, plain = summary_png(CHART, labels(), PLAIN), summary_png(CHART, PLAIN, PLAIN)

    assert chinese == plain  # and no warning of a missing glyph, which would be an error here


def test_a_chart_of_nothing_is_drawn_all_the_same() -> None:
    nothing = Chart(0, [0], [0], [0], [], [])

    assert size(summary_png(nothing, labels(grids=(), marks=()), labels(grids=(), marks=()))) == (1200, 630)


def test_two_threads_draw_one_after_the_other() -> None:
    drawn: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: drawn.append(summary_png(CHART, PLAIN, PLAIN)), daemon=True) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(drawn) == 2
    assert drawn[0] == drawn[1]


def test_nothing_in_a_workbook_is_run() -> None:
    content = workbook("#1: a/b?", ("door", "state"), [("=cmd|' /C calc'!A0", "x"), ("101", None)], (10, 10))
    sheet = load_workbook(io.BytesIO(content)).worksheets[0]

    assert sheet.title == "#1 ab"
    assert [cell.data_type for cell in sheet[2]] == ["s", "s"]
    assert sheet["A2"].value == "'=cmd|' /C calc'!A0"
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", "A1:B3")


def test_csv_is_known_as_utf_8_and_nothing_in_it_is_run() -> None:
    content = households_csv(("门", "state"), [("=1+1", "收到")])

    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == [["门", "state"], ["'=1+1", "收到"]]
