"""The HTTP side: the Bot API under `/bot<token>/`, files under `/file/bot<token>/`, the controls and the page."""

from collections.abc import Callable
from typing import Any, Final

import orjson
from aiohttp import web

from bot.sandbox import methods, people
from bot.sandbox.control import add_control
from bot.sandbox.errors import ApiError
from bot.sandbox.exchange import Exchange, Outcome, envelope
from bot.sandbox.feed import add_feed
from bot.sandbox.params import read_params
from bot.sandbox.view import add_page

BODY_LIMIT_BYTES: Final = 60 * 1024 * 1024
REGISTERED: Final = (methods, people)
_UNAUTHORIZED: Final = ApiError(401, "Unauthorized")


def create_app(exchange: Exchange, tour: Callable[[], dict[str, Any]] = dict) -> web.Application:
    """The web application that serves *exchange* and, on its page, a guided *tour*."""
    app = web.Application(client_max_size=BODY_LIMIT_BYTES)
    api = _BotApi(exchange)
    app.router.add_route("*", "/bot{token}/{method}", api.call)
    app.router.add_get("/file/bot{token}/{path:.+}", api.download)
    app.router.add_route("*", "/bot{rest:.*}", api.not_found)
    add_control(app, exchange)
    add_feed(app, exchange)
    add_page(app, tour)
    app.on_shutdown.append(api.release)
    return app


class _BotApi:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def call(self, request: web.Request) -> web.StreamResponse:
        """Answer one Bot API call."""
        bot = self._exchange.world.tokens.get(request.match_info["token"])
        if bot is None:
            return _answer(envelope(_UNAUTHORIZED))
        if request.method not in ("GET", "POST"):
            return _answer(envelope(ApiError(405, "Method Not Allowed")))
        try:
            params = await read_params(request)
        except ApiError as error:
            return _answer(envelope(error))
        except web.HTTPRequestEntityTooLarge:
            return _answer(envelope(ApiError(413, "Request Entity Too Large")))
        outcome = await self._exchange.call(bot, request.match_info["method"], params)
        return await _deliver(request, outcome)

    async def release(self, _app: web.Application) -> None:
        """Let go of everybody who waits, so that closing takes no longer than it must."""
        self._exchange.release()

    async def not_found(self, _request: web.Request) -> web.Response:
        """Answer an address that is none."""
        return _answer(envelope(ApiError(404, "Not Found")))

    async def download(self, request: web.Request) -> web.Response:
        """Hand out a file that `getFile` named to this bot within the last hour."""
        exchange, path = self._exchange, request.match_info["path"]
        bot, files = exchange.world.tokens.get(request.match_info["token"]), exchange.world.files
        if bot is None:
            return _answer(envelope(_UNAUTHORIZED))
        file = files.by_path(path)
        if file is None or not exchange.link_is_open(bot, path):
            return _answer(envelope(ApiError(404, "Not Found")))
        return web.Response(body=files.content(file), content_type="application/octet-stream")


async def _deliver(request: web.Request, outcome: Outcome) -> web.StreamResponse:
    """Send the answer, unless the ordered fault keeps it back or breaks the line."""
    await outcome.kept_back()
    fault = outcome.fault
    if fault is not None and fault.how in ("drop", "lost") and request.transport is not None:
        request.transport.abort()
    return _answer(outcome.envelope)


def _answer(body: dict[str, object]) -> web.Response:
    code = body.get("error_code", 200)
    status = code if isinstance(code, int) and code else 200
    headers = {}
    parameters = body.get("parameters")
    if isinstance(parameters, dict) and "retry_after" in parameters:
        headers["Retry-After"] = str(parameters["retry_after"])
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json", headers=headers)
