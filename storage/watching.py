"""What an onlooker learns of the works of a database: what a transaction took, and what happened, once it is true."""

from collections.abc import Mapping, Sequence
from typing import Protocol


class Watch(Protocol):
    """Told by the store and its writer. It must be quick, never fail, and bear being called from several threads."""

    def committed(self, works: int, seconds: float) -> None:
        """So many works shared a transaction that took so long from its begin to the end of its commit."""
        ...

    def undone(self, works: int) -> None:
        """A transaction of so many works was undone as a whole."""
        ...

    def asked(self, seconds: float) -> None:
        """A question was answered, after so long."""
        ...

    def no_room(self) -> None:
        """A work has left no trace because the disk took nothing more."""
        ...

    def happened(self, moves: Sequence[str], receipts: Mapping[str, int], dropped: Mapping[str, int]) -> None:
        """What a committed work did.

        Args:
            moves: Events of cases, by name.
            receipts: How many answers of households it counted, by what they are now.
            dropped: How many messages it settled without a call to Telegram, by outcome.
        """
        ...


class Nobody:
    """A `Watch` that looks away."""

    def committed(self, works: int, seconds: float) -> None:
        """Nothing."""

    def undone(self, works: int) -> None:
        """Nothing."""

    def asked(self, seconds: float) -> None:
        """Nothing."""

    def no_room(self) -> None:
        """Nothing."""

    def happened(self, moves: Sequence[str], receipts: Mapping[str, int], dropped: Mapping[str, int]) -> None:
        """Nothing."""
