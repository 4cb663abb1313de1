"""The laws of a case as far as its row and its log show them: the audit asks them of a database, tests of histories.

A law that needs more than one case or the clocks stands where those are known: in `storage.audit`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from routing.events import (
    Assigned,
    AssistStruck,
    Dispatched,
    Escalated,
    Event,
    ExtensionRuled,
    Rated,
    Reopened,
    ReturnAsked,
    Suspended,
)
from routing.model import ENDS, Case, Status
from routing.policy import MOST_EXTENSIONS, MOST_SUSPENSIONS
from routing.records import Entry

CLOSED: Final = frozenset({Status.IN_REVIEW, Status.AWAITING_RATING, Status.ARCHIVED})
"""Where a case stands after its work; nothing of it may be left to do."""


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
    yield from _rated(case, entries)
    yield from _decided(entries)
    yield from _after_the_end(entries)


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
    """Law 5: once for each unit, and never by a designated one."""
    designated = False
    for entry in entries:
        if isinstance(entry.event, ReturnAsked) and designated:
            yield Breach("returned", "a designated unit asked to return it")
        designated = bool(entry.change.get("designated", designated))
    if len(set(case.returned_by)) != len(case.returned_by):
        yield Breach("returned", "one unit returned it twice")


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


def _after_the_end(entries: Sequence[Entry]) -> Iterator[Breach]:
    """Nothing leaves an end."""
    over = False
    for entry in entries:
        if over:
            yield Breach("over", f"line {entry.seq} comes after the end")
        over = over or entry.change.get("status") in ENDS
