"""The pins of one bot, each of which waits until its chat may be written to again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from bot.turns import Turns
from routing.model import ChatId
from storage.sendings import Head

AT_ONCE: Final = 8


class Pins:
    """What is sent and written down, and not pinned yet: it is in nobody's way, however long its chat has to rest.

    After a text and ten pictures that is half a minute, in which the bot writes to a hundred other groups.

    Args:
        turns: Of the bot.

    Attributes:
        chats: Those of the messages that are to be pinned.
    """

    def __init__(self, turns: Turns) -> None:
        self._turns, self._places = turns, asyncio.Semaphore(AT_ONCE)
        self.chats: set[ChatId] = set()

    @asynccontextmanager
    async def turn(self, head: Head) -> AsyncIterator[None]:
        """Wait until that chat may be written to, and for one of the places of those that are being pinned."""
        self.chats.add(head.chat)
        try:
            await self._turns.rest(head)
            async with self._places:
                yield
        finally:
            self.chats.discard(head.chat)
