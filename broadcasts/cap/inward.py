"""What a CAP message says, as the parts of a broadcast that relays it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from broadcasts.cap.colours import level_of
from broadcasts.cap.model import Info, Message, Reference, Scope, Status
from broadcasts.model import Alert, Class, Level
from routing.model import Unit, UnitCode

KINDS: Final = {Status.ACTUAL: Class.ALERT, Status.EXERCISE: Class.EXERCISE}
"""What may reach people at all: tests, drafts and the talk of systems among themselves may not."""
_SPOKEN: Final = "zh"


@dataclass(frozen=True, slots=True)
class Relayed:
    """The parts of a broadcast that a CAP message fills."""

    kind: Class
    level: Level | None
    alert: Alert
    text: str
    expires_at: datetime | None
    origin: str
    unit: UnitCode  # whose grids it concerns


def origin_of(reference: Reference) -> str:
    """The one spelling under which a message is found again, whatever offset its time was written with."""
    return f"{reference.sender},{reference.identifier},{_utc(reference.sent).isoformat()}"


def for_everybody(message: Message) -> bool:
    """Whether *message* may reach people: no test, no draft, and neither Restricted nor Private."""
    return message.status in KINDS and message.scope is Scope.PUBLIC


def relayed(message: Message, unit: Unit, below: Mapping[UnitCode, Unit]) -> Relayed | None:
    """The parts that *message* fills.

    Args:
        message: An Alert or Update that was checked.
        unit: In whose name it is relayed.
        below: The units of its subtree: an area that names one of them, by code or by name, narrows the audience.

    Returns:
        ``None`` when the message is not meant for people.
    """
    if not for_everybody(message) or not message.info:
        return None
    info = _in_chinese(message)
    areas = tuple(dict.fromkeys(area.area_desc for area in info.area if area.area_desc))
    alert = Alert(
        hazard=info.event,
        issuer=info.sender_name or message.sender,
        issued_at=_utc(message.sent),
        starts_at=_utc(info.onset or info.effective or message.sent),
        area="、".join(areas),
        matter=info.description or info.headline,
        action=info.instruction,
    )
    return Relayed(
        KINDS[message.status],
        level_of(info.severity, info.parameter),
        alert,
        info.headline or info.event,
        _utc(info.expires) if info.expires is not None else None,
        origin_of(message.reference),
        _concerned(info, unit, below),
    )


def _in_chinese(message: Message) -> Info:
    """The block that people here read: the first one in Chinese, else the first."""
    return next((info for info in message.info if info.language.lower().startswith(_SPOKEN)), message.info[0])


def _concerned(info: Info, unit: Unit, below: Mapping[UnitCode, Unit]) -> UnitCode:
    """The one unit that the areas name; the whole subtree when they name several, or none that is known here."""
    names = {one.name: code for code, one in below.items()}
    found: set[UnitCode] = set()
    for area in info.area:
        said = {UnitCode(geocode.value) for geocode in area.geocode} & below.keys()
        named = names.get(area.area_desc)
        found |= said or ({named} if named is not None else {unit.code})
    return found.pop() if len(found) == 1 else unit.code


def _utc(instant: datetime) -> datetime:
    return instant.astimezone(UTC)
