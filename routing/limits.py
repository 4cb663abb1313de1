"""How long somebody has, and when it runs out."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final

from routing.calendar import Calendar

_LONGEST: Final = timedelta(days=3660)
_DAY: Final = timedelta(days=1)
LEAST_OF_A_DAY: Final = timedelta(hours=2)
"""What `same_day` leaves at least, however late in the evening it begins."""


class Measure(StrEnum):
    """What a limit is counted in."""

    CLOCK_HOURS = "clock_hours"
    OFFICE_HOURS = "office_hours"
    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    SAME_DAY = "same_day"

    @property
    def in_days(self) -> bool:
        """Whether only whole numbers make sense."""
        return self in {Measure.WORKING_DAYS, Measure.CALENDAR_DAYS, Measure.SAME_DAY}


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time in one measure; `str()` of it is what `parse` reads.

    Raises:
        ValueError: the amount is shorter than a second or longer than ten years, or is a part of a day.
    """

    amount: float
    measure: Measure

    def __post_init__(self) -> None:
        unit = _DAY if self.measure.in_days else timedelta(hours=1)
        if not math.isfinite(self.amount) or not 1 <= self.amount * unit.total_seconds() <= _LONGEST.total_seconds():
            raise ValueError(f"a limit lies between a second and ten years, not {self.amount} {self.measure}")
        if self.measure.in_days and self.amount != int(self.amount):
            raise ValueError(f"{self.measure} are counted whole, not {self.amount}; use hours for less than a day")
        if self.measure is Measure.SAME_DAY and self.amount != 1:
            raise ValueError("same_day takes no amount")

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read "4 office_hours", "1 working_days", "30 min" (clock time) or "same_day".

        Raises:
            ValueError: *text* is none of these; the sentence says what was expected.
        """
        words = text.split()
        if words == [Measure.SAME_DAY.value]:
            return cls(1, Measure.SAME_DAY)
        try:
            amount, unit = float(words[0]), words[1]
            divisor = 60 if unit == "min" else 1
            measure = Measure.CLOCK_HOURS if unit == "min" else Measure(unit)
        except (ValueError, IndexError) as error:
            raise ValueError(_expected(text)) from error
        if len(words) != 2 or measure is Measure.SAME_DAY:
            raise ValueError(_expected(text))
        return cls(amount / divisor, measure)

    def __str__(self) -> str:
        if self.measure is Measure.SAME_DAY:
            return self.measure.value
        minutes = round(self.amount * 60)
        if self.measure is Measure.CLOCK_HOURS and minutes % 60 and minutes / 60 == self.amount:
            return f"{minutes} min"
        amount = int(self.amount) if self.amount == int(self.amount) else self.amount
        return f"{amount} {self.measure}"


@dataclass(frozen=True, slots=True)
class Due:
    """When a limit runs out.

    Args:
        at: Aware UTC instant.
        provisional: It rests on a day that no holiday notice covers yet, and may have to be counted again.
    """

    at: datetime
    provisional: bool


def due_at(start: datetime, limit: Limit, calendar: Calendar) -> Due:
    """Return the instant at which *limit*, begun at *start*, runs out.

    It is strictly later than *start*, and never earlier for a later *start*.

    * Clock hours run through nights and holidays.
    * Office hours run while the office is open; what fits exactly ends at closing time, not at the next opening.
    * Working days are those of *calendar*, make-up days included (GB/T 30428.8 calls them 工作日): the same time
      of day on the n-th working day after. Begun on a day off, it ends with the n-th working day, at 24:00.
    * Calendar days: the same time of day, n days later.
    * Same day: 24:00 of the day of *start*, working day or not, and `LEAST_OF_A_DAY` at least.

    Args:
        start: Aware instant.
        limit: What was granted.
        calendar: Its time zone says where days begin.

    Raises:
        ValueError: *start* is naive.
    """
    here = calendar.local(start)
    today = here.date()
    match limit.measure:
        case Measure.CLOCK_HOURS:
            return Due(start.astimezone(UTC) + timedelta(hours=limit.amount), provisional=False)
        case Measure.CALENDAR_DAYS:
            return Due(calendar.at(today + int(limit.amount) * _DAY, here.time()), provisional=False)
        case Measure.SAME_DAY:
            return Due(max(calendar.at(today + _DAY), start.astimezone(UTC) + LEAST_OF_A_DAY), provisional=False)
        case Measure.WORKING_DAYS:
            last = _nth_working_day(today, int(limit.amount), calendar)
            ends = calendar.at(last, here.time()) if calendar.is_workday(today) else calendar.at(last + _DAY)
        case Measure.OFFICE_HOURS:
            ends = _after_office_hours(start.astimezone(UTC), timedelta(hours=limit.amount), calendar)
            last = calendar.local(ends).date()
    return Due(ends, provisional=not (calendar.known(today) and calendar.known(last)))


def fraction(start: datetime, due: datetime, part: float) -> datetime:
    """Return the instant at which *part* of the span from *start* to *due* has gone.

    0.5 is half of it, 1 is *due*, 2 is as late again.

    Raises:
        ValueError: *part* is negative, or *due* lies before *start*, or one of them is naive.
    """
    if start.tzinfo is None or due.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    if part < 0 or due < start:
        raise ValueError("a reminder lies after the start of its span")
    return start.astimezone(UTC) + (due - start) * part


def _expected(text: str) -> str:
    return f"{text!r} is no limit; write for instance '4 office_hours', '2 working_days', '30 min' or 'same_day'"


def _nth_working_day(day: date, number: int, calendar: Calendar) -> date:
    """The *number*-th working day after *day*."""
    while number:
        day += _DAY
        number -= calendar.is_workday(day)
    return day


def _after_office_hours(start: datetime, left: timedelta, calendar: Calendar) -> datetime:
    """The instant at which the office has been open for *left* since *start*."""
    day = calendar.local(start).date()
    while True:
        for opening, closing in calendar.office if calendar.is_workday(day) else ():
            begins = max(calendar.at(day, opening), start)
            open_for = calendar.at(day, closing) - begins
            if left <= open_for:
                return begins + left
            left -= max(open_for, timedelta())
        day += _DAY
