"""The nouns of emergencies: tasks to staff, roll-calls of households, plans that start both, and the switch itself."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from routing.model import ChatId, PersonId, UnitCode

TaskId = NewType("TaskId", int)
RollCallId = NewType("RollCallId", int)
RunId = NewType("RunId", int)
EmergencyId = NewType("EmergencyId", int)
UNANSWERED: Final = -1
"""In the place of an answer that is still missing."""


class DoerState(StrEnum):
    """How far somebody is with a task."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something that every worker of a subtree is to do, each once.

    Args:
        id: Made by the application.
        number: As people name it.
        unit: In whose name, and above whom.
        author: Who gave it out.
        chat: Where it is followed.
        text: What is to be done.
        made_at: When it was given out.
        due_at: By when.
        next_at: When the clock must look at it; ``None`` once it has rung or nobody owes anything.
        run: The plan's run that started it.
        withdrawn_at: Since when nobody need do it any more.
    """

    id: TaskId
    number: int
    unit: UnitCode
    author: PersonId
    chat: ChatId
    text: str
    made_at: datetime
    due_at: datetime
    next_at: datetime | None
    run: RunId | None = None
    withdrawn_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doer:
    """One person's part of a task; *chat* is where it was sent, ``None`` when they never opened the bot."""

    task: TaskId
    person: PersonId
    unit: UnitCode
    state: DoerState = DoerState.ASKED
    chat: ChatId | None = None
    accepted_at: datetime | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a roll-call, with the answers to choose from."""

    text: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollCall:
    """A form that every household of a subtree answers, or somebody for it.

    ``step`` counts the reminders given; ``purge_at`` is when its answers are destroyed.
    """

    id: RollCallId
    number: int
    unit: UnitCode
    author: PersonId
    chat: ChatId
    title: str
    questions: tuple[Question, ...]
    opened_at: datetime
    closes_at: datetime
    next_at: datetime | None
    step: int = 0
    closed_at: datetime | None = None
    purge_at: datetime | None = None
    run: RunId | None = None

    @property
    def open(self) -> bool:
        """Whether answers still count."""
        return self.closed_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """One household on the roster, which is fixed when the roll-call opens.

    ``at`` is when its last question was answered: a household without it is missing. ``runner`` tells that somebody
    else answered for it at the door, and ``by`` who; of its own people it is not kept who answered.
    """

    rollcall: RollCallId
    seat: int
    place: UnitCode
    household: str
    answers: tuple[int, ...]
    at: datetime | None = None
    by: PersonId | None = None
    runner: bool = False


class Asked(StrEnum):
    """How far something is that needs a second person."""

    ASKED = "asked"
    ON = "on"
    ENDED = "ended"
    REFUSED = "refused"


LIVE: Final = frozenset({Asked.ASKED, Asked.ON})


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A plan that is to start, or has started, in a unit."""

    id: RunId
    plan: str
    unit: UnitCode
    state: Asked
    by: PersonId
    at: datetime
    chat: ChatId
    approver: PersonId | None = None
    begun_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Emergency:
    """A unit that is to be, is, or was in emergency mode; it holds for everything below it."""

    id: EmergencyId
    unit: UnitCode
    state: Asked
    by: PersonId
    at: datetime
    chat: ChatId
    reason: str
    approver: PersonId | None = None
    begun_at: datetime | None = None
    ended_by: PersonId | None = None
    ended_at: datetime | None = None
    turning: bool = False  # running cases below it still have to follow the switch


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPlan:
    """A plan file as it was loaded."""

    code: str
    name: str
    text: str
    at: datetime
