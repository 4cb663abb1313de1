"""Several cases go up together, with one covering note, and the level above gets one message instead of many."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from routing import casework, desk, lifecycle, refusals, rights, telling
from routing.casework import Saying
from routing.effects import Json
from routing.events import Escalated
from routing.model import Case, CaseId, PersonId, UnitCode, WordsKind
from routing.ports import Lane, Promise, UnitOfWork

MOST: Final = 50
"""So many cases of a unit are offered, the most urgent ones."""


def movable(uow: UnitOfWork, unit: UnitCode, by: PersonId) -> list[Case]:
    """The cases that *unit* holds and *by* may send up now."""
    held = uow.cases.open_in([unit], limit=MOST)
    grants = rights.GRANTS[Escalated]
    return [case for case in held if Escalated in lifecycle.possible(case.status) and rights.may(uow, by, case, grants)]


def escalate(
    uow: UnitOfWork, cases: Sequence[CaseId], by: PersonId, saying: Saying, at: datetime, *, unit: UnitCode
) -> list[Case]:
    """Send *cases* of *unit* one level up; *saying* is the covering note, and what each of them takes along.

    One that somebody else has moved meanwhile is left out.

    Raises:
        NothingToEscalate: none of them is left.
        Refusal: one of them can't go up; then none does.
    """
    left = [case for case in movable(uow, unit, by) if case.id in cases]
    if not left:
        raise refusals.NothingToEscalate
    moved = []
    for case in left:
        words = casework.keep(uow, case.id, WordsKind.REASON, by, saying, at)
        risen = Escalated(at=at, by=by, unit=unit, words=words, photos=saying.photos, covered=True)
        moved.append(desk.move(uow, case.id, risen))
    _cover(uow, moved, unit, at)
    return moved


def _cover(uow: UnitOfWork, moved: Sequence[Case], unit: UnitCode, at: datetime) -> None:
    """Promise the covering message to the desk of the unit that has the cases now."""
    first = moved[0]
    cases = ",".join(str(case.id) for case in moved)
    for chat in telling.desk_of(uow, first.unit, first):
        key = f"cover:{first.id}:{first.version}:{chat.id}"
        params: dict[str, Json] = {"cases": cases, "unit": unit, "at": at.timestamp()}
        uow.outbox.promise(Promise(key=key, chat=chat.id, view="cover", params=params, lane=Lane.NOTICE))
