"""What may happen to a case in the past of a sample town: a word for each deed, done by whoever has the right to it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from routing import casework, desk, filing, hierarchy, merging, refusals, staffing, whistle
from routing.casework import Deed, Saying
from routing.events import (
    Approved,
    CheckedIn,
    Claimed,
    Dispatched,
    Escalated,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    Merged,
    NoteKind,
    Rated,
    RefusalReason,
    Refused,
    Released,
    Resolved,
    ReturnAsked,
    ReturnReason,
    ReturnRuled,
    SentBack,
    Supervised,
    SupervisionKind,
    Suspended,
    Transferred,
    Whistled,
    Withdrawn,
)
from routing.model import Case, CaseId, Media, PersonId, Rating, UnitCode
from routing.ports import UnitOfWork


@dataclass(frozen=True, slots=True)
class Doing:
    """One deed: to which case, when, with what picture, and which cases were there before."""

    case: CaseId
    at: datetime
    photo: tuple[Media, ...] = ()
    others: Sequence[CaseId] = ()


Doer = Callable[..., Case]


def _staff(uow: UnitOfWork, units: Sequence[UnitCode]) -> Iterator[PersonId]:
    for unit in units:
        yield from dict.fromkeys(one.person for one in uow.people.staff_of(unit))


def _who(uow: UnitOfWork, doing: Doing, deed: Deed, *first: UnitCode) -> PersonId:
    """Whoever may do it: the holder, somebody of the units named, of the holding one, of those above, the reporter.

    Raises:
        NotYours: nobody may.
    """
    case = uow.cases.get(doing.case)
    units = [*first, *(unit.code for unit in uow.units.path(case.unit)), *(one.unit for one in case.assists)]
    people = [case.holder, *_staff(uow, units), case.reporter]
    for person in dict.fromkeys(people):
        if person is not None and casework.can(uow, case, person, deed):
            return person
    raise refusals.NotYours


def _move(uow: UnitOfWork, doing: Doing, event: type[Event], **fields: Any) -> Case:
    return desk.move(uow, doing.case, event(at=doing.at, by=_who(uow, doing, event), **fields))


def _claim(uow: UnitOfWork, doing: Doing, which: int = 0) -> Case:
    roster = staffing.roster(uow, uow.cases.get(doing.case).unit)
    return desk.move(uow, doing.case, Claimed(at=doing.at, by=roster[which]))


def _say(deed: Deed, use_case: Doer) -> Doer:
    """A deed that needs nothing but words."""

    def said(uow: UnitOfWork, doing: Doing, words: str) -> Case:
        return use_case(uow, doing.case, _who(uow, doing, deed), Saying(words, doing.photo), doing.at)

    return said


def _dispatch(uow: UnitOfWork, doing: Doing, to: str) -> Case:
    return casework.dispatch(uow, doing.case, _who(uow, doing, Dispatched), UnitCode(to), doing.at)


def _transfer(uow: UnitOfWork, doing: Doing, to: str) -> Case:
    return hierarchy.transfer(uow, doing.case, _who(uow, doing, Transferred), UnitCode(to), doing.at)


def _return(uow: UnitOfWork, doing: Doing, words: str) -> Case:
    """Not their duty; the level above is proposed."""
    by, reason = _who(uow, doing, ReturnAsked), ReturnReason.NOT_OUR_DUTY
    proposed = hierarchy.proposable(uow, uow.cases.get(doing.case))[0].code
    return hierarchy.ask_return(uow, doing.case, by, Saying(words), doing.at, reason=reason, proposed=proposed)


def _accept(uow: UnitOfWork, doing: Doing, to: str) -> Case:
    return hierarchy.accept_return(uow, doing.case, _who(uow, doing, ReturnRuled), UnitCode(to), doing.at)


def _whistle(uow: UnitOfWork, doing: Doing, place: str, *units: str) -> Case:
    called = tuple(map(UnitCode, units))
    soon = uow.calendar.local(doing.at + timedelta(hours=3))
    where = Saying(f"{place} {soon:%m-%d %H:%M}")
    return whistle.whistle(uow, doing.case, _who(uow, doing, Whistled), where, doing.at, units=called)


def _check_in(uow: UnitOfWork, doing: Doing, unit: str) -> Case:
    return whistle.check_in(uow, doing.case, _who(uow, doing, CheckedIn, UnitCode(unit)), doing.at)


def _finish(uow: UnitOfWork, doing: Doing, unit: str) -> Case:
    return whistle.finish(uow, doing.case, _who(uow, doing, CheckedIn, UnitCode(unit)), doing.at)


def _suspend(uow: UnitOfWork, doing: Doing, days: int, words: str) -> Case:
    until = uow.calendar.local(doing.at + timedelta(days=days)).date()
    return hierarchy.suspend(uow, doing.case, _who(uow, doing, Suspended), Saying(words), doing.at, until=until)


def _reviewer(uow: UnitOfWork, doing: Doing, deed: Deed) -> PersonId:
    """Somebody of the unit that owes the review; who merely stands between has no say."""
    case = uow.cases.get(doing.case)
    office = desk.facts(uow, case).reviewer(case)
    for person in _staff(uow, [office]):
        if casework.can(uow, case, person, deed):
            return person
    return _who(uow, doing, deed)


def _approve(uow: UnitOfWork, doing: Doing) -> Case:
    return desk.move(uow, doing.case, Approved(at=doing.at, by=_reviewer(uow, doing, Approved)))


def _reject(uow: UnitOfWork, doing: Doing, words: str) -> Case:
    return casework.reject(uow, doing.case, _reviewer(uow, doing, SentBack), Saying(words), doing.at)


def _rate(uow: UnitOfWork, doing: Doing, rating: str) -> Case:
    return _move(uow, doing, Rated, rating=Rating(rating))


def _me_too(uow: UnitOfWork, doing: Doing) -> Case:
    """A neighbour of the grid who did not report it."""
    case = uow.cases.get(doing.case)
    homes = uow.people.households_in(case.grid)
    people = sorted(person for home in homes for person in uow.people.members_of(home.code))
    return filing.me_too(uow, doing.case, next(one for one in people if one != case.reporter), doing.at)


def _merge(uow: UnitOfWork, doing: Doing, before: int = 1) -> Case:
    """Into the case that was reported so many before this one."""
    into = doing.others[doing.others.index(doing.case) - before]
    return merging.merge(uow, doing.case, _who(uow, doing, Merged), into, doing.at)


DEEDS: Final[Mapping[str, Doer]] = {
    "claim": _claim,
    "release": lambda uow, doing: _move(uow, doing, Released),
    "note": _say(NoteKind.NOTE, casework.note),
    "ask": _say(NoteKind.QUESTION, casework.ask),
    "more": _say(NoteKind.MORE, casework.hear),
    "escalate": _say(Escalated, hierarchy.escalate),
    "dispatch": _dispatch,
    "transfer": _transfer,
    "return": _return,
    "accept_return": _accept,
    "refuse_return": _say(ReturnRuled, hierarchy.refuse_return),
    "whistle": _whistle,
    "check_in": _check_in,
    "assist_done": _finish,
    "extend": _say(ExtensionAsked, hierarchy.ask_extension),
    "grant": lambda uow, doing: _move(uow, doing, ExtensionRuled, approve=True),
    "suspend": _suspend,
    "supervise": lambda uow, doing: _move(uow, doing, Supervised, kind=SupervisionKind.NOTICE),
    "resolve": _say(Resolved, casework.resolve),
    "approve": _approve,
    "reject": _reject,
    "rate": _rate,
    "me_too": _me_too,
    "merge": _merge,
    "refuse": lambda uow, doing, reason: _move(uow, doing, Refused, reason=RefusalReason(reason)),
    "withdraw": lambda uow, doing: _move(uow, doing, Withdrawn),
}
"""By the words of `past.toml`; what stands behind a word there is handed on in order."""
