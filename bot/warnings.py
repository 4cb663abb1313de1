"""``POST /cap``: a warning centre hands over a CAP message and hears what became of it."""

import hmac
import logging
from typing import Any, Final

import orjson
from aiohttp import web

from bot.clock import Clock
from bot.settings import Secret
from broadcasts import relay
from broadcasts.cap.faults import BadCap
from broadcasts.cap.reading import as_text, read
from broadcasts.relay import Fate
from handlers._kit.services import Store
from routing.model import UnitCode
from routing.refusals import Refusal

log = logging.getLogger(__name__)

_STATUS: Final = {Fate.DRAFTED: 201, Fate.RELEASED: 201}
_SCHEME: Final = "Bearer "


class Warnings:
    """Takes CAP messages with the token that the settings name.

    Args:
        store: Where they become drafts.
        clock: The town's.
        token: What the ``Authorization`` header must bear.
    """

    def __init__(self, store: Store, clock: Clock, token: Secret) -> None:
        self._store, self._clock, self._token = store, clock, token.reveal().encode()

    async def take(self, request: web.Request) -> web.Response:
        """One message; the token is compared before anything of the body is read.

        Answers 201 for what became a broadcast, 200 for what ended one or changed nothing, 400 with every fault, 401
        for a wrong token, 413 for too much, 422 with the key of the refusal.
        """
        given = request.headers.get("Authorization", "")
        secret = given.removeprefix(_SCHEME).encode("utf-8", "surrogateescape") if given.startswith(_SCHEME) else b""
        if not hmac.compare_digest(secret, self._token):
            return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
        try:
            content = await request.read()
            message, advice = read(content)
        except web.HTTPRequestEntityTooLarge:
            return web.Response(status=413)
        except BadCap as bad:
            faults = [{"where": one.where, "what": one.what, "mend": one.mend} for one in bad.faults]
            return _json({"faults": faults}, 400)
        unit = UnitCode(request.query["unit"]) if request.query.get("unit") else None
        source = as_text(content)
        try:
            taken = await self._store.work(relay.take, message, source, unit, self._clock.now())
        except Refusal as refusal:
            return _json({"refused": refusal.key}, 422)
        number = taken.broadcast.number if taken.broadcast is not None else None
        log.info("warning taken", extra={"fate": taken.fate.value, "broadcast": number})
        answer = {"fate": taken.fate.value, "number": number, "advice": [str(one) for one in advice]}
        return _json(answer, _STATUS.get(taken.fate, 200))


def _json(content: dict[str, Any], status: int) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, content_type="application/json")
