"""The webhook: what Telegram posts is checked, stored, and only then answered with 200."""

import hmac
import logging
from collections.abc import Mapping
from typing import Any, Final

import orjson
from aiohttp import web

from bot.ingress import Intake
from bot.settings import Secret

log = logging.getLogger(__name__)

LARGEST_BODY: Final = 1024 * 1024
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MOST_UPDATES: Final = 2**63
"""No number of an update is larger, nor could the database keep it."""
COME_BACK_S: Final = "3"  # Telegram obeys Retry-After


class Webhook:
    """Takes the updates of all bots at ``POST /telegram/<bot id>``."""

    def __init__(self, intakes: Mapping[int, Intake], secret: Secret) -> None:
        self._intakes, self._secret = intakes, secret.reveal().encode()
        self.closing = False

    async def take(self, request: web.Request) -> web.Response:
        """One update; the secret is compared before anything of the body is read."""
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, self._secret):
            return web.Response(status=401)
        intake = self._intakes.get(int(request.match_info["bot"]))
        if intake is None:
            return web.Response(status=404)
        if self.closing:
            return web.Response(status=503, headers={"Retry-After": COME_BACK_S})
        if request.content_type != "application/json":
            return web.Response(status=415)
        try:
            update = _update(await request.read())
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        if update is None:
            return web.Response(status=400)
        try:
            answer = await intake.keep_or_spool(update)
        except OSError:
            log.exception("update neither stored nor spooled", extra={"bot": intake.bot})
            return web.Response(status=503, headers={"Retry-After": COME_BACK_S})
        return web.Response() if answer is None else web.json_response(answer.as_call())


def _update(body: bytes) -> dict[str, Any] | None:
    """The update in *body*; ``None`` when it is none."""
    try:
        update = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(update, dict):
        return None
    number = update.get("update_id")
    return update if isinstance(number, int) and not isinstance(number, bool) and 0 <= number < MOST_UPDATES else None
