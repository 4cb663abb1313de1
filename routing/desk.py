"""The one door to a case. Every press, reply and clock comes through `move`; each runs in one transaction."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from routing import clocks, conflicts, emergency, hushing, lifecycle, receivers, refusals, rights, staffing, telling
from routing.changing import as_mapping, changes
from routing.effects import (
    Arm,
    Disarm,
    Effect,
    EndParts,
    Enter,
    Follow,
    Pause,
    Redate,
    Tell,
    TellFollowers,
    TellWhole,
    Unpause,
    Whom,
)
from routing.events import Dispatched, Event, Filed, Noted, NoteKind, Withdrawn
from routing.model import Appointment, Case, CaseId, PersonId, Timer, TimerKind, UnitCode
from routing.moves.step import Facts, Outcome
from routing.ports import UnitOfWork
from routing.records import Notice
from routing.refusals import Refusal

_BY_REPORTER = frozenset({(rights.Scope.REPORTER, None), (rights.Scope.HOUSEHOLD, None)})
NOTE_GRANTS = {
    NoteKind.NOTE: rights.STAFF_NOTES,
    NoteKind.QUESTION: rights.STAFF_NOTES,
    NoteKind.CORRECTION: rights.STAFF_NOTES,
    NoteKind.CONFLICT: frozenset(rights.LEADING),
    NoteKind.ANSWER: _BY_REPORTER,
    NoteKind.MORE: _BY_REPORTER,
    NoteKind.EDITED: _BY_REPORTER,
    NoteKind.ME_TOO: frozenset({(rights.Scope.ANYBODY, None)}),
    NoteKind.LIMITS: frozenset(),
}
"""Who may add which kind of note."""


def move(uow: UnitOfWork, case: CaseId, event: Event) -> Case:
    """Let *event* happen to *case* and promise what people are to be told.

    Raises:
        NoSuchCase: there is none.
        NotYours: ``event.by`` has no right to it.
        NotInUse: nobody does that in this town.
        Refusal: the lifecycle says no.
        Stale: another transaction was faster; run it again.
    """
    current = uow.cases.get(case)
    event = in_capacity(uow, current, event)
    if event.by is not None and type(event) in uow.policy.buttons.barred:
        raise refusals.NotInUse
    moved = apply(uow, current, event)
    telling.show(uow, moved, event.at, by=event.by)
    return moved


def apply(uow: UnitOfWork, case: Case, event: Event, *, summary: str | None = None) -> Case:
    """Take one step, with the events that follow from it, and write everything down.

    With *summary* what people are to be told is said in the message of that name, see `telling.tell`.
    """
    made = lifecycle.step(case, event, facts(uow, case))
    saved = uow.cases.save(_with_shifted_deadline(uow, made, event.at))
    uow.log.append(case.id, event, changes(case, saved))
    if saved.confidential and not case.confidential:
        hushing.hush(uow, saved)
    follow = _carry_out(uow, saved, made.effects, event, summary)
    for following in follow:
        saved = apply(uow, saved, following, summary=summary)
    if saved.parent is not None:
        telling.show(uow, uow.cases.get(saved.parent), event.at, mark=f":{saved.id}:{saved.version}")
    return saved


def facts(uow: UnitOfWork, case: Case) -> Facts:
    """What the rules may know beside the case."""
    matter = uow.catalogue.matters.get(case.matter)
    home = uow.people.household_of(case.reporter) if case.reporter is not None else None
    return Facts(
        policy=uow.policy,
        calendar=uow.calendar,
        tree=conflicts.clear(uow.units, case.accused),
        same_day=bool(matter and matter.same_day),
        needs_evidence=bool(matter and matter.evidence),
        open_parts=uow.cases.open_parts(case.id),
        household_of_reporter=uow.people.members_of(home.code) if home else frozenset(),
        colleagues=colleagues(uow, case),
        matters=uow.catalogue.matters,
        timers=lambda: uow.timers.of(case.id),
        past=lambda: uow.log.of(case.id),
        rules=lambda unit: any(one.post in rights.RULING_POSTS for one in clear_staff(uow, case, unit)),
        heard=lambda given, unit, at: _heard(uow, given, unit, at),
    )


def _heard(uow: UnitOfWork, case: Case, unit: UnitCode, at: datetime) -> datetime:
    """When those who are asked in *unit* hear of *case*: in the morning, if it comes at night and nobody is on duty."""
    until = telling.night(uow, case, unit, at)
    awake = until is None or any(uow.chats.private(one.person) for one in staffing.on_duty(uow, unit, at, case))
    return at if until is None or awake else until


def colleagues(uow: UnitOfWork, case: Case) -> frozenset[PersonId]:
    """Who may claim the case in the unit that holds it."""
    return frozenset(one.person for one in clear_staff(uow, case, case.unit) if one.post in staffing.CLAIMING)


def clear_staff(uow: UnitOfWork, case: Case, unit: UnitCode) -> list[Appointment]:
    """The posts in *unit* whose people need not stay out of *case*."""
    return [one for one in uow.people.staff_of(unit) if one.person not in case.accused_people]


def file(uow: UnitOfWork, case: Case, at: datetime, *, rule: str) -> Case:
    """Write a new case down and dispatch it to its first receiver, in one transaction.

    Args:
        uow: The transaction.
        case: A fresh case; its number, id and classification are set.
        at: Now.
        rule: The named reason for its class.
    """
    to, place_rule = receivers.first_receiver(uow, case)
    rules = [rule, place_rule, *dict.fromkeys(f"duty:{shift.unit}" for shift in staffing.on_duty(uow, to, at, case))]
    stamp = emergency.stamp(uow.policy, uow.units, to)
    dispatched = Dispatched(at=at, to=to, rule=" > ".join(rules), policy=stamp)
    return begin(uow, case, Filed(at=at, by=case.reporter), dispatched)


def begin(uow: UnitOfWork, case: Case, filed: Filed, dispatched: Dispatched) -> Case:
    """Write a new case down and dispatch it, in one transaction; whoever does so has been found to have the right."""
    at = filed.at
    uow.cases.add(case)
    made = lifecycle.step(case, filed, facts(uow, case))
    saved = uow.cases.save(made.case)
    uow.log.append(case.id, filed, as_mapping(saved))
    _carry_out(uow, saved, made.effects, filed)
    given = apply(uow, saved, dispatched)
    telling.show(uow, given, at, by=filed.by)
    return given


def in_capacity(uow: UnitOfWork, case: Case, event: Event) -> Event:
    """The event with the unit and the post in which ``event.by`` causes it.

    Of several the one in ``event.unit`` if it is set, else the one that the chat implies; but none that a rule refuses.

    Raises:
        NotYours: they have no right to it.
    """
    if event.by is None:
        return event
    grants = NOTE_GRANTS[event.kind] if isinstance(event, Noted) else rights.GRANTS.get(type(event), frozenset())
    found = rights.capacities(uow, event.by, case, grants, event.unit)
    candidates = [replace(event, unit=unit, post=post) for unit, post in found]
    return candidates[0] if len(candidates) == 1 else _first_accepted(uow, case, candidates)


def _first_accepted(uow: UnitOfWork, case: Case, candidates: Sequence[Event]) -> Event:
    """Of several posts the first that no rule refuses, as the one that reviews does of somebody who has two."""
    known = facts(uow, case)
    for candidate in candidates:
        with suppress(Refusal):
            lifecycle.step(case, candidate, known)
            return candidate
    return candidates[0]


def _with_shifted_deadline(uow: UnitOfWork, made: Outcome, at: datetime) -> Case:
    """The case with its deadline, if it has one, moved by the length of a pause that ends with this move.

    A deadline that is set anew in the same move has been counted from now, and stays.
    """
    ending = {kind for effect in made.effects if isinstance(effect, Unpause) for kind in effect.kinds}
    anew = any(isinstance(effect, Arm) and effect.kind is TimerKind.HANDLE for effect in made.effects)
    if anew or TimerKind.HANDLE not in ending or made.case.due_at is None:
        return made.case
    for timer in uow.timers.of(made.case.id):
        if timer.kind is TimerKind.HANDLE and timer.paused_at is not None:
            return replace(made.case, due_at=timer.due_at + (at - timer.paused_at))
    return made.case


def _carry_out(
    uow: UnitOfWork, case: Case, effects: Iterable[Effect], cause: Event, summary: str | None = None
) -> list[Event]:
    at = cause.at
    follow: list[Event] = []
    for effect in effects:
        match effect:
            case Arm(kind, start, due_at, unit):
                uow.timers.put(clocks.armed(uow.policy, case.id, kind, start, due_at, unit))
            case Disarm(kinds, unit):
                uow.timers.stop(case.id, kinds, unit)
            case Pause() | Unpause() | Redate():
                _change_clocks(uow, case.id, effect, at)
            case Tell():
                telling.tell(uow, case, effect, at, by=cause.by, summary=summary)
            case TellWhole(key):
                telling.tell_whole(uow, case, key, at, by=cause.by, summary=summary)
            case TellFollowers(key, values):
                telling.tell_followers(uow, case, Tell(Whom.REPORTER, key, values=values), at)
            case EndParts():
                _end_parts(uow, case, at)
            case Enter(fault, unit, since):
                uow.bulletin.enter(Notice(case.id, fault, unit, since, at))
            case Follow(event):
                follow.append(event)
    return follow


def _end_parts(uow: UnitOfWork, case: Case, at: datetime) -> None:
    for part in uow.cases.parts(case.id):
        if part.open:
            telling.show(uow, apply(uow, part, Withdrawn(at=at)), at)


def _change_clocks(uow: UnitOfWork, case: CaseId, effect: Pause | Unpause | Redate, at: datetime) -> None:
    match effect:
        case Pause(kinds):
            _replace(uow, case, kinds, lambda timer: clocks.paused(timer, at))
        case Unpause(kinds):
            _replace(uow, case, kinds, lambda timer: clocks.resumed(uow.policy, timer, at))
        case Redate(kind, due_at):
            _replace(uow, case, (kind,), lambda timer: clocks.redated(uow.policy, timer, due_at, at))


def _replace(uow: UnitOfWork, case: CaseId, kinds: Iterable[TimerKind], change: Callable[[Timer], Timer]) -> None:
    for timer in uow.timers.of(case):
        if timer.kind in kinds and (changed := change(timer)) != timer:
            uow.timers.put(changed)


def refresh(uow: UnitOfWork, cases: Iterable[CaseId], at: datetime) -> None:
    """Promise the cards of *cases* anew, as after a downtime in which presses may have been lost.

    Give it some at a time (`Cases.open_ids` knows them all), so that the writer is never held for long. One that has
    ended meanwhile is left out: its end was shown.
    """
    for case in map(uow.cases.get, cases):
        if case.open:
            telling.show(uow, case, at, mark=f"refresh:{at.isoformat()}")
