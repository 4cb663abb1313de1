"""Looks at this process and lets `health` judge it: for the web, for systemd's watchdog, for the heartbeat."""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from bot import health
from bot.clock import Clock
from bot.courier import Courier
from bot.health import Check, Seen
from bot.ingress import Poller
from bot.measuring import free_bytes
from bot.meters import Meters
from bot.roles import Role
from bot.seats import Seats
from bot.ticker import Ticker
from bot.worker import Worker
from routing.ports import Lane
from storage import schema
from storage.store import Store

READY: Final = "ready.at"
PATIENCE_S: Final = 5.0
URGENT: Final = (Lane.EMERGENCY, Lane.ANSWER)


class Readiness:
    """Makes what ``/healthz`` and ``/readyz`` show.

    Args:
        store: Asked for a commit.
        clock: The town's.
        meters: Know the last commit and the loop's lag.
        roles: What this program is to do.
        seats: What it does that only one may.
        worker: The one that runs here, if any does.
        pollers: Those that run here.
        couriers: Those that run here, by bot.
        ticker: The one that runs here; ``None`` while another program has it.
        folder: On whose disk the database or the spool is.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        meters: Meters,
        *,
        roles: Collection[Role],
        seats: Seats,
        worker: Callable[[], Worker | None],
        pollers: Sequence[Poller],
        couriers: Mapping[int, Courier],
        ticker: Callable[[], Ticker | None],
        folder: Path,
    ) -> None:
        self._store, self._clock, self._meters, self._roles = store, clock, meters, roles
        self._seats, self._pollers, self._couriers, self._ticker = seats, pollers, couriers, ticker
        self._worker = worker
        self._folder = folder
        self._answered_at = time.monotonic()
        self.stopping = False
        self._ready = True

    async def __call__(self) -> dict[str, Any]:
        """The judgement, every check with its sentence, and the figures in seconds by which it was judged.

        What another program does is not held against this one.
        """
        commit_s = await self.probe()
        seen = await self._look()
        checks = health.ready(seen)
        self._ready = health.all_well(checks)
        self._meters.ready.set(float(self._ready))
        figures = {
            "commit_s": commit_s,
            "poll_age_s": seen.poll_s,
            "tick_age_s": seen.sweep_s,
            "oldest_update_s": seen.update_s,
            "oldest_message_s": seen.message_s,
        }
        return {
            "ready": self._ready,
            "roles": sorted(self._roles),
            "holds": sorted(self._seats.held),
            **{name: None if value is None else round(value, 3) for name, value in figures.items()},
            "checks": [one.as_json() for one in checks],
        }

    def is_ready(self) -> bool:
        """Whether all was well at the last look."""
        return self._ready

    def vital(self) -> list[Check]:
        """What only a restart would mend; asks nobody, so that it can be told at any time."""
        return health.vital(self._signs())

    async def probe(self) -> float | None:
        """How long a commit takes now; ``None`` when there is none within `PATIENCE_S`."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._store.work(_write, self._clock.wall())
        except TimeoutError:
            return None
        except Exception:  # noqa: BLE001 - whatever the reason, there was an answer and no commit
            self._answered_at = time.monotonic()
            return None
        self._answered_at = time.monotonic()
        return self._answered_at - begun

    def _signs(self) -> Seen:
        now, worker, tenure = time.monotonic(), self._worker(), self._store.tenure
        return Seen(
            loop_lag_s=self._meters.lag_s,
            writer_s=now - max(self._answered_at, self._meters.committed_at),
            courier_s=_oldest(courier.beat_age_s for courier in self._couriers.values()),
            call_s=self._store.unanswered_s,
            worker_s=None if worker is None else worker.beat_age_s,
            poller_s=_oldest(poller.beat_age_s for poller in self._pollers),
            commit_s=now - self._meters.committed_at,
            lease_over=tenure is not None and tenure.over and not self.stopping,
        )

    async def _look(self) -> Seen:
        signs, ticker = self._signs(), self._ticker()
        update_s, message_s, revision = await self._waiting()
        return replace(
            signs,
            poll_s=_oldest(poller.age_s for poller in self._pollers),
            sweep_s=time.monotonic() - ticker.ended_at["sweep"] if ticker else None,
            update_s=update_s if Role.WORKER in self._roles else None,
            message_s=message_s if self._couriers else None,
            revision=revision,
            wanted=self._wanted,
            free=free_bytes(self._folder),
            full_s=None if self._meters.no_room_at is None else time.monotonic() - self._meters.no_room_at,
            stopping=self.stopping,
        )

    async def _waiting(self) -> tuple[float | None, float | None, str | None]:
        """Real seconds for which the oldest update and the oldest urgent message wait, and the schema's revision."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                pending, unsent, revision = await self._store.read(_ask)
        except Exception:  # noqa: BLE001 - whatever the reason, it could not be asked
            return None, None, None
        return self._age_s(pending), self._age_s(unsent), revision

    def _age_s(self, since: datetime | None) -> float:
        return max(0.0, (self._clock.now() - since).total_seconds()) / self._clock.speed if since else 0.0

    @cached_property
    def _wanted(self) -> str:
        return schema.head()


def _oldest(ages: Iterable[float]) -> float | None:
    return max(ages, default=None)


def _write(stores: Any, wall: datetime) -> None:
    stores.notebook.set_setting(READY, wall.isoformat())


def _ask(stores: Any) -> tuple[datetime | None, datetime | None, str | None]:
    waiting = stores.sending.waiting()
    unsent = min((waiting[lane][1] for lane in URGENT if lane in waiting), default=None)
    return stores.inbox.oldest_pending(), unsent, schema.revision_of(stores.connection)
