"""Broadcasts that the clock would send a second time after a restore are held back until somebody has looked at them.

It names the columns it needs, since the backup may be of an older schema.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, and_, func, inspect, or_, select, update

from broadcasts.model import State
from broadcasts.rules import DRAFT_LIFE
from storage.tables import broadcasts, fixed

LONGEST_TITLE: Final = 40


@dataclass(frozen=True, slots=True)
class HeldBack:
    """A broadcast after a restore.

    Args:
        number: Its public number.
        title: Of what it is.
        state: As it is now: a draft again, paused, or `State.SCHEDULED` where its time has not come: that one leaves.
    """

    number: int
    title: str
    state: State


def hold_back(connection: Connection, now: datetime) -> list[HeldBack]:
    """Let nothing leave whose time has passed by *now*, of every city; returns that, and what is still scheduled.

    What was to begin is a draft again, a series too; what was being sent, or has people to chase now, is paused. Its
    desk could have made these moves, and goes on as after those. What has expired is left to its end.
    """
    if not inspect(connection).has_table(broadcasts.name):
        return []
    b = broadcasts.c
    past, holds = b.next_at <= now, or_(b.expires_at.is_(None), b.expires_at > now)
    recalled = and_(b.state.in_(fixed(State.SCHEDULED)), past, holds)
    paused = and_(or_(b.state.in_(fixed(State.SENDING)), and_(b.state.in_(fixed(State.CHASING)), past)), holds)
    draft = {"submitted_at": None, "approver": None, "drafted_at": now, "next_at": now + DRAFT_LIFE}
    rest = {"next_at": func.coalesce(b.expires_at, b.next_at)}
    return [
        *_moved(connection, recalled, State.DRAFT, draft),
        *_moved(connection, paused, State.PAUSED, rest),
        *_named(connection, and_(b.state.in_(fixed(State.SCHEDULED)), holds), State.SCHEDULED),
    ]


def _moved(connection: Connection, which: Any, to: State, values: dict[str, Any]) -> list[HeldBack]:
    found = list(_named(connection, which, to))
    connection.execute(update(broadcasts).where(which).values(state=to, version=broadcasts.c.version + 1, **values))
    return found


def _named(connection: Connection, which: Any, state: State) -> Iterator[HeldBack]:
    b = broadcasts.c
    for row in connection.execute(select(b.number, b.text, b.alert, b.kind).where(which).order_by(b.number)):
        first = next((line.strip() for line in row.text.splitlines() if line.strip()), "")
        yield HeldBack(row.number, (row.alert.hazard or first or row.kind.value)[:LONGEST_TITLE], state)
