"""Files that another bot was given: fetched from there, uploaded once, and known by a number of one's own then."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from telegram import InputFile

from bot.failures import Failure, Kind, classify
from bot.telegram import Line
from handlers._kit.views import Loan
from routing.model import Media

MOST_KNOWN: Final = 1_000
_LATER: Final = frozenset({Kind.OFFLINE, Kind.FLOOD, Kind.IN_DOUBT})
"""While these last the file can't be had, and nothing has been sent."""


class NotLent(Exception):
    """The file can't be had from the other bot; *failure* says whether trying again may help."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class Loans:
    """What one bot has borrowed. After a restart it borrows anew.

    Args:
        lines: Of every bot of the town, by its Telegram id.
    """

    def __init__(self, lines: Mapping[int, Line]) -> None:
        self._lines = lines
        self._known: dict[str, str] = {}
        self._turn = asyncio.Lock()

    async def carry(self, params: Mapping[str, Any], send: Callable[[Mapping[str, Any]], Awaitable[Any]]) -> Any:
        """Call *send* with *params*, in which a file that was lent is replaced by one that this bot may send.

        Of many calls with a file that is not known yet the first one uploads it and the others wait for its number.

        Raises:
            NotLent: it can't be had. Nothing was sent.
        """
        name, media = next(((key, value.media) for key, value in params.items() if isinstance(value, Loan)), ("", None))
        if media is None:
            return await send(params)
        if media.unique_id not in self._known:
            async with self._turn:
                if media.unique_id not in self._known:
                    answer = await send({**params, name: await self._fetched(media)})
                    self._keep(media, answer)
                    return answer
        return await send({**params, name: self._known[media.unique_id]})

    def _keep(self, media: Media, answer: Any) -> None:
        held = answer.get(media.kind.value) if isinstance(answer, dict) else None
        largest = held[-1] if isinstance(held, list) and held else held
        if isinstance(largest, dict) and "file_id" in largest:
            while len(self._known) >= MOST_KNOWN:
                del self._known[next(iter(self._known))]
            self._known[media.unique_id] = str(largest["file_id"])

    async def _fetched(self, media: Media) -> InputFile:
        line = self._lines.get(media.bot)
        if line is None:
            raise NotLent(Failure(Kind.REJECTED, f"bot {media.bot}, which was given the file, is not one of ours"))
        try:
            file = await line.get_file(media.file_id)
            content = bytes(await file.download_as_bytearray())
        except Exception as error:
            failure = classify(error)
            kind = Kind.OFFLINE if failure.kind in _LATER else Kind.REJECTED
            raise NotLent(Failure(kind, failure.reason)) from error
        return InputFile(content, filename=PurePosixPath(file.file_path or media.kind.value).name)
