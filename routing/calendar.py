"""Which days are working days, and which hours of them are office hours.

The table in `data/workdays.csv` holds the days on which the State Council's holiday notices differ from
Monday to Friday. Nothing else is consulted at run time, so that an upgraded library cannot move a due time. A
year that no notice covers yet is guessed from weekends and the statutory holidays with a fixed date; whatever
rests on such a day is provisional.
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

Hours = tuple[tuple[time, time], ...]
OFFICE_HOURS: Final[Hours] = ((time(9), time(12)), (time(13, 30), time(17, 30)))
MOST_DAYS_OFF: Final = 20
FIXED_HOLIDAYS: Final = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})
_COLUMNS: Final = ("date", "workday", "name", "in_lieu")
_NOTICE: Final = ("source", "holidays", "workdays")
_DAYS_OF_A_NOTICE: Final = "a day such as 2027-01-01 or a span such as 2027-02-05..2027-02-11"


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The working days of one place.

    Args:
        timezone: Where a day begins and ends.
        workdays: The days that differ from Monday to Friday, and whether each is a working day. A year with
            at least one entry counts as published.
        office: Opening and closing times of a working day, in order, without overlap.

    Raises:
        ValueError: *office* is empty, out of order or overlapping.
    """

    timezone: ZoneInfo
    workdays: Mapping[date, bool]
    office: Hours = OFFICE_HOURS
    _years: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        _in_order(self.office)
        object.__setattr__(self, "_years", frozenset(day.year for day in self.workdays))

    @classmethod
    def load(
        cls,
        timezone: str = "Asia/Shanghai",
        office: Hours = OFFICE_HOURS,
        extra: Path | None = None,
    ) -> "Calendar":
        """Read the shipped table, and over it the file *extra*: a later year's notice, see `read_notice`.

        Raises:
            ValueError: a row is malformed, or a year of *extra* lacks a statutory holiday; the sentence names
                the file and what is wrong in it.
            OSError: *extra* can't be read.
            ZoneInfoNotFoundError: *timezone* is unknown.
        """
        shipped = (files("routing") / "data" / "workdays.csv").read_text(encoding="utf-8")
        table = _read("workdays.csv", shipped.splitlines())
        if extra is not None:
            added = read_notice(extra.name, extra.read_text(encoding="utf-8-sig"))
            _refuse_gaps(extra.name, added, {day.year for day in table})
            table |= added
        return cls(ZoneInfo(timezone), table, office)

    @property
    def horizon(self) -> date:
        """The last day that a notice covers; `date.min` when there is none."""
        return date(max(self._years), 12, 31) if self._years else date.min

    def known(self, day: date) -> bool:
        """Whether a notice covers *day*; what rests on other days is provisional."""
        return day.year in self._years

    def is_workday(self, day: date) -> bool:
        """Whether people work on *day*, make-up days (调休) included; a guess where it is not `known`."""
        listed = self.workdays.get(day)
        if listed is not None:
            return listed
        if day.weekday() >= 5:
            return False
        return self.known(day) or (day.month, day.day) not in FIXED_HOLIDAYS

    def local(self, instant: datetime) -> datetime:
        """The same instant on the clocks of this place.

        Raises:
            ValueError: *instant* is naive.
        """
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return instant.astimezone(self.timezone)

    def at(self, day: date, moment: time = time()) -> datetime:
        """The aware UTC instant at which the local clock shows *moment* on *day*."""
        return datetime.combine(day, moment, self.timezone).astimezone(UTC)

    def is_office(self, instant: datetime) -> bool:
        """Whether the office is open at *instant*; it is shut at the closing time itself."""
        here = self.local(instant)
        clock = here.time()
        return self.is_workday(here.date()) and any(opens <= clock < closes for opens, closes in self.office)


def clock_time(text: str) -> time:
    """Read a time of day, as in "09:00".

    Raises:
        ValueError: *text* is none.
    """
    try:
        if len(text) != len("09:00"):
            raise ValueError
        return time.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is no time of day; write for instance '09:00'") from None


def office_hours(spans: Sequence[str]) -> Hours:
    """Read when the office is open on a working day, as in ["09:00-12:00", "13:30-17:30"].

    Raises:
        ValueError: a span can't be read, or they are out of order or overlap.
    """
    hours = []
    for span in spans:
        opens, dash, closes = str(span).partition("-")
        if not dash:
            raise ValueError(f"{span!r} is no span of time; write for instance '09:00-12:00'")
        hours.append((clock_time(opens.strip()), clock_time(closes.strip())))
    _in_order(hours)
    return tuple(hours)


def _in_order(hours: Sequence[tuple[time, time]]) -> None:
    bounds = [moment for span in hours for moment in span]
    if not bounds or any(later <= earlier for earlier, later in pairwise(bounds)):
        raise ValueError("office hours must be given in order and must not overlap")


def read_notice(name: str, text: str) -> dict[date, bool]:
    """Read a year's notice: TOML with the lists `holidays` and `workdays` (make-up days), and its `source`.

    Raises:
        ValueError: a key is unknown, a day can't be read or stands in both lists; the sentence names file and key.
    """
    try:
        notice = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{name}: {error}") from error
    if unknown := sorted(notice.keys() - set(_NOTICE)):
        raise ValueError(f"{name}: {unknown[0]}: unknown key (known here: {', '.join(_NOTICE)})")
    table: dict[date, bool] = {}
    for key, works in (("holidays", False), ("workdays", True)):
        listed = notice.get(key, [])
        for day in _days(name, key, listed if isinstance(listed, list) else [listed]):
            if table.setdefault(day, works) is not works:
                raise ValueError(f"{name}: {key}: {day} is a holiday and a working day")
    return table


def _days(name: str, key: str, listed: Iterable[object]) -> Iterator[date]:
    for entry in listed:
        first, dots, last = str(entry).partition("..")
        try:
            begins = date.fromisoformat(first)
            days = (date.fromisoformat(last) - begins).days if dots else 0
        except ValueError:
            raise ValueError(f"{name}: {key}: {str(entry)!r} is not {_DAYS_OF_A_NOTICE}") from None
        if not 0 <= days <= MOST_DAYS_OFF:
            raise ValueError(f"{name}: {key}: {entry} ends before it begins, or is longer than {MOST_DAYS_OFF} days")
        yield from (begins + timedelta(days=n) for n in range(days + 1))


def _read(name: str, lines: Iterable[str]) -> dict[date, bool]:
    """Read the rows of a workdays table; *name* is for the sentence that refuses it."""
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    rows = csv.DictReader(line for _, line in numbered)
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        raise ValueError(f"{name}: the columns must be {','.join(_COLUMNS)}")
    table: dict[date, bool] = {}
    for (line, _), row in zip(numbered[1:], rows, strict=True):
        try:
            table[date.fromisoformat(row["date"])] = {"yes": True, "no": False}[row["workday"]]
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{name}, line {line}: expected a date and yes or no") from error
    return table


def _refuse_gaps(name: str, table: Mapping[date, bool], complete: set[int]) -> None:
    """Refuse a year that is begun but not finished: it would silently count as published."""
    for year in {day.year for day in table} - complete:
        for month, number in sorted(FIXED_HOLIDAYS):
            day = date(year, month, number)
            if day.weekday() < 5 and table.get(day, True):
                raise ValueError(f"{name}: {day} must be listed as a holiday before {year} counts as published")
