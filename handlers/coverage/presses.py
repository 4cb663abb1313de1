"""What the buttons of the coverage board carry."""

from dataclasses import dataclass
from enum import StrEnum

from handlers._kit.presses import payload
from routing.model import UnitCode


class Which(StrEnum):
    """Which homes of a grid."""

    UNBOUND = "u"
    BOUND = "b"


@payload("homes")
@dataclass(frozen=True, slots=True)
class HomesPressed:
    """A page of the doors of that grid."""

    grid: UnitCode
    which: Which
    page: int


@payload("home")
@dataclass(frozen=True, slots=True)
class HomePressed:
    """One home. Whoever may press this may see its door code anyway."""

    door_code: str


@payload("vacate")
@dataclass(frozen=True, slots=True)
class VacatePressed:
    """已搬走: those who were registered there live there no more."""

    door_code: str
