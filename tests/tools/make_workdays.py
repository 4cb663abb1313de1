"""Write `routing/data/workdays.csv` from chinesecalendar, which carries the State Council's holiday notices.

Run it when the package has the notice of another year: `python -m tests.tools.make_workdays 2024 2027`.
"""

import csv
import io
import sys
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import chinese_calendar

TARGET = Path(__file__).parents[2] / "routing" / "data" / "workdays.csv"


def table(first: int, last: int) -> str:
    """The days of the years *first* to *last* on which working differs from Monday to Friday, as CSV."""
    out = io.StringIO()
    out.write(
        f"# Days of {first}-{last} that differ from Monday-Friday, by the State Council's holiday notices,\n"
        f"# as carried by chinesecalendar {version('chinesecalendar')} (MIT).\n"
        "# Every other day follows the week.\n"
    )
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("date", "workday", "name", "in_lieu"))
    day = date(first, 1, 1)
    while day.year <= last:
        works = chinese_calendar.is_workday(day)
        if works != (day.weekday() < 5):
            _, name = chinese_calendar.get_holiday_detail(day)
            lieu = works or chinese_calendar.is_in_lieu(day)
            rows.writerow((day.isoformat(), _yes(works), name or "", _yes(lieu)))
        day += timedelta(days=1)
    return out.getvalue()


def _yes(value: bool) -> str:
    return "yes" if value else "no"


if __name__ == "__main__":
    TARGET.write_text(table(int(sys.argv[1]), int(sys.argv[2])), encoding="utf-8")
