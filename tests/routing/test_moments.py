"""Days and times as people write them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calendar import Calendar
from routing.moments import find, find_day

CALENDAR = Calendar.load()
NOW = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)  # a Monday, ten in the morning


def read(text: str, *, past: bool = False) -> str | None:
    found = find(text, NOW, CALENDAR, past=past)
    return f"{CALENDAR.local(found.at):%m-%d %H:%M}" if found else None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("15:30", "11-30 15:30"),
        ("9:30", "12-01 09:30"),
        ("12-31 15:30", "12-31 15:30"),
        ("12月31日15：30", "12-31 15:30"),
        ("12月31号下午3点", "12-31 15:00"),
        ("十二月三十一日下午三点", "12-31 15:00"),
        ("2027-01-05 8:00", "01-05 08:00"),
        ("明天8:00", "12-01 08:00"),
        ("明天上午8点", "12-01 08:00"),
        ("明早7点", "12-01 07:00"),
        ("今晚8点", "11-30 20:00"),
        ("后天10点", "12-02 10:00"),
        ("大后天10点", "12-03 10:00"),
        ("下午3点", "11-30 15:00"),
        ("下午3点半", "11-30 15:30"),
        ("下午三点一刻", "11-30 15:15"),
        ("15点45分", "11-30 15:45"),
        ("三点半", "11-30 15:30"),
        ("8点", "12-01 08:00"),
        ("12月1日3时", "12-01 03:00"),
        ("中午12点", "11-30 12:00"),
        ("中午1点", "11-30 13:00"),
        ("下午12点半", "11-30 12:30"),
        ("晚上12点", "12-01 00:00"),
        ("今日24时", "12-01 00:00"),
        ("凌晨2点", "12-01 02:00"),
        ("周五下午3点", "12-04 15:00"),
        ("周一8点", "12-07 08:00"),
        ("周一15:30", "11-30 15:30"),
        ("本周五9点", "12-04 09:00"),
        ("下周一9:00", "12-07 09:00"),
        ("下下周三9:00", "12-16 09:00"),
        ("星期天上午九点", "12-06 09:00"),
        ("礼拜6 14:00", "12-05 14:00"),
        ("3pm", "11-30 15:00"),
        ("3:30 pm", "11-30 15:30"),
        ("12 am", "12-01 00:00"),
        ("tomorrow at 8 am", "12-01 08:00"),
        ("Friday 9:00", "12-04 09:00"),
        ("next Monday 9:00", "12-07 09:00"),
        ("on Sunday at 9:00", "12-06 09:00"),
        ("Dec 31 15:30", "12-31 15:30"),
        ("31 December, 15:30", "12-31 15:30"),
        ("Jan 2nd 8am", "01-02 08:00"),
    ],
)
def test_a_time_is_read_as_people_write_it(text: str, at: str) -> None:
    assert read(text) == at


@pytest.mark.parametrize(
    "text", ["", "周五", "3号楼", "25:00", "12-32 8:00", "2月30日8点", "3-5楼", "13800138000", "8:5"]
)
def test_what_names_no_time_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize("text", ["周五在3号楼下 15:30", "明天，3号楼下，15:30", "15:30 on the roof, Friday"])
def test_a_day_that_stands_apart_is_not_passed_over(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("3号楼下 周五15:30", "3号楼下 "),
        ("明天下午3点12号楼下", "12号楼下"),
        ("15点，5-2楼门口", "，5-2楼门口"),
        ("gate 3, tomorrow 8 am", "gate 3, "),
    ],
)
def test_what_is_no_time_is_left(text: str, place: str) -> None:
    found = find(text, NOW, CALENDAR)
    assert found is not None
    assert text[: found.start] + text[found.end :] == place


@pytest.mark.parametrize(
    ("text", "at"),
    [("9:30", "11-30 09:30"), ("15:30", "11-29 15:30"), ("周五8点", "11-27 08:00"), ("12-31 8:00", "12-31 08:00")],
)
def test_what_was_issued_lies_behind(text: str, at: str) -> None:
    assert read(text, past=True) == at


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12-31", date(2026, 12, 31)),
        ("12.31", date(2026, 12, 31)),
        ("1月5号前", date(2027, 1, 5)),
        ("下周三", date(2026, 12, 9)),
        ("明天", date(2026, 12, 1)),
        ("by Friday", date(2026, 12, 4)),
        ("尽快", None),
        ("13-45", None),
    ],
)
def test_a_day_is_read_as_people_write_it(text: str, day: date | None) -> None:
    found = find_day(text, date(2026, 11, 30))
    assert (found.date if found else None) == day


@given(st.text(alphabet="0123456789:：点半刻分时上下午晚早明今后天周星期一二三十月日号-/. apmFriDec", max_size=30))
def test_whatever_is_written_a_moment_or_nothing_is_read(text: str) -> None:
    found = find(text, NOW, CALENDAR)
    assert found is None or text[found.start : found.end].strip()
