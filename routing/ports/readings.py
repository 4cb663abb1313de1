"""Who read what: kept so that the one whom it concerns, and whoever audits, can see it."""

from collections.abc import Sequence
from typing import Protocol

from routing.model import CaseId
from routing.records import Reading


class Readings(Protocol):
    """The readings; none is ever changed."""

    def add(self, reading: Reading) -> None:
        """Write one down."""
        ...

    def get(self, reading: int) -> Reading | None:
        """One by its number."""
        ...

    def of(self, case: CaseId) -> Sequence[Reading]:
        """All of a case, oldest first."""
        ...
