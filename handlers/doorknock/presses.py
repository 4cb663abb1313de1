"""What the buttons of the list carry. A household or a building is named by a short digest: codes may be long."""

from dataclasses import dataclass
from hashlib import sha256

from broadcasts.model import BroadcastId, Door
from handlers._kit.presses import payload
from routing.model import UnitCode


def tag(name: str) -> int:
    """A short name for a household or a building that fits on a button; never 0, which names none."""
    return int.from_bytes(sha256(name.encode()).digest()[:6]) or 1


@payload("doors")
@dataclass(frozen=True, slots=True)
class BuildingPressed:
    """The doors of one building; with 0 the buildings."""

    broadcast: BroadcastId
    grid: UnitCode
    building: int


@payload("door")
@dataclass(frozen=True, slots=True)
class NotesPressed:
    """What else can be said of that door."""

    broadcast: BroadcastId
    grid: UnitCode
    home: int


@payload("knock")
@dataclass(frozen=True, slots=True)
class KnockPressed:
    """已上门告知, or what else was found."""

    broadcast: BroadcastId
    grid: UnitCode
    home: int
    found: Door


@payload("knocked")
@dataclass(frozen=True, slots=True)
class NotedPressed:
    """The presser's latest doors of that grid."""

    broadcast: BroadcastId
    grid: UnitCode


@payload("unknock")
@dataclass(frozen=True, slots=True)
class TakeBackPressed:
    """What the presser noted at that door was wrong."""

    broadcast: BroadcastId
    grid: UnitCode
    home: int
