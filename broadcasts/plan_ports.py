"""What tasks, roll-calls, plans and emergencies need from the world; `storage` implements it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from broadcasts.plan_model import (
    Doer,
    Emergency,
    EmergencyId,
    RollCall,
    RollCallId,
    Run,
    RunId,
    Seat,
    StoredPlan,
    Task,
    TaskId,
)
from broadcasts.ports import UnitOfWork as BroadcastWork
from routing.model import PersonId, UnitCode


class Tasks(Protocol):
    """Tasks and who does them."""

    def next_number(self) -> int:
        """The next public number."""
        ...

    def add(self, task: Task, doers: Sequence[Doer]) -> None:
        """Write a new one with everybody who is to do it."""
        ...

    def find(self, task: TaskId) -> Task | None:
        """Read it, if there is one."""
        ...

    def put(self, task: Task) -> None:
        """Write it again."""
        ...

    def doers(self, task: TaskId) -> Sequence[Doer]:
        """Everybody who is to do it, by unit and person."""
        ...

    def doer(self, task: TaskId, person: PersonId) -> Doer | None:
        """One of them."""
        ...

    def put_doer(self, doer: Doer) -> None:
        """Write how far they are."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Task]:
        """Those whose ``next_at`` has come."""
        ...

    def of(self, units: Collection[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Task]:
        """Those given out in the name of *units*, newest first."""
        ...


class RollCalls(Protocol):
    """Roll-calls and their rosters."""

    def next_number(self) -> int:
        """The next public number."""
        ...

    def add(self, rollcall: RollCall, seats: Sequence[Seat]) -> None:
        """Write a new one with its roster."""
        ...

    def find(self, rollcall: RollCallId) -> RollCall | None:
        """Read it, if there is one."""
        ...

    def put(self, rollcall: RollCall) -> None:
        """Write it again."""
        ...

    def hold(self, rollcall: RollCallId) -> None:
        """Let nobody else do so from here to the commit."""
        ...

    def seat(self, rollcall: RollCallId, seat: int) -> Seat | None:
        """One household of the roster, by its place in it."""
        ...

    def seat_of(self, rollcall: RollCallId, household: str) -> Seat | None:
        """The same by the household."""
        ...

    def put_seat(self, seat: Seat) -> None:
        """Write its answers."""
        ...

    def seats(self, rollcall: RollCallId, places: Collection[UnitCode] | None = None) -> Sequence[Seat]:
        """The roster, of some grids or of all, in its order."""
        ...

    def counts(self, rollcall: RollCallId) -> Mapping[UnitCode, tuple[int, int]]:
        """Of each grid how many households there are, and how many have answered."""
        ...

    def of(self, units: Collection[UnitCode], *, limit: int, offset: int = 0) -> Sequence[RollCall]:
        """Those called in the name of *units*, newest first."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[RollCall]:
        """Those whose ``next_at`` has come."""
        ...

    def purge(self, rollcall: RollCallId) -> None:
        """Destroy the roster with its answers."""
        ...


class Plans(Protocol):
    """Plan files, and what became of them."""

    def put(self, plan: StoredPlan) -> None:
        """Write or replace it."""
        ...

    def find(self, code: str) -> StoredPlan | None:
        """Read it, if there is one."""
        ...

    def all(self) -> Sequence[StoredPlan]:
        """Every one, by code."""
        ...

    def hold(self, code: str) -> None:
        """Let nobody else do so from here to the commit."""
        ...

    def live(self, plan: str, units: Collection[UnitCode]) -> Run | None:
        """The run of a plan that waits or goes on in one of *units*."""
        ...

    def run(self, run: RunId) -> Run | None:
        """One run."""
        ...

    def put_run(self, run: Run) -> None:
        """Write or replace it."""
        ...


class Emergencies(Protocol):
    """Which units are in emergency mode."""

    def put(self, emergency: Emergency) -> None:
        """Write or replace it."""
        ...

    def find(self, emergency: EmergencyId) -> Emergency | None:
        """Read it, if there is one."""
        ...

    def live(self, units: Collection[UnitCode]) -> Sequence[Emergency]:
        """What is asked for or on in one of *units*, oldest first."""
        ...

    def turning(self) -> Sequence[Emergency]:
        """Those whose switch running cases still have to follow, oldest first."""
        ...


class UnitOfWork(BroadcastWork, Protocol):
    """One transaction's view of all stores."""

    @property
    def tasks(self) -> Tasks: ...  # noqa: D102 - the Protocol named says it

    @property
    def rollcalls(self) -> RollCalls: ...  # noqa: D102

    @property
    def plans(self) -> Plans: ...  # noqa: D102

    @property
    def emergencies(self) -> Emergencies: ...  # noqa: D102
