"""The nouns: cases, units, people, chats. Plain frozen data; every time is an aware UTC instant."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

CaseId = NewType("CaseId", int)
"""Made by the application: 63 bits, ordered by time. Never shown to people."""
PersonId = NewType("PersonId", int)
"""Our own number for a person; erasing the person's row cuts every link to them."""
ChatId = NewType("ChatId", int)
"""Our own number for a chat; it survives a group's migration to a supergroup, Telegram's does not."""
UnitCode = NewType("UnitCode", str)
WordsId = NewType("WordsId", int)
"""A free text with its attachments, kept apart from the event log so that it can be erased."""


class Status(StrEnum):
    """Where a case stands."""

    RECEIVED = "received"
    OFFERED = "offered"
    CLAIMED = "claimed"
    SUSPENDED = "suspended"
    IN_REVIEW = "in_review"
    AWAITING_RATING = "awaiting_rating"
    ARCHIVED = "archived"
    REFUSED = "refused"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"


ENDS: Final = frozenset({Status.ARCHIVED, Status.REFUSED, Status.MERGED, Status.WITHDRAWN})


class Urgency(StrEnum):
    """Whether the safety of people is at stake."""

    ORDINARY = "ordinary"
    URGENT = "urgent"


class Rating(StrEnum):
    """满意 · 基本满意 · 不满意."""

    SATISFIED = "satisfied"
    FAIR = "fair"
    NOT_SATISFIED = "not_satisfied"


class Told(StrEnum):
    """What a call-back (回访) heard, as whoever called wrote it down: never the reporter's own rating."""

    SATISFIED = "satisfied"
    FAIR = "fair"
    NOT_SATISFIED = "not_satisfied"
    NOT_REACHED = "not_reached"


class Post(StrEnum):
    """What a person may be in a unit."""

    LEADER = "leader"
    WORKER = "worker"
    HELPER = "helper"
    DISPATCHER = "dispatcher"
    REVIEWER = "reviewer"
    SUPERVISOR = "supervisor"
    BROADCASTER = "broadcaster"
    APPROVER = "approver"
    OBSERVER = "observer"
    ADMIN = "admin"


class Channel(StrEnum):
    """By which road a report came."""

    GROUP = "group"
    PRIVATE = "private"
    PROXY = "proxy"


class TimerKind(StrEnum):
    """What runs out. An unfinished case always has at least one timer row."""

    RESPOND = "respond"  # from dispatch to the first word or deed of a person
    HANDLE = "handle"  # from dispatch to resolved
    SILENCE = "silence"  # from the holder's last sign to the release of the claim
    REPLY = "reply"  # from a question to the reporter's answer
    REVIEW = "review"
    RULING = "ruling"  # a return or an extension waits for its answer
    RATE = "rate"
    CALL_BACK = "call_back"  # a silent reporter is to be called
    RESUME = "resume"  # a suspended case comes back
    CHECK_IN = "check_in"  # a whistled department reports in


class RulingKind(StrEnum):
    """What somebody above has been asked to rule on."""

    RETURN = "return"
    EXTENSION = "extension"


class AssistState(StrEnum):
    """How far a whistled or assisting unit has come."""

    WHISTLED = "whistled"
    CHECKED_IN = "checked_in"
    LATE = "late"
    ABSENT = "absent"
    DONE = "done"
    STRUCK = "struck"  # nobody waits for it any more


@dataclass(frozen=True, slots=True)
class Assist:
    """A unit beside the lead: called, present, finished."""

    unit: UnitCode
    state: AssistState
    due_at: datetime
    by: UnitCode | None = None  # who called it

    @property
    def over(self) -> bool:
        """Whether the case need not wait for it any more."""
        return self.state in (AssistState.DONE, AssistState.STRUCK)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a case is, as finely as neighbours may know; a door stands in the words, which can be erased."""

    building: str = ""
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A resident's call and everything the rules need to know of it (诉求).

    ``version`` counts the moves made. Free text hangs on it as `Words`, so that it can be erased while the log stays.
    """

    id: CaseId
    number: int
    status: Status
    grid: UnitCode
    unit: UnitCode  # who holds it
    matter: str  # catalogue code
    top: str  # livelihood | enforcement | development
    urgency: Urgency
    channel: Channel
    filed_at: datetime
    version: int = 0
    kind: str = "complaint"
    confidential: bool = False
    reporter: PersonId | None = None
    beneficiary: str | None = None
    place: Place = field(default_factory=Place)
    holder: PersonId | None = None
    rule: str = ""  # why this matter and this receiver
    policy: str = ""  # policy name and version in force at the last dispatch
    designated: bool = False
    dispatched_at: datetime | None = None
    responded_at: datetime | None = None
    respond_due_at: datetime | None = None
    due_at: datetime | None = None
    provisional: bool = False  # the deadline touches a year whose calendar is not published
    overdue: bool = False
    waiting: bool = False  # for the reporter's answer
    resolved_at: datetime | None = None
    archived_at: datetime | None = None
    handler: UnitCode | None = None  # the unit that resolved it last
    solution: WordsId | None = None
    reopened: int = 0
    rating_first: Rating | None = None
    rating_final: Rating | None = None
    calling: UnitCode | None = None  # who owes its silent reporter a call
    calls: int = 0  # made since the last closing
    told: Told | None = None  # what the last of them heard
    judged: bool = False  # the level above has been asked for a judgement
    extensions: int = 0
    suspensions: int = 0
    returned_by: tuple[UnitCode, ...] = ()
    handovers: int = 0  # between units
    ruling: RulingKind | None = None
    rulers: tuple[UnitCode, ...] = ()  # who may give it: first who owes it, then those above who let it wait too long
    proposed: UnitCode | None = None
    assists: tuple[Assist, ...] = ()
    parent: CaseId | None = None
    merged_into: CaseId | None = None
    me_too: int = 0
    dispatcher: UnitCode | None = None  # the unit whose people gave it to the holding one; none where a rule did
    accepted: UnitCode | None = None  # who got it first; of a tip-off it alone knows the reporter
    accused: tuple[UnitCode, ...] = ()  # units that must stay out of it, with everything below them (回避)
    accused_people: tuple[PersonId, ...] = ()  # staff who must
    assigned: tuple[PersonId, ...] = ()  # to whom the clock gave it, one after the other, since its unit got it

    @property
    def open(self) -> bool:
        """Whether somebody still owes something."""
        return self.status not in ENDS

    @property
    def pending(self) -> bool:
        """Whether the clock gave it to its holder, who has not said a word yet."""
        return self.status is Status.CLAIMED and self.responded_at is None


class UnitKind(StrEnum):
    """What sort of unit it is."""

    BASIC = "basic"  # a grid of households
    SPECIAL = "special"  # a grid of registered units: market, school, hospital, tower
    OFFICE = "office"  # anything above a grid
    MICRO = "micro"  # a building or a yard within a grid; it speaks in the grid's chat
    DEPARTMENT = "department"
    PARTNER = "partner"


class Venue(StrEnum):
    """What a special grid is made of, where that is known."""

    MARKET = "market"  # 商圈、市场
    SCHOOL = "school"
    HOSPITAL = "hospital"
    TOWER = "tower"  # 商务楼宇
    PARK = "park"  # 园区


@dataclass(frozen=True, slots=True)
class Unit:
    """A node of the tree, or a department or partner beside it."""

    code: UnitCode
    name: str
    level: str
    parent: UnitCode | None
    kind: UnitKind
    households: int = 0
    buildings: tuple[str, ...] = ()
    bounds: str = ""
    phone: str = ""
    quiet_offer: bool = True  # whether the bot may offer to report what reads like a report
    venue: Venue | None = None  # of a special grid
    emergency: bool = False  # it and everything below it follow the emergency limits


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who wrote, pressed, or was imported as staff."""

    id: PersonId
    telegram_id: int
    name: str
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Appointment:
    """One post of one person in one unit; *phone* is the published duty number."""

    person: PersonId
    unit: UnitCode
    post: Post
    name: str
    phone: str = ""
    stationed_at: UnitCode | None = None


class ChatKind(StrEnum):
    """What a chat is to us."""

    RESIDENTS = "residents"
    DESK = "desk"
    PRIVATE = "private"
    UNBOUND = "unbound"


class ChatState(StrEnum):
    """Whether the bot can write there, and if not, why."""

    OK = "ok"
    NEVER_STARTED = "never_started"
    BLOCKED = "blocked"
    KICKED = "kicked"
    MUTED = "muted"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Chat:
    """A Telegram chat as seen by one bot; *telegram_id* changes when a group migrates, *id* never."""

    id: ChatId
    bot: int
    telegram_id: int
    kind: ChatKind
    state: ChatState
    title: str = ""
    unit: UnitCode | None = None
    person: PersonId | None = None
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Household:
    """A home; *door_code* is what the slip handed over at the door says."""

    code: str
    grid: UnitCode
    building: str
    unit_no: str
    room: str
    door_code: str


class MediaKind(StrEnum):
    """Kinds of attachment that a report or a solution may carry."""

    PHOTO = "photo"
    VOICE = "voice"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment by reference. A *file_id* belongs to the one bot that received it."""

    kind: MediaKind
    bot: int
    file_id: str
    unique_id: str
    size: int | None = None


class WordsKind(StrEnum):
    """What a text is to its case."""

    REPORT = "report"
    MORE = "more"
    NOTE = "note"
    QUESTION = "question"
    ANSWER = "answer"
    SOLUTION = "solution"
    REASON = "reason"
    COMMENT = "comment"
    MINUTES = "minutes"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody wrote or sent about a case. *text* may be empty when only media came."""

    id: WordsId
    case: CaseId
    kind: WordsKind
    author: PersonId | None
    at: datetime
    text: str
    media: tuple[Media, ...] = ()
    chat: ChatId | None = None
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A deadline row.

    ``next_at`` is the next instant at which something must happen (a reminder, the deadline, a repetition); ``None``
    while the clock is paused since ``paused_at``. ``step`` counts the reminders already given.
    """

    case: CaseId
    kind: TimerKind
    started_at: datetime
    due_at: datetime
    next_at: datetime | None
    step: int = 0
    paused_at: datetime | None = None
    unit: UnitCode | None = None  # whose clock, for CHECK_IN
