"""The controls over HTTP: act as a person, build the world, order trouble, read the record."""

from typing import Any, Final

import orjson
from aiohttp import web
from aiohttp.multipart import BodyPartReader

from bot.sandbox.building import build
from bot.sandbox.clock import ManualClock
from bot.sandbox.errors import ApiError, Refused
from bot.sandbox.exchange import ACTIONS, Exchange
from bot.sandbox.faults import Fault
from bot.sandbox.params import Upload
from bot.sandbox.people.asking import bot_of
from bot.sandbox.state import document, restore_document
from bot.sandbox.transcript import transcript
from bot.sandbox.updates import Disorder
from bot.sandbox.world import Chat, Json

_DISORDERS: Final = {"deliver_twice": "twice", "deliver_late": "late", "deliver_swapped": "swapped"}


def add_control(app: web.Application, exchange: Exchange) -> None:
    """Add `/sandbox/act`, `/sandbox/world`, `/sandbox/control`, `/sandbox/transcript` and `/sandbox/calls`."""
    control = _Control(exchange)
    app.router.add_post("/sandbox/act", control.act)
    app.router.add_post("/sandbox/world", control.world)
    app.router.add_post("/sandbox/control", control.control)
    app.router.add_get("/sandbox/transcript", control.transcript)
    app.router.add_get("/sandbox/calls", control.calls)


def perform(exchange: Exchange, person_id: int, name: str, fields: Json) -> Json:
    """Let a person do something.

    Raises:
        Refused: there is no such person or action, or their client would not let them.
    """
    person = exchange.world.people.get(person_id)
    if person is None:
        raise Refused(f"there is nobody with the id {person_id}")
    if person.deactivated:
        raise Refused(f"{person.name} has no account any more")
    function = ACTIONS.get(name)
    if function is None:
        raise Refused(f"there is no action called {name}")
    return function(exchange, person, fields)


def command(exchange: Exchange, name: str, fields: Json) -> Json:
    """Carry out an order to the sandbox itself.

    Raises:
        Refused: there is no such order, or it can't be followed.
    """
    if name == "fail_next":
        exchange.faults.order(Fault(**fields))
    elif name == "strict":
        exchange.limits.strict = bool(fields.get("on", True))
    elif name in _DISORDERS:
        wanted = fields.pop("bot", None)
        order = Disorder(_DISORDERS[name], **fields)
        for bot in exchange.world.bots.values():
            if wanted in (None, bot.id, bot.username):
                exchange.queue(bot).orders.append(order)
    elif name == "redeliver":
        if not exchange.queue(bot_of(exchange, fields.get("bot"))).redeliver(int(fields["update_id"])):
            raise Refused("nobody remembers this update")
    elif name == "save":
        return {"world": document(exchange)}
    elif name == "clock":
        return {"now": _move_clock(exchange, fields)}
    else:
        raise Refused(f"there is no order called {name}")
    return {}


class _Control:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def act(self, request: web.Request) -> web.Response:
        """Do something as a person."""
        fields = await read_fields(request)
        person, name = fields.pop("as", 0), str(fields.pop("do", ""))
        return self._answer(lambda: perform(self._exchange, int(person), name, fields))

    async def world(self, request: web.Request) -> web.Response:
        """Add people, bots and groups."""
        fields = await read_fields(request)
        name = str(fields.pop("do", ""))
        return self._answer(lambda: build(self._exchange, name, fields))

    async def control(self, request: web.Request) -> web.Response:
        """Order trouble, move the clock, save and restore the world."""
        fields = await read_fields(request)
        name = str(fields.pop("do", ""))
        if name == "restore":
            return await self._restore(fields)
        return self._answer(lambda: command(self._exchange, name, fields))

    async def _restore(self, fields: Json) -> web.Response:
        try:
            await restore_document(self._exchange, fields.get("world") or {})
        except Refused as error:
            return json_response({"ok": False, "error": str(error)}, 400)
        return json_response({"ok": True, "result": {}})

    async def transcript(self, request: web.Request) -> web.Response:
        """A chat as readable text: `?chat=`, and `&as=` the person for a private chat."""
        found = _find_chat(self._exchange, number(request, "chat"), number(request, "as"))
        if found is None:
            raise web.HTTPNotFound(text="There is no such chat.")
        return web.Response(text=transcript(self._exchange, found))

    async def calls(self, request: web.Request) -> web.Response:
        """The record of Bot API calls, oldest first; `?method=` and `?limit=` narrow it."""
        wanted, limit = request.query.get("method", "").lower(), number(request, "limit", 1000)
        records = [call for call in self._exchange.calls if not wanted or call.method.lower() == wanted]
        found = [
            {"method": c.method, "params": c.params, "time": c.time, "bot": c.bot, "answer": c.answer}
            for c in records[-limit:]
        ]
        return json_response({"calls": found, "tally": dict(self._exchange.tally)})

    def _answer(self, step: Any) -> web.Response:
        try:
            return json_response({"ok": True, "result": step()})
        except Refused as error:
            return json_response({"ok": False, "error": str(error)}, 400)
        except ApiError as error:
            return json_response({"ok": False, "error": error.description}, 400)
        except (TypeError, ValueError, KeyError) as error:
            return json_response({"ok": False, "error": f"a field can't be read: {error}"}, 400)


def json_response(body: Json, status: int = 200) -> web.Response:
    """An answer in JSON."""
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


def number(request: web.Request, name: str, default: int = 0) -> int:
    """A number in the query string.

    Raises:
        HTTPBadRequest: there is something else.
    """
    text = request.query.get(name, str(default))
    if not text.lstrip("-").isdigit():
        raise web.HTTPBadRequest(text=f"{name} is no number.")
    return int(text)


def _find_chat(exchange: Exchange, chat_id: int, person: int) -> Chat | None:
    """The group with this id, or the private chat of *person* with the bot *chat_id*."""
    world = exchange.world
    if chat_id in world.chats:
        return world.chats[chat_id]
    if person:
        return world.privates.get((person, chat_id))
    return next((chat for pair, chat in world.privates.items() if chat_id in pair), None)


def _move_clock(exchange: Exchange, fields: Json) -> float:
    clock = exchange.clock
    if "advance" in fields:
        if not isinstance(clock, ManualClock):
            raise Refused("this sandbox runs on real time")
        clock.advance(float(fields["advance"]))
        exchange.hub.changed()
    return clock.now()


async def read_fields(request: web.Request) -> Json:
    """The fields of an order: a JSON object, or multipart with a part `json` and files by their field's name."""
    if request.content_type != "multipart/form-data":
        return _object(await request.read())
    fields: Json = {}
    files: Json = {}
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            continue
        data = bytes(await part.read(decode=True))
        if part.name == "json":
            fields |= _object(data)
        else:
            upload = Upload(
                part.filename or part.name, part.headers.get("Content-Type", "application/octet-stream"), data
            )
            if part.name == "photos":
                files.setdefault("photos", []).append(upload)
            else:
                files[part.name] = upload
    return fields | files


def _object(body: bytes) -> Json:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise web.HTTPBadRequest(text="The body is no JSON.") from error
    if not isinstance(value, dict):
        raise web.HTTPBadRequest(text="The body is no JSON object.")
    return value
