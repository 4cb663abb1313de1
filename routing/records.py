"""What is kept between two transactions: promises of messages, log lines, drafts, questions, codes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import NamedTuple

from routing.effects import Json
from routing.events import Event, Fault
from routing.model import CaseId, ChatId, PersonId, Post, UnitCode


class Lane(IntEnum):
    """Which queue a message waits in; a lower number is served first, none starves."""

    EMERGENCY = 0
    ANSWER = 1  # to somebody who waits for it
    CARD = 2
    NOTICE = 3
    DIGEST = 4


class Doubt(StrEnum):
    """What to do when nobody can know whether a message was sent."""

    REPEAT = "repeat"  # send again, marked as a repetition
    RESEND = "resend"  # send once more
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Promise:
    """A message that will be sent after the commit, described by what to show rather than by its text.

    The text is made when it is sent, by the view named ``view`` from ``params`` and the state of that moment, in the
    language of the chat. With a ``carrier`` there is one message per carrier and chat: the first promise sends it,
    every later one edits it, and unsent ones for the same carrier and chat fall together.

    With ``not_before`` it is held until that instant and holds up nothing else; of promises that fall together the
    earliest instant counts.
    """

    key: str  # unique: promising the same twice is promising it once
    chat: ChatId
    view: str
    params: Mapping[str, Json] = field(default_factory=dict)
    lane: Lane = Lane.ANSWER
    carrier: str | None = None
    not_after: datetime | None = None
    doubt: Doubt = Doubt.RESEND
    reply_to: int | None = None
    pin: bool = False
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """A duty (值班): *person* is the one to ring for *unit* from *starts_at* until just before *ends_at*.

    ``ring_at`` is the next instant at which the duty changes hands: its start, then its end, then ``None``.
    """

    unit: UnitCode
    person: PersonId
    starts_at: datetime
    ends_at: datetime
    ring_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence about a case that is said with others in one message, to *chat*.

    Of those with the same ``key`` the last one is said. It is the name of the sentence and, behind a colon, the part or
    the called unit that it tells of.
    """

    summary: str
    chat: ChatId
    case: CaseId
    key: str
    params: Mapping[str, Json]
    at: datetime

    @property
    def sentence(self) -> str:
        """The name of the sentence alone."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Notice:
    """An entry of the bulletin: *unit* has owed something about *case* since *since_at*."""

    case: CaseId
    fault: Fault
    unit: UnitCode
    since_at: datetime
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a case's log. *change* holds the fields that the move changed, so that replaying needs no rules."""

    seq: int
    event: Event
    change: Mapping[str, object]
    hash: str


class Step(NamedTuple):
    """One line of a log as figures need it: only the fields that were asked for, the event itself on demand."""

    kind: type[Event]
    at: datetime
    change: Mapping[str, object]
    event: Callable[[], Event]


class History(NamedTuple):
    """What happened to a case, oldest first, and when it came to its end, if it has."""

    case: CaseId
    ended_at: datetime | None
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True)
class Draft:
    """A report being written: in private, or an album whose parts are still coming. A row, so that it survives."""

    key: str  # "chat:person" or "album:chat:group"
    person: PersonId
    chat: ChatId
    step: str
    at: datetime
    data: Mapping[str, Json | list[Json]]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question by the bot whose answer is free text: the answer is the reply to message (chat, carrier)."""

    key: str
    person: PersonId
    chat: ChatId
    purpose: str  # "resolve", "note", "ask", "answer", "comment", ...
    case: CaseId
    at: datetime
    expires_at: datetime
    params: Mapping[str, Json] = field(default_factory=dict)
    message_id: int | None = None


class ReadingKind(StrEnum):
    """What somebody opened."""

    CASE = "case"  # by an observer
    CONTACT = "contact"  # who reported it and where they live


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody read what is private, in which post and why; kept as long as the case."""

    id: int
    at: datetime
    person: PersonId
    unit: UnitCode
    post: Post
    case: CaseId
    kind: ReadingKind
    reason: str


class ErasureReason(StrEnum):
    """Why something was erased."""

    ASKED = "asked"  # by the person themselves
    EXPIRED = "expired"  # the time was over for which the policy keeps it


@dataclass(frozen=True, slots=True)
class Erasure:
    """The receipt of an erasure: what went, by table, and whose it was, if it was one person's.

    The number of a person stays and means nobody. *hash* binds the receipt to all earlier ones, so that none of them
    can be altered or taken out without a trace.
    """

    seq: int
    at: datetime
    why: ErasureReason
    person: PersonId | None
    rows: Mapping[str, int]
    hash: str

    @property
    def code(self) -> str:
        """What the person is shown: the receipt's place, and the beginning of its hash."""
        return f"{self.seq}-{self.hash[:8]}"


@dataclass(frozen=True, slots=True)
class Code:
    """A secret that somebody shows to prove something; stored by its digest only."""

    purpose: str  # "bind", "plaque", "staff"
    unit: UnitCode
    params: Mapping[str, Json]
    expires_at: datetime | None
    once: bool
    used_at: datetime | None = None
