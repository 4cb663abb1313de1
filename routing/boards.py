"""Lists of cases: what somebody owes, what somebody reported, what a desk has before it, and who may look at which."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from routing import conflicts, refusals, rights, staffing
from routing.model import Case, CaseId, Channel, ChatId, ChatKind, PersonId, Status, Unit, UnitCode, UnitKind, Urgency
from routing.moves.retiming import RUNNING
from routing.moves.step import reviewing
from routing.ports import UnitOfWork
from routing.records import Notice

PAGE: Final = 8
NEWS: Final = timedelta(days=30)
"""For so long a desk is shown what stands on the bulletin."""
MOST: Final = 300
"""How many cases a list looks at; beyond that a list is no help, and the page says that there are more."""
GRIDS: Final = frozenset({UnitKind.BASIC, UnitKind.SPECIAL})


class Only(StrEnum):
    """Which part of a desk's list is wanted."""

    ALL = "all"
    OFFERED = "offered"  # waits for somebody of the unit
    HELD = "held"  # somebody of the unit has it
    MINE = "mine"  # whoever asks has it
    JUDGING = "judging"  # waits for this desk's word
    LATE = "late"
    RETURNED = "returned"  # a unit returned it, or its reporter was not satisfied, and so it is here
    CALLING = "calling"  # its reporter stayed silent, and this unit is to call
    DISPUTED = "disputed"  # its unit said that it was done, its reporter that it was not: somebody here looks at both


@dataclass(frozen=True, slots=True)
class Board:
    """A page of a list, late and urgent ones first, with its figures.

    ``held`` and ``offered`` count who has them, ``late`` what is past its deadline, ``judging`` what waits for the word
    of this desk or person, ``returned`` what came back to it, ``disputed`` of what unit and reporter say different
    things; ``calling`` counts whose reporters this unit is to call; ``full`` says that there were more than the list
    looks at.
    """

    cases: tuple[Case, ...]
    page: int
    pages: int
    held: int = 0
    offered: int = 0
    late: int = 0
    judging: int = 0
    returned: int = 0
    disputed: int = 0
    calling: int = 0
    full: bool = False


def late(case: Case, now: datetime) -> bool:
    """Whether its deadline is past; a suspended case has none for the time being, and the reporter owes none.

    While the reporter's answer is awaited the date stands that was there before, and whether it holds is for the clock
    to say: it has said so of what is overdue, and where the policy holds it, it says nothing.
    """
    if case.status is Status.SUSPENDED:
        return False
    held = case.waiting and case.status in RUNNING
    owed = case.status is not Status.AWAITING_RATING or case.calling is not None
    return case.overdue or (case.due_at is not None and case.due_at < now and owed and not held)


def todo(uow: UnitOfWork, person: PersonId, now: datetime, page: int) -> Board:
    """Everything that *person* owes: what they hold, what is offered where they may claim, what waits for their word.

    Raises:
        NotYours: they hold no post.
    """
    posts = uow.people.posts_of(person)
    if not posts:
        raise refusals.NotYours
    units = list(dict.fromkeys(post.unit for post in posts if post.post in staffing.CLAIMING))
    serving = {post.unit for post in posts}
    owed = [case for case in uow.cases.owed_by(person, limit=MOST) if case.unit in serving]
    held = [case for case in owed if case.status is not Status.AWAITING_RATING]
    offered = list(uow.cases.offered_in(units, limit=MOST)) if units else []
    waiting, cut = _waiting_above(uow, [one.unit for one in posts if one.post in rights.DECIDING])
    judging = [case for case in waiting if rights.decides(uow, person, case)]
    cases = ordered({case.id: case for case in (*held, *offered, *judging)}.values(), now)
    full = cut or MOST in (len(held), len(offered))
    return replace(_paged(cases, page, now), held=len(held), offered=len(offered), judging=len(judging), full=full)


def _waiting_above(uow: UnitOfWork, units: Iterable[UnitCode]) -> tuple[Iterable[Case], bool]:
    """What may wait for a review, a judgement, a ruling or a call in these *units*, and whether there is more of it."""
    lists: list[Sequence[Case]] = []
    for unit in dict.fromkeys(units):
        below = [one.code for one in uow.units.below(unit)]
        lists += [uow.cases.judged_in(below, limit=MOST), uow.cases.ruled_by(unit, limit=MOST)]
        lists.append(uow.cases.called_by(unit, limit=MOST))
    cut = MOST in map(len, lists)
    return {case.id: case for cases in lists for case in cases}.values(), cut


def mine(uow: UnitOfWork, person: PersonId, now: datetime, page: int) -> Board:
    """What *person* reported, newest first."""
    return _paged(uow.cases.reported_by(person, limit=MOST), page, now)


def desk(
    uow: UnitOfWork, unit: UnitCode, now: datetime, page: int, only: Only = Only.ALL, *, of: PersonId | None = None
) -> Board:
    """What a desk has before it: what its unit has, what waits for its word, and what is late anywhere below.

    The figures are those of the whole list, whichever part of it is wanted; `Only.MINE` is the part *of* somebody.
    """
    below = [one.code for one in uow.units.below(unit)]
    held = uow.cases.open_in([unit], limit=MOST)
    own = [case for case in held if case.status is not Status.AWAITING_RATING]
    waiting = uow.cases.judged_in(below, limit=MOST)
    asked = uow.cases.ruled_by(unit, limit=MOST)
    judging = [*(case for case in waiting if reviews(uow, case) == unit), *_clear_of(uow, asked, unit)]
    overdue = uow.cases.late_in(below, now, limit=MOST)
    silent = uow.cases.called_by(unit, limit=MOST)
    calling = list(_clear_of(uow, silent, unit))
    cases = ordered({case.id: case for case in (*own, *judging, *calling, *overdue)}.values(), now)
    parts = {
        Only.ALL: cases,
        Only.OFFERED: [case for case in own if case.status is Status.OFFERED],
        Only.HELD: [case for case in own if case.status is Status.CLAIMED],
        Only.MINE: [case for case in own if case.holder is not None and case.holder == of],
        Only.JUDGING: judging,
        Only.LATE: [case for case in cases if late(case, now)],
        Only.RETURNED: [case for case in own if case.returned_by or case.reopened],
        Only.CALLING: calling,
        Only.DISPUTED: list({case.id: case for case in (*own, *judging) if case.reopened}.values()),
    }
    return replace(
        _paged(ordered(parts[only], now), page, now),
        held=len(parts[Only.HELD]),
        offered=len(parts[Only.OFFERED]),
        judging=len(judging),
        late=len(parts[Only.LATE]),
        returned=len(parts[Only.RETURNED]),
        disputed=len(parts[Only.DISPUTED]),
        calling=len(calling),
        full=MOST in (len(held), len(waiting), len(asked), len(silent), len(overdue)),
    )


def bulletin(uow: UnitOfWork, unit: UnitCode, now: datetime) -> list[tuple[Notice, Case]]:
    """What *unit* and the units below it have been named for lately, newest first, each with its case.

    Cases that *unit* must stay out of are left out.
    """
    below = [one.code for one in uow.units.below(unit)]
    notices = uow.bulletin.of(below, now - NEWS, MOST)
    found = [(notice, uow.cases.get(notice.case)) for notice in notices]
    return [(notice, case) for notice, case in found if not conflicts.barred(uow.units, case, unit)]


def _clear_of(uow: UnitOfWork, cases: Iterable[Case], unit: UnitCode) -> Iterator[Case]:
    return (case for case in cases if not conflicts.barred(uow.units, case, unit))


def reviews(uow: UnitOfWork, case: Case) -> UnitCode | None:
    """The unit whose review or judgement a case waits for."""
    if case.status is not Status.IN_REVIEW:
        return None
    return reviewing(case, conflicts.clear(uow.units, case.accused), uow.policy)


def ordered(cases: Iterable[Case], now: datetime) -> list[Case]:
    """Late ones first, then urgent ones, then by deadline."""
    return sorted(
        cases,
        key=lambda case: (
            not late(case, now),
            case.urgency is not Urgency.URGENT,
            case.due_at or case.filed_at,
            case.id,
        ),
    )


def desk_unit(uow: UnitOfWork, person: PersonId, chat: ChatId) -> Unit:
    """Whose board *person* may see in this chat: the chat's, or in private that of their highest office.

    Raises:
        NotYours: none.
    """
    here = uow.chats.get(chat)
    offices = [uow.units.get(post.unit) for post in uow.people.posts_of(person)]
    if here.kind is ChatKind.DESK and here.unit is not None:
        reaching = {unit.code for unit in uow.units.path(here.unit)}
        if any(unit.code in reaching for unit in offices):
            return uow.units.get(here.unit)
        raise refusals.NotYours
    offices = [unit for unit in offices if unit.kind not in GRIDS]
    if here.kind is not ChatKind.PRIVATE or not offices:
        raise refusals.NotYours
    return min(offices, key=lambda unit: len(uow.units.path(unit.code)))


def look_up(uow: UnitOfWork, number: int, person: PersonId, chat: ChatId) -> CaseId:
    """The case of that number, if *person* may see it in this chat.

    Raises:
        NoSuchCase: there is none, or they may not know of it.
    """
    case = uow.cases.by_number(number)
    if not visible(uow, case, person, chat):
        raise refusals.NoSuchCase
    return case.id


def visible(uow: UnitOfWork, case: Case, person: PersonId, chat: ChatId) -> bool:
    """Whether the case may be shown to *person* in this chat, be it masked.

    In a residents' chat only its own public cases; in private whatever their post reaches, what they reported, and
    the public cases of the grid where they live; at a desk what stands on the desk's branch of the tree.
    """
    here = uow.chats.get(chat)
    public = not case.confidential and case.channel is Channel.GROUP and case.parent is None
    if here.kind is ChatKind.RESIDENTS:
        return public and here.unit == case.grid
    if rights.sees(uow, person, case):
        return here.kind is ChatKind.PRIVATE or here.kind is ChatKind.DESK
    home = uow.people.household_of(person)
    return here.kind is ChatKind.PRIVATE and public and home is not None and home.grid == case.grid


def _paged(cases: Sequence[Case], page: int, now: datetime) -> Board:
    pages = max(1, -(-len(cases) // PAGE))
    page = min(max(page, 0), pages - 1)
    shown = tuple(cases[page * PAGE : (page + 1) * PAGE])
    overdue = sum(case.open and late(case, now) for case in cases)
    return Board(shown, page, pages, late=overdue)
