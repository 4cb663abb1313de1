"""Quiet hours: when they end, on the town's clocks."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from routing.calendar import Calendar
from routing.quiet import Quiet

CALENDAR = Calendar.load()
NIGHT = Quiet(time(22), time(7))
NOON = Quiet(time(12), time(13, 30))


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.mark.parametrize(
    ("quiet", "at", "until"),
    [
        (NIGHT, "2026-11-23T21:59:59", None),
        (NIGHT, "2026-11-23T22:00", "2026-11-24T07:00"),
        (NIGHT, "2026-11-24T02:00", "2026-11-24T07:00"),
        (NIGHT, "2026-12-31T23:30", "2027-01-01T07:00"),
        (NIGHT, "2026-11-24T07:00", None),
        (NIGHT, "2026-11-24T12:00", None),
        (NOON, "2026-11-24T12:00", "2026-11-24T13:30"),
        (NOON, "2026-11-24T13:30", None),
        (NOON, "2026-11-24T02:00", None),
    ],
)
def test_quiet_hours_end_in_the_morning_and_may_span_midnight(quiet: Quiet, at: str, until: str | None) -> None:
    assert quiet.until(CALENDAR, shanghai(at)) == (shanghai(until).astimezone(UTC) if until else None)


@pytest.mark.parametrize(
    ("quiet", "at", "begins"),
    [
        (NIGHT, "2026-11-23T21:59:59", "2026-11-23T22:00"),
        (NIGHT, "2026-11-23T22:00", "2026-11-24T22:00"),
        (NIGHT, "2026-12-31T23:30", "2027-01-01T22:00"),
        (NOON, "2026-11-24T02:00", "2026-11-24T12:00"),
    ],
)
def test_the_next_quiet_hours_begin_later_than_now(quiet: Quiet, at: str, begins: str) -> None:
    assert quiet.after(CALENDAR, shanghai(at)) == shanghai(begins).astimezone(UTC)


def test_a_naive_instant_has_no_night() -> None:
    with pytest.raises(ValueError, match="time zone"):
        NIGHT.until(CALENDAR, datetime(2026, 11, 23, 23))  # noqa: DTZ001 - the mistake that is refused
