"""A broadcast of ours as a CAP message, for whoever else must hear of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from broadcasts.cap.colours import PARAMETER, SEVERITY
from broadcasts.cap.faults import BadCap
from broadcasts.cap.model import (
    Area,
    Category,
    Certainty,
    Info,
    Message,
    MsgType,
    Named,
    Reference,
    Scope,
    Severity,
    Status,
    Urgency,
)
from broadcasts.cap.reading import read
from broadcasts.cap.writing import speakable
from broadcasts.model import Broadcast, Class, State

LANGUAGE: Final = "zh-CN"
UNIT: Final = "huying:unit"
CLASS: Final = "huying:class"
ORIGIN: Final = "huying:relays"
_UNSENT: Final = frozenset({State.DRAFT, State.APPROVING, State.SCHEDULED})
_LONGEST_EVENT: Final = 40


def exported(
    broadcast: Broadcast, unit_name: str, local: Callable[[datetime], datetime], updated: Broadcast | None = None
) -> Message:
    """The message that says what *broadcast* says now.

    Args:
        broadcast: Of ours; once it is cancelled, it is the message that cancels it.
        unit_name: Of the unit in whose name it is said.
        local: Gives an instant the offset of the town.
        updated: The broadcast that it takes the place of.
    """
    first = _alert(broadcast, unit_name, local, updated)
    if broadcast.state is not State.CANCELLED or broadcast.begun_at is None:
        return first
    ended = local(broadcast.ended_at or broadcast.begun_at)
    return replace(
        first,
        identifier=f"{first.identifier}-cancel",
        sent=max(ended, first.sent + timedelta(seconds=1)).replace(microsecond=0),
        msg_type=MsgType.CANCEL,
        references=(first.reference,),
        info=(),
    )


def reference(broadcast: Broadcast, local: Callable[[datetime], datetime]) -> Reference:
    """How our messages name that one."""
    return Reference(f"{broadcast.unit}@huying", f"huying-{broadcast.number}-{broadcast.id}", _sent(broadcast, local))


def _sent(broadcast: Broadcast, local: Callable[[datetime], datetime]) -> datetime:
    return local(broadcast.begun_at or broadcast.submitted_at or broadcast.drafted_at).replace(microsecond=0)


def _alert(
    broadcast: Broadcast, unit_name: str, local: Callable[[datetime], datetime], updated: Broadcast | None
) -> Message:
    named = reference(broadcast, local)
    unsent = broadcast.state in _UNSENT or broadcast.begun_at is None
    status = Status.DRAFT if unsent else Status.EXERCISE if broadcast.exercise else Status.ACTUAL
    return Message(
        identifier=named.identifier,
        sender=named.sender,
        sent=named.sent,
        status=status,
        msg_type=MsgType.ALERT if updated is None else MsgType.UPDATE,
        scope=Scope.PUBLIC,
        note=broadcast.text if broadcast.exercise else "",
        references=(reference(updated, local),) if updated is not None else (),
        info=(_info(broadcast, unit_name, local, named.sent),),
    )


def _info(broadcast: Broadcast, unit_name: str, local: Callable[[datetime], datetime], sent: datetime) -> Info:
    alert, source = broadcast.alert, _source(broadcast)
    expires = _later(broadcast.expires_at, local, sent)
    onset = local(alert.starts_at).replace(microsecond=0) if alert.starts_at is not None else None
    if onset is not None and expires is not None and onset >= expires:
        onset = None
    headline = broadcast.text.partition("\n")[0].strip()
    parameters = [Named(CLASS, broadcast.kind.value)]
    parameters += [Named(PARAMETER, broadcast.level.value)] if broadcast.level is not None else []
    parameters += [Named(ORIGIN, broadcast.origin)] if broadcast.origin else []
    code = (Named(UNIT, broadcast.audience.unit),)
    area = Area(_first(alert.area, unit_name), geocode=code)
    if source is not None and source.area:
        area = replace(source.area[0], area_desc=area.area_desc, geocode=(*source.area[0].geocode, *code))
    return Info(
        language=LANGUAGE,
        category=source.category if source else (Category.SAFETY if _warns(broadcast) else Category.OTHER,),
        event=_first(alert.hazard, headline[:_LONGEST_EVENT], broadcast.kind.value),
        urgency=source.urgency if source else Urgency.UNKNOWN,
        severity=SEVERITY[broadcast.level] if broadcast.level is not None else Severity.UNKNOWN,
        certainty=source.certainty if source else Certainty.UNKNOWN,
        event_code=source.event_code if source else (),
        effective=sent,
        onset=onset,
        expires=expires,
        sender_name=_first(alert.issuer, unit_name),
        headline=headline,
        description=_first(alert.matter, broadcast.text),
        instruction=alert.action,
        parameter=tuple(parameters),
        area=(area,),
    )


def _first(*texts: str) -> str:
    """The first of *texts* that says anything."""
    return next((text for text in map(speakable, texts) if text), "")


def _warns(broadcast: Broadcast) -> bool:
    return broadcast.kind in (Class.ALERT, Class.EXERCISE)


def _later(expires: datetime | None, local: Callable[[datetime], datetime], sent: datetime) -> datetime | None:
    """Until when it holds; one that ran out before it was sent held for a moment."""
    if expires is None:
        return None
    return max(local(expires).replace(microsecond=0), sent + timedelta(seconds=1))


def _source(broadcast: Broadcast) -> Info | None:
    """The block of the CAP message that it relays; ``None`` when it relays none."""
    if not broadcast.origin or not broadcast.source:
        return None
    try:
        message, _ = read(broadcast.source.encode())
    except BadCap:
        return None
    return message.info[0] if message.info else None
