"""What people answer: 收到 and 需要帮助 under the message, and what workers find at the doors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from broadcasts import refusals, rights, telling, ticking
from broadcasts.model import CONFIRMED, Answer, Broadcast, BroadcastId, Door, Receipt, ReceiptState, State
from broadcasts.ports import UnitOfWork
from routing.filing import Report, file_report
from routing.model import Case, CaseId, Channel, ChatId, Household, PersonId, Place, Status, UnitCode
from routing.refusals import Refusal

_HANDLED: Final = frozenset({Status.RECEIVED, Status.OFFERED, Status.CLAIMED, Status.SUSPENDED})
STAFF = "person:"
"""How the answer of a person is named where the staff are asked, and who asks for help without a home."""


class Heard(StrEnum):
    """What a press did."""

    FIRST = "first"
    AGAIN = "again"  # the household is counted already
    NOTED = "noted"  # the first press of somebody who was asked for themselves, as staff
    NOTED_AGAIN = "noted_again"
    UNBOUND = "unbound"  # they belong to no household
    ELSEWHERE = "elsewhere"  # their household was not asked


_OF_ONESELF: Final = {Heard.FIRST: Heard.NOTED, Heard.AGAIN: Heard.NOTED_AGAIN}


@dataclass(frozen=True, slots=True)
class Press:
    """Somebody pressed 收到 in that chat."""

    broadcast: BroadcastId
    person: PersonId
    chat: ChatId


def press(uow: UnitOfWork, broadcast: BroadcastId, person: PersonId, chat: ChatId, at: datetime) -> Heard:
    """Somebody pressed 收到. Their household is counted once; who has none is counted apart.

    Raises:
        BroadcastOver: it asks nobody any more.
        NoSuchBroadcast: there is none.
    """
    (heard,) = press_all(uow, [Press(broadcast, person, chat)], at)
    if isinstance(heard, Refusal):
        raise heard
    return heard


def press_all(uow: UnitOfWork, presses: Sequence[Press], at: datetime) -> list[Heard | Refusal]:
    """Hear many presses at once, in the order in which they came: for each what it did, or why it counts no more.

    However many there are, each table is asked and changed once for every broadcast.
    """
    found: dict[int, Heard | Refusal] = {}
    for broadcast in dict.fromkeys(one.broadcast for one in presses):
        places = [place for place, one in enumerate(presses) if one.broadcast == broadcast]
        heard = _press_all_of(uow, broadcast, [presses[place] for place in places], at)
        found.update(zip(places, heard, strict=True))
    return [found[place] for place in range(len(presses))]


def _press_all_of(
    uow: UnitOfWork, broadcast: BroadcastId, presses: Sequence[Press], at: datetime
) -> Sequence[Heard | Refusal]:
    try:
        current = uow.broadcasts.get(broadcast)
    except refusals.NoSuchBroadcast as refusal:
        return [refusal] * len(presses)
    if not current.answerable:
        return [refusals.BroadcastOver()] * len(presses)
    asked = _asked(uow, current, [one.person for one in presses])
    known = dict(uow.receipts.answers(broadcast, list(dict.fromkeys(asked.values()))))
    heard, confirmed, strangers = [], [], {}
    for one in presses:
        home = asked.get(one.person)
        answer = known.get(home) if home is not None else None
        heard.append(means(home, answer.state if answer else None))
        if answer is None:
            strangers[one.person] = one.chat
        elif answer.state is not ReceiptState.PRESSED:  # of who was told at the door, their own answer counts
            confirmed.append(answer)
            known[answer.asked] = Answer(answer.asked, answer.place, ReceiptState.PRESSED)
    uow.receipts.confirm(broadcast, confirmed, at)
    units = {chat: uow.chats.get(chat).unit for chat in dict.fromkeys(strangers.values())}
    placed = [(person, unit) for person, chat in strangers.items() if (unit := units[chat]) is not None]
    uow.receipts.strangers(broadcast, placed, at)
    return heard if current.audience.post is None else [_OF_ONESELF.get(one, one) for one in heard]


def means(asked: str | None, state: ReceiptState | None) -> Heard:
    """What a press does.

    Args:
        asked: Whose answer theirs is: their household, or they themselves where the staff are asked.
        state: How that answer stands; ``None`` where it was not asked for.
    """
    if asked is None:
        return Heard.UNBOUND
    if state is None:
        return Heard.ELSEWHERE
    return Heard.AGAIN if state in CONFIRMED else Heard.FIRST


def _asked(uow: UnitOfWork, broadcast: Broadcast, people: Sequence[PersonId]) -> Mapping[PersonId, str]:
    """Whose answer theirs is; who belongs to no household is left out."""
    if broadcast.audience.post is not None:
        return {person: f"{STAFF}{person}" for person in people}
    return uow.people.homes_of(people)


@dataclass(frozen=True, slots=True)
class Plea:
    """What came of 需要帮助: the case, and whether it was opened by this press."""

    case: Case
    fresh: bool


def need_help(uow: UnitOfWork, broadcast: BroadcastId, person: PersonId, chat: ChatId, text: str, at: datetime) -> Plea:
    """Somebody pressed 需要帮助: an urgent case in their grid, never before the neighbours.

    Each household has one at a time; once nobody works on it any more, whoever presses again opens another. It is an
    answer, too. The door stands in the words, which only staff read and which can be erased.

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
    press(uow, broadcast, person, chat, at)
    known = _handled(uow, uow.receipts.help_of(broadcast, asker))
    if known is not None:
        return Plea(known, fresh=False)
    door = f"{home.building} {home.unit_no} {home.room}" if home else ""
    report = Report(
        person=person,
        grid=grid,
        at=at,
        text="\n".join(filter(None, (text, door))),
        chat=chat,
        message_id=None,
        place=Place(building=home.building if home else ""),
        channel=Channel.PRIVATE,
        confidential=True,
        urgent=True,
    )
    case = file_report(uow, report)
    uow.receipts.helped(broadcast, asker, _counted_at(uow, current, asker, grid, chat), case.id, at)
    ticking.look_again(uow, current, at)
    return Plea(case, fresh=True)


def _handled(uow: UnitOfWork, case: CaseId | None) -> Case | None:
    """The case, or the one into which it was merged, if somebody has yet to do something about it."""
    known = uow.cases.get(case) if case is not None else None
    while known is not None and known.merged_into is not None:
        known = uow.cases.get(known.merged_into)
    return known if known is not None and known.status in _HANDLED else None


def _counted_at(uow: UnitOfWork, broadcast: Broadcast, asker: str, grid: UnitCode, chat: ChatId) -> str:
    """The place among whose figures a plea stands: where its home was asked, else of the chat where it was pressed."""
    asked = uow.receipts.get(broadcast.id, asker)
    if asked is not None:
        return asked.place
    return next((one for one in (grid, uow.chats.get(chat).unit) if one and uow.targets.get(broadcast.id, one)), grid)


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
    current, receipt = _at_the_door(uow, broadcast, household, by)
    if uow.receipts.door(broadcast, household, found, by, at):
        ticking.look_again(uow, current, at)
    return uow.receipts.get(broadcast, household) or receipt


def take_back(uow: UnitOfWork, broadcast: BroadcastId, household: str, by: PersonId, at: datetime) -> Receipt | None:
    """A worker noted something at the wrong door: it stands as if nobody had been there.

    Returns:
        What stood there; ``None`` when nothing that *by* noted stands there any more, as when the household has
        pressed meanwhile or somebody else was there. Then nothing has changed.

    Raises:
        BroadcastOver, NoSuchBroadcast, NotBroadcaster: as for `knock`.
    """
    current, receipt = _at_the_door(uow, broadcast, household, by)
    if not uow.receipts.take_back(broadcast, household, by):
        return None
    target = uow.targets.get(broadcast, receipt.place)
    if target is not None and target.step and target.missing == 1:  # what said that nobody is missing there is wrong
        telling.renew_complete(uow, current, target, at.isoformat())
    ticking.look_again(uow, current, at)
    return receipt


def _at_the_door(uow: UnitOfWork, broadcast: BroadcastId, household: str, by: PersonId) -> tuple[Broadcast, Receipt]:
    current, receipt = uow.broadcasts.get(broadcast), uow.receipts.get(broadcast, household)
    if receipt is None:
        raise refusals.NoSuchBroadcast
    rights.check_knocking(uow, by, UnitCode(receipt.place))
    if not current.answerable:
        raise refusals.BroadcastOver
    return current, receipt


def chases(broadcast: Broadcast) -> bool:
    """Whether somebody may still be reminded of it: what is promised and would come after the end stays unsaid."""
    return broadcast.receipts and broadcast.state is State.CHASING
