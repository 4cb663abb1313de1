"""What cases and broadcasts keep of people goes some time after their end; log, figures and a receipt stay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from routing import telling
from routing.model import CaseId
from routing.ports import Erasure, ErasureReason, UnitOfWork

PLACES_AT_ONCE: Final = 20
"""Grids in one transaction, each with as many answers as it has homes."""


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


def expire_answers(uow: UnitOfWork, at: datetime) -> int:
    """Erase who answered what to broadcasts that ended as long ago, and whose case it was, too; figures stay.

    Returns:
        How many rows went; 0 when there are no more: a place's homes go together, and some places at a time.
    """
    gone = uow.erasures.drop_answers(at - uow.policy.keeps_words, PLACES_AT_ONCE)
    if any(gone.values()):
        uow.erasures.add(at, ErasureReason.EXPIRED, None, gone)
    return sum(gone.values())
