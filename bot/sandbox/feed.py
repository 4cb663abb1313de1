"""What a page needs: the state as one person sees it, messages by page, files, what has been read, live events."""

import asyncio
from typing import Any, Final

import orjson
from aiohttp import WSMsgType, web

from bot.sandbox.control import json_response, number, read_fields
from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Exchange
from bot.sandbox.hub import Watcher, seen_as
from bot.sandbox.menus import commands_for
from bot.sandbox.people.asking import any_chat
from bot.sandbox.posting import view
from bot.sandbox.whispers import whispered, whispers_to
from bot.sandbox.wire import user_json
from bot.sandbox.world import Chat, Json, Person

PEOPLE_SHOWN: Final = 500
MEMBERS_SHOWN: Final = 300
_SIGNATURES: Final = (
    (0, b"\xff\xd8", "image/jpeg"),
    (0, b"\x89PNG", "image/png"),
    (0, b"GIF8", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (0, b"OggS", "audio/ogg"),
    (0, b"ID3", "audio/mpeg"),
    (4, b"ftyp", "video/mp4"),
)


def add_feed(app: web.Application, exchange: Exchange) -> None:
    """Add `/sandbox/state`, `/sandbox/messages`, `/sandbox/read`, `/sandbox/file/<id>` and `/sandbox/live`."""
    feed = _Feed(exchange)
    app.router.add_get("/sandbox/state", feed.state)
    app.router.add_get("/sandbox/messages", feed.messages)
    app.router.add_post("/sandbox/read", feed.read)
    app.router.add_get("/sandbox/file/{file_id}", feed.file)
    app.router.add_get("/sandbox/live", feed.live)


class _Feed:
    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    async def state(self, request: web.Request) -> web.Response:
        """Everything but the messages; without `as` only who exists."""
        world = self._exchange.world
        people = [_person(person) for person, _ in zip(world.people.values(), range(PEOPLE_SHOWN), strict=False)]
        bots = [_person(bot) | {"commands": bot.commands.get("default/", [])} for bot in world.bots.values()]
        if "as" not in request.query:
            return json_response({"me": None, "people": people, "chats": [], "bots": bots, "joinable": []})
        me = self._me(request)
        return json_response(
            {
                "me": _person(me),
                "people": people,
                "chats": [self._chat(me, chat) for chat in world.chats_of(me.id)],
                "bots": bots,
                "joinable": self._joinable(me),
            }
        )

    async def messages(self, request: web.Request) -> web.Response:
        """Up to `limit` messages of a chat, oldest first, older than `before`."""
        me = self._me(request)
        chat = self._readable(me, request.query.get("chat", ""))
        before, limit = number(request, "before"), max(1, min(number(request, "limit", 50), 200))
        wanted = [message for message in chat.messages.values() if not before or message.id < before][-limit:]
        found = [view(self._exchange, chat, message) for message in wanted]
        if not before:
            found += [whispered(self._exchange, chat, one) for one in whispers_to(self._exchange, chat, me.id)]
            found.sort(key=lambda message: int(message["date"]))
        return json_response({"messages": found})

    async def read(self, request: web.Request) -> web.Response:
        """Note up to which message somebody has read a chat."""
        fields = await read_fields(request)
        me = self._exchange.world.people.get(fields.get("as", 0))
        if me is None:
            raise web.HTTPNotFound(text="There is no such person.")
        chat, upto = self._readable(me, str(fields.get("chat"))), int(fields.get("upto") or 0)
        self._exchange.world.reads[me.id, seen_as(chat, me.id)] = upto
        event = {"type": "read", "as": me.id, "chat": seen_as(chat, me.id), "upto": upto}
        self._exchange.hub.tell_person(me.id, event)
        return json_response({"ok": True})

    async def file(self, request: web.Request) -> web.Response:
        """The bytes of a file, whoever's identifier it is."""
        files = self._exchange.world.files
        file = files.find(request.match_info["file_id"], None)
        if file is None:
            raise web.HTTPNotFound(text="There is no such file.")
        data = files.content(file)
        sniffed = next(
            (kind for at, start, kind in _SIGNATURES if data.startswith(start, at)), "application/octet-stream"
        )
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "max-age=3600"}
        return web.Response(body=data, content_type=sniffed, headers=headers)

    async def live(self, request: web.Request) -> web.WebSocketResponse:
        """Push what happens before somebody's eyes; without `as`, everything."""
        person = number(request, "as") if "as" in request.query else None
        socket = web.WebSocketResponse(heartbeat=30)
        with self._exchange.hub.watch(person) as watcher:  # before the answer: who reads the state then misses nothing
            await socket.prepare(request)
            pushing = asyncio.create_task(_push(socket, watcher))
            try:
                async for frame in socket:
                    if frame.type is WSMsgType.ERROR:
                        break
            finally:
                pushing.cancel()
                await asyncio.gather(pushing, return_exceptions=True)
        return socket

    def _me(self, request: web.Request) -> Person:
        person = self._exchange.world.people.get(number(request, "as"))
        if person is None:
            raise web.HTTPNotFound(text="There is no such person.")
        return person

    def _readable(self, me: Person, wanted: str) -> Chat:
        try:
            chat = any_chat(self._exchange, me, wanted)
        except Refused as error:
            raise web.HTTPNotFound(text=str(error)) from error
        if not chat.holds(me.id) and not chat.username:
            raise web.HTTPForbidden(text="This chat is closed to you.")
        return chat

    def _chat(self, me: Person, chat: Chat) -> Json:
        exchange, known_as = self._exchange, seen_as(chat, me.id)
        last = next(reversed(chat.messages.values()), None)
        bot = exchange.world.bots.get(chat.bot or 0)
        about: Json = {
            "id": known_as,
            "type": chat.kind,
            "title": bot.name if bot is not None else chat.title,
            "members": self._members(chat),
            "last": None if last is None else view(exchange, chat, last),
            "pinned": [view(exchange, chat, chat.messages[number]) for number in chat.pinned],
            "unread": self._unread(me, chat, known_as),
            "commands": commands_for(exchange.world, chat, me),
        }
        if chat.private:
            about["blocked"] = chat.blocked
        if chat.username:
            about["username"] = chat.username
        if chat.photo:
            about["photo"] = chat.photo[0]["file_id"]
        return about

    def _members(self, chat: Chat) -> list[Json]:
        world = self._exchange.world
        if chat.private:
            return [_person(world.people[chat.id]) | {"role": "member"}, _person(world.bots[chat.bot or 0])]
        present = ((number, member) for number, member in chat.members.items() if member.present)
        shown = []
        for (user_id, member), _ in zip(present, range(MEMBERS_SHOWN), strict=False):
            user = world.user(user_id)
            if user is not None:
                word = {"tag": member.tag or member.title} if member.tag or member.title else {}
                shown.append(_person(user) | {"role": member.status, "anonymous": member.anonymous} | word)
        return shown

    def _joinable(self, me: Person) -> list[Json]:
        groups = self._exchange.world.chats.values()
        open_ = (chat for chat in groups if chat.migrated_to is None and chat.member(me.id).status == "left")
        return [
            {"id": chat.id, "type": chat.kind, "title": chat.title}
            for chat, _ in zip(open_, range(PEOPLE_SHOWN), strict=False)
        ]

    def _unread(self, me: Person, chat: Chat, known_as: int) -> int:
        upto = self._exchange.world.reads.get((me.id, known_as), 0)
        count = 0
        for message in reversed(chat.messages.values()):
            if message.id <= upto:
                break
            count += message.author != me.id
        return count


def _person(person: Person) -> Json:
    return user_json(person) | {"name": person.name}


async def _push(socket: web.WebSocketResponse, watcher: Watcher) -> None:
    """Send event after event; one who reads too slowly is cut off and has to read the state anew."""
    while not watcher.lost:
        event: Any = await watcher.events.get()
        await socket.send_str(orjson.dumps(event).decode())
    await socket.close()
