"""What a move asks for besides the new state: clocks and messages. Imperatives; the desk carries them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from routing.events import Event, Fault
from routing.model import TimerKind, UnitCode

Json = str | int | float | bool | None


class Whom(StrEnum):
    """Who is to be told; the desk finds the chats."""

    REPORTER = "reporter"  # in private, else in the residents' chat as a reply to the report
    HOLDER = "holder"  # in private, else in the chat of the unit
    ROSTER = "roster"  # everybody of the unit who may claim, in private
    DESK = "desk"  # the desk chat of the unit, else its leaders in private


@dataclass(frozen=True, slots=True)
class Arm:
    """Start (or restart) a clock that runs out at *due_at*."""

    kind: TimerKind
    start: datetime
    due_at: datetime
    unit: UnitCode | None = None


@dataclass(frozen=True, slots=True)
class Disarm:
    """Stop clocks for good; with *unit*, only that unit's."""

    kinds: tuple[TimerKind, ...]
    unit: UnitCode | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """Hold clocks; what is left of them is kept."""

    kinds: tuple[TimerKind, ...]


@dataclass(frozen=True, slots=True)
class Unpause:
    """Let paused clocks run on; their deadlines move by the length of the pause."""

    kinds: tuple[TimerKind, ...]


@dataclass(frozen=True, slots=True)
class Redate:
    """Let a clock that runs or is paused run out at *due_at* instead; reminders that were given are not given again."""

    kind: TimerKind
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Tell:
    """Say the sentence *key* to somebody about the case; *unit* names whose desk or roster.

    With *place* it is meant for one of the unit's contacts, counted from 0, where the policy has them in an order.
    """

    whom: Whom
    key: str
    unit: UnitCode | None = None
    values: Mapping[str, Json] = field(default_factory=dict)
    place: int | None = None

    @property
    def about(self) -> Json:
        """The part or the called unit that it tells of: each has a sentence of its own, which nobody needs twice."""
        return self.values.get("part") or self.values.get("assist")


@dataclass(frozen=True, slots=True)
class TellWhole:
    """Say the sentence *key* to whoever has the case of which this one is a part."""

    key: str


@dataclass(frozen=True, slots=True)
class TellFollowers:
    """Say the sentence *key* to the reporters of the cases that were merged into this one."""

    key: str
    values: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndParts:
    """The parts that are still open are no longer wanted."""


@dataclass(frozen=True, slots=True)
class Enter:
    """Put *unit* on the bulletin for what it has owed since *since*."""

    fault: Fault
    unit: UnitCode
    since: datetime


@dataclass(frozen=True, slots=True)
class Follow:
    """A second event in the same transaction."""

    event: Event


Effect = Arm | Disarm | Pause | Unpause | Redate | Tell | TellWhole | TellFollowers | EndParts | Enter | Follow
