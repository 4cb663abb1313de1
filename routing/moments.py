"""A day and a time that somebody writes: ``12-31 15:30``, 下周五下午3点半, ``tomorrow 8 am``."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from routing.calendar import Calendar
from routing.numerals import SPOKEN, in_digits
from routing.wording import either, shipped

_WORDS: Final = shipped("moments")
_DAY, _WEEK, _PART, _CLOCK = (_WORDS[name] for name in ("day", "week", "part", "clock"))
_MONTHS: Final = f"(?:{'|'.join(_WORDS['month']['english'])})"
_AHEAD: Final = {"today": 0, "tomorrow": 1, "overmorrow": 2, "third": 3, "short_today": 0, "short_tomorrow": 1}
_NUMBER: Final = rf"(?:\d{{1,2}}|{SPOKEN}{{1,3}})"
_SOON: Final = (
    "|".join(f"(?P<{name}>{either(_DAY[name])})" for name in ("third", "overmorrow", "tomorrow", "today"))
    + f"|(?P<short_today>{_DAY['short_today']})(?={either(_PART['morning'] + _PART['night'])})"
    + f"|(?P<short_tomorrow>{_DAY['short_tomorrow']})(?={either(_PART['morning'] + _PART['night'])})"
)
_WEEKDAY: Final = (
    rf"(?P<overnext>{either(_WEEK['overnext'])})?(?P<next>{either(_WEEK['next'])})?(?P<this>{either(_WEEK['this'])})?"
    rf"(?:{either(_WEEK['words'])}(?P<weekday>[{''.join(_WEEK['days'])}])"
    rf"|(?:{_WEEK['before_english']})?\b(?P<english_day>{'|'.join(_WEEK['english'])})\b)"
)
_SPELT: Final = (
    rf"(?:(?P<year>2\d{{3}}) ?[-/.{_DAY['year']}] ?)?"
    rf"(?:(?P<month>\d{{1,2}}) ?(?:[-/.]|{_DAY['month']}) ?(?P<of_month>\d{{1,2}})(?!\d) ?[{_DAY['of_month']}]?"
    rf"|(?P<spoken_month>{SPOKEN}{{1,2}}){_DAY['month']}(?P<spoken_of_month>{SPOKEN}{{1,3}})[{_DAY['of_month']}])"
)
_ENGLISH: Final = (
    rf"\b(?P<month_first>{_MONTHS})[a-z]*\.? (?P<day_after>\d{{1,2}})(?:st|nd|rd|th)?\b"
    rf"|(?P<day_first>\d{{1,2}})(?:st|nd|rd|th)? (?P<month_after>{_MONTHS})[a-z]*\b"
)
_A_DAY: Final = rf"(?<!\d)(?:{_SPELT}|{_SOON}|{_WEEKDAY}|{_ENGLISH})"
_PARTS: Final = "|".join(f"(?P<{part}>{either(words)})" for part, words in _PART.items())
_MINUTE: Final = rf"\d{{2}}(?!\d|{either(_CLOCK['not_minute'])})|{_NUMBER}(?={_CLOCK['minute']})"
_SAID: Final = (
    rf"(?P<said_hour>{_NUMBER}) ?(?:{either(_CLOCK['hour'])}|(?P<formal>{either(_CLOCK['formal_hour'])}))"
    rf"(?:(?P<half>{_CLOCK['half']})|(?P<quarter>{either(_CLOCK['quarters'])})"
    rf"|(?P<said_minute>{_MINUTE}){_CLOCK['minute']}?)?"
)
_A_TIME: Final = (
    rf"(?:{_PARTS})?\s*(?<!\d)"
    rf"(?:(?P<hour>\d{{1,2}}) ?[:\uff1a] ?(?P<minute>\d{{2}})(?!\d)(?: ?(?P<half_day>[ap])\.?m\b\.?)?"
    rf"|(?P<only_hour>\d{{1,2}}) ?(?P<its_half>[ap])\.?m\b\.?|{_SAID})"
)
_WHEN: Final = re.compile(rf"(?:{_A_DAY}(?:\s|{either(_CLOCK['between'])})*)?{_A_TIME}", re.IGNORECASE)
"""A time, and perhaps its day before it. Only what stands together counts: the 3-5 of a building is no day of March."""
_ANY_DAY: Final = re.compile(_A_DAY, re.IGNORECASE)
_CERTAIN_DAY: Final = re.compile(rf"{_SOON}|{_WEEKDAY}|{_ENGLISH}", re.IGNORECASE)
_AFTERNOON: Final = range(1, 7)
"""Hours that are meant after noon where only 3点 is said."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time found in a text: the instant, aware UTC, and where it stands."""

    at: datetime
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Day:
    """A day found in a text, and where it stands."""

    date: date
    start: int
    end: int


def find(
    text: str, now: datetime, calendar: Calendar, *, past: bool = False, since: datetime | None = None
) -> Moment | None:
    """The first time that *text* names.

    Without a day it is the next such time, without a year the next such day; with *past* the last one instead, as when
    somebody says when a warning was issued. What has begun *since* then is today's, as of a warning that holds already.

    Returns:
        ``None`` when no time is named, or one that there is not, as 25:00, or when a day is named apart from it.
    """
    found = _WHEN.search(text)
    if found is None:
        return None
    today = calendar.local(now).date()
    try:
        day, (clock, later) = _day(found, today, past=past), _clock(found)
        at = calendar.at((day or today) + timedelta(days=later), clock)
    except ValueError:
        return None
    if day is None and _CERTAIN_DAY.search(f"{text[: found.start()]} {text[found.end() :]}"):
        return None
    step = timedelta(days=1) if day is None else timedelta(weeks=1) if _next_weekday(found) else None
    if step is not None and past and at > now:
        at = calendar.at(calendar.local(at - step).date(), clock)
    elif step is not None and not past and at <= now and (since is None or at < since):
        at = calendar.at(calendar.local(at + step).date(), clock)
    return Moment(at, found.start(), found.end())


def find_day(text: str, today: date) -> Day | None:
    """The first day that *text* names; without a year the next one of that name.

    Returns:
        ``None`` when no day is named, or one that there is not, as 12-32.
    """
    found = _ANY_DAY.search(text)
    try:
        day = _day(found, today) if found else None
    except ValueError:
        return None
    return Day(day, found.start(), found.end()) if found and day else None


def _next_weekday(found: re.Match[str]) -> bool:
    """Whether a day of the week is named and not of which week."""
    of_a_week = any(found[name] for name in ("this", "next", "overnext"))
    return not of_a_week and bool(found["weekday"] or found["english_day"])


def _day(found: re.Match[str], today: date, *, past: bool = False) -> date | None:
    """The day that was named, without a year the next (or last) one of that name."""
    for name, ahead in _AHEAD.items():
        if found[name]:
            return today + timedelta(days=ahead)
    if found["weekday"] or found["english_day"]:
        return _of_week(found, today, past=past)
    month, day = _month_and_day(found)
    if not month:
        return None
    named = date(int(found["year"] or today.year), month, day)
    if found["year"] or (named <= today if past else named >= today):
        return named
    return named.replace(year=today.year + (-1 if past else 1))


def _of_week(found: re.Match[str], today: date, *, past: bool) -> date:
    """The day of this week, of the next, of the one after; else the next (or last) one of that name, today included."""
    if found["weekday"]:
        weekday = next(at for at, signs in enumerate(_WEEK["days"]) if found["weekday"] in signs)
    else:
        weekday = [name[:3] for name in _WEEK["english"]].index(found["english_day"][:3].lower())
    if found["this"] or found["next"] or found["overnext"]:
        weeks = 2 if found["overnext"] else 1 if found["next"] else 0
        return today + timedelta(days=weekday - today.weekday(), weeks=weeks)
    ahead = (weekday - today.weekday()) % 7
    return today + timedelta(days=ahead - 7 if past and ahead else ahead)


def _month_and_day(found: re.Match[str]) -> tuple[int, int]:
    """Both as numbers; zeros where none is named."""
    if found["month"] or found["spoken_month"]:
        named = found["month"] or found["spoken_month"], found["of_month"] or found["spoken_of_month"]
        return int(in_digits(named[0])), int(in_digits(named[1]))
    name = (found["month_first"] or found["month_after"] or "").lower()
    return (
        (_WORDS["month"]["english"].index(name) + 1, int(found["day_after"] or found["day_first"])) if name else (0, 0)
    )


def _clock(found: re.Match[str]) -> tuple[time, int]:
    """The time of day, and how many days after the named one it is: midnight belongs to the next."""
    hour = int(in_digits(found["hour"] or found["only_hour"] or found["said_hour"]))
    minute = 30 if found["half"] else _CLOCK["quarters"][found["quarter"]] if found["quarter"] else 0
    minute = int(in_digits(found["minute"] or found["said_minute"] or str(minute)))
    half_day = (found["half_day"] or found["its_half"] or "").lower()
    told = any(found[part] for part in _PART)
    if half_day:
        return time(hour % 12 + (12 if half_day == "p" else 0), minute), 0
    if found["night"] and (hour == 12 or hour < 5):
        return time(hour % 12, minute), 1 if hour == 12 or found["short_today"] or found["today"] else 0
    if found["morning"] and hour == 12:
        return time(0, minute), 0
    if ((found["afternoon"] or found["night"]) and hour < 12) or (found["noon"] and hour < 10):
        return time(hour + 12, minute), 0
    if found["said_hour"] and not found["formal"] and not told and hour in _AFTERNOON:
        return time(hour + 12, minute), 0
    return (time(0, minute), 1) if hour == 24 and not minute else (time(hour, minute), 0)
