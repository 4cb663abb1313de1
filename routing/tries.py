"""Guessing a code is slow: whoever is wrong too often has to wait."""

from datetime import UTC, datetime, timedelta
from typing import Final

from routing import admission
from routing.model import PersonId
from routing.ports import UnitOfWork

MOST: Final = 5
WINDOW: Final = timedelta(minutes=10)
_ZERO: Final = datetime(2025, 1, 1, tzinfo=UTC)


def admit(uow: UnitOfWork, purpose: str, person: PersonId, at: datetime) -> None:
    """Let *person* try a code.

    Raises:
        TooManyTries: they were wrong `MOST` times within `WINDOW` and have not waited yet.
    """
    until = uow.notebook.setting(_lock(purpose, person))
    left = datetime.fromisoformat(until) - at if until is not None else timedelta(0)
    if timedelta(0) < left <= WINDOW:  # of more than that a clock knew that has been set back
        raise admission.TooManyTries(minutes=max(1, -(-int(left.total_seconds()) // 60)))


def wrong(uow: UnitOfWork, purpose: str, person: PersonId, at: datetime) -> None:
    """Count a wrong try. To be committed: whoever refuses because of it returns the refusal instead of raising it."""
    window = at - (at - _ZERO) % WINDOW
    if uow.notebook.count(_lock(purpose, person), window) >= MOST:
        uow.notebook.set_setting(_lock(purpose, person), (at + WINDOW).isoformat())


def right(uow: UnitOfWork, purpose: str, person: PersonId) -> None:
    """Forget that they ever had to wait."""
    uow.notebook.set_setting(_lock(purpose, person), None)


def _lock(purpose: str, person: PersonId) -> str:
    return f"tries:{purpose}:{person}"
