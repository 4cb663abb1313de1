"""The process's small web server: the webhook, health, metrics."""

import time
from collections.abc import Sequence
from typing import Any, Final, Protocol

import orjson
from aiohttp import web

from bot.health import Check, all_well
from bot.meters import Meters
from bot.warnings import Warnings
from bot.webhook import LARGEST_BODY, Webhook

HANDSHAKE_S: Final = 2.0  # how long a half-sent request may hold the exit


class Health(Protocol):
    """Knows how the process is; see `bot.readiness`."""

    stopping: bool

    async def __call__(self) -> dict[str, Any]:
        """What ``/readyz`` shows."""
        ...

    def vital(self) -> Sequence[Check]:
        """What ``/healthz`` shows."""
        ...


class Web:
    """Serves ``/healthz`` (or ``/livez``), ``/readyz``, ``/metrics``, if given ``/telegram/<bot id>`` and ``/cap``.

    Args:
        meters: What ``/metrics`` shows.
        readiness: Makes the object that ``/readyz`` shows; its ``ready`` decides between 200 and 503. Its vital signs
            do so for ``/healthz``.
        webhook: ``None`` when the bot polls.
        warnings: ``None`` when no token for warnings is set.
    """

    def __init__(
        self, meters: Meters, readiness: Health, webhook: Webhook | None, warnings: Warnings | None = None
    ) -> None:
        self._meters, self._readiness, self._webhook, self._warnings = meters, readiness, webhook, warnings
        self._started = time.monotonic()
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port, which the system chose when *port* was 0.

        Raises:
            OSError: somebody else listens there, or the address is not this machine's.
        """
        application = web.Application(client_max_size=LARGEST_BODY)
        application.router.add_get("/healthz", self._healthz)
        application.router.add_get("/livez", self._healthz)
        application.router.add_get("/readyz", self._readyz)
        application.router.add_get("/metrics", self._metrics)
        if self._webhook is not None:
            application.router.add_post(r"/telegram/{bot:\d{1,19}}", self._webhook.take)
        if self._warnings is not None:
            application.router.add_post("/cap", self._warnings.take)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=HANDSHAKE_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    def close_doors(self) -> None:
        """From now on the webhook answers 503 with Retry-After: what is already under way is still finished."""
        self._readiness.stopping = True
        if self._webhook is not None:
            self._webhook.closing = True

    async def stop(self) -> None:
        """Finish open requests and stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _healthz(self, _: web.Request) -> web.Response:
        """Whether a restart would mend something."""
        checks = self._readiness.vital()
        alive, up_s = all_well(checks), round(time.monotonic() - self._started, 3)
        report = {"alive": alive, "up_s": up_s, "checks": [one.as_json() for one in checks]}
        return _json(report, 200 if alive else 503)

    async def _readyz(self, _: web.Request) -> web.Response:
        """Whether work gets done, and the figures by which that was judged."""
        report = await self._readiness()
        return _json(report, 200 if report["ready"] else 503)

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=self._meters.text(), headers={"Content-Type": "text/plain; version=0.0.4"})


def _json(content: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, content_type="application/json")
