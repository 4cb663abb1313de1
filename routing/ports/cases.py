"""Cases, what happened to them, what was written about them, and their clocks."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from routing.events import Event
from routing.model import (
    Case,
    CaseId,
    ChatId,
    Media,
    PersonId,
    Timer,
    TimerKind,
    UnitCode,
    Words,
    WordsId,
    WordsKind,
)
from routing.records import Entry, History


class Cases(Protocol):
    """The cases."""

    def add(self, case: Case) -> None:
        """Write a new case."""
        ...

    def get(self, case: CaseId) -> Case:
        """Read it, or raise `NoSuchCase`."""
        ...

    def by_number(self, number: int) -> Case:
        """Read it by its public number, or raise `NoSuchCase`."""
        ...

    def save(self, case: Case) -> Case:
        """Write it with its version counted up, unless it moved since it was read.

        Raises:
            Stale: another transaction wrote it first.
        """
        ...

    def hold(self, case: CaseId) -> None:
        """Let no other transaction change the case, or what hangs on it, from here to the commit.

        For whoever decides by a case, or changes its clocks, without saving it; saving it holds it anyway.
        """
        ...

    def next_number(self) -> int:
        """The next public number, without gaps in one city except for rolled-back filings."""
        ...

    def reported_by(self, person: PersonId, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """What they reported, newest first."""
        ...

    def owed_by(self, person: PersonId, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases that they hold, most urgent deadline first."""
        ...

    def offered_in(self, units: Sequence[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Unclaimed cases of these units, most urgent deadline first."""
        ...

    def open_in(self, units: Sequence[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases held by these units, most urgent deadline first."""
        ...

    def judged_in(self, units: Sequence[UnitCode], *, limit: int) -> Sequence[Case]:
        """Open cases of these units that wait for a review, a judgement or a ruling."""
        ...

    def ruled_by(self, unit: UnitCode, *, limit: int) -> Sequence[Case]:
        """Open cases, of whatever unit, on whose return or extension *unit* may rule."""
        ...

    def called_by(self, unit: UnitCode, *, limit: int) -> Sequence[Case]:
        """Cases whose silent reporters *unit* is to call."""
        ...

    def late_in(self, units: Sequence[UnitCode], now: datetime, *, limit: int) -> Sequence[Case]:
        """Open cases of these units that are past their deadline; suspended ones have none."""
        ...

    def open_of(self, grid: UnitCode, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases that arose in *grid*, whoever holds them, most urgent deadline first."""
        ...

    def out_of_step(self, units: Sequence[UnitCode], *, emergency: bool, limit: int) -> Sequence[Case]:
        """Cases that these units owe an answer or a solution, by other limits than those of that mode."""
        ...

    def open_ids(self) -> Sequence[CaseId]:
        """Every open case, most urgent deadline first; to be gone through in slices."""
        ...

    def provisional(self, after: CaseId, *, limit: int) -> Sequence[Case]:
        """Cases being handled whose deadline was guessed, in the order of their ids from *after* on."""
        ...

    def expired(self, before: datetime, *, limit: int) -> Sequence[CaseId]:
        """Cases that ended before then and still hold words or their reporter, oldest first."""
        ...

    def cut(self, cases: Sequence[CaseId]) -> int:
        """Forget who reported these cases, as far as they have ended; returns of how many that was known."""
        ...

    def parts(self, case: CaseId) -> Sequence[Case]:
        """Its split parts, oldest first."""
        ...

    def merged(self, case: CaseId) -> Sequence[Case]:
        """The cases that were merged into it, oldest first."""
        ...

    def open_parts(self, case: CaseId) -> int:
        """How many split parts of it are not at an end."""
        ...

    def by_message(self, chat: ChatId, message_id: int) -> Case | None:
        """The case whose report, or any later words, is that message of the chat; also by a carrier message of ours."""
        ...


class Log(Protocol):
    """The append-only, hash-chained log of events."""

    def append(self, case: CaseId, event: Event, change: Mapping[str, object]) -> Entry:
        """Write the next line of the case's chain."""
        ...

    def of(self, case: CaseId) -> Sequence[Entry]:
        """All lines, oldest first, as stored (hashes are not checked here)."""
        ...

    def histories(
        self, until: datetime, fields: Collection[str], *, since: datetime | None = None
    ) -> Iterator[History]:
        """What happened before *until* to every case filed by then, with the changes of these *fields* of the case.

        With *since* only cases that had not ended by then, each with all of its past.
        """
        ...


class WordsStore(Protocol):
    """Free texts and media, apart from the log so that they can be erased."""

    def put(
        self,
        case: CaseId,
        kind: WordsKind,
        author: PersonId | None,
        at: datetime,
        text: str,
        media: Sequence[Media] = (),
        chat: ChatId | None = None,
        message_id: int | None = None,
    ) -> WordsId:
        """Keep a text; returns its number."""
        ...

    def of(self, case: CaseId, kind: WordsKind | None = None) -> Sequence[Words]:
        """Texts of a case, oldest first."""
        ...

    def get(self, words: WordsId) -> Words | None:
        """One text; ``None`` when it was erased."""
        ...

    def at(self, chat: ChatId, message_id: int) -> Words | None:
        """The text that came as that message."""
        ...

    def rewrite(self, words: WordsId, text: str) -> None:
        """Its author edited the message."""
        ...

    def by(self, author: PersonId) -> Sequence[Words]:
        """Every text of theirs, oldest first."""
        ...

    def erase_of(self, person: PersonId) -> int:
        """Blank every text of theirs and drop its media; returns how many."""
        ...

    def erase_in(self, cases: Sequence[CaseId]) -> int:
        """Blank every text of these cases and drop its media; returns how many."""
        ...


class Timers(Protocol):
    """Deadline rows; one per (case, kind, unit)."""

    def put(self, timer: Timer) -> None:
        """Write or replace the row."""
        ...

    def stop(self, case: CaseId, kinds: Sequence[TimerKind], unit: UnitCode | None = None) -> None:
        """Delete rows; with *unit* only that unit's."""
        ...

    def of(self, case: CaseId) -> Sequence[Timer]:
        """All rows of a case."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        """Rows whose ``next_at`` has come, earliest first."""
        ...
