"""Updates that went to the disk while the database was away, and how they come in again."""

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final

import orjson

from bot.logs import describe
from bot.meters import Meters
from bot.spool import Spool
from storage.errors import has_no_room, is_trouble

log = logging.getLogger(__name__)

LOT: Final = 200  # updates that are taken in in one transaction

Update = Mapping[str, Any]


class Replay:
    """The way to the disk and back of one bot's updates.

    Args:
        bot: Whose.
        spool: Where they are kept.
        keep: Commits some of them.
        meters: Counts.
    """

    def __init__(
        self, bot: int, spool: Spool, keep: Callable[[Sequence[Update]], Awaitable[None]], meters: Meters
    ) -> None:
        self._bot, self._spool, self._keep, self._meters = bot, spool, keep, meters
        self.behind = False
        """Whether some may be on the disk, which must come in before what is new."""
        self._replaying = asyncio.Lock()

    async def put(self, update: Update) -> None:
        """Write an update to the disk.

        Raises:
            OSError: that failed, too.
        """
        self.behind = True
        await asyncio.to_thread(self._put, update["update_id"], _as_bytes(update))
        self._meters.spooled.set(len(self._spool))

    def _put(self, update_id: int, raw: bytes) -> None:
        try:
            self._spool.put(self._bot, update_id, raw)
        except OSError as error:
            if has_no_room(error):
                self._meters.no_room_at = time.monotonic()
            raise

    async def run(self) -> int:
        """Commit what is on the disk and drop the files; returns how many updates there were.

        One that cannot be committed, though the database is well, is put aside and stays on the disk.
        """
        count = 0
        async with self._replaying:
            while lot := self._first():
                count += await self._take_in(lot)
            self.behind = False
        self._meters.spooled.set(len(self._spool))
        self._meters.spool_aside.set(self._spool.set_aside)
        return count

    async def let_go(self, before: datetime) -> int:
        """Delete what was put aside before that instant; returns how many updates that were."""
        gone = await asyncio.to_thread(self._spool.dismiss_before, before)
        self._meters.spool_aside.set(self._spool.set_aside)
        return gone

    async def _take_in(self, lot: Mapping[int, Update]) -> int:
        """Commit them all, or what of them can be committed; returns how many that is."""
        try:
            await self._keep(list(lot.values()))
        except Exception as error:
            if is_trouble(error):
                raise
            if len(lot) > 1:
                return sum([await self._take_in({id_: update}) for id_, update in lot.items()])
            self._put_aside(next(iter(lot)), error)
            return 0
        for update_id in lot:
            self._spool.drop(self._bot, update_id)
        return len(lot)

    def _first(self) -> dict[int, Update]:
        """The first of this bot's updates on the disk, by their ids."""
        lot = {}
        for update_id, raw in islice(((id_, raw) for bot, id_, raw in self._spool.waiting() if bot == self._bot), LOT):
            try:
                lot[update_id] = orjson.loads(raw)
            except orjson.JSONDecodeError as error:
                self._put_aside(update_id, error)
        return lot

    def _put_aside(self, update_id: int, error: Exception) -> None:
        self._spool.put_aside(self._bot, update_id, describe(error))
        self._meters.poison.inc()
        extra = {"bot": self._bot, "update_id": update_id}
        log.error("spooled update set aside as poison", exc_info=error, extra=extra)


def _as_bytes(update: Update) -> bytes:
    """As JSON, with whatever is no number or letter for `orjson`."""
    try:
        return orjson.dumps(update)
    except TypeError:
        return json.dumps(update).encode()
