from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import holidays
import pytest

from routing.calendar import Calendar
from tests.tools import make_workdays

CALENDAR = Calendar.load()
PUBLISHED = [date(2024, 1, 1) + timedelta(days=n) for n in range((date(2027, 1, 1) - date(2024, 1, 1)).days)]
NEXT_YEAR = """
source = "a notice"
holidays = [2027-01-01, "2027-05-03", "2027-10-01..2027-10-03"]
workdays = ["2027-01-02"]
"""


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


def test_every_published_day_equals_chinesecalendar() -> None:
    assert [day for day in PUBLISHED if CALENDAR.is_workday(day) != chinese_calendar.is_workday(day)] == []


def test_every_published_day_equals_the_second_opinion() -> None:
    china = holidays.country_holidays("CN", years=[2024, 2025, 2026])
    assert [day for day in PUBLISHED if CALENDAR.is_workday(day) != china.is_working_day(day)] == []


@pytest.mark.parametrize(("year", "days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_year_has_as_many_working_days_as_published(year: int, days: int) -> None:
    assert sum(CALENDAR.is_workday(day) for day in PUBLISHED if day.year == year) == days


@pytest.mark.parametrize(
    "day",
    [
        "2024-02-04",
        "2024-02-18",
        "2024-04-07",
        "2024-04-28",
        "2024-05-11",
        "2024-09-14",
        "2024-09-29",
        "2024-10-12",
        "2025-01-26",
        "2025-02-08",
        "2025-04-27",
        "2025-09-28",
        "2025-10-11",
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ],
)
def test_a_make_up_day_on_a_weekend_is_worked(day: str) -> None:
    assert date.fromisoformat(day).weekday() >= 5
    assert CALENDAR.is_workday(date.fromisoformat(day))


def test_the_shipped_table_is_what_the_generator_writes() -> None:
    shipped = (files("routing") / "data" / "workdays.csv").read_text(encoding="utf-8")
    assert shipped == make_workdays.table(2024, 2026)


def test_the_horizon_is_the_last_day_of_the_last_published_year() -> None:
    assert date(2026, 12, 31) == CALENDAR.horizon
    assert CALENDAR.known(date(2026, 12, 31))
    assert not CALENDAR.known(date(2027, 1, 1))
    assert Calendar(ZoneInfo("Asia/Shanghai"), {}).horizon == date.min


def test_an_unpublished_year_rests_on_weekends_and_fixed_holidays_only() -> None:
    off = {day for n in range(365) if not CALENDAR.is_workday(day := date(2027, 1, 1) + timedelta(days=n))}
    weekdays_off = {(day.month, day.day) for day in off if day.weekday() < 5}
    assert weekdays_off == {(1, 1), (10, 1)}
    assert not CALENDAR.is_workday(date(2029, 5, 2))


def test_a_later_notice_moves_the_horizon(tmp_path: Path) -> None:
    notice = tmp_path / "2027.toml"
    notice.write_text(NEXT_YEAR, encoding="utf-8")
    calendar = Calendar.load(extra=notice)
    assert calendar.horizon == date(2027, 12, 31)
    assert calendar.is_workday(date(2027, 1, 2))
    assert not calendar.is_workday(date(2027, 5, 3))
    assert not calendar.is_workday(date(2027, 10, 1))
    assert calendar.is_workday(date(2026, 10, 10))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("holidays = ", "Invalid value"),
        ("holiday = []", "holiday: unknown key .known here: source, holidays, workdays"),
        ('holidays = ["2027-13-01"]', "holidays: '2027-13-01' is not a day such as"),
        ('holidays = "New Year"', "holidays: 'New Year' is not a day such as"),
        ('holidays = ["2027-02-11..2027-02-05"]', "holidays: 2027-02-11..2027-02-05 ends before it begins"),
        ('holidays = ["2027-01-01"]\nworkdays = ["2027-01-01"]', "2027-01-01 is a holiday and a working day"),
        ('holidays = ["2027-01-01"]', "2027-10-01 must be listed"),
    ],
)
def test_a_bad_notice_is_refused_with_its_place(tmp_path: Path, text: str, sentence: str) -> None:
    notice = tmp_path / "notice.toml"
    notice.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"notice.toml.*{sentence}"):
        Calendar.load(extra=notice)


def test_the_office_is_shut_at_lunch_at_closing_time_and_on_holidays() -> None:
    def is_open(moment: str) -> bool:
        return CALENDAR.is_office(shanghai(moment))

    assert is_open("2026-11-20T09:00")
    assert is_open("2026-11-20T17:29:59")
    assert is_open("2026-10-10T10:00")
    assert not is_open("2026-11-20T08:59:59")
    assert not is_open("2026-11-20T12:30")
    assert not is_open("2026-11-20T17:30")
    assert not is_open("2026-11-21T10:00")
    assert not is_open("2026-10-01T10:00")


@pytest.mark.parametrize(
    "office",
    [
        (),
        ((time(12), time(9)),),
        ((time(9), time(12)), (time(11), time(17))),
        ((time(9), time(9)),),
    ],
)
def test_impossible_office_hours_are_refused(office: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="office hours"):
        Calendar.load(office=office)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.local(datetime(2026, 1, 1))  # noqa: DTZ001 - the naive instant is the point


def test_midnight_here_is_four_in_the_afternoon_in_utc() -> None:
    assert CALENDAR.at(date(2026, 1, 2)) == datetime(2026, 1, 1, 16, tzinfo=UTC)
