"""The straight way to the local Telegram: calls as plain objects, without a network between.

What a network can do to calls has tests of its own, with real connections. A story asks what people see, and takes this
way if its test asks for the fixture ``straight``; with ``HUYING_OVER_HTTP=1`` all of them are told over HTTP.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, cast
from unittest.mock import patch
from urllib.parse import unquote

import httpx
import orjson
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot import telegram
from bot.sandbox import Sandbox
from bot.sandbox.exchange import Exchange
from bot.sandbox.params import Params, Upload
from bot.telegram import READ_S

OVER_HTTP: Final = bool(os.environ.get("HUYING_OVER_HTTP"))
_chosen = False


class StraightRequest(BaseRequest):
    """python-telegram-bot's way out, which ends at the exchange of a sandbox in the same loop."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def read_timeout(self) -> float:
        """Seconds."""
        return READ_S

    async def initialize(self) -> None:
        """Open nothing."""

    async def shutdown(self) -> None:
        """Close nothing."""

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        *_timeouts: Any,
        **_more: Any,
    ) -> tuple[int, bytes]:
        """Make one call, or fetch one file; ordered faults look as they do over HTTP."""
        patience_s = read_timeout if isinstance(read_timeout, int | float) else READ_S
        try:
            async with asyncio.timeout(patience_s):
                return self._file(url) if method == "GET" else await self._call(url, request_data)
        except TimeoutError:
            raise TimedOut from httpx.ReadTimeout("")

    async def _call(self, url: str, data: RequestData | None) -> tuple[int, bytes]:
        _, place, name = url.rsplit("/", 2)
        bot = self._exchange.world.tokens[place.removeprefix("bot")]
        outcome = await self._exchange.call(bot, name, params_of(data))
        await outcome.kept_back()
        if outcome.fault is not None and outcome.fault.how in ("drop", "lost"):
            raise NetworkError("httpx.ReadError: ") from httpx.ReadError("")
        return int(outcome.envelope.get("error_code", 200)), orjson.dumps(outcome.envelope)

    def _file(self, url: str) -> tuple[int, bytes]:
        token, path = unquote(url).partition("/file/bot")[2].split("/", 1)
        exchange = self._exchange
        file = exchange.world.files.by_path(path)
        if file is None or not exchange.link_is_open(exchange.world.tokens[token], path):
            return 404, b"{}"
        return 200, exchange.world.files.content(file)


def params_of(data: RequestData | None) -> Params:
    """What python-telegram-bot would send, as the sandbox reads it."""
    if data is None:
        return Params({}, {})
    files = data.multipart_data or {}
    uploads = {field: Upload(file[0], file[2], cast("bytes", file[1])) for field, file in files.items()}
    return Params(dict(data.json_parameters), uploads)


@contextmanager
def chosen() -> Iterator[None]:
    """Let every town that is built meanwhile take the straight way."""
    global _chosen  # noqa: PLW0603 - a test runs alone in its process
    before, _chosen = _chosen, not OVER_HTTP
    try:
        yield
    finally:
        _chosen = before


@asynccontextmanager
async def straight_to(sandbox: Sandbox) -> AsyncIterator[None]:
    """Let programs that are started meanwhile call *sandbox* without a network, if that was chosen."""
    if not _chosen:
        yield
        return
    real = telegram.build

    def build(token: Any, url: str, context: Any = None) -> Any:
        return real(token, url, context, request=StraightRequest(sandbox.exchange))

    with patch("bot.app.build", build):
        yield
