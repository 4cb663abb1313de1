"""Warnings that come in as CAP: a draft for somebody to release, or straight out when the policy trusts the sender."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from broadcasts import desk, lifecycle, refusals
from broadcasts.cap.inward import Relayed, for_everybody, origin_of, relayed
from broadcasts.cap.model import Message, MsgType
from broadcasts.lifecycle import Event
from broadcasts.model import ENDS, Audience, Broadcast, BroadcastId, State
from broadcasts.ports import UnitOfWork
from routing.effects import Json
from routing.model import Chat, ChatKind, Unit, UnitCode
from routing.ports import Lane, Promise


class Fate(StrEnum):
    """What became of a message."""

    DRAFTED = "drafted"
    RELEASED = "released"
    CANCELLED = "cancelled"
    CANCEL_ASKED = "cancel_asked"  # the sender is not trusted: the desk is told and decides
    KNOWN = "known"  # it came before
    NOT_FOR_PEOPLE = "not_for_people"  # a test, a draft, talk among systems, of a scope that is not Public


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message, and the broadcast that it made or ended."""

    fate: Fate
    broadcast: Broadcast | None = None


def take(uow: UnitOfWork, message: Message, source: str, unit: UnitCode | None, at: datetime) -> Taken:
    """Take a message that was read and checked.

    Args:
        uow: The transaction.
        message: It.
        source: Its text as it came, which is kept.
        unit: In whose name it is relayed; ``None``: the top of the tree.
        at: Now.

    Raises:
        OutOfScope: there is no such unit.
        NoDesk: neither the unit nor one below or above it has a desk where a draft could be shown.
        UnknownFirst: an Update or Cancel of something that never came.
    """
    if not for_everybody(message):
        return Taken(Fate.NOT_FOR_PEOPLE)
    trusted = message.sender in uow.policy.cap_trusted
    if message.msg_type is MsgType.CANCEL:
        return _cancel(uow, message, trusted, at)
    if message.msg_type not in (MsgType.ALERT, MsgType.UPDATE):
        return Taken(Fate.NOT_FOR_PEOPLE)
    known = uow.broadcasts.by_origin(origin_of(message.reference))
    if known is not None:
        return Taken(Fate.KNOWN, known)
    top = _unit(uow, unit)
    parts = relayed(message, top, {one.code: one for one in uow.units.below(top.code)})
    if parts is None:
        return Taken(Fate.NOT_FOR_PEOPLE)
    chain = _chain(uow, message) if message.msg_type is MsgType.UPDATE else ()
    made = desk.relay(uow, _draft(uow, parts, top, chain, source, at), at, release=trusted)
    return Taken(Fate.DRAFTED if made.state is State.DRAFT else Fate.RELEASED, made)


def _unit(uow: UnitOfWork, code: UnitCode | None) -> Unit:
    found = uow.units.find(code) if code is not None else next((one for one in uow.units.all() if not one.parent), None)
    if found is None:
        raise refusals.OutOfScope
    return found


def _draft(
    uow: UnitOfWork, parts: Relayed, unit: Unit, chain: Sequence[Broadcast], source: str, at: datetime
) -> Broadcast:
    known: dict[str, Any] = {"unit": unit.code, "audience": Audience(parts.unit)}
    if chain:
        begun = sorted((one for one in chain if one.begun_at is not None), key=_liveliness)
        before = (*chain, *begun)[-1]
        known |= {"first": before.chain, "unit": before.unit, "updates": before.id if begun else None}
        known |= {"audience": before.audience} if parts.unit == unit.code else {}
    return Broadcast(
        id=BroadcastId(uow.ids.new()),
        number=uow.broadcasts.next_number(),
        state=State.DRAFT,
        kind=parts.kind,
        author=None,
        chat=_desk(uow, unit).id,
        drafted_at=at,
        level=parts.level,
        alert=parts.alert,
        text=parts.text,
        expires_at=parts.expires_at,
        origin=parts.origin,
        source=source,
        window_s=int(uow.policy.broadcasting.window.total_seconds()),
        **known,
    )


def _desk(uow: UnitOfWork, unit: Unit) -> Chat:
    """The desk that sees the draft: the unit's own, else the nearest above, else the first one below."""
    for one in (*uow.units.path(unit.code), *uow.units.below(unit.code)):
        chat = uow.chats.of_unit(one.code, ChatKind.DESK)
        if chat is not None:
            return chat
    raise refusals.NoDesk


def _liveliness(broadcast: Broadcast) -> tuple[bool, BroadcastId]:
    return broadcast.state not in ENDS, broadcast.id


def _chain(uow: UnitOfWork, message: Message) -> Sequence[Broadcast]:
    """The chain of broadcasts that *message* is about, oldest first.

    Raises:
        UnknownFirst: none of the messages that it names ever came.
    """
    for reference in sorted(message.references, key=lambda one: one.sent, reverse=True):
        found = uow.broadcasts.by_origin(origin_of(reference))
        if found is not None:
            return uow.broadcasts.chain(found.chain)
    raise refusals.UnknownFirst


def _cancel(uow: UnitOfWork, message: Message, trusted: bool, at: datetime) -> Taken:
    """End the whole chain; what an untrusted sender would have end that was let out is told to its desk instead."""
    chain = _chain(uow, message)
    living = [one for one in chain if Event.CANCELLED in lifecycle.possible(one.state)]
    taken = Taken(Fate.KNOWN, chain[-1])
    for one in sorted(living, key=lambda each: each.begun_at is not None):
        let_out = one.begun_at is not None or one.state is State.SCHEDULED
        if trusted or (one.origin and not let_out):
            taken = Taken(Fate.CANCELLED, desk.revoke(uow, one.id, at))
        elif let_out:
            key = f"cap:cancel:{origin_of(message.reference)}"
            words: dict[str, Json] = {"key": "cap.cancelled_by_issuer", "number": one.number, "issuer": message.sender}
            uow.outbox.promise(Promise(key, one.chat, "say", words, lane=Lane.EMERGENCY))
            taken = Taken(Fate.CANCEL_ASKED, one)
    return taken
