"""What the use-cases of broadcasts need from the world beside `routing.ports`; `storage` implements it.

Everything is sync and belongs to one transaction; leaving it by an exception leaves no trace.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from broadcasts.model import (
    Answer,
    Audience,
    Backlog,
    Broadcast,
    BroadcastId,
    Door,
    Figures,
    Reach,
    Receipt,
    ReceiptState,
    State,
    Target,
    TargetState,
)
from broadcasts.rules import Hours
from routing.emergency import in_force
from routing.model import CaseId, ChatId, Household, PersonId, UnitCode
from routing.ports import UnitOfWork as CaseWork


class Broadcasts(Protocol):
    """The broadcasts themselves."""

    def add(self, broadcast: Broadcast) -> None:
        """Write a new one."""
        ...

    def get(self, broadcast: BroadcastId) -> Broadcast:
        """Read it, or raise `NoSuchBroadcast`."""
        ...

    def by_number(self, number: int) -> Broadcast:
        """Read it by its public number, or raise `NoSuchBroadcast`."""
        ...

    def by_origin(self, origin: str) -> Broadcast | None:
        """The newest one that relays that CAP message (``sender,identifier,sent``)."""
        ...

    def chain(self, first: BroadcastId) -> Sequence[Broadcast]:
        """That one and everything that was written to take its place, or the place of what did, oldest first."""
        ...

    def save(self, broadcast: Broadcast) -> Broadcast:
        """Write it with its version counted up.

        Raises:
            Stale: another transaction wrote it first.
        """
        ...

    def next_number(self) -> int:
        """The next public number."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Broadcast]:
        """Those whose ``next_at`` has come, earliest first."""
        ...

    def of(
        self, units: Collection[UnitCode], states: Collection[State], *, limit: int, offset: int = 0
    ) -> Sequence[Broadcast]:
        """Those in the name of *units* that stand at one of *states*, newest first."""
        ...

    def of_grid(self, grid: UnitCode, states: Collection[State], *, limit: int) -> Sequence[Broadcast]:
        """Those that went to a grid and stand at one of *states*, newest first."""
        ...

    def all(self) -> Sequence[Broadcast]:
        """Every one, oldest first."""
        ...


class Targets(Protocol):
    """The chats that a broadcast goes to."""

    def reach(self, audience: Audience) -> Reach:
        """How far an audience reaches."""
        ...

    def beyond(self, audience: Audience, bot: int) -> int:
        """How many chats of an audience another bot than *bot* serves."""
        ...

    def aim(self, broadcast: Broadcast) -> int:
        """Write a waiting row for each chat of the audience; returns how many. Doing it twice adds nothing."""
        ...

    def get(self, broadcast: BroadcastId, place: str) -> Target | None:
        """One row."""
        ...

    def at(self, broadcast: BroadcastId, state: TargetState, limit: int) -> Sequence[Target]:
        """Rows at *state*, in the order of their places."""
        ...

    def backlogs(self, broadcast: BroadcastId) -> Sequence[Backlog]:
        """For each bot how much it still has to send."""
        ...

    def next(self, broadcast: BroadcastId, bot: int | None, limit: int) -> Sequence[Target]:
        """Waiting rows of the chats that *bot* serves (``None``: rows without a chat), in the order of their places."""
        ...

    def move(self, target: Target, state: TargetState, reason: str = "") -> None:
        """Write how far it is there."""
        ...

    def settle(self, broadcast: BroadcastId) -> int:
        """Take over what became of promised messages; returns how many rows had news.

        The message of a chat is from then on the carrier `carrier_of` there, so that it can be edited. What was not
        sent because nobody wanted it at that moment, as during a pause, waits again.
        """
        ...

    def retry(self, broadcast: BroadcastId) -> int:
        """Let failed rows whose chat can be written to now wait again; returns how many."""
        ...

    def behind(self, broadcast: BroadcastId, step: int, limit: int) -> Sequence[Target]:
        """Rows with missing households where fewer than *step* steps of the chase are done."""
        ...

    def chased(self, target: Target, step: int) -> None:
        """That many steps are done there."""
        ...

    def changed(self, limit: int) -> Sequence[Target]:
        """Rows of any broadcast whose message, if there is one, shows an old figure."""
        ...

    def shown(self, target: Target) -> None:
        """The message there shows the figure that *target* has."""
        ...

    def figures(self, broadcast: BroadcastId) -> Figures:
        """All rows summed up."""
        ...

    def worst(self, broadcast: BroadcastId, limit: int, offset: int = 0) -> Sequence[Target]:
        """Rows with missing households, those with the most first."""
        ...


class Receipts(Protocol):
    """The answers of households."""

    def ask(self, target: Target, *carried: BroadcastId) -> int:
        """Write a missing answer for each household of the place; what it answered to *carried* counts again.

        Of several, the newest first, that of the newest counts for which it was asked. The figures of the target
        follow. Returns how many are asked.
        """
        ...

    def get(self, broadcast: BroadcastId, asked: str) -> Receipt | None:
        """One answer."""
        ...

    def answers(self, broadcast: BroadcastId, asked: Sequence[str]) -> Mapping[str, Answer]:
        """How the answers of *asked* stand, by whose they are; who was not asked is left out."""
        ...

    def confirm(self, broadcast: BroadcastId, pressed: Sequence[Answer], at: datetime) -> None:
        """Somebody pressed for each of those, which stood as given. The figures follow.

        Who was told at the door has answered for themselves from then on, and knew of it since. Who of the household
        it was is written nowhere.
        """
        ...

    def door(self, broadcast: BroadcastId, asked: str, found: Door, by: PersonId, at: datetime) -> bool:
        """Somebody went there; False when it is confirmed already. The figures follow."""
        ...

    def take_back(self, broadcast: BroadcastId, asked: str, by: PersonId) -> bool:
        """What *by* noted at that door counts no more; False when it does not stand so. The figures follow."""
        ...

    def noted(self, broadcast: BroadcastId, place: str, by: PersonId, most: int) -> Sequence[tuple[Household, Door]]:
        """The doors of a place where a finding of *by* stands, the latest *most* first."""
        ...

    def strangers(self, broadcast: BroadcastId, pressed: Sequence[tuple[PersonId, str]], at: datetime) -> int:
        """People of no asked household pressed, each at a place; returns how many had not before."""
        ...

    def missing(self, broadcast: BroadcastId, place: str) -> Sequence[tuple[Household, Door | None]]:
        """Households of a place that have not confirmed, by building, with the last finding at their door."""
        ...

    def silent(self, broadcast: BroadcastId, place: str) -> Sequence[PersonId]:
        """People bound to a missing household of a place; of staff the person who was asked."""
        ...

    def reminded(self, broadcast: BroadcastId, place: str) -> Sequence[tuple[PersonId, ChatId]]:
        """Whoever has a reminder of it in their private chat, of the households asked there."""
        ...

    def of(self, broadcast: BroadcastId) -> Sequence[tuple[Receipt, Household | None]]:
        """Every answer with its household, by place and building; for the summary."""
        ...

    def kept(self, broadcast: BroadcastId) -> bool:
        """Whether there are answers: some time after its end they are erased, and the figures stay."""
        ...

    def help_of(self, broadcast: BroadcastId, asker: str) -> CaseId | None:
        """The last case that a household, or ``person:<number>``, opened by asking for help."""
        ...

    def helped(self, broadcast: BroadcastId, asker: str, place: str, case: CaseId, at: datetime) -> None:
        """Keep that case; the figures follow."""
        ...

    def helps(self, broadcast: BroadcastId) -> Sequence[CaseId]:
        """Every case of need, oldest first."""
        ...

    def broadcast_of(self, case: CaseId) -> BroadcastId | None:
        """The broadcast under which that case was opened."""
        ...

    def by_span(self, broadcast: BroadcastId, seconds: int) -> Sequence[tuple[datetime, ReceiptState, int]]:
        """How many pressed, and how many were told, in each of `SPANS_S` in which anybody did; earliest first."""
        ...

    def confirmed_at(self, broadcast: BroadcastId, nth: int) -> datetime | None:
        """When the *nth* household had confirmed, counted from 1."""
        ...


class UnitOfWork(CaseWork, Protocol):
    """One transaction's view of all stores."""

    @property
    def broadcasts(self) -> Broadcasts: ...  # noqa: D102 - the Protocol named says it

    @property
    def targets(self) -> Targets: ...  # noqa: D102

    @property
    def receipts(self) -> Receipts: ...  # noqa: D102


def hours(uow: CaseWork, broadcast: Broadcast) -> Hours:
    """The town's clocks, its night, and how it chases, as they hold for the unit in whose name it is said."""
    return Hours(uow.calendar, in_force(uow.policy, uow.units, broadcast.unit).broadcasting)
