"""The life of a broadcast as one table. Whatever is not in it is refused.

A draft that is released waits for its time (which may be now) and is sent chat by chat. While households still owe an
answer it is chasing; it is done when nobody is missing any more or the window has run out. An update takes the place
of what it updates, a cancelled one asks nobody any more, and whatever runs over its expiry has expired.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from broadcasts.model import Broadcast, State
from broadcasts.refusals import NotThen
from routing.model import PersonId


class Event(StrEnum):
    """What can happen to a broadcast."""

    SUBMITTED = "submitted"  # its author wants it out, and a second person must approve
    REJECTED = "rejected"
    RELEASED = "released"  # by its author alone, or by whoever approved it
    RECALLED = "recalled"  # before its time has come
    BEGUN = "begun"  # the time has come
    PAUSED = "paused"
    RESUMED = "resumed"
    DELIVERED = "delivered"  # every chat has an outcome
    ANSWERED = "answered"  # nobody is missing, or nobody was asked
    CLOSED = "closed"  # the window has run out
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


Rule = Callable[[Broadcast, datetime, PersonId | None], Broadcast]


@dataclass(frozen=True, slots=True)
class Move:
    """Where an event leads, and what it writes down besides."""

    to: State
    rule: Rule


def _plain(broadcast: Broadcast, _at: datetime, _by: PersonId | None) -> Broadcast:
    return broadcast


def _submit(broadcast: Broadcast, at: datetime, _by: PersonId | None) -> Broadcast:
    return replace(broadcast, submitted_at=at, approver=None)


def _release(broadcast: Broadcast, at: datetime, _by: PersonId | None) -> Broadcast:
    return replace(broadcast, submitted_at=at)


def _approve(broadcast: Broadcast, _at: datetime, by: PersonId | None) -> Broadcast:
    return replace(broadcast, approver=by)


def _again(broadcast: Broadcast, at: datetime, _by: PersonId | None) -> Broadcast:
    """A draft from now on: one of a series was laid long ago, and is not thrown away for that."""
    return replace(broadcast, submitted_at=None, approver=None, drafted_at=at)


def _begin(broadcast: Broadcast, at: datetime, _by: PersonId | None) -> Broadcast:
    return replace(broadcast, begun_at=at)


def _deliver(broadcast: Broadcast, at: datetime, _by: PersonId | None) -> Broadcast:
    return replace(broadcast, sent_at=broadcast.sent_at or at)


def _end(broadcast: Broadcast, at: datetime, _by: PersonId | None) -> Broadcast:
    return replace(broadcast, ended_at=at)


def _answer(broadcast: Broadcast, at: datetime, _by: PersonId | None) -> Broadcast:
    return replace(broadcast, sent_at=broadcast.sent_at or at, ended_at=at)


_ENDING: Final = {
    (state, event): Move(to, _end)
    for state in (State.SENDING, State.PAUSED, State.CHASING)
    for event, to in (
        (Event.SUPERSEDED, State.SUPERSEDED),
        (Event.CANCELLED, State.CANCELLED),
        (Event.EXPIRED, State.EXPIRED),
    )
}

MOVES: Final[Mapping[tuple[State, Event], Move]] = {
    (State.DRAFT, Event.SUBMITTED): Move(State.APPROVING, _submit),
    (State.DRAFT, Event.RELEASED): Move(State.SCHEDULED, _release),
    (State.DRAFT, Event.CANCELLED): Move(State.CANCELLED, _end),
    (State.DRAFT, Event.EXPIRED): Move(State.EXPIRED, _end),
    (State.APPROVING, Event.RELEASED): Move(State.SCHEDULED, _approve),
    (State.APPROVING, Event.REJECTED): Move(State.DRAFT, _again),
    (State.APPROVING, Event.RECALLED): Move(State.DRAFT, _again),
    (State.APPROVING, Event.CANCELLED): Move(State.CANCELLED, _end),
    (State.APPROVING, Event.EXPIRED): Move(State.EXPIRED, _end),
    (State.SCHEDULED, Event.BEGUN): Move(State.SENDING, _begin),
    (State.SCHEDULED, Event.RECALLED): Move(State.DRAFT, _again),
    (State.SCHEDULED, Event.CANCELLED): Move(State.CANCELLED, _end),
    (State.SCHEDULED, Event.EXPIRED): Move(State.EXPIRED, _end),
    (State.SENDING, Event.PAUSED): Move(State.PAUSED, _plain),
    (State.SENDING, Event.DELIVERED): Move(State.CHASING, _deliver),
    (State.SENDING, Event.ANSWERED): Move(State.DONE, _answer),
    (State.PAUSED, Event.RESUMED): Move(State.SENDING, _plain),
    (State.CHASING, Event.PAUSED): Move(State.PAUSED, _plain),
    (State.CHASING, Event.ANSWERED): Move(State.DONE, _answer),
    (State.CHASING, Event.CLOSED): Move(State.DONE, _end),
    **_ENDING,
    (State.DONE, Event.SUPERSEDED): Move(State.SUPERSEDED, _end),
    (State.DONE, Event.CANCELLED): Move(State.CANCELLED, _end),
    (State.DONE, Event.EXPIRED): Move(State.EXPIRED, _plain),
}


def step(broadcast: Broadcast, event: Event, at: datetime, by: PersonId | None = None) -> Broadcast:
    """Return *broadcast* after *event*.

    Raises:
        NotThen: it can't happen to it now.
    """
    move = MOVES.get((broadcast.state, event))
    if move is None:
        raise NotThen(state=broadcast.state.value)
    return replace(move.rule(broadcast, at, by), state=move.to)


def possible(state: State) -> frozenset[Event]:
    """What can happen to a broadcast at *state*."""
    return frozenset(event for at, event in MOVES if at is state)
