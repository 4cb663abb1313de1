"""拆分: parts of a case become cases of their own, each with its unit, its words and its clocks (law 7)."""

from dataclasses import replace
from datetime import datetime

from routing import casework, desk, hierarchy, refusals, rights, whistle
from routing.casework import Saying
from routing.events import Dispatched, Filed, Split, Whistled
from routing.model import Case, CaseId, PersonId, Status, Unit, UnitCode, WordsKind
from routing.ports import UnitOfWork

RULE = "person:split"
"""Stored with a part as what decided its receiver (law 14)."""


def helpers(uow: UnitOfWork, case: Case, by: PersonId) -> list[Unit]:
    """Departments and partners that may get a part by the word of *by*: those whom they may call."""
    if not rights.may(uow, by, case, rights.GRANTS[Whistled]):
        return []
    taken = {assist.unit for assist in case.assists}
    return [*whistle.callable_units(uow, case), *(uow.units.get(code) for code in taken if uow.units.find(code))]


def may_get(uow: UnitOfWork, case: Case, by: PersonId, to: UnitCode) -> bool:
    """Whether *by* may give a part to that unit: one below theirs, or one that they may call."""
    acting = casework.acting_unit(uow, case, by, Split)
    below = {unit.code for unit in uow.units.below(acting)} - {acting}
    return to in below | {unit.code for unit in helpers(uow, case, by)}


def check(uow: UnitOfWork, case: CaseId, by: PersonId, at: datetime) -> Case:
    """Refuse now whatever a split would be refused for, before anybody is asked what the part is.

    Raises:
        NotYours: they have no right to it.
        NobodyForPart: there is no unit that could get one.
    """
    current = hierarchy.check(uow, case, Split(at=at, by=by, parts=(case,)))
    acting = casework.acting_unit(uow, current, by, Split)
    if not hierarchy.children(uow, acting) and not helpers(uow, current, by):
        raise refusals.NobodyForPart
    return current


def split(
    uow: UnitOfWork,
    case: CaseId,
    by: PersonId,
    saying: Saying,
    at: datetime,
    *,
    to: UnitCode,
    until: datetime | None = None,
) -> Case:
    """Cut a part off and give it to *to*, which reads *saying*; the case waits for it from now on.

    Args:
        uow: The transaction.
        case: The whole.
        by: Who splits it.
        saying: What the part is.
        at: Now.
        to: The unit that gets it.
        until: By when, if not by the limit of that unit's level.

    Returns:
        The part.

    Raises:
        NotBelow: *to* is no unit that they may give a part to.
        NothingSaid: nobody would know what the part is.
    """
    whole = uow.cases.get(case)
    part = CaseId(uow.ids.new())
    splitting = Split(at=at, by=by, unit=casework.acting_unit(uow, whole, by, Split), parts=(part,))
    if not may_get(uow, whole, by, to):
        raise refusals.NotBelow
    acting = desk.in_capacity(uow, whole, splitting)
    casework.keep(uow, part, WordsKind.REPORT, by, saying, at)
    filed = Filed(at=at, by=by, unit=acting.unit, post=acting.post)
    dispatched = Dispatched(at=at, by=by, to=to, rule=RULE, policy=uow.policy.stamp, until=until)
    given = desk.begin(uow, _part(uow, whole, part, at), filed, replace(dispatched, unit=acting.unit, post=acting.post))
    desk.move(uow, case, splitting)
    return given


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
