"""Tasks, roll-calls, plans and emergencies in the database."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Table, delete, func, select, update

from broadcasts.plan_model import (
    LIVE,
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
from routing.model import PersonId, UnitCode
from storage.notebook import Counters
from storage.part import Part, columns, given, mine
from storage.portable import Colliding, or_replace
from storage.tables import doers, emergencies, fixed, plans, rollcalls, runs, seats, tasks

_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)
_ID = given("id")


def _select(table: Table) -> Any:
    return select(*columns(table)).where(mine(table))


def _due(table: Table) -> Any:
    ripe = (table.c.next_at.is_not(None), table.c.next_at <= given("now"))
    return _select(table).where(*ripe).order_by(table.c.next_at, table.c.id).limit(given("limit"))


def _of(table: Table) -> Any:
    of_units = _select(table).where(table.c.unit.in_(given("units", many=True)))
    return of_units.order_by(table.c.number.desc()).limit(given("limit")).offset(given("offset"))


_PUT: Final[Mapping[type[Any], Colliding]] = {
    kind: or_replace(table)
    for kind, table in (
        (Task, tasks), (Doer, doers), (RollCall, rollcalls), (Seat, seats), (StoredPlan, plans), (Run, runs),
        (Emergency, emergencies),
    )
}  # fmt: skip
_TASK = _select(tasks).where(tasks.c.id == _ID)
_TASKS_DUE = _due(tasks)
_TASKS_OF = _of(tasks)
_DOERS = _select(doers).where(doers.c.task == _ID).order_by(doers.c.unit, doers.c.person)
_DOER = _select(doers).where(doers.c.task == _ID, doers.c.person == given("person"))
_ROLLCALL = _select(rollcalls).where(rollcalls.c.id == _ID)
_ROLLCALLS_DUE = _due(rollcalls)
_ROLLCALLS_OF = _of(rollcalls)
_SEATS = _select(seats).where(seats.c.rollcall == _ID).order_by(seats.c.seat)
_SEATS_IN = _SEATS.where(seats.c.place.in_(given("places", many=True)))
_SEAT = _select(seats).where(seats.c.rollcall == _ID, seats.c.seat == given("seat"))
_SEAT_OF = _select(seats).where(seats.c.rollcall == _ID, seats.c.household == given("household"))
_COUNTS = (
    select(seats.c.place, func.count(), func.count(seats.c.at))
    .where(mine(seats), seats.c.rollcall == _ID)
    .group_by(seats.c.place)
    .order_by(seats.c.place)
)
_PURGE = delete(seats).where(mine(seats), seats.c.rollcall == _ID)
_PLAN = _select(plans).where(plans.c.code == given("code"))
_PLANS = _select(plans).order_by(plans.c.code)
_RUN = _select(runs).where(runs.c.id == _ID)
_RUN_LIVE = _select(runs).where(
    runs.c.state.in_(fixed(*sorted(LIVE))), runs.c.plan == given("plan"), runs.c.unit.in_(given("units", many=True))
)
_HOLD_ROLLCALL = update(rollcalls).where(mine(rollcalls), rollcalls.c.id == _ID).values(step=rollcalls.c.step)
_HOLD_PLAN = update(plans).where(mine(plans), plans.c.code == given("code")).values(name=plans.c.name)
_EMERGENCY = _select(emergencies).where(emergencies.c.id == _ID)
_EMERGENCIES_LIVE = (
    _select(emergencies)
    .where(emergencies.c.state.in_(fixed(*sorted(LIVE))), emergencies.c.unit.in_(given("units", many=True)))
    .order_by(emergencies.c.id)
)
_EMERGENCIES_TURNING = _select(emergencies).where(emergencies.c.turning).order_by(emergencies.c.id)


class _Rows(Part):
    """Rows that are dataclasses of the same fields."""

    def _write(self, row: Any) -> None:
        self._put(_PUT[type(row)], {field.name: getattr(row, field.name) for field in fields(row)})

    def _hold(self, statement: Any, **values: Any) -> None:
        """Write a row as it is: of two that do, the engine refuses the later one. A lock alone would not do that."""
        if self._connection.dialect.name != "sqlite":
            self._run(statement, **values)

    def _read(self, kind: type[Any], statement: Any, **values: Any) -> Any:
        """The first row as *kind*, or ``None``."""
        row = self._first(statement, **values)
        return kind(**row._asdict()) if row is not None else None

    def _list(self, kind: type[Any], statement: Any, **values: Any) -> list[Any]:
        return [kind(**row._asdict()) for row in self._all(statement, **values)]


class SqlTasks(_Rows):
    """`broadcasts.plan_ports.Tasks` over one transaction."""

    def next_number(self) -> int:
        """The next public number."""
        return Counters(self._connection, self._city).count("task number", _SINCE)

    def add(self, task: Task, doers: Sequence[Doer]) -> None:
        """Write a new one with everybody who is to do it."""
        self._write(task)
        for doer in doers:
            self._write(doer)

    def find(self, task: TaskId) -> Task | None:
        """Read it, if there is one."""
        found: Task | None = self._read(Task, _TASK, id=task)
        return found

    def put(self, task: Task) -> None:
        """Write it again."""
        self._write(task)

    def doers(self, task: TaskId) -> Sequence[Doer]:
        """Everybody who is to do it, by unit and person."""
        return self._list(Doer, _DOERS, id=task)

    def doer(self, task: TaskId, person: PersonId) -> Doer | None:
        """One of them."""
        found: Doer | None = self._read(Doer, _DOER, id=task, person=person)
        return found

    def put_doer(self, doer: Doer) -> None:
        """Write how far they are."""
        self._write(doer)

    def due(self, now: datetime, limit: int) -> Sequence[Task]:
        """Those whose ``next_at`` has come."""
        return self._list(Task, _TASKS_DUE, now=now, limit=limit)

    def of(self, units: Collection[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Task]:
        """Those given out in the name of *units*, newest first."""
        return self._list(Task, _TASKS_OF, units=list(units), limit=limit, offset=offset)


class SqlRollCalls(_Rows):
    """`broadcasts.plan_ports.RollCalls` over one transaction."""

    def next_number(self) -> int:
        """The next public number."""
        return Counters(self._connection, self._city).count("roll-call number", _SINCE)

    def add(self, rollcall: RollCall, seats: Sequence[Seat]) -> None:
        """Write a new one with its roster."""
        self._write(rollcall)
        for seat in seats:
            self._write(seat)

    def find(self, rollcall: RollCallId) -> RollCall | None:
        """Read it, if there is one."""
        found: RollCall | None = self._read(RollCall, _ROLLCALL, id=rollcall)
        return found

    def put(self, rollcall: RollCall) -> None:
        """Write it again."""
        self._write(rollcall)

    def hold(self, rollcall: RollCallId) -> None:
        """Let nobody else do so from here to the commit; where there is one writer it is held anyway."""
        self._hold(_HOLD_ROLLCALL, id=rollcall)

    def seat(self, rollcall: RollCallId, seat: int) -> Seat | None:
        """One household of the roster, by its place in it."""
        found: Seat | None = self._read(Seat, _SEAT, id=rollcall, seat=seat)
        return found

    def seat_of(self, rollcall: RollCallId, household: str) -> Seat | None:
        """The same by the household."""
        found: Seat | None = self._read(Seat, _SEAT_OF, id=rollcall, household=household)
        return found

    def put_seat(self, seat: Seat) -> None:
        """Write its answers."""
        self._write(seat)

    def seats(self, rollcall: RollCallId, places: Collection[UnitCode] | None = None) -> Sequence[Seat]:
        """The roster, of some grids or of all, in its order."""
        if places is None:
            return self._list(Seat, _SEATS, id=rollcall)
        return self._list(Seat, _SEATS_IN, id=rollcall, places=list(places))

    def counts(self, rollcall: RollCallId) -> Mapping[UnitCode, tuple[int, int]]:
        """Of each grid how many households there are, and how many have answered."""
        return {UnitCode(place): (homes, answered) for place, homes, answered in self._all(_COUNTS, id=rollcall)}

    def due(self, now: datetime, limit: int) -> Sequence[RollCall]:
        """Those whose ``next_at`` has come."""
        return self._list(RollCall, _ROLLCALLS_DUE, now=now, limit=limit)

    def of(self, units: Collection[UnitCode], *, limit: int, offset: int = 0) -> Sequence[RollCall]:
        """Those called in the name of *units*, newest first."""
        return self._list(RollCall, _ROLLCALLS_OF, units=list(units), limit=limit, offset=offset)

    def purge(self, rollcall: RollCallId) -> None:
        """Destroy the roster with its answers."""
        self._run(_PURGE, id=rollcall)


class SqlPlans(_Rows):
    """`broadcasts.plan_ports.Plans` over one transaction."""

    def put(self, plan: StoredPlan) -> None:
        """Write or replace it."""
        self._write(plan)

    def find(self, code: str) -> StoredPlan | None:
        """Read it, if there is one."""
        found: StoredPlan | None = self._read(StoredPlan, _PLAN, code=code)
        return found

    def all(self) -> Sequence[StoredPlan]:
        """Every one, by code."""
        return self._list(StoredPlan, _PLANS)

    def hold(self, code: str) -> None:
        """Let nobody else do so from here to the commit; where there is one writer it is held anyway."""
        self._hold(_HOLD_PLAN, code=code)

    def live(self, plan: str, units: Collection[UnitCode]) -> Run | None:
        """The run of a plan that waits or goes on in one of *units*."""
        found: Run | None = self._read(Run, _RUN_LIVE, plan=plan, units=list(units))
        return found

    def run(self, run: RunId) -> Run | None:
        """One run."""
        found: Run | None = self._read(Run, _RUN, id=run)
        return found

    def put_run(self, run: Run) -> None:
        """Write or replace it."""
        self._write(run)


class SqlEmergencies(_Rows):
    """`broadcasts.plan_ports.Emergencies` over one transaction."""

    def put(self, emergency: Emergency) -> None:
        """Write or replace it."""
        self._write(emergency)

    def find(self, emergency: EmergencyId) -> Emergency | None:
        """Read it, if there is one."""
        found: Emergency | None = self._read(Emergency, _EMERGENCY, id=emergency)
        return found

    def live(self, units: Collection[UnitCode]) -> Sequence[Emergency]:
        """What is asked for or on in one of *units*, oldest first."""
        return self._list(Emergency, _EMERGENCIES_LIVE, units=list(units))

    def turning(self) -> Sequence[Emergency]:
        """Those whose switch running cases still have to follow, oldest first."""
        return self._list(Emergency, _EMERGENCIES_TURNING)
