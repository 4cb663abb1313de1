"""What a case keeps of people goes some time after its end; the log, the figures and a receipt stay."""

from collections.abc import Sequence
from datetime import datetime

from routing import telling
from routing.model import CaseId
from routing.ports import Erasure, ErasureReason, UnitOfWork


def expire(uow: UnitOfWork, cases: Sequence[CaseId], at: datetime) -> Erasure:
    """Erase the texts and attachments of *cases*, which have ended, and who reported them; returns the receipt.

    So go questions that nobody has answered: they keep what was said up to then.

    In the log stays a number, as it does after `residents.forget`. Cards are shown anew, so that the texts vanish from
    the chats, too: the transaction should not hold many cases.
    """
    texts, asked = uow.words.erase_in(cases), uow.notebook.drop_prompts(cases)
    cut = uow.cases.cut(cases)
    for case in cases:
        telling.show(uow, uow.cases.get(case), at, mark=f"expire:{at.isoformat()}")
    return uow.erasures.add(at, ErasureReason.EXPIRED, None, {"words": texts, "prompts": asked, "cases": cut})
