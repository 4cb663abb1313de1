"""Many reports in one transaction: what they need is asked for all of them at once, what they write is written once."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import NamedTuple, Protocol

from routing.model import ChatId, PersonId
from routing.ports import People, UnitOfWork


class LongWay(Exception):
    """A report needs what cannot be had for many at once: it must be handled alone."""


class Expected(NamedTuple):
    """A report that is about to be filed, as far as its questions can be foreseen."""

    person: PersonId
    chat: ChatId
    message_id: int


class Gathering(UnitOfWork, Protocol):
    """A unit of work for plain reports.

    The use-cases are the same as ever. What they ask beyond what was expected, and what they write beyond what a new
    case consists of, ends in `LongWay`.
    """

    here: ChatId | None

    def apart(self) -> AbstractContextManager[None]:
        """One report: an exception undoes it alone."""
        ...

    def write(self) -> None:
        """Write down what was kept of all reports so far. Nothing is in the database before."""
        ...


class Gathers(Protocol):
    """A transaction in which many reports can be taken in."""

    @property
    def people(self) -> People: ...  # noqa: D102 - the Protocol named says it

    def gathered(self, reports: Sequence[Expected], at: datetime) -> Gathering:
        """The same transaction, for *reports*."""
        ...
