"""One household's press, as the use-case writes it down."""

from datetime import datetime

from broadcasts.model import CONFIRMED, BroadcastId, ReceiptState
from broadcasts.ports import UnitOfWork
from routing.model import PersonId


def pressed(uow: UnitOfWork, broadcast: BroadcastId, home: str, _by: PersonId, at: datetime) -> bool:
    """Confirm for that household; whether it was the first confirmation. Who pressed is written nowhere."""
    answer = uow.receipts.answers(broadcast, [home]).get(home)
    if answer is None or answer.state is ReceiptState.PRESSED:
        return False
    uow.receipts.confirm(broadcast, [answer], at)
    return answer.state not in CONFIRMED
