"""A broadcast that has asked, and one household's press, as the use-cases write them down."""

from datetime import datetime
from typing import Any

from broadcasts.model import CONFIRMED, Audience, Broadcast, BroadcastId, Class, ReceiptState, State, TargetState
from broadcasts.ports import UnitOfWork
from routing.model import ChatId, ChatKind
from storage.stores import Stores
from tests.routing.village import GRID, MONDAY, STREET


def chasing(uow: Stores, **changes: Any) -> tuple[BroadcastId, ChatId]:
    """A broadcast that asks every household of the street, with the group of the grid."""
    made = Broadcast(
        id=BroadcastId(uow.ids.new()), number=uow.broadcasts.next_number(), state=State.CHASING, kind=Class.NOTICE,
        unit=STREET, author=None, chat=ChatId(1), drafted_at=MONDAY, begun_at=MONDAY, audience=Audience(STREET),
        **changes,
    )  # fmt: skip
    uow.broadcasts.add(made)
    uow.targets.aim(made)
    for target in uow.targets.at(made.id, TargetState.WAITING, 99):
        uow.receipts.ask(target)
    group = uow.chats.of_unit(GRID, ChatKind.RESIDENTS)
    assert group is not None
    return made.id, group.id


def pressed(uow: UnitOfWork, broadcast: BroadcastId, home: str, at: datetime) -> bool:
    """Confirm for that household; whether it was the first confirmation."""
    answer = uow.receipts.answers(broadcast, [home]).get(home)
    if answer is None or answer.state is ReceiptState.PRESSED:
        return False
    uow.receipts.confirm(broadcast, [answer], at)
    return answer.state not in CONFIRMED
