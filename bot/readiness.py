"""Whether the process does its work: a commit, a poll and a tick that are fresh."""

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, Final

from bot.clock import Clock
from bot.ingress import Poller
from bot.roles import Role
from bot.seats import Seats
from bot.ticker import Ticker
from handlers._kit.services import Store

READY: Final = "ready.at"
COMMIT_S: Final = 5.0
POLL_S: Final = 90.0  # three long polls
TICK_S: Final = 30.0


class Readiness:
    """Makes what ``/readyz`` shows.

    Args:
        store: Asked for a commit.
        clock: The town's.
        roles: What this program is to do.
        seats: What it does that only one may.
        pollers: Those that run here.
        ticker: The one that runs here; ``None`` while another program has it.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        roles: Collection[Role],
        seats: Seats,
        pollers: Sequence[Poller],
        ticker: Callable[[], Ticker | None],
    ) -> None:
        self._store, self._clock, self._roles = store, clock, roles
        self._seats, self._pollers, self._ticker = seats, pollers, ticker

    async def __call__(self) -> dict[str, Any]:
        """The figures in seconds, ``None`` where there is nothing to measure, and ``ready``.

        What another program does is not held against this one.
        """
        commit_s = await self._commit_s()
        poll_s = max((poller.age_s for poller in self._pollers), default=None)
        ticker = self._ticker()
        tick_s = time.monotonic() - ticker.ended_at["sweep"] if ticker else None
        pending_s, unsent_s = await self._waiting_s() if commit_s is not None else (None, None)
        fresh = (poll_s is None or poll_s < POLL_S) and (tick_s is None or tick_s < TICK_S)
        figures = {
            "commit_s": commit_s,
            "poll_age_s": poll_s,
            "tick_age_s": tick_s,
            "oldest_update_s": pending_s,
            "oldest_message_s": unsent_s,
        }
        shown = {name: None if value is None else round(value, 3) for name, value in figures.items()}
        whole = {"roles": sorted(self._roles), "holds": sorted(self._seats.held)}
        return {"ready": commit_s is not None and fresh, **whole, **shown}

    async def _commit_s(self) -> float | None:
        """How long a commit takes now; ``None`` when there is none within `COMMIT_S`."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(COMMIT_S):
                await self._store.work(_write, self._clock.wall())
        except Exception:  # noqa: BLE001 - whatever the reason, there was no commit
            return None
        return time.monotonic() - begun

    async def _waiting_s(self) -> tuple[float, float]:
        """Real seconds for which the oldest update and the oldest unsent message wait."""
        pending, unsent = await self._store.read(_oldest)
        now = self._clock.now()
        ages = ((now - since).total_seconds() / self._clock.speed if since else 0.0 for since in (pending, unsent))
        return next(ages), next(ages)


def _write(stores: Any, wall: datetime) -> None:
    stores.notebook.set_setting(READY, wall.isoformat())


def _oldest(stores: Any) -> tuple[datetime | None, datetime | None]:
    unsent = [since for _, since in stores.sending.waiting().values()]
    return stores.inbox.oldest_pending(), min(unsent, default=None)
