"""The append-only log of each case, chained by hashes so that a line changed or taken out afterwards shows."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate, pairwise
from typing import Any, Final

from sqlalchemy import Connection, insert, or_, select

from routing.events import EVENTS, Event
from routing.model import CaseId
from routing.ports import Entry
from routing.records import History, Step
from storage.chain import GENESIS, digest, link
from storage.codec import change_from_json, change_to_json, event_from_json, event_to_json
from storage.part import Part, given, mine
from storage.tables import cases, log
from storage.types import compact

_LAST = (
    select(log.c.seq, log.c.hash).where(mine(log), log.c.case_id == given("case")).order_by(log.c.seq.desc()).limit(1)
)
_OF = (
    select(log.c.seq, log.c.event, log.c.data, log.c.change, log.c.hash)
    .where(mine(log), log.c.case_id == given("case"))
    .order_by(log.c.seq)
)
_APPEND = insert(log)
_LIVING = (
    select(cases.c.id, cases.c.archived_at)
    .where(
        mine(cases),
        cases.c.id > given("after"),
        cases.c.filed_at < given("until"),
        or_(cases.c.archived_at.is_(None), cases.c.archived_at >= given("since")),
    )
    .order_by(cases.c.id)
    .limit(given("limit"))
)
_STEPS = (
    select(log.c.case_id, log.c.event, log.c.at, log.c.data, log.c.change)
    .where(mine(log), log.c.case_id.in_(given("cases", many=True)), log.c.at < given("until"))
    .order_by(log.c.case_id, log.c.seq)
)
PAGE: Final = 500
_EVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


def _hash(previous: str, case: int, seq: int, event: str, fields: Any, within: str) -> str:
    """The hash of a line with these *fields* of its event; *within* is its digest."""
    at, unit, post = map(fields.get, ("at", "unit", "post")) if isinstance(fields, dict) else (None, None, None)
    return link(previous, case, seq, event, at, unit, post, within)


class SqlLog(Part):
    """`routing.ports.Log` over one transaction.

    Attributes:
        written: The names of the events appended so far.
    """

    def __init__(self, connection: Connection, city: str) -> None:
        super().__init__(connection, city)
        self.written: list[str] = []

    def append(self, case: CaseId, event: Event, change: Mapping[str, object]) -> Entry:
        """Write the next line of the case's chain."""
        last, previous = self._end(case)
        seq = last + 1
        name, fields = type(event).__name__, event_to_json(event)
        data, changed = compact(fields), compact(change_to_json(change))
        hash_ = _hash(previous, case, seq, name, fields, digest(data, changed))
        line = {"case_id": case, "seq": seq, "event": name, "at": event.at, "hash": hash_}
        self._put(_APPEND, {**line, "data": data, "change": changed})
        self.written.append(name)
        return Entry(seq, event, dict(change), hash_)

    def _end(self, case: CaseId) -> tuple[int, str]:
        """The number and the hash of the last line."""
        last = self._first(_LAST, case=case)
        return (last.seq, last.hash) if last else (0, GENESIS)

    def of(self, case: CaseId) -> Sequence[Entry]:
        """All lines, oldest first, as stored (hashes are not checked here)."""
        return [
            Entry(
                row.seq,
                event_from_json(row.event, json.loads(row.data)),
                change_from_json(json.loads(row.change)),
                row.hash,
            )
            for row in self._all(_OF, case=case)
        ]

    def histories(
        self, until: datetime, fields: Collection[str], *, since: datetime | None = None
    ) -> Iterator[History]:
        """What happened before *until* to every case filed by then, with the changes of these *fields* of the case.

        With *since* only cases that had not ended by then, each with all of its past.
        """
        marks, after = {name: f'"{name}":' for name in fields}, 0
        asked = {"until": until, "since": since or _EVER, "limit": PAGE}
        while page := [tuple(row) for row in self._all(_LIVING, after=after, **asked)]:
            steps: dict[CaseId, list[Step]] = {case: [] for case, _ in page}
            for case, name, at, data, change in self._all(_STEPS, cases=list(steps), until=until):
                steps[case].append(_step(name, at, data, change, marks))
            yield from (History(case, ended_at, steps[case]) for case, ended_at in page)
            after = page[-1][0]

    def lines(self, case: CaseId) -> Sequence[Any]:
        """The stored rows: seq, event, data, change, hash. For `broken_at` and `entry`."""
        return self._all(_OF, case=case)


def broken_at(case: CaseId, lines: Iterable[Any]) -> int | None:
    """The number of the first line that does not continue the chain; ``None`` when it is whole.

    Lines missing at the end do not show here but in a case that its log does not rebuild.
    """
    previous, expected = GENESIS, 1
    for row in lines:
        fields = json.loads(row.data)
        whole = _hash(previous, case, row.seq, row.event, fields, digested(row))
        if row.seq != expected or row.hash != whole:
            return int(row.seq)
        previous, expected = row.hash, expected + 1
    return None


def digested(row: Any) -> str:
    """What stands in the chain for the fields of a stored row, so that they need not be shown."""
    return digest(compact(json.loads(row.data)), compact(json.loads(row.change)))


def entry(row: Any) -> Entry:
    """A stored row as what it tells.

    Raises:
        Undecodable: it fits no event, or no case.
    """
    event = event_from_json(row.event, json.loads(row.data))
    return Entry(row.seq, event, change_from_json(json.loads(row.change)), row.hash)


def _step(name: str, at: datetime, data: str, change: str, marks: Mapping[str, str]) -> Step:
    """A stored row as a step; *marks* are the fields wanted, each with what stands before its value."""
    changed: Mapping[str, object] = {}
    if any(mark in change for mark in marks.values()):
        told = json.loads(change)
        changed = change_from_json({field: told[field] for field in marks if field in told})
    return Step(EVENTS[name], at, changed, partial(_event, name, data))


def _event(name: str, data: str) -> Event:
    return event_from_json(name, json.loads(data))


def replayed(entries: Iterable[Entry]) -> dict[str, object]:
    """The fields of a case as its log tells them."""
    state: dict[str, object] = {}
    for entry in entries:
        state |= entry.change
    return state


def held(entries: Sequence[Entry], until: datetime) -> dict[str, float]:
    """Seconds for which each unit held a case, from its log up to *until* (its end, or now).

    While a clock that was set back goes again through what it has shown before, nobody's time grows: no unit holds a
    case for less than nothing, and the sum is what `latest` leaves since the filing.
    """
    moments = accumulate([*(entry.event.at for entry in entries), until], max)
    seconds: dict[str, float] = {}
    unit = ""
    for entry, (since, end) in zip(entries, pairwise(moments), strict=True):
        unit = str(entry.change.get("unit", unit))
        seconds[unit] = seconds.get(unit, 0.0) + (end - since).total_seconds()
    return seconds


def latest(entries: Sequence[Entry], until: datetime) -> datetime:
    """*until*, or what the clock had shown before it was set back, if that is later."""
    return max(until, *(entry.event.at for entry in entries)) if entries else until
