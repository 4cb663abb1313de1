"""拆分: parts of a case become cases of their own, each with its unit, its words and its clocks (law 7)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from routing import casework, desk, emergency, hierarchy, refusals, rights, whistle
from routing.casework import Saying
from routing.events import Dispatched, Event, Filed, Split, Whistled
from routing.model import Case, CaseId, PersonId, Status, Unit, UnitCode, WordsKind
from routing.ports import UnitOfWork

RULE = "person:split"
"""Stored with a part as what decided its receiver (law 14)."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a part is: who gets it, in which words, and by when if not by the limit of that unit's level."""

    to: UnitCode
    saying: Saying
    until: datetime | None = None


def helpers(uow: UnitOfWork, case: Case, by: PersonId) -> list[Unit]:
    """Departments and partners that may get a part by the word of *by*: those whom they may call."""
    if not rights.may(uow, by, case, rights.GRANTS[Whistled]):
        return []
    called = [unit for unit in (uow.units.find(assist.unit) for assist in case.assists) if unit is not None]
    return list({unit.code: unit for unit in (*whistle.callable_units(uow, case), *called)}.values())


def takers(uow: UnitOfWork, case: Case, by: PersonId) -> dict[UnitCode, Unit]:
    """Everybody to whom *by* may give a part: their own unit, those below it, and those that they may call."""
    below = uow.units.below(casework.acting_unit(uow, case, by, Split))
    return {unit.code: unit for unit in (*below, *helpers(uow, case, by))}


def check(uow: UnitOfWork, case: CaseId, by: PersonId, at: datetime) -> Case:
    """Refuse now whatever a split would be refused for, before anybody is asked what the part is.

    Raises:
        NotYours: they have no right to it.
        NobodyForPart: there is no other unit that could get one.
    """
    current = hierarchy.check(uow, case, Split(at=at, by=by, parts=(case,)))
    if len(takers(uow, current, by)) == 1:
        raise refusals.NobodyForPart
    return current


def split(uow: UnitOfWork, case: CaseId, by: PersonId, saying: Saying, at: datetime, *, to: UnitCode) -> Case:
    """Cut a part off for *to*, which reads *saying*; the case waits for it from now on. Returns the part."""
    return cut(uow, case, by, [Task(to, saying)], at)[0]


def cut(uow: UnitOfWork, case: CaseId, by: PersonId, tasks: Sequence[Task], at: datetime) -> list[Case]:
    """Cut a part off for each of *tasks*, in one move of the whole.

    Raises:
        NotBelow: a unit is none that they may give a part to.
        NothingSaid: nobody would know what a part is.
        BadDate: a part would be due before it is given out.
    """
    whole = uow.cases.get(case)
    acting = casework.acting_unit(uow, whole, by, Split)
    ids = tuple(CaseId(uow.ids.new()) for _ in tasks)
    splitting = desk.in_capacity(uow, whole, Split(at=at, by=by, unit=acting, parts=ids))
    if not {task.to for task in tasks} <= takers(uow, whole, by).keys():
        raise refusals.NotBelow
    parts = [_begun(uow, _part(uow, whole, part, at), task, splitting) for part, task in zip(ids, tasks, strict=True)]
    desk.move(uow, case, splitting)
    return parts


def _begun(uow: UnitOfWork, part: Case, task: Task, splitting: Event) -> Case:
    """The part as it stands when its unit has got it."""
    at, by, unit, post = splitting.at, splitting.by, splitting.unit, splitting.post
    if by is None:
        raise refusals.NotYours
    casework.keep(uow, part.id, WordsKind.REPORT, by, task.saying, at)
    stamp = emergency.stamp(uow.policy, uow.units, task.to)
    given = Dispatched(at=at, by=by, unit=unit, post=post, to=task.to, rule=RULE, policy=stamp, until=task.until)
    return desk.begin(uow, part, Filed(at=at, by=by, unit=unit, post=post), given)


def _part(uow: UnitOfWork, whole: Case, part: CaseId, at: datetime) -> Case:
    """A fresh case for a part: what it is about and where it is as of the whole, and nobody who reported it."""
    fresh = Case(
        id=part, number=uow.cases.next_number(), status=Status.RECEIVED, grid=whole.grid, unit=whole.unit,
        matter=whole.matter, top=whole.top, urgency=whole.urgency, channel=whole.channel, filed_at=at,
    )  # fmt: skip
    return replace(
        fresh, kind=whole.kind, confidential=whole.confidential, place=whole.place, parent=whole.id,
        accused=whole.accused, accused_people=whole.accused_people,
    )  # fmt: skip
