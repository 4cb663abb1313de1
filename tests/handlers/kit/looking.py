"""A view's eyes without a town behind them: enough for what looks at words only."""

from typing import Any, cast

from handlers._kit.views import Look, Outgoing
from handlers._kit.words import Html
from routing.model import Chat, ChatId, ChatKind, ChatState
from routing.ports import UnitOfWork


def look(lang: str = "zh", **params: Any) -> Look:
    """A reader of *lang* in a private chat; asking the stores for anything fails."""
    chat = Chat(ChatId(1), bot=7, telegram_id=8, kind=ChatKind.PRIVATE, state=ChatState.OK)
    repeated = bool(params.pop("repeated", False))
    return Look(cast("UnitOfWork", None), chat, lang, params, repeated)


def texts_of(outgoing: Outgoing) -> list[Html]:
    """The texts of a message, in the order in which they are sent."""
    return [call.params["text"] for call in (outgoing, *outgoing.more)]
