"""A case that neighbours could read of and may not any more: what was said of it before them disappears."""

from typing import Final

from routing import telling
from routing.model import Case, ChatKind
from routing.ports import Lane, Promise, UnitOfWork

LOOKED_BACK: Final = 500
"""So many messages of a chat, the newest first, are looked through; Telegram lets a bot delete for two days only."""


def hush(uow: UnitOfWork, case: Case) -> None:
    """Take away what the residents' chat was told of *case*; its card stays there, with its number and no more."""
    chat = uow.chats.of_unit(case.grid, ChatKind.RESIDENTS)
    if chat is None:
        return
    for carrier in uow.outbox.carried_in(chat.id, LOOKED_BACK):
        if carrier.startswith(f"{telling.carrier_of(case)}:"):
            message = uow.outbox.carriers(carrier).get(chat.id)
            key = f"gone:{chat.id}:{message}"
            uow.outbox.promise(Promise(key, chat.id, "gone", {"message": message}, Lane.NOTICE))
