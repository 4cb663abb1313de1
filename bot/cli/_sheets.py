"""What each unit did in each month, and which cases are late and for how long: from the logs, so always the same."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from bot.tables import write
from routing import boards, months
from storage.reports import Reports
from storage.stores import Stores

MONTHS: Final = (*months.NAMED, *months.FIGURES)
LATE: Final = (
    "number", "category", "unit", "unit_name", "status", "filed_at", "age_days", "due_at", "late_days", "last",
    "last_at",
)  # fmt: skip
_DAY: Final = timedelta(days=1)
_MOMENT: Final = timedelta(microseconds=1)
"""What happens at this very instant has happened."""


def export_months(stores: Stores, form: str, now: datetime | None = None) -> str:
    """One row for each month and unit that had something to do with a case then.

    A town that was rehearsed is ahead of our clocks: everything that is in its log counts.
    """
    now = now or stores.clock()
    out, until = io.StringIO(), max(now, Reports(stores.connection, stores.city).last() or now) + _MOMENT
    write(months.rows(stores, until), MONTHS, form, out)
    return out.getvalue()


def export_late(stores: Stores, form: str, now: datetime | None = None) -> str:
    """Every open case that is past its date, the oldest first, with how late it is and what was done last.

    The unit is the one that owes: of a case whose reporter is to be called back, the one that calls.
    """
    out = io.StringIO()
    write(_late(stores, now or stores.clock()), LATE, form, out)
    return out.getvalue()


def _late(stores: Stores, now: datetime) -> Iterator[dict[str, Any]]:
    found = Reports(stores.connection, stores.city).unfinished()
    late = [case for case in found if case.due_at is not None and case.due_at < now and boards.late(case, now)]
    for case in sorted(late, key=lambda one: one.filed_at):
        last = stores.log.of(case.id)[-1].event
        owing = case.calling or case.unit
        unit = stores.units.find(owing)
        yield {
            "number": case.number,
            "category": case.matter,
            "unit": owing,
            "unit_name": unit.name if unit else "",
            "status": case.status.value,
            "filed_at": stores.calendar.local(case.filed_at).isoformat(timespec="seconds"),
            "age_days": (now - case.filed_at) // _DAY,
            "due_at": stores.calendar.local(case.due_at or now).isoformat(timespec="seconds"),
            "late_days": (now - (case.due_at or now)) // _DAY,
            "last": type(last).__name__,
            "last_at": stores.calendar.local(last.at).isoformat(timespec="seconds"),
        }
