"""In which chats the bot may offer to report what reads like a report: a small cache, refreshed from the stores."""

from collections.abc import Mapping
from typing import Any

from handlers._kit.services import Store
from routing.catalogue import Catalogue
from routing.hints import reads_like_report
from routing.model import ChatKind, ChatState


class Listening:
    """The residents' chats of grids whose quiet offer is on; in every other chat chatter stays chatter."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._chats: Mapping[int, frozenset[int]] = {}

    async def refresh(self, store: Store) -> None:
        """Read anew where the offer is on."""
        self._chats = await store.read(_offering)

    def hears(self, bot: int, chat: int, text: str) -> bool:
        """Whether *text*, said in the chat with that Telegram id, deserves the quiet offer."""
        return chat in self._chats.get(bot, frozenset()) and reads_like_report(text, self._catalogue) is not None


def _offering(stores: Any) -> dict[int, frozenset[int]]:
    """By bot, the Telegram ids of the chats where the offer is on."""
    units = {unit.code for unit in stores.units.all() if unit.quiet_offer}
    found: dict[int, set[int]] = {}
    for chat in stores.chats.all():
        if chat.kind is ChatKind.RESIDENTS and chat.state is ChatState.OK and chat.unit in units:
            found.setdefault(chat.bot, set()).add(chat.telegram_id)
    return {bot: frozenset(chats) for bot, chats in found.items()}
