"""Saving a world and loading it: to a folder (`world.json`, and one file per upload), or as one JSON document."""

import asyncio
import base64
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import orjson

from bot.sandbox.clock import ManualClock
from bot.sandbox.errors import Refused
from bot.sandbox.exchange import Exchange, Query
from bot.sandbox.files import StoredFile
from bot.sandbox.updates import DEFAULT_KINDS, Pending
from bot.sandbox.webhooks import Webhook
from bot.sandbox.world import MEMBER, Bot, Chat, Json, Member, Message, Person, World

PAUSE_S: Final = 2.0
_PLAIN: Final = ("id", "kind", "title", "username", "bot", "blocked", "next_message", "migrated_to", "last_bot")
_MORE: Final = ("description", "by_request", "forum", "general", "photo", "pinned", "links", "next_whisper")
_MESSAGE: Final = tuple(field.name for field in fields(Message))


class Keeper:
    """Saves the world of *exchange* to *folder* soon after every change, and at the end."""

    def __init__(self, exchange: Exchange, folder: Path) -> None:
        self._exchange = exchange
        self._folder = folder
        self._saved_at = -1
        self._stored: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to save."""
        self._task = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        """Save a last time."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await self._save()

    async def load(self) -> None:
        """Fill the exchange from the folder; an empty folder is an empty world."""
        path = self._folder / "world.json"
        exists = await asyncio.to_thread(path.exists)
        if exists:
            saved = orjson.loads(await asyncio.to_thread(path.read_bytes))
            await asyncio.to_thread(self._load_files, saved["files"])
            await restore(self._exchange, saved)
        self._saved_at = self._exchange.hub.changes

    async def _work(self) -> None:
        loop, pause_s = asyncio.get_running_loop(), PAUSE_S
        while True:
            await asyncio.sleep(pause_s)
            began = loop.time()
            await self._save()
            pause_s = max(PAUSE_S, 20 * (loop.time() - began))  # a large world is saved more seldom

    async def _save(self) -> None:
        if self._saved_at == self._exchange.hub.changes:
            return
        self._saved_at = self._exchange.hub.changes
        fresh = [file for file in self._exchange.world.files.all() if file.unique_id not in self._stored]
        body = orjson.dumps(snapshot(self._exchange))
        await asyncio.to_thread(self._write, body, fresh)

    def _write(self, body: bytes, fresh: list[StoredFile]) -> None:
        folder = self._folder / "files"
        folder.mkdir(parents=True, exist_ok=True)
        for file in fresh:
            (folder / file.unique_id).write_bytes(file.data)
            self._stored.add(file.unique_id)
        draft = self._folder / "world.json.new"
        draft.write_bytes(body)
        draft.replace(self._folder / "world.json")

    def _load_files(self, files: list[Json]) -> None:
        for about in files:
            data = (self._folder / "files" / about["unique_id"]).read_bytes()
            self._stored.add(about["unique_id"])
            self._exchange.world.files.restore(StoredFile(data=data, **about))


def snapshot(exchange: Exchange) -> Json:
    """The world in what orjson can write, without the bytes of its files; it shares parts with the living world."""
    world = exchange.world
    return {
        "people": list(world.people.values()),
        "bots": [asdict(bot) | {"updates": _queue(exchange, bot)} for bot in world.bots.values()],
        "chats": [_chat(chat) for chat in (*world.chats.values(), *world.privates.values())],
        "reads": [[*key, upto] for key, upto in world.reads.items()],
        "files": [_file(file) for file in world.files.all()],
        "queries": [_query(query) for query in exchange.queries.values() if not query.answered],
        "next": world.next_ids,
        "salt": exchange.instance_salt,
        "now": exchange.clock.now(),
    }


def document(exchange: Exchange) -> Json:
    """The world as one JSON document that shares nothing with it, the bytes of its files included."""
    files = {file.unique_id: base64.b64encode(file.data).decode() for file in exchange.world.files.all() if file.data}
    copy: Json = orjson.loads(orjson.dumps(snapshot(exchange) | {"contents": files}))
    return copy


async def restore_document(exchange: Exchange, saved: Json) -> None:
    """Replace the world by what `document` made; pages look anew, polls are answered, a manual clock catches up.

    Raises:
        Refused: it is no such document; then nothing has changed.
    """
    try:
        contents, files = saved["contents"], saved["files"]
        stored = [StoredFile(data=base64.b64decode(contents.get(about["unique_id"], "")), **about) for about in files]
        trial = Exchange(clock=exchange.clock)
        await restore(trial, orjson.loads(orjson.dumps(_without_webhooks(saved))))
    except (KeyError, TypeError, ValueError) as error:
        raise Refused(f"this is no saved world: {error!r}") from error
    await exchange.become(World())
    for file in stored:
        exchange.world.files.restore(file)
    if isinstance(exchange.clock, ManualClock):
        exchange.clock.advance(max(0.0, saved["now"] - exchange.clock.now()))
    await restore(exchange, orjson.loads(orjson.dumps(saved)))
    exchange.hub.changed()


def _without_webhooks(saved: Json) -> Json:
    bots = [bot | {"updates": bot["updates"] | {"webhook": None}} for bot in saved["bots"]]
    return saved | {"bots": bots}


async def restore(exchange: Exchange, saved: Json) -> None:
    """Fill an empty exchange with what `snapshot` made; webhooks start to deliver again."""
    world = exchange.world
    for about in saved["people"]:
        person = Person(**about)
        world.people[person.id] = person
        world.enter_name(person.username, person.id)
    for about in saved["chats"]:
        chat = _restored_chat(about)
        if chat.bot is not None:
            world.privates[chat.id, chat.bot] = chat
        else:
            world.chats[chat.id] = chat
            world.enter_name(chat.username, chat.id)
    world.reads = {(person, chat): upto for person, chat, upto in saved["reads"]}
    world.next_ids = saved["next"]
    exchange.instance_salt = saved["salt"]
    for about in saved["bots"]:
        updates = about.pop("updates")
        bot = Bot(**about)
        world.bots[bot.id] = world.tokens[bot.token] = bot
        world.enter_name(bot.username, bot.id)
        await _restore_queue(exchange, bot, updates)
    for about in saved.get("queries", ()):
        chat = world.privates[tuple(about.pop("pair"))] if "pair" in about else world.chats[about.pop("chat")]
        exchange.ask(Query(chat=chat, **about))


def _query(query: Query) -> Json:
    where: Json = {"pair": [query.chat.id, query.chat.bot]} if query.chat.private else {"chat": query.chat.id}
    about = {name: getattr(query, name) for name in ("id", "bot", "person", "message", "asked_at")}
    return about | where


def _queue(exchange: Exchange, bot: Bot) -> Json:
    queue, courier = exchange.queue(bot), exchange.couriers.get(bot.id)
    return {
        "next_id": queue.next_id,
        "last_at": queue.last_at,
        "allowed": sorted(queue.allowed),
        "pending": [
            [item.update, item.kind, item.key, item.expires_at] for item in (*queue.alive(), *queue.held.values())
        ],
        "webhook": asdict(courier.hook) if courier is not None else None,
    }


async def _restore_queue(exchange: Exchange, bot: Bot, saved: Json) -> None:
    queue = exchange.queue(bot)
    queue.next_id, queue.last_at = saved["next_id"], saved["last_at"]
    queue.allowed = frozenset(saved["allowed"]) or DEFAULT_KINDS
    for update, kind, key, expires_at in saved["pending"]:
        queue.restore(Pending(update, kind, key, expires_at))
    if saved["webhook"] is not None:
        await exchange.set_webhook(bot, Webhook(**saved["webhook"]))


def _chat(chat: Chat) -> Json:
    return {name: getattr(chat, name) for name in (*_PLAIN, *_MORE)} | {
        "plain": [number for number, member in chat.members.items() if member is MEMBER],
        "members": [[number, _member(member)] for number, member in chat.members.items() if member is not MEMBER],
        "messages": [_message(message) for message in chat.messages.values()],
        "buried": [_message(message) for message in chat.buried.values()],
        "permissions": sorted(chat.permissions),
        "requests": list(chat.requests.items()),
        "topics": list(chat.topics.items()),
    }


def _restored_chat(about: Json) -> Chat:
    plain, members = about.pop("plain"), about.pop("members")
    messages, buried = about.pop("messages"), about.pop("buried")
    permissions = frozenset(about.pop("permissions"))
    requests, topics = dict(about.pop("requests")), dict(about.pop("topics"))
    chat = Chat(**about, permissions=permissions, requests=requests, topics=topics)
    chat.members = {number: _restored_member(member) for number, member in members} | dict.fromkeys(plain, MEMBER)
    chat.messages = {item["id"]: _restored_message(item) for item in messages}
    chat.buried = {item["id"]: _restored_message(item) for item in buried}
    return chat


def _message(message: Message) -> Json:
    about = {name: getattr(message, name) for name in _MESSAGE}
    return about | {"votes": list(message.votes.items()), "reactions": list(message.reactions.items())}


def _restored_message(about: Json) -> Message:
    return Message(**about | {"votes": dict(about["votes"]), "reactions": dict(about.get("reactions", ()))})


def _member(member: Member) -> Json:
    return asdict(member) | {"rights": sorted(member.rights)}


def _restored_member(about: Json) -> Member:
    return Member(**about | {"rights": frozenset(about["rights"])})


def _file(file: StoredFile) -> dict[str, Any]:
    return {
        "unique_id": file.unique_id,
        "kind": file.kind,
        "name": file.name,
        "mime_type": file.mime_type,
        "fields": file.fields,
        "origin": file.origin,
        "side": file.side,
    }
