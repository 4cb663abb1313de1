"""Stores whose rows wait until those of many reports are written together.

They answer from what the report in hand has written; it is a new case, so that there is nothing else to know of it.
Every other question ends in `LongWay`.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, Insert

from routing.changing import changed
from routing.events import Event
from routing.model import Case, CaseId, Chat, ChatId, Timer, TimerKind, UnitCode, Words, WordsKind
from routing.ports import Entry, Ids
from routing.ports.gathering import LongWay
from routing.refusals import Stale
from storage.cases import CARD, SqlCases
from storage.chain import GENESIS
from storage.duty import SqlSummaries
from storage.engines import NumberStore
from storage.log import SqlLog
from storage.notebook import COUNT_SILENTLY, LEAP, SqlNotebook
from storage.outbox import SqlOutbox
from storage.part import Part
from storage.portable import Colliding
from storage.prepared import Outcome
from storage.timers import SqlTimers
from storage.words import FIELDS, PUT, SqlWords

Row = Mapping[str, Any]
Message = tuple[ChatId, int]
ChatOf = Callable[[ChatId], Chat]


@dataclass(slots=True)
class Parcel:
    """What the report in hand has written: its rows, and what may still change before they are made."""

    rows: list[tuple[Insert | Colliding, Row]] = field(default_factory=list)
    cases: dict[CaseId, Case] = field(default_factory=dict)
    ends: dict[CaseId, tuple[int, str]] = field(default_factory=dict)
    timers: dict[tuple[CaseId, TimerKind, UnitCode | None], Timer] = field(default_factory=dict)
    counts: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)

    def clear(self) -> None:
        """Begin with another report."""
        for part in (self.rows, self.cases, self.ends, self.timers, self.counts, self.numbers):
            part.clear()


class Waiting(Part):
    """Keeps its rows in the parcel, and asks nothing."""

    def __init__(self, connection: Connection, city: str, parcel: Parcel, *others: Any) -> None:
        super().__init__(connection, city, *others)
        self._parcel = parcel

    def _put(self, statement: Insert | Colliding, values: Row) -> Outcome:
        self._parcel.rows.append((statement, {**values, "city_id": self._city}))
        return Outcome((), 1)

    def _run(self, *_: Any, **__: Any) -> NoReturn:
        raise LongWay

    def _each(self, *_: Any) -> NoReturn:
        raise LongWay

    def _among(self, *_: Any) -> NoReturn:
        raise LongWay


class WaitingCases(Waiting, SqlCases):
    """New cases, written as they are in the end."""

    def __init__(
        self, connection: Connection, city: str, parcel: Parcel, numbers: NumberStore, known: Collection[Message]
    ) -> None:
        super().__init__(connection, city, parcel, numbers)
        self._known = set(known)
        self.free: list[int] = []

    def draw(self, count: int) -> None:
        """Have the numbers of *count* cases ready."""
        self.free = self._numbers.several(self._connection, self._city, count)[::-1]

    def add(self, case: Case) -> None:
        """Keep a new case."""
        self._parcel.cases[case.id] = case

    def get(self, case: CaseId) -> Case:
        """A case of this parcel."""
        if case not in self._parcel.cases:
            raise LongWay
        return self._parcel.cases[case]

    def save(self, case: Case) -> Case:
        """Keep *case* with its version counted up, unless it moved since it was read."""
        if self.get(case.id).version != case.version:
            raise Stale(case=case.id)
        saved = self._parcel.cases[case.id] = changed(case, {"version": case.version + 1})
        return saved

    def next_number(self) -> int:
        """The next public number."""
        number = self.free.pop()
        self._parcel.numbers.append(number)
        return number

    def open_parts(self, case: CaseId) -> int:
        """None: it is new."""
        self.get(case)
        return 0

    def by_message(self, chat: ChatId, message_id: int) -> None:
        """None: a message that may belong to a case already is for the long way."""
        if (chat, message_id) in self._known:
            raise LongWay

    def settle(self) -> None:
        """Make the rows."""
        for case in self._parcel.cases.values():
            super().add(case)
        self._known |= {(row["chat"], row["message_id"]) for statement, row in self._parcel.rows if statement is PUT}

    def give_back(self) -> None:
        """Those numbers that nobody needed."""
        if self.free:
            self._numbers.unused(self._connection, self._city, self.free)
        self.free = []

    def forget(self) -> None:
        """Have their numbers again for the next ones."""
        self.free += reversed(self._parcel.numbers)


class WaitingLog(Waiting, SqlLog):
    """What happened to new cases."""

    def _end(self, case: CaseId) -> tuple[int, str]:
        return self._parcel.ends.get(case, (0, GENESIS))

    def append(self, case: CaseId, event: Event, change: Mapping[str, object]) -> Entry:
        """Write the next line of the case's chain."""
        entry = super().append(case, event, change)
        self._parcel.ends[case] = entry.seq, entry.hash
        return entry


class WaitingWords(Waiting, SqlWords):
    """What people wrote in their reports."""

    def of(self, case: CaseId, kind: WordsKind | None = None) -> Sequence[Words]:
        """Texts of a case, oldest first."""
        rows = (row for statement, row in self._parcel.rows if statement is PUT)
        mine = (row for row in rows if row["case_id"] == case and kind in (None, row["kind"]))
        return [Words(*(row[name] for name in FIELDS)) for row in mine]


class WaitingTimers(Waiting, SqlTimers):
    """The clocks of new cases, as they are in the end."""

    def put(self, timer: Timer) -> None:
        """Keep or replace the row of (case, kind, unit)."""
        self._parcel.timers[timer.case, timer.kind, timer.unit] = timer

    def stop(self, case: CaseId, kinds: Sequence[TimerKind], unit: UnitCode | None = None) -> None:
        """Drop rows; with *unit* only that unit's."""
        timers = self._parcel.timers
        for key in [key for key in timers if key[0] == case and key[1] in kinds and unit in (None, key[2])]:
            del timers[key]

    def of(self, case: CaseId) -> Sequence[Timer]:
        """All rows of a case, the earliest deadline first."""
        mine = (timer for timer in self._parcel.timers.values() if timer.case == case)
        return sorted(mine, key=lambda timer: (timer.due_at, timer.kind))

    def settle(self) -> None:
        """Make the rows."""
        for timer in self._parcel.timers.values():
            super().put(timer)


class WaitingOutbox(Waiting, SqlOutbox):
    """What will be said."""

    def __init__(
        self, connection: Connection, city: str, parcel: Parcel, ids: Ids, clock: Callable[[], datetime], chats: ChatOf
    ) -> None:
        super().__init__(connection, city, parcel, ids, clock)
        self._chat_of = chats

    def carriers(self, carrier: str) -> Mapping[ChatId, int]:
        """None: the messages of a new case have not been sent."""
        card = CARD.match(carrier)
        if card is None or CaseId(int(card[1])) not in self._parcel.cases:
            raise LongWay
        return {}

    def reached(self, carrier: str) -> Collection[ChatId]:
        """None, likewise."""
        return self.carriers(carrier).keys()

    def _chat(self, chat: ChatId) -> Chat:
        return self._chat_of(chat)


class WaitingNotebook(Waiting, SqlNotebook):
    """Counters, and drafts that are not there."""

    def __init__(self, connection: Connection, city: str, parcel: Parcel) -> None:
        super().__init__(connection, city, parcel)
        self._counts: dict[str, tuple[datetime, int]] = {}
        self._no_drafts: frozenset[str] = frozenset()

    def know(self, counts: Mapping[str, tuple[datetime, int]], no_drafts: Collection[str]) -> None:
        """Say how far the counters are, and under which names there is no draft."""
        self._counts, self._no_drafts = dict(counts), frozenset(no_drafts)

    def count(self, counter: str, window_start: datetime, *, by: int = 1) -> int:
        """Count one more, or more, in the window; returns the new count. Another window starts again."""
        began, count = self._parcel.counts.get(counter) or self._counts[counter]
        if began < window_start or began - LEAP > window_start:
            began, count = window_start, 0
        now = count + by
        self._parcel.counts[counter] = began, now
        self._put(COUNT_SILENTLY, {"counter": counter, "window_start": window_start, "count": by})
        return now

    def draft(self, key: str) -> None:
        """None: what has a draft is for the long way."""
        if key not in self._no_drafts:
            raise LongWay

    def settle(self) -> None:
        """Go on counting from here."""
        self._counts |= self._parcel.counts


class WaitingSummaries(Waiting, SqlSummaries):
    """What is said together."""
