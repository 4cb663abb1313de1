"""The laws of a case as far as its row and its log show them: the audit asks them of a database, tests of histories.

A law that needs more than one case or the clocks stands where those are known: in `storage.audit`.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from routing.events import (
    Approved,
    Assigned,
    AssistStruck,
    CalledBack,
    Claimed,
    DeadlinePassed,
    Dispatched,
    Escalated,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    Noted,
    NoteKind,
    Rated,
    Released,
    Reopened,
    Resolved,
    ReturnAsked,
    ReturnRuled,
    Suspended,
    Transferred,
)
from routing.model import ENDS, AssistState, Case, Status, Timer, TimerKind, UnitCode
from routing.moves.waiting import WORK
from routing.policy import MOST_EXTENSIONS, MOST_SUSPENSIONS
from routing.records import Entry

CLOSED: Final = frozenset({Status.IN_REVIEW, Status.AWAITING_RATING, Status.ARCHIVED})
"""Where a case stands after its work; nothing of it may be left to do."""
_HANDLED: Final = frozenset({Status.OFFERED, Status.CLAIMED, Status.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Breach:
    """A law that is broken: its name in one word, and what was found; no person's words."""

    law: str
    detail: str


def breaches(case: Case, entries: Sequence[Entry]) -> Iterator[Breach]:
    """Every law that *case*, whose log is *entries* from the oldest on, breaks."""
    yield from _standing(case)
    yield from _counted(case, [entry.event for entry in entries])
    yield from _returned(case, entries)
    yield from _given(case, entries)
    yield from _rated(case, entries)
    yield from _called(entries)
    yield from _decided(entries)
    yield from _answered(entries)
    yield from _taken_and_given(entries)
    yield from _after_the_end(entries)


def unwatched(case: Case, clocks: Collection[Timer]) -> Iterator[Breach]:
    """Law 1, to the letter: everything that somebody owes of *case* has its own row among *clocks*."""
    kept = {(clock.kind, clock.unit or None) for clock in clocks}
    for kind in _owed(case):
        if (kind, None) not in {(one, None) for one, _ in kept}:
            yield Breach("clock", f"it is {case.status} and has no clock {kind}")
    for assist in case.assists:
        if case.open and assist.state is AssistState.WHISTLED and (TimerKind.CHECK_IN, assist.unit) not in kept:
            yield Breach("clock", f"{assist.unit} was called, and no clock waits for it")
    handling = next((clock for clock in clocks if clock.kind is TimerKind.HANDLE), None)
    if case.status in _HANDLED and handling is not None and case.due_at not in (None, handling.due_at):
        yield Breach("clock", "the deadline that people read is not the one that will ring")
    suspended = case.status is Status.SUSPENDED
    for clock in clocks:
        if clock.paused_at is not None and not suspended and not case.waiting:
            yield Breach("clock", f"{clock.kind} stands still, and nobody is waited for")
        if clock.paused_at is None and suspended and clock.kind in WORK:
            yield Breach("clock", f"it is suspended, and its clock {clock.kind} runs on")


def _owed(case: Case) -> Iterator[TimerKind]:
    """The clocks that have to be there, whatever has happened."""
    if case.status in _HANDLED:
        yield TimerKind.HANDLE
        if case.ruling is not None:
            yield TimerKind.RULING
        if case.responded_at is None:
            yield TimerKind.RESPOND
    match case.status:
        case Status.RECEIVED:
            yield TimerKind.RESPOND
        case Status.CLAIMED:
            yield TimerKind.SILENCE
            if case.waiting:
                yield TimerKind.REPLY
        case Status.SUSPENDED:
            yield TimerKind.RESUME
            if case.waiting:
                yield TimerKind.REPLY
        case Status.IN_REVIEW:
            yield TimerKind.REVIEW
        case Status.AWAITING_RATING:
            yield TimerKind.RATE if case.calling is None else TimerKind.CALL_BACK


def _standing(case: Case) -> Iterator[Breach]:
    """Laws 1, 2 and 7: somebody has it, and what is closed waits for nobody."""
    if case.status is Status.CLAIMED and case.holder is None:
        yield Breach("holder", "it is claimed, and nobody holds it")
    waiting = [assist.unit for assist in case.assists if not assist.over]
    if case.status in CLOSED and waiting:
        yield Breach("assists", f"it is {case.status} and still waits for {', '.join(waiting)}")
    if (case.status is Status.MERGED) != (case.merged_into is not None) or case.merged_into == case.id:
        yield Breach("merged", f"it is {case.status} and goes on as {case.merged_into or 'no other case'}")


def _counted(case: Case, events: Sequence[Event]) -> Iterator[Breach]:
    """Laws 6 and 9: what may happen a few times only did, and was counted."""
    seen = Counter(type(event) for event in events)
    granted = sum(isinstance(event, ExtensionRuled) and event.approve for event in events)
    for law, stored, happened, most in (
        ("extended", case.extensions, granted, MOST_EXTENSIONS),
        ("suspended", case.suspensions, seen[Suspended], MOST_SUSPENSIONS),
        ("reopened", case.reopened, seen[Reopened], 1),
    ):
        if stored != happened or stored > most:
            yield Breach(law, f"it counts {stored}, its log {happened}; the law allows {most}")


def _returned(case: Case, entries: Sequence[Entry]) -> Iterator[Breach]:
    """Law 5: once for each unit, never by a designated one, and only who owes the ruling gives it."""
    designated, rulers = False, tuple[UnitCode, ...]()
    for entry in entries:
        event = entry.event
        if isinstance(event, ReturnAsked) and designated:
            yield Breach("returned", "a designated unit asked to return it")
        if isinstance(event, ReturnRuled | ExtensionRuled) and event.unit not in (None, *rulers):
            yield Breach("ruler", f"line {entry.seq} is ruled by {event.unit}, and {' or '.join(rulers)} was asked")
        designated = bool(entry.change.get("designated", designated))
        rulers = cast("tuple[UnitCode, ...]", entry.change.get("rulers", rulers))
    if len(set(case.returned_by)) != len(case.returned_by):
        yield Breach("returned", "one unit returned it twice")


def _given(case: Case, entries: Sequence[Entry]) -> Iterator[Breach]:
    """Law 5: the case remembers whose people gave it to the unit that holds it, and no rule is its dispatcher."""
    unit: UnitCode | None = None
    dispatcher: UnitCode | None = None
    for entry in entries:
        event = entry.event
        first = event.to if unit is None and isinstance(event, Dispatched) else unit
        to = cast("UnitCode | None", entry.change.get("unit", first))
        match event:
            case Dispatched():
                dispatcher = None if event.by is None else event.unit
            case Escalated() | Reopened():
                dispatcher = None
            case ReturnRuled(approve=True):
                dispatcher = event.unit
            case Transferred() if event.unit != unit:
                dispatcher = event.unit
        unit = to
        dispatcher = None if dispatcher == unit else dispatcher
    if case.dispatcher != dispatcher:
        yield Breach("dispatcher", f"its row says {case.dispatcher}, its log {dispatcher}")


def _rated(case: Case, entries: Sequence[Entry]) -> Iterator[Breach]:
    """Law 9: at most one rating for each closing, by a person, and the row keeps the first and the last."""
    closings, ratings = 0, 0
    for entry in entries:
        closings += entry.change.get("status") is Status.AWAITING_RATING
        ratings += isinstance(entry.event, Rated)
        if isinstance(entry.event, Rated) and (entry.event.by is None or ratings > closings):
            yield Breach("rated", f"rating {ratings} follows {closings} closings, or nobody gave it")
    last = next((one.event for one in reversed(entries) if isinstance(one.event, Rated)), None)
    if case.rating_final is not (last.rating if last is not None else None):
        yield Breach("rated", "its rating is not the last one in its log")


def _called(entries: Sequence[Entry]) -> Iterator[Breach]:
    """Law 9: who owes a call makes it, a person, in words; and what it hears is nobody's rating."""
    calling: object = None
    for entry in entries:
        event = entry.event
        if isinstance(event, CalledBack):
            if event.by is None or event.words is None or calling is None or event.unit not in (None, calling):
                yield Breach("called", f"line {entry.seq} tells of a call that nobody owed, or without a word")
            if {"rating_first", "rating_final"} & entry.change.keys():
                yield Breach("called", f"line {entry.seq} makes a rating of what was heard in a call")
        calling = entry.change.get("calling", calling)


def _decided(entries: Sequence[Entry]) -> Iterator[Breach]:
    """Laws 3 and 14: a dispatch names its rule and policy; who sends up or strikes off says why."""
    for entry in entries:
        event = entry.event
        if isinstance(event, Dispatched | Assigned) and not (event.rule and event.policy):
            yield Breach("ruled", f"line {entry.seq} gives it to somebody by no rule")
        if isinstance(event, Assigned) and event.by is not None:
            yield Breach("ruled", f"line {entry.seq} says that a person did what only the clock does")
        if isinstance(event, Escalated | AssistStruck) and event.by is not None and event.words is None:
            yield Breach("reason", f"line {entry.seq} gives no reason")


def _answered(entries: Sequence[Entry]) -> Iterator[Breach]:
    """Laws 4, 6 and 8: a person answers, not by a note to colleagues; who wants time asks in time; review lets out."""
    due: datetime | None = None
    status: object = None
    holder: object = None
    waiting, overdue = False, False
    for entry in entries:
        event, change = entry.event, entry.change
        aside = isinstance(event, Noted) and event.kind is NoteKind.NOTE and event.by != holder
        if change.get("responded_at") is not None and (event.by is None or aside):
            yield Breach("answered", f"line {entry.seq} stops the response clock, and nobody answered")
        holder = change.get("holder", holder)
        past = due is not None and event.at >= due and (overdue or not waiting)
        if isinstance(event, ExtensionAsked) and past:
            yield Breach("extended", f"line {entry.seq} asks for more time after the deadline")
        outward = change.get("status") is Status.AWAITING_RATING
        if outward and not isinstance(event, Approved if status is Status.IN_REVIEW else Resolved | Approved):
            yield Breach("reviewed", f"line {entry.seq} lets a reply out that nobody has reviewed")
        found = change.get("due_at", due)
        due, status = found if isinstance(found, datetime) else None, change.get("status", status)
        waiting, overdue = bool(change.get("waiting", waiting)), bool(change.get("overdue", overdue))


def _taken_and_given(entries: Sequence[Entry]) -> Iterator[Breach]:
    """Laws 2 and 13: nobody takes what another one has; the clock takes a claim away only from who was silent."""
    holder: object = None
    before: Event | None = None
    for entry in entries:
        event = entry.event
        if isinstance(event, Claimed) and holder not in (None, event.by):
            yield Breach("claimed", f"line {entry.seq} claims what somebody else has")
        silent = isinstance(before, DeadlinePassed) and before.kind is TimerKind.SILENCE
        if isinstance(event, Released) and event.by is None and not silent:
            yield Breach("silence", f"line {entry.seq} takes it from somebody who was not silent")
        holder, before = entry.change.get("holder", holder), event


def _after_the_end(entries: Sequence[Entry]) -> Iterator[Breach]:
    """Nothing leaves an end."""
    over = False
    for entry in entries:
        if over:
            yield Breach("over", f"line {entry.seq} comes after the end")
        over = over or entry.change.get("status") in ENDS
