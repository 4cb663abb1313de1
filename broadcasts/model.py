"""The nouns: broadcasts, whom they are for, how far each chat and each household is. Frozen data, instants UTC."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, NewType

from routing.model import ChatId, Media, PersonId, Post, UnitCode, UnitKind

BroadcastId = NewType("BroadcastId", int)
"""Made by the application: 63 bits, ordered by time. People see the number."""


class Class(StrEnum):
    """What kind of message it is."""

    ALERT = "alert"  # 预警: relayed, with its issuer and a level
    NOTICE = "notice"
    REMINDER = "reminder"
    EXERCISE = "exercise"  # marked as such wherever it shows


class Level(StrEnum):
    """蓝黄橙红, from the mildest on."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """1 for blue, 4 for red."""
        return list(Level).index(self) + 1


class State(StrEnum):
    """How far a broadcast is; see `broadcasts.lifecycle`."""

    DRAFT = "draft"
    APPROVING = "approving"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    CHASING = "chasing"
    DONE = "done"
    SUPERSEDED = "superseded"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


RUNNING: Final = frozenset({State.SENDING, State.PAUSED, State.CHASING})
ANSWERABLE: Final = (*sorted(RUNNING), State.DONE)
"""States in which a press still counts."""
ENDS: Final = frozenset({State.SUPERSEDED, State.CANCELLED, State.EXPIRED})
"""What has ended asks nobody any more. `DONE` is not among them: late answers still count until it expires."""


@dataclass(frozen=True, slots=True)
class Alert:
    """The parts that the law asks an alert to state, beside its level; an empty one is missing."""

    hazard: str = ""
    issuer: str = ""
    issued_at: datetime | None = None
    starts_at: datetime | None = None
    area: str = ""
    matter: str = ""  # 警示事项
    action: str = ""  # 应当采取的措施


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom it is for: the residents' chats of grids of *kinds* below *unit*, or the staff there that hold *post*."""

    unit: UnitCode
    kinds: tuple[UnitKind, ...] = (UnitKind.BASIC, UnitKind.SPECIAL)
    post: Post | None = None


class Chase(StrEnum):
    """The steps of the chase; `Broadcast.step` counts those begun of the ones that the policy has."""

    GROUP = "group"
    PRIVATE = "private"
    DOORS = "doors"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """A message to many chats, from its first draft to its end.

    ``version`` counts the saves; a save with an old version is refused (`Stale`).
    """

    id: BroadcastId
    number: int
    state: State
    kind: Class
    unit: UnitCode  # in whose name
    author: PersonId | None
    chat: ChatId  # where it was composed
    drafted_at: datetime
    audience: Audience
    version: int = 0
    level: Level | None = None
    template: str = ""
    alert: Alert = field(default_factory=Alert)
    text: str = ""
    media: tuple[Media, ...] = ()
    receipts: bool = True
    window_s: int = 4 * 3600
    send_at: datetime | None = None  # wanted by its author; None: as soon as it may leave
    repeat_s: int | None = None
    expires_at: datetime | None = None
    submitted_at: datetime | None = None
    approver: PersonId | None = None
    begun_at: datetime | None = None  # since when it is being sent
    sent_at: datetime | None = None  # when every chat had an outcome
    ended_at: datetime | None = None
    next_at: datetime | None = None  # when the clock must look at it next; None: never
    step: int = 0
    first: BroadcastId | None = None  # the first message of a chain of updates, even if that never left
    updates: BroadcastId | None = None  # the message that this one takes the place of
    carried: bool = False  # confirmations of the message before it count: neither level nor action has risen
    origin: str = ""  # "sender,identifier,sent" of the CAP message it relays
    source: str = ""  # the text that it relays, as it came

    @property
    def chain(self) -> BroadcastId:
        """What names the chain of updates that it belongs to: the first message of it."""
        return self.first or self.id

    @property
    def window(self) -> timedelta:
        """How long households have time to answer."""
        return timedelta(seconds=self.window_s)

    @property
    def exercise(self) -> bool:
        """Whether everything about it is marked 【演练】."""
        return self.kind is Class.EXERCISE

    @property
    def grave(self) -> bool:
        """Red and orange: a second person approves, and no night holds it up."""
        return self.level in (Level.ORANGE, Level.RED)

    @property
    def answerable(self) -> bool:
        """Whether a press under it still counts."""
        return self.receipts and self.state in ANSWERABLE


IN_DOUBT: Final = "in_doubt"
"""Why a chat counts as not reached where nobody can know whether the message stands there."""


class TargetState(StrEnum):
    """How far the message is in one chat."""

    WAITING = "waiting"
    PROMISED = "promised"  # it stands in the outbox
    SENT = "sent"
    FAILED = "failed"  # for the reason given; its households are chased all the same
    CLOSED = "closed"  # the message there says that it is over


@dataclass(frozen=True, slots=True)
class Backlog:
    """What one bot has to send of a broadcast.

    Args:
        bot: Its Telegram id; ``None`` for places without a chat, where nothing can be said.
        waiting: Chats that nothing is promised to yet.
        promised: Chats whose message stands in the outbox.
    """

    bot: int | None
    waiting: int
    promised: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One chat that a broadcast goes to, with the figures of its households.

    Args:
        broadcast: Which one.
        place: The grid's code; for staff ``person:<number>``.
        grid: The unit that it belongs to.
        chat: Where it is said; ``None`` when the grid has no chat.
        state: How far it is there.
        reason: Why it failed: ``unbound``, a state of the chat, or Telegram's word.
        message_id: Of the message there.
        households: Asked there, those moved away included.
        pressed: Confirmed by a press.
        told: Told at the door.
        moved: Found to have moved away; they are asked no more.
        unbound: Pressed by people of no household that was asked; no part of the others.
        helps: Cases of need opened there.
        shown: The figure that the message there shows.
        step: Steps of the chase done there.
        round: How often it was promised there and did not leave, as because of a pause.
    """

    broadcast: BroadcastId
    place: str
    grid: UnitCode
    chat: ChatId | None = None
    state: TargetState = TargetState.WAITING
    reason: str = ""
    message_id: int | None = None
    households: int = 0
    pressed: int = 0
    told: int = 0
    moved: int = 0
    unbound: int = 0
    helps: int = 0
    shown: int = 0
    step: int = 0
    round: int = 0

    @property
    def promise_key(self) -> str:
        """The key of its promise in the outbox, by which its outcome is found."""
        return f"broadcast:{self.broadcast}:{self.place}:{self.round}"

    @property
    def target(self) -> int:
        """How many are to confirm."""
        return self.households - self.moved

    @property
    def confirmed(self) -> int:
        """How many have."""
        return self.pressed + self.told

    @property
    def missing(self) -> int:
        """How many have not."""
        return self.target - self.confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A broadcast in numbers; pressed + told + missing = target, always."""

    chats: int = 0
    waiting: int = 0  # not yet promised
    promised: int = 0
    sent: int = 0
    failed: int = 0
    households: int = 0
    pressed: int = 0
    told: int = 0
    moved: int = 0
    unbound: int = 0
    helps: int = 0

    @property
    def target(self) -> int:
        """How many households are to confirm."""
        return self.households - self.moved

    @property
    def confirmed(self) -> int:
        """How many have."""
        return self.pressed + self.told

    @property
    def missing(self) -> int:
        """How many have not."""
        return self.target - self.confirmed


def carrier_of(broadcast: BroadcastId) -> str:
    """The name of the message in each chat, once it stands there; every later change is an edit of it."""
    return f"broadcast:{broadcast}"


class ReceiptState(StrEnum):
    """What is known of a household that was asked."""

    MISSING = "missing"
    PRESSED = "pressed"
    TOLD = "told"
    MOVED = "moved"


SPANS_S: Final = (5, 60)
"""Into spans of so many seconds answers can be gathered: short ones for what is over within minutes."""
CONFIRMED: Final = frozenset({ReceiptState.PRESSED, ReceiptState.TOLD})
"""States of a household that knows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one that was asked, in short: as much as a press must know."""

    asked: str
    place: str
    state: ReceiptState


class Door(StrEnum):
    """What a worker found at the door."""

    TOLD = "told"
    AWAY = "away"  # nobody home: still missing
    REFUSED = "refused"  # would not hear it: still missing
    MOVED = "moved"  # nobody lives there any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One household's answer to one broadcast, made when it is asked.

    *note* is the last finding at the door, *by* whose. Who of a household pressed is not kept: the household counts.
    """

    broadcast: BroadcastId
    asked: str  # the household's code; of staff "person:<number>"
    place: str
    state: ReceiptState = ReceiptState.MISSING
    note: Door | None = None
    at: datetime | None = None
    by: PersonId | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an audience reaches, before anything is sent."""

    chats: int  # that can be written to
    unreachable: int  # grids without a chat, or with one where the bot may not write
    households: int
    people: int  # bound to one of those households
