"""What a handler may use, as Protocols: the store, the clock, answers to presses, and the update in hand."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from routing.model import ChatId, PersonId
from routing.ports import UnitOfWork

P = ParamSpec("P")
T = TypeVar("T")


class Inbox(Protocol):
    """The part of the inbox that a handler's transaction needs."""

    def done(self, bot: int, update_id: int, at: datetime) -> None:
        """Mark the update handled; raises when it was before."""
        ...


class Work(UnitOfWork, Protocol):
    """A unit of work that also knows the inbox, so that effects and "done" are one transaction."""

    @property
    def inbox(self) -> Inbox: ...


class Store(Protocol):
    """Runs use-cases. `storage.Store` is one."""

    async def work(self, use_case: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run in one transaction on the writer and return after the commit."""
        ...

    async def read(self, question: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run beside the writer, seeing everything committed before."""
        ...


@dataclass(frozen=True, slots=True)
class BotIdentity:
    """Which bot this is."""

    id: int
    username: str


@dataclass(slots=True)
class Receipt:
    """The update in hand: whether some work has marked it done, and what unexpected thing happened."""

    bot: int
    update_id: int
    settled: bool = False
    error: Exception | None = None


current_update: ContextVar[Receipt | None] = ContextVar("current_update", default=None)
"""Set by the worker around each update."""


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """Somebody met before, and under which name and language."""

    id: PersonId
    name: str
    lang: str | None
    chosen: str | None


@dataclass(slots=True)
class Services:
    """Everything that features share. ``people`` and ``chats`` are caches of numbers that never change."""

    store: Store
    clock: Callable[[], datetime]
    answer: Callable[[str, str | None, bool], None]
    bot: BotIdentity
    locale: str = "zh"
    operator: str = ""
    people: dict[int, Acquaintance] = field(default_factory=dict)
    chats: dict[tuple[int, int], ChatId] = field(default_factory=dict)
