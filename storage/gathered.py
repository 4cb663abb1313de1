"""A unit of work for many plain reports: what they need is asked once for all, what they write is written once.

The use-cases are the same as ever, and so are the rows in the end; only when the database is asked and told differs.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Connection, Insert

from routing import filing, offers, staffing
from routing.model import ChatId
from routing.ports.gathering import Expected
from storage.cases import SqlCases
from storage.foreseen import (
    ForeseenBulletin,
    ForeseenChats,
    ForeseenErasures,
    ForeseenPeople,
    ForeseenReadings,
    ForeseenShifts,
    ForeseenUnits,
)
from storage.notebook import SqlNotebook
from storage.portable import Colliding
from storage.prepared import prepared
from storage.stores import Setting
from storage.waiting import (
    Parcel,
    Row,
    WaitingCases,
    WaitingLog,
    WaitingNotebook,
    WaitingOutbox,
    WaitingSummaries,
    WaitingTimers,
    WaitingWords,
)

_NEVER: Final = (datetime(1970, 1, 1, tzinfo=UTC), 0)


class Gathered:
    """`routing.ports.gathering.Gathering` over one transaction.

    Args:
        connection: The transaction.
        setting: What every transaction has in common.
        reports: Those that will be filed.
        at: Now.
        written: Gets the names of the events that happened to the cases which are kept.
    """

    def __init__(
        self, connection: Connection, setting: Setting, reports: Sequence[Expected], at: datetime, written: list[str]
    ) -> None:
        self.here: ChatId | None = None
        self.ids, self.policy = setting.ids, setting.policy
        self.calendar, self.catalogue = setting.calendar, setting.catalogue
        self._connection, self._city, self._written = connection, setting.city, written
        self._rows: dict[Insert | Colliding, list[Row]] = {}
        self._parcel = parcel = Parcel()
        over = (connection, setting.city)
        self.units, self.people = ForeseenUnits(*over), ForeseenPeople(*over, self.ids)
        self.chats, self.shifts = ForeseenChats(*over, self.ids, setting.clock), ForeseenShifts(*over, at)
        self.bulletin, self.readings, self.erasures = (
            ForeseenBulletin(*over), ForeseenReadings(*over), ForeseenErasures(*over),
        )  # fmt: skip
        asked = SqlCases(*over, setting.numbers).known_among({(one.chat, one.message_id) for one in reports})
        self.cases = WaitingCases(*over, parcel, setting.numbers, asked)
        self.log, self.timers = WaitingLog(*over, parcel), WaitingTimers(*over, parcel)
        self.words, self.summaries = WaitingWords(*over, parcel, self.ids), WaitingSummaries(*over, parcel)
        self.outbox = WaitingOutbox(*over, parcel, self.ids, setting.clock, self.chats.get)
        self.notebook = WaitingNotebook(*over, parcel)
        self._ask(reports)

    def _ask(self, reports: Sequence[Expected]) -> None:
        """What they will need to know, in one question of each kind."""
        reporters = list(dict.fromkeys(one.person for one in reports))
        self.chats.learn(list(dict.fromkeys(one.chat for one in reports)))
        codes = [chat.unit for chat in self.chats.known.values() if chat.unit is not None]
        self.units.learn(codes)
        grids = [code for code in codes if self.units.find(code) is not None]
        units = list(dict.fromkeys(unit.code for grid in grids for unit in self.units.path(grid)))
        self.people.learn(units, reporters)
        staff = [one for unit in units for one in self.people.staff_of(unit) if one.post in staffing.CLAIMING]
        self.chats.learn_of(units, list(dict.fromkeys((*reporters, *(one.person for one in staff)))))
        self.shifts.learn(units)
        notebook = SqlNotebook(self._connection, self._city)
        counters = [filing.counter_of(person) for person in reporters]
        drafts = {offers.key_of(one.chat, one.message_id) for one in reports}
        counts = {**dict.fromkeys(counters, _NEVER), **notebook.counts(counters)}
        self.notebook.know(counts, drafts - notebook.drafts_among(sorted(drafts)))
        self.cases.draw(len(reports))

    @contextmanager
    def apart(self) -> Iterator[None]:
        """One report: an exception undoes it alone."""
        self._parcel.clear()
        self.log.written.clear()
        try:
            yield
        except BaseException:
            self.cases.forget()
            raise
        self.cases.settle()
        self.timers.settle()
        self.notebook.settle()
        self._written += self.log.written
        for statement, row in self._parcel.rows:
            self._rows.setdefault(statement, []).append(row)

    def write(self) -> None:
        """Write down what was kept of all reports so far. Nothing is in the database before."""
        dialect = self._connection.dialect
        for statement, rows in self._rows.items():
            insert: Any = statement.on(dialect.name) if isinstance(statement, Colliding) else statement
            prepared(insert, dialect, tuple(rows[0])).run_each(self._connection, rows)
        self._rows.clear()
        self.cases.give_back()
