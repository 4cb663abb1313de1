"""Quiet hours: at night people are left alone, unless safety is at stake or they are on duty."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from routing.calendar import Calendar
from routing.checked import Checked


@dataclass(frozen=True, slots=True)
class Quiet:
    """From when to when, on the town's clocks; *begins* may be later than *ends*: then it spans midnight."""

    begins: time
    ends: time

    def until(self, calendar: Calendar, at: datetime) -> datetime | None:
        """The aware UTC instant at which the quiet hours around *at* end; ``None`` when there are none then.

        Raises:
            ValueError: *at* is naive.
        """
        here = calendar.local(at)
        clock, today = here.time(), here.date()
        if self.begins < self.ends:
            return calendar.at(today, self.ends) if self.begins <= clock < self.ends else None
        if clock >= self.begins:
            return calendar.at(today + timedelta(days=1), self.ends)
        return calendar.at(today, self.ends) if clock < self.ends else None

    def after(self, calendar: Calendar, at: datetime) -> datetime:
        """The aware UTC instant, later than *at*, at which quiet hours begin next.

        Raises:
            ValueError: *at* is naive.
        """
        today = calendar.local(at).date()
        begins = calendar.at(today, self.begins)
        return begins if begins > at else calendar.at(today + timedelta(days=1), self.begins)


def read(toml: Checked) -> Quiet | None:
    """The section `[quiet]`; ``None`` when the file has none.

    Raises:
        BadPolicy: a time can't be read, or both are the same.
    """
    if "quiet" not in toml:
        return None
    section = toml.section("quiet", {"from": str, "to": str})
    quiet = Quiet(section.moment("from"), section.moment("to"))
    if quiet.begins == quiet.ends:
        raise section.bad("to", "is the same as from: leave the section out when no hours are quiet")
    return quiet
