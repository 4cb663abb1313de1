"""Who serves when, what is said in one message later, and what came onto the bulletin."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from routing.model import ChatId, PersonId, UnitCode
from routing.records import Line, Notice, Shift


class Shifts(Protocol):
    """The duty roster."""

    def put(self, shift: Shift) -> None:
        """Write or replace the shift of that unit, person and start."""
        ...

    def ring(self, shift: Shift, at: datetime | None) -> None:
        """Look at it again at *at*, if it still stands there."""
        ...

    def drop(self, shift: Shift) -> None:
        """Take it off the roster."""
        ...

    def at(self, unit: UnitCode, at: datetime) -> Sequence[Shift]:
        """Shifts of the unit that are running at *at*, earliest start first."""
        ...

    def among(self, units: Sequence[UnitCode], at: datetime) -> Sequence[Shift]:
        """Shifts of any of the units that are running at *at*, earliest start first."""
        ...

    def between(self, unit: UnitCode, starts: datetime, ends: datetime) -> Sequence[Shift]:
        """Shifts of the unit that begin in that span, its end left out."""
        ...

    def serving(self, person: PersonId, at: datetime) -> bool:
        """Whether they are on duty anywhere."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Shift]:
        """Shifts whose ``ring_at`` has come, earliest first."""
        ...


class Summaries(Protocol):
    """Sentences that are said together."""

    def keep(self, line: Line) -> None:
        """Write it; the same key about the same case takes the place of the older one."""
        ...

    def of(self, summary: str, chat: ChatId) -> Sequence[Line]:
        """What one message has to say, oldest first."""
        ...

    def purge(self, before: datetime) -> int:
        """Forget what was kept before that instant; returns how many lines."""
        ...


class Bulletin(Protocol):
    """Units named for what they owe (通报). Entries are never taken back."""

    def enter(self, notice: Notice) -> bool:
        """Write it; False when the same debt stands there already."""
        ...

    def of(self, units: Sequence[UnitCode], since: datetime, limit: int) -> Sequence[Notice]:
        """Entries of these units from *since* on, newest first."""
        ...
