from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calendar import Calendar
from routing.limits import Due, Limit, Measure, due_at, fraction

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar.load()

hours = st.builds(
    Limit,
    st.floats(min_value=0.001, max_value=200),
    st.sampled_from([Measure.CLOCK_HOURS, Measure.OFFICE_HOURS]),
)
days = st.builds(Limit, st.integers(1, 40), st.sampled_from([Measure.WORKING_DAYS, Measure.CALENDAR_DAYS]))
limits = hours | days | st.just(Limit(1, Measure.SAME_DAY))
instants = st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - aware by timezones


def here(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(start: str, limit: str) -> Due:
    return due_at(here(start), Limit.parse(limit), CALENDAR)


@pytest.mark.parametrize(
    ("start", "limit", "ends"),
    [
        ("2026-02-13T10:00", "1 working_days", "2026-02-14T10:00"),
        ("2026-02-13T10:00", "2 working_days", "2026-02-24T10:00"),
        ("2026-02-13T10:00", "5 working_days", "2026-02-27T10:00"),
        ("2026-02-13T10:00", "6 working_days", "2026-02-28T10:00"),
        ("2026-10-09T10:00", "1 working_days", "2026-10-10T10:00"),
        ("2026-11-20T16:00", "4 office_hours", "2026-11-23T11:30"),
        ("2026-10-09T16:00", "4 office_hours", "2026-10-10T11:30"),
        ("2026-11-20T16:00", "1.5 office_hours", "2026-11-20T17:30"),
        ("2026-11-20T12:30", "1 office_hours", "2026-11-20T14:30"),
        ("2026-11-21T09:00", "same_day", "2026-11-22T00:00"),
        ("2026-11-20T00:00", "same_day", "2026-11-21T00:00"),
        ("2026-11-20T22:00", "same_day", "2026-11-21T00:00"),
        ("2026-11-20T23:50", "same_day", "2026-11-21T01:50"),
        ("2026-11-20T23:59", "2 clock_hours", "2026-11-21T01:59"),
        ("2026-11-20T23:59", "30 min", "2026-11-21T00:29"),
        ("2026-11-20T10:00", "3 calendar_days", "2026-11-23T10:00"),
        ("2026-11-21T10:00", "1 working_days", "2026-11-24T00:00"),
    ],
)
def test_a_limit_ends_when_practice_says(start: str, limit: str, ends: str) -> None:
    assert due(start, limit) == Due(here(ends), provisional=False)


def test_a_span_into_an_unpublished_year_is_provisional() -> None:
    assert due("2026-12-31T10:00", "5 working_days").provisional
    assert due("2026-12-31T16:00", "4 office_hours").provisional
    assert not due("2026-12-30T10:00", "1 working_days").provisional
    assert not due("2026-12-31T10:00", "5 calendar_days").provisional
    assert not due("2026-12-31T10:00", "48 clock_hours").provisional


def test_due_is_told_in_utc() -> None:
    assert due("2026-02-13T10:00", "1 working_days").at.tzinfo is UTC
    assert due("2026-02-13T10:00", "same_day").at == datetime(2026, 2, 13, 16, tzinfo=UTC)


@given(start=instants, limit=limits)
def test_a_limit_always_ends_strictly_later(start: datetime, limit: Limit) -> None:
    assert due_at(start, limit, CALENDAR).at > start


@given(one=instants, gap=st.timedeltas(timedelta(), timedelta(days=12)), limit=limits)
def test_whoever_starts_later_never_ends_earlier(one: datetime, gap: timedelta, limit: Limit) -> None:
    assert due_at(one, limit, CALENDAR).at <= due_at(one + gap, limit, CALENDAR).at


@given(
    start=instants,
    measure=st.sampled_from([m for m in Measure if m is not Measure.SAME_DAY]),
    n=st.integers(1, 30),
)
def test_more_of_the_same_measure_ends_later(start: datetime, measure: Measure, n: int) -> None:
    assert due_at(start, Limit(n, measure), CALENDAR).at < due_at(start, Limit(n + 1, measure), CALENDAR).at


@given(start=instants, amount=st.floats(min_value=0.01, max_value=60))
def test_office_hours_end_only_while_the_office_is_open_or_as_it_closes(start: datetime, amount: float) -> None:
    ends = due_at(start, Limit(amount, Measure.OFFICE_HOURS), CALENDAR).at
    assert CALENDAR.is_office(ends - timedelta(microseconds=1))


@given(limit=limits)
def test_a_written_limit_reads_back_as_itself(limit: Limit) -> None:
    assert Limit.parse(str(limit)) == limit


@pytest.mark.parametrize(
    "text", ["4 office_hours", "30 min", "10 min", "2 clock_hours", "same_day", "0.5 office_hours"]
)
def test_a_limit_is_written_as_people_write_it(text: str) -> None:
    assert str(Limit.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "four working_days",
        "4 fortnights",
        "0 office_hours",
        "-1 working_days",
        "nan clock_hours",
        "inf clock_hours",
        "1.5 working_days",
        "1 same_day",
        "4 office_hours later",
        "99999 working_days",
        "0.00001 clock_hours",
    ],
)
def test_what_is_no_limit_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w+ \w+ \w+"):
        Limit.parse(text)


def test_a_naive_start_is_refused() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - the naive instant is the point
    with pytest.raises(ValueError, match="time zone"):
        due_at(naive, Limit.parse("2 clock_hours"), CALENDAR)
    with pytest.raises(ValueError, match="time zone"):
        fraction(naive, naive, 0.5)


def test_a_fraction_lies_at_its_part_of_the_span() -> None:
    start, end = here("2026-11-20T10:00"), here("2026-11-20T20:00")
    assert fraction(start, end, 0.5) == here("2026-11-20T15:00")
    assert fraction(start, end, 0.8) == here("2026-11-20T18:00")
    assert fraction(start, end, 1) == end
    assert fraction(start, end, 2) == here("2026-11-21T06:00")
    with pytest.raises(ValueError, match="reminder"):
        fraction(start, end, -0.1)
    with pytest.raises(ValueError, match="reminder"):
        fraction(end, start, 0.5)
