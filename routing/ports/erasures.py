"""What was erased: kept so that the one who asked, and whoever audits, can see that it was."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from routing.model import PersonId
from routing.records import Erasure, ErasureReason


class Erasures(Protocol):
    """The receipts; none is ever changed."""

    def add(self, at: datetime, why: ErasureReason, person: PersonId | None, rows: Mapping[str, int]) -> Erasure:
        """Write one down."""
        ...

    def all(self) -> Sequence[Erasure]:
        """All of them, oldest first."""
        ...
