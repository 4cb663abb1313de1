"""What people answer: 收到 and 需要帮助 under the message, and what workers find at the doors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from broadcasts import refusals, rights, ticking
from broadcasts.model import Broadcast, BroadcastId, Door, Receipt, State
from broadcasts.ports import UnitOfWork
from routing.filing import Report, file_report
from routing.model import Case, Channel, ChatId, Household, PersonId, Place, UnitCode

STAFF = "person:"
"""How the answer of a person is named where the staff are asked, and who asks for help without a home."""


class Heard(StrEnum):
    """What a press did."""

    FIRST = "first"
    AGAIN = "again"  # the household is counted already
    UNBOUND = "unbound"  # they belong to no household
    ELSEWHERE = "elsewhere"  # their household was not asked


def press(uow: UnitOfWork, broadcast: BroadcastId, person: PersonId, chat: ChatId, at: datetime) -> Heard:
    """Somebody pressed 收到. Their household is counted once; who has none is counted apart.

    Raises:
        BroadcastOver: it asks nobody any more.
    """
    if uow.receipts.press_at_home(broadcast, person, at):
        return Heard.FIRST
    current = uow.broadcasts.get(broadcast)
    if not current.answerable:
        raise refusals.BroadcastOver
    return _press(uow, current, person, chat, at)


def _press(uow: UnitOfWork, broadcast: Broadcast, person: PersonId, chat: ChatId, at: datetime) -> Heard:
    asked = _asked(uow, broadcast, person)
    if asked is not None:
        if uow.receipts.press(broadcast.id, asked, person, at):
            return Heard.FIRST
        if uow.receipts.get(broadcast.id, asked) is not None:
            return Heard.AGAIN
    place = uow.chats.get(chat).unit
    if place is not None:
        uow.receipts.stranger(broadcast.id, place, person, at)
    return Heard.ELSEWHERE if asked else Heard.UNBOUND


def _asked(uow: UnitOfWork, broadcast: Broadcast, person: PersonId) -> str | None:
    """Whose answer theirs is."""
    if broadcast.audience.post is not None:
        return f"{STAFF}{person}"
    home = uow.people.household_of(person)
    return home.code if home else None


@dataclass(frozen=True, slots=True)
class Plea:
    """What came of 需要帮助: the case, and whether it was opened by this press."""

    case: Case
    fresh: bool


def need_help(uow: UnitOfWork, broadcast: BroadcastId, person: PersonId, chat: ChatId, text: str, at: datetime) -> Plea:
    """Somebody pressed 需要帮助: an urgent case in their grid, once for each household, never before the neighbours.

    It is an answer, too. The door stands in the words, which only staff read and which can be erased.

    Raises:
        BroadcastOver: it asks nobody any more.
        NoSuchBroadcast: nobody knows in which grid they are.
    """
    current = uow.broadcasts.get(broadcast)
    if not current.answerable:
        raise refusals.BroadcastOver
    home = uow.people.household_of(person)
    asker = home.code if home else f"{STAFF}{person}"
    grid = home.grid if home else _grid_of(uow, chat)
    _press(uow, current, person, chat, at)
    known = uow.receipts.help_of(broadcast, asker)
    if known is not None:
        return Plea(uow.cases.get(known), fresh=False)
    door = f"{home.building} {home.unit_no} {home.room}" if home else ""
    report = Report(
        person=person,
        grid=grid,
        at=at,
        text=f"{text} {door}".strip(),
        chat=chat,
        message_id=None,
        place=Place(building=home.building if home else ""),
        channel=Channel.PRIVATE,
        confidential=True,
        urgent=True,
    )
    case = file_report(uow, report)
    uow.receipts.helped(broadcast, asker, grid, case.id, at)
    ticking.look_again(uow, current, at)
    return Plea(case, fresh=True)


def _grid_of(uow: UnitOfWork, chat: ChatId) -> UnitCode:
    unit = uow.chats.get(chat).unit
    if unit is None:
        raise refusals.NoSuchBroadcast
    return unit


@dataclass(frozen=True, slots=True)
class Building:
    """A building on the door-knock list: how many of its households are missing."""

    name: str
    missing: int


def doors(
    uow: UnitOfWork, broadcast: BroadcastId, grid: str, building: str | None = None
) -> Sequence[tuple[Household, Door | None]]:
    """Households of a grid that have not confirmed, by building; with *building* only of that one."""
    missing = uow.receipts.missing(broadcast, grid)
    return [(home, found) for home, found in missing if building is None or home.building == building]


def buildings(uow: UnitOfWork, broadcast: BroadcastId, grid: str) -> Sequence[Building]:
    """Buildings of a grid where somebody has not confirmed, in the order of the list."""
    counts: dict[str, int] = {}
    for home, _ in uow.receipts.missing(broadcast, grid):
        counts[home.building] = counts.get(home.building, 0) + 1
    return [Building(name, missing) for name, missing in counts.items()]


def knock(uow: UnitOfWork, broadcast: BroadcastId, household: str, found: Door, by: PersonId, at: datetime) -> Receipt:
    """A worker was at a door.

    Returns:
        The household's answer as it stands then: it may have been confirmed meanwhile.

    Raises:
        BroadcastOver: it asks nobody any more.
        NoSuchBroadcast: that household was not asked.
        NotBroadcaster: *by* has no post for the doors of that grid.
    """
    current, receipt = uow.broadcasts.get(broadcast), uow.receipts.get(broadcast, household)
    if receipt is None:
        raise refusals.NoSuchBroadcast
    rights.check_knocking(uow, by, UnitCode(receipt.place))
    if not current.answerable:
        raise refusals.BroadcastOver
    if uow.receipts.door(broadcast, household, found, by, at):
        ticking.look_again(uow, current, at)
    return uow.receipts.get(broadcast, household) or receipt


def chases(broadcast: Broadcast) -> bool:
    """Whether somebody may still be reminded of it: what is promised and would come after the end stays unsaid."""
    return broadcast.receipts and broadcast.state is State.CHASING
