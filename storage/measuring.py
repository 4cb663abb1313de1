"""What an operator watches of the database. Every question costs what runs or waits, never what is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select

from broadcasts.model import RUNNING, State
from routing.ports import Lane
from storage.part import Part, given, mine
from storage.stores import Stores
from storage.tables import IS_OPEN, broadcasts, cases, fixed, timers

MOST_DUE: Final = 1_000
"""Beyond so many the count says "at least": a clock that has stood still for a day is late enough."""


@dataclass(frozen=True, slots=True)
class Running:
    """A broadcast that is being sent or chased, with the sums over its chats.

    Args:
        chats: It goes to so many.
        reached: In so many the message stands.
        failed: Into so many it could not be brought.
        households: Asked, without those that have moved away.
        confirmed: Of these, pressed or told at the door.
    """

    state: State
    begun_at: datetime | None
    sent_at: datetime | None
    chats: int
    reached: int
    failed: int
    households: int
    confirmed: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What stands in line.

    Args:
        updates: Not handled yet; the oldest came at *updates_since*.
        aside: Set aside as poison.
        messages: By lane: how many, and since when the oldest waits.
        due: Clocks whose instant has come, at most `MOST_DUE`; the first one's was *due_since*.
    """

    updates: int
    updates_since: datetime | None
    aside: int
    messages: Mapping[Lane, tuple[int, datetime]]
    due: int
    due_since: datetime | None


_RUNNING = (
    select(broadcasts.c.id, broadcasts.c.state, broadcasts.c.begun_at, broadcasts.c.sent_at)
    .where(mine(broadcasts), broadcasts.c.next_at.is_not(None), broadcasts.c.state.in_(fixed(*sorted(RUNNING))))
    .order_by(broadcasts.c.next_at)
)
_DUE = (
    select(timers.c.next_at)
    .where(mine(timers), timers.c.next_at.is_not(None), timers.c.next_at <= given("now"))
    .order_by(timers.c.next_at)
    .limit(given("limit"))
)
_OPEN = (
    select(cases.c.status, cases.c.overdue, func.count())
    .where(mine(cases), IS_OPEN)
    .group_by(cases.c.status, cases.c.overdue)
)


class Measures(Part):
    """Questions over one transaction."""

    def next_steps(self) -> Sequence[Any]:
        """Id, state, beginning and end of sending of the broadcasts that run."""
        return self._all(_RUNNING)

    def due(self, now: datetime) -> tuple[int, datetime | None]:
        """How many clocks have come due and have not rung, and since when the first one is."""
        rows = self._all(_DUE, now=now, limit=MOST_DUE)
        return len(rows), rows[0].next_at if rows else None

    def open_cases(self) -> Mapping[tuple[str, bool], int]:
        """How many cases are open, by status and whether they are overdue. The one question that costs what is open."""
        rows = map(tuple, self._all(_OPEN))
        return {(status.value, bool(overdue)): count for status, overdue, count in rows}


def waiting(stores: Stores, now: datetime) -> Waiting:
    """What stands in line, from an open transaction."""
    due, since = Measures(stores.connection, stores.city).due(now)
    return Waiting(
        stores.inbox.waiting(),
        stores.inbox.oldest_pending(),
        stores.inbox.set_aside(),
        stores.sending.waiting(),
        due,
        since,
    )


def running(stores: Stores) -> Sequence[Running]:
    """Broadcasts that have a next step, in the order in which they began, from an open transaction."""
    found = []
    for id_, state, begun_at, sent_at in map(tuple, Measures(stores.connection, stores.city).next_steps()):
        sums = stores.targets.figures(id_)
        found.append(Running(state, begun_at, sent_at, sums.chats, sums.sent, sums.failed, sums.target, sums.confirmed))
    return sorted(found, key=lambda one: (one.begun_at is not None, one.begun_at))


def open_cases(stores: Stores) -> Mapping[tuple[str, bool], int]:
    """Open cases, from an open transaction."""
    return Measures(stores.connection, stores.city).open_cases()
