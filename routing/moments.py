"""A time that somebody writes: ``15:30``, ``12-31 15:30``, tomorrow 8:00, and the same in Chinese."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from routing.calendar import Calendar

_WHEN: Final = re.compile(
    r"""(?<!\d)
    (?: (?:(?P<year>2\d{3}) [-/.\u5e74])? (?P<month>\d{1,2}) [-/\u6708] (?P<day>\d{1,2}) \u65e5?
      | (?P<next>\u660e\u5929|tomorrow)
      | (?P<overnext>\u540e\u5929)
    )?
    [,\s]*
    (?: (?P<later>\u4e0b\u5348|\u508d\u665a|\u665a\u4e0a) | \u4e0a\u5348|\u65e9\u4e0a )?
    \s* (?P<hour>\d{1,2}) [:\uff1a] (?P<minute>\d{2}) (?!\d)""",
    re.VERBOSE | re.IGNORECASE,
)  # written so that the pattern itself names 年 月 日, 明天 后天, 下午 傍晚 晚上, 上午 早上
"""A time, and perhaps its day before it. Only what stands together counts: the 3-5 of a building is no day of March."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time found in a text: the instant, aware UTC, and where it stands."""

    at: datetime
    start: int
    end: int


def find(
    text: str, now: datetime, calendar: Calendar, *, past: bool = False, since: datetime | None = None
) -> Moment | None:
    """The first time that *text* names.

    Without a day it is the next such time, without a year the next such day; with *past* the last one instead, as when
    somebody says when a warning was issued. What has begun *since* then is today's, as of a warning that holds already.

    Returns:
        ``None`` when no time is named, or one that there is not, as 25:00.
    """
    found = _WHEN.search(text)
    if found is None:
        return None
    today = calendar.local(now).date()
    try:
        at = calendar.at(_day(found, today, past=past), _moment(found))
    except ValueError:
        return None
    if not _names_day(found):
        if past and at > now:
            at = calendar.at(today - timedelta(days=1), _moment(found))
        elif not past and at <= now and (since is None or at < since):
            at = calendar.at(today + timedelta(days=1), _moment(found))
    return Moment(at, found.start(), found.end())


def _names_day(found: re.Match[str]) -> bool:
    return any(found[name] for name in ("month", "next", "overnext"))


def _day(found: re.Match[str], today: date, *, past: bool) -> date:
    """The day that was named, without a year the next (or last) one of that name; else today."""
    if not found["month"]:
        return today + timedelta(days=2 if found["overnext"] else 1 if found["next"] else 0)
    day = date(int(found["year"] or today.year), int(found["month"]), int(found["day"]))
    if found["year"]:
        return day
    if past:
        return day if day <= today else day.replace(year=today.year - 1)
    return day if day >= today else day.replace(year=today.year + 1)


def _moment(found: re.Match[str]) -> time:
    hour = int(found["hour"])
    return time(hour + 12 if found["later"] and hour < 12 else hour, int(found["minute"]))
