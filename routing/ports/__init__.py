"""What the use-cases need from the world, as Protocols. `storage` implements them; tests may too.

Everything is sync and belongs to one transaction; leaving it by an exception leaves no trace.
"""

from typing import Protocol

from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import ChatId
from routing.policy import Policy
from routing.ports.cases import Cases, Log, Timers, WordsStore
from routing.ports.duty import Bulletin, Shifts, Summaries
from routing.ports.erasures import Erasures
from routing.ports.readings import Readings
from routing.ports.town import Chats, People, Seen, Units
from routing.ports.writing import Ids, Notebook, Outbox
from routing.records import (
    Code,
    Doubt,
    Draft,
    Entry,
    Erasure,
    ErasureReason,
    Lane,
    Promise,
    Prompt,
    Reading,
    ReadingKind,
)

__all__ = [
    "Bulletin",
    "Cases",
    "Chats",
    "Code",
    "Doubt",
    "Draft",
    "Entry",
    "Erasure",
    "ErasureReason",
    "Erasures",
    "Ids",
    "Lane",
    "Log",
    "Notebook",
    "Outbox",
    "People",
    "Promise",
    "Prompt",
    "Reading",
    "ReadingKind",
    "Readings",
    "Seen",
    "Shifts",
    "Summaries",
    "Timers",
    "UnitOfWork",
    "Units",
    "WordsStore",
]


class UnitOfWork(Protocol):
    """One transaction's view of the stores, with the rules in force.

    ``here`` is the chat in which somebody acts: it implies in which of several posts they do. ``None``: in no chat.
    """

    here: ChatId | None

    @property
    def cases(self) -> Cases: ...  # noqa: D102 - the Protocol named says it

    @property
    def log(self) -> Log: ...  # noqa: D102

    @property
    def words(self) -> WordsStore: ...  # noqa: D102

    @property
    def timers(self) -> Timers: ...  # noqa: D102

    @property
    def units(self) -> Units: ...  # noqa: D102

    @property
    def people(self) -> People: ...  # noqa: D102

    @property
    def chats(self) -> Chats: ...  # noqa: D102

    @property
    def shifts(self) -> Shifts: ...  # noqa: D102

    @property
    def summaries(self) -> Summaries: ...  # noqa: D102

    @property
    def bulletin(self) -> Bulletin: ...  # noqa: D102

    @property
    def outbox(self) -> Outbox: ...  # noqa: D102

    @property
    def notebook(self) -> Notebook: ...  # noqa: D102

    @property
    def readings(self) -> Readings: ...  # noqa: D102

    @property
    def erasures(self) -> Erasures: ...  # noqa: D102

    @property
    def ids(self) -> Ids: ...  # noqa: D102

    @property
    def policy(self) -> Policy: ...  # noqa: D102

    @property
    def calendar(self) -> Calendar: ...  # noqa: D102

    @property
    def catalogue(self) -> Catalogue: ...  # noqa: D102
