"""Switching a unit into emergency mode and back: asked for by one, approved by another, told to all staff below."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from broadcasts import commanding, refusals, tasks
from broadcasts.plan_model import Asked, Emergency, EmergencyId
from broadcasts.plan_ports import UnitOfWork
from routing import desk
from routing import refusals as general
from routing.effects import Json
from routing.emergency import is_on
from routing.events import Noted, NoteKind
from routing.model import ChatId, ChatKind, PersonId, UnitCode, UnitKind
from routing.ports import Lane, Promise

MUSTER: Final = timedelta(minutes=30)
"""So soon after the switch everybody below is to report that they are at their post."""
LONGEST: Final = 200
SLICE: Final = 25
"""So many cases follow a switch in one transaction, so that the writer is never held for long."""
STRAGGLERS: Final = timedelta(minutes=1)
"""So long after a switch cases are looked for that follow it: on a server a work that began before it may end after it,
and bring a case with the limits of before. A work lasts a moment, or some seconds where it has to wait for others."""


def ask(uow: UnitOfWork, by: PersonId, chat: ChatId, unit: UnitCode, reason: str, at: datetime) -> Emergency:
    """Ask for emergency mode in *unit*; it begins when a second person says yes.

    Raises:
        NotYours: *by* may not.
        EmergencyOn: it, or a unit above it, is in it, or has been asked for already.
        NobodyApproves: there is no second person.
    """
    commanding.check(uow, by, unit, commanding.SWITCHING)
    if uow.emergencies.live([one.code for one in uow.units.path(unit)]):
        raise refusals.EmergencyOn(unit=unit)
    asked = Emergency(
        id=EmergencyId(uow.ids.new()), unit=unit, state=Asked.ASKED, by=by, at=at, chat=chat, reason=reason[:LONGEST]
    )
    uow.emergencies.put(asked)
    ask_approvers(uow, unit, by, f"emergency:{asked.id}", "emergency_ask", {"emergency": asked.id})
    return asked


def ask_approvers(
    uow: UnitOfWork, unit: UnitCode, asker: PersonId, carrier: str, view: str, params: Mapping[str, Json]
) -> None:
    """Put the question to whoever may say yes, each in private; where nobody can be written to, at the unit's desk.

    Raises:
        NobodyApproves: there is no such person at all.
    """
    people = commanding.approvers(uow, unit, asker)
    if not people:
        raise refusals.NobodyApproves
    chats = [chat.id for person in people if (chat := uow.chats.private(person)) is not None]
    office = uow.chats.of_unit(unit, ChatKind.DESK)
    for where in chats or ([office.id] if office is not None else []):
        key = f"{carrier}:ask:{where}"
        uow.outbox.promise(Promise(key, where, view, params, lane=Lane.EMERGENCY, carrier=carrier))


def rule(uow: UnitOfWork, emergency: EmergencyId, by: PersonId, at: datetime, *, yes: bool, muster: str) -> Emergency:
    """The second person's word. With a yes other limits hold at once, and everybody below is called to their post.

    Args:
        uow: The transaction.
        emergency: Which.
        by: The second person.
        at: Now.
        yes: Or no.
        muster: What the task to report says.

    Raises:
        OwnApproval: *by* asked for it.
        NotYours: they may not.
        AlreadyDone: somebody has ruled already.
    """
    current = uow.emergencies.find(emergency)
    if current is None:
        raise general.NotYours
    check_second(uow, by, current.by, current.unit)
    if current.state is not Asked.ASKED:
        raise general.AlreadyDone
    if not yes:
        refused = replace(current, state=Asked.REFUSED, approver=by, ended_by=by, ended_at=at)
        uow.emergencies.put(refused)
        return refused
    begun = replace(current, state=Asked.ON, approver=by, begun_at=at, turning=True)
    uow.emergencies.put(begun)
    uow.units.put(replace(uow.units.get(current.unit), emergency=True))
    tell(uow, begun, "emergency.begun")
    if commanding.staff_below(uow, current.unit, tasks.DOERS):
        tasks.give_out(uow, current.by, current.chat, current.unit, muster, at + MUSTER, at)
    return begun


def check_second(uow: UnitOfWork, person: PersonId, asker: PersonId, unit: UnitCode) -> None:
    """See that *person* may say yes to what *asker* wants.

    Raises:
        OwnApproval: they are the same.
        NotYours: they may not.
    """
    commanding.check(uow, person, unit, commanding.APPROVING)
    if person == asker:
        raise refusals.OwnApproval


def end(uow: UnitOfWork, unit: UnitCode, by: PersonId, at: datetime) -> Emergency:
    """Back to calm: from now on the usual limits hold again.

    Raises:
        NotYours: *by* may not.
        EmergencyOff: the unit is not in it.
    """
    commanding.check(uow, by, unit, commanding.SWITCHING)
    current = next((one for one in uow.emergencies.live([unit])), None)
    if current is None:
        raise refusals.EmergencyOff
    was_on = current.state is Asked.ON
    ended = replace(current, state=Asked.ENDED, ended_by=by, ended_at=at, turning=was_on)
    uow.emergencies.put(ended)
    if was_on:
        uow.units.put(replace(uow.units.get(unit), emergency=False))
        tell(uow, ended, "emergency.over")
    return ended


def turn(uow: UnitOfWork, now: datetime) -> int:
    """Let running cases follow a switch, some at a time; returns how many did.

    Each gets a line in its log. A unit below that is still, or already, in the other mode keeps its own. What comes
    late is looked for as long as `STRAGGLERS`.
    """
    for emergency in uow.emergencies.turning():
        on = emergency.state is Asked.ON
        units = [one.code for one in uow.units.below(emergency.unit) if is_on(uow.units, one.code) is on]
        cases = uow.cases.out_of_step(units, emergency=on, limit=SLICE)
        for case in cases:
            desk.move(uow, case.id, Noted(at=now, kind=NoteKind.LIMITS))
        switched_at = emergency.ended_at or emergency.begun_at or emergency.at
        if len(cases) < SLICE and now >= switched_at + STRAGGLERS:
            uow.emergencies.put(replace(emergency, turning=False))
        if cases:
            return len(cases)
    return 0


def tell_asker(uow: UnitOfWork, emergency: Emergency, key: str) -> None:
    """Tell the chat where it was asked for."""
    words: dict[str, Json] = {"key": key, "unit": uow.units.get(emergency.unit).name}
    promise = Promise(f"emergency:{emergency.id}:{key}", emergency.chat, "say", words, lane=Lane.ANSWER)
    uow.outbox.promise(promise)


def tell(uow: UnitOfWork, emergency: Emergency, key: str) -> None:
    """Tell every desk below, and every worker there in private."""
    name = uow.units.get(emergency.unit).name
    chats = {emergency.chat}
    for unit in uow.units.below(emergency.unit):
        office = uow.chats.of_unit(unit.code, ChatKind.DESK) if unit.kind is UnitKind.OFFICE else None
        chats |= {office.id} if office is not None else set()
    for person in commanding.staff_below(uow, emergency.unit, commanding.RUNNING):
        private = uow.chats.private(person)
        chats |= {private.id} if private is not None else set()
    words: dict[str, Json] = {"key": key, "unit": name, "reason": emergency.reason}
    for chat in sorted(chats):
        uow.outbox.promise(Promise(f"emergency:{emergency.id}:{key}:{chat}", chat, "say", words, lane=Lane.EMERGENCY))
