"""Everything that can happen to a case. Names are past tense; ``by`` is ``None`` when the clock did it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from routing.model import CaseId, PersonId, Place, Post, Rating, TimerKind, Told, UnitCode, WordsId


class NoteKind(StrEnum):
    """What a `Noted` adds."""

    NOTE = "note"  # by whoever handles it
    QUESTION = "question"  # to the reporter; the clock pauses where the policy says so
    ANSWER = "answer"  # by the reporter
    MORE = "more"  # by the reporter, unasked
    ME_TOO = "me_too"  # by a neighbour
    CORRECTION = "correction"  # of the matter, by staff
    EDITED = "edited"  # the report's own message was edited
    CONFLICT = "conflict"  # who must stay out of it, by staff
    LIMITS = "limits"  # other limits hold, because the emergency mode began or ended; by the clock alone


class ReturnReason(StrEnum):
    """The only reasons for which a unit may return a case."""

    WRONG_AREA = "wrong_area"
    NOT_OUR_DUTY = "not_our_duty"
    REPEATED = "repeated"
    INCOMPLETE = "incomplete"
    STATUTORY_ROUTE = "statutory_route"
    NOTHING_NEW = "nothing_new"


class RefusalReason(StrEnum):
    """Why a case is not accepted; each names the route to take instead."""

    EMERGENCY_LINE = "emergency_line"
    STATUTORY_ROUTE = "statutory_route"
    NOTHING_NEW = "nothing_new"
    SECRET_OR_PRIVATE = "secret_or_private"  # noqa: S105 - a reason, no password
    OUTSIDE_DUTY = "outside_duty"
    UNLAWFUL = "unlawful"


class SupervisionKind(StrEnum):
    """How a superior looks into a case."""

    NOTICE = "notice"
    ON_SITE = "on_site"
    COUNCIL = "council"


class Fault(StrEnum):
    """Why a unit stands on the bulletin (通报)."""

    UNANSWERED = "unanswered"  # nobody took the case for a multiple of the time to respond
    LATE = "late"  # not solved for a multiple of the time to handle it
    UNREVIEWED = "unreviewed"
    UNRULED = "unruled"
    ABSENT = "absent"  # whistled, and did not come
    UNCALLED = "uncalled"  # the reporter was not called back in time


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at an instant, done by a person or, when *by* is ``None``, by the clock.

    *unit* and *post* say in which capacity a person with several posts acted; the desk fills them in.
    """

    at: datetime
    by: PersonId | None = None
    unit: UnitCode | None = None
    post: Post | None = None
    words: WordsId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed(Event):
    """A report became a case (受理)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatched(Event):
    """A unit was given the case (派单). A designated one cannot return it; *until* is set instead of the limit."""

    to: UnitCode
    rule: str
    policy: str
    designated: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed(Event):
    """Somebody of the holding unit took it (接单)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assigned(Event):
    """Nobody took it in time: the clock gave it to the next person in line, by the *rule* of a *policy* (兜底)."""

    to: PersonId
    rule: str
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Released(Event):
    """The holder gave it back to the roster, or stayed silent too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver(Event):
    """The holder passed it to a colleague of the same unit."""

    to: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalated(Event):
    """Sent up (上报): one level, or to *skip_to* with the right to skip; *photos* counts those that go with it.

    By the clock it happens by the *rule* of a *policy*.
    """

    skip_to: UnitCode | None = None
    photos: int = 0
    covered: bool = False  # one message covers several cases that go up together
    rule: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnAsked(Event):
    """The holding unit says it is not theirs (退单)."""

    reason: ReturnReason
    proposed: UnitCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRuled(Event):
    """Whoever dispatched it accepts the return, naming who gets it, or refuses it."""

    approve: bool
    to: UnitCode | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred(Event):
    """Passed on to the right unit (转办)."""

    to: UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Whistled(Event):
    """Departments are called to a place at a time (吹哨)."""

    units: tuple[UnitCode, ...]
    place: str
    meet_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedIn(Event):
    """A whistled unit reported in (报到)."""

    assist: UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistDone(Event):
    """An assisting unit finished its part (协办完成)."""

    assist: UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class AssistStruck(Event):
    """A called unit is struck off by a superior of whoever called it, with a reason: nobody waits for it any more."""

    assist: UnitCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionAsked(Event):
    """More time is asked for, before the deadline (延期)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionRuled(Event):
    """The level above grants or refuses more time."""

    approve: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended(Event):
    """Cannot be done before a date (挂账)."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed(Event):
    """The suspension ended, by date or by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conferred(Event):
    """Those concerned met about it (会商): the words are the minutes, *attended* the called units that came."""

    attended: tuple[UnitCode, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised(Event):
    """A superior looks into it (督办)."""

    kind: SupervisionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted(Event):
    """Something was added without changing who holds it."""

    kind: NoteKind
    matter: str | None = None  # for a correction: the new catalogue code
    urgent: bool = False  # for an edit or an addition that names a danger
    place: Place | None = None  # for an addition that says where
    accused: tuple[UnitCode, ...] = ()  # for a conflict: all units that must stay out of it from now on
    accused_people: tuple[PersonId, ...] = ()  # likewise all people


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved(Event):
    """The holder says it is done (办结); *photos* counts the evidence attached."""

    photos: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved(Event):
    """Review passed: the reply may reach the resident. Or: the judgement is that the closing stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBack(Event):
    """Review failed, or the judgement is that it must be done again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rated(Event):
    """The reporter's word on the closing (评价)."""

    rating: Rating


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledBack(Event):
    """A silent reporter was called (回访): what whoever called heard, in their words. It is no rating."""

    told: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingLapsed(Event):
    """Nobody rated in time: archived as unrated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopened(Event):
    """The work starts again, one level up (重办); follows a "not satisfied"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged(Event):
    """It repeats another case (并单)."""

    into: CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Event):
    """Parts were cut off as cases of their own; the parent waits for them."""

    parts: tuple[CaseId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Event):
    """Not accepted, with the route to take (不予受理)."""

    reason: RefusalReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn(Event):
    """The reporter took it back; or a part is no longer wanted, by whoever has the whole or because that ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recounted(Event):
    """A year's holidays were published, and a provisional deadline was counted again."""

    due_at: datetime
    provisional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinePassed(Event):
    """A timer ran out, or *times* its limit has gone without anybody acting."""

    kind: TimerKind
    assist: UnitCode | None = None
    times: float = 1.0


EVENTS: Final[dict[str, type[Event]]] = {cls.__name__: cls for cls in Event.__subclasses__()}
"""Every event by name, as the log spells it."""
