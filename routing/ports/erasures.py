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

    def drop_answers(self, before: datetime, places: int) -> Mapping[str, int]:
        """Erase answers to broadcasts that ended before then, of some places at a time, and me-toos of before then.

        Figures stay. Returns how many rows that were, by table.
        """
        ...

    def all(self) -> Sequence[Erasure]:
        """All of them, oldest first."""
        ...
