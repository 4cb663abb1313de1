"""Everything that happens in the sandbox, read once from its live feed and found by what people look for."""

import asyncio
import contextlib
import re
import time
from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson
from aiohttp import ClientSession, WSMsgType

_NUMBER: Final = re.compile(r"#(\d+)")
SPINS_S: Final = 16.0
"""For so long a pressed button waits for its answer, in seconds."""
REMEMBERED: Final = 64
"""So many messages of a private chat are looked through at most."""


class Stuck(Exception):
    """Something that had to follow did not in time. ``where`` are the chats in which to look."""

    def __init__(self, what: str, where: Iterable[int] = ()) -> None:
        super().__init__(what)
        self.what, self.where = what, tuple(where)


class FeedLost(Exception):
    """The live feed has ended: nobody sees any more what happens."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it stands now.

    Args:
        chat: A group's id, or for a private chat with the bot the person's.
        id: Its number in the chat.
        text: Text or caption.
        author: Who wrote it.
        reply_to: The message it answers.
        data: What its buttons send, in order.
        links: Where its buttons lead.
        seen_at: When it came or was last edited, in seconds of the steady clock.
    """

    chat: int
    id: int
    text: str
    author: int
    reply_to: int | None
    data: tuple[str, ...]
    links: tuple[str, ...]
    seen_at: float


class About(NamedTuple):
    """Topic: messages of the bot that name the case with this number before any other."""

    number: int


class Reply(NamedTuple):
    """Topic: messages of the bot that answer this one."""

    chat: int
    message: int


class Private(NamedTuple):
    """Topic: what the bot wrote to this person in private lately."""

    person: int


Wanted = Callable[[Message], bool]


class Feed:
    """The one reader of ``WS /sandbox/live``; whoever waits is woken by the event itself.

    Args:
        bot: Whose messages count.
        heard: Called with each new message of the bot and each text that answers a press.
    """

    def __init__(self, bot: int, heard: Callable[[str], None], *, patience_s: float) -> None:
        self._bot, self._heard, self.patience_s = bot, heard, patience_s
        self._messages: dict[tuple[int, int], Message] = {}
        self._topics: dict[Hashable, deque[tuple[int, int]]] = defaultdict(deque)
        self._waiting: dict[Hashable, list[tuple[Wanted, asyncio.Future[Message]]]] = defaultdict(list)
        self._presses: dict[str, asyncio.Future[str]] = {}
        self._newest: dict[int, int] = defaultdict(int)
        self._since: dict[asyncio.Future[Message], float] = {}
        self._changed = asyncio.Event()
        self.reads = asyncio.Event()
        """Set once nothing can be missed any more."""

    async def run(self, session: ClientSession, url: str) -> None:
        """Read until the feed ends.

        Raises:
            FeedLost: it ended.
        """
        async with session.ws_connect(f"{url}/sandbox/live", max_msg_size=0) as socket:
            self.reads.set()
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                self._take(orjson.loads(frame.data))
        raise FeedLost("The sandbox has hung up: nobody sees any more what happens.")

    def newest(self, chat: int) -> int:
        """The number of the last message seen in that chat; 0 for none."""
        return self._newest[chat]

    def find(self, topic: Hashable, wanted: Wanted) -> Message | None:
        """The newest message of the topic that is wanted."""
        for key in reversed(self._topics.get(topic, ())):
            if wanted(self._messages[key]):
                return self._messages[key]
        return None

    def freshest(self, topic: Hashable, wanted: Wanted) -> Message | None:
        """Of the messages of the topic that are wanted the one that came, or was edited, last."""
        found = (self._messages[key] for key in self._topics.get(topic, ()))
        return max(filter(wanted, found), key=lambda one: one.seen_at, default=None)

    def waited_s(self) -> float:
        """For how long somebody has waited for what ought to come at once; 0 when nobody does."""
        return time.monotonic() - min(self._since.values()) if self._since else 0.0

    async def wait(
        self, topic: Hashable, wanted: Wanted, what: str, *chats: int, patience_s: float | None = None
    ) -> Message:
        """The newest message of the topic that is wanted, as soon as there is one.

        Raises:
            Stuck: there was none in time; *what* and *chats* tell of it.
        """
        found = self.find(topic, wanted)
        if found is not None:
            return found
        future: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        entry = (wanted, future)
        self._waiting[topic].append(entry)
        if patience_s is None:
            self._since[future] = time.monotonic()
        try:
            async with asyncio.timeout(patience_s or self.patience_s):
                return await future
        except TimeoutError:
            raise Stuck(what, chats) from None
        finally:
            self._since.pop(future, None)
            self._waiting[topic].remove(entry)
            if not self._waiting[topic]:
                del self._waiting[topic]

    async def change(self, limit_s: float) -> None:
        """Return at the next event, or after *limit_s* without one."""
        self._changed.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._changed.wait()

    async def answer(self, query: str) -> str:
        """What the press with that callback query id is answered; empty when the button just stops spinning.

        It does so by itself after `SPINS_S`: an answer that comes later Telegram refuses, and people look at the card.
        """
        future = self._press(query)
        try:
            async with asyncio.timeout(SPINS_S):
                return await future
        except TimeoutError:
            return ""
        finally:
            del self._presses[query]

    def _press(self, query: str) -> asyncio.Future[str]:
        if query not in self._presses:
            self._presses[query] = asyncio.get_running_loop().create_future()
        return self._presses[query]

    def _take(self, event: dict[str, Any]) -> None:
        self._changed.set()
        match event["type"]:
            case "message" | "edit":
                self._keep(event)
            case "toast":
                self._heard(event["text"])
                future = self._press(event["query"])
                if not future.done():
                    future.set_result(event["text"])

    def _keep(self, event: dict[str, Any]) -> None:
        chat, raw = event["chat"], event["message"]
        self._newest[chat] = max(self._newest[chat], raw["message_id"])
        if raw.get("from", {}).get("id") != self._bot:
            return
        message = _message(chat, raw, time.monotonic())
        key = (message.chat, message.id)
        if key not in self._messages:
            self._heard(message.text)
        self._messages[key] = message
        for topic in _topics(message):
            known = self._topics[topic]
            if key not in known:
                known.append(key)
            if isinstance(topic, Private) and len(known) > REMEMBERED:
                known.popleft()
            for wanted, future in self._waiting.get(topic, ()):
                if not future.done() and wanted(message):
                    future.set_result(message)


def _message(chat: int, raw: dict[str, Any], seen_at: float) -> Message:
    buttons = [button for row in raw.get("reply_markup", {}).get("inline_keyboard", ()) for button in row]
    return Message(
        chat=chat,
        id=raw["message_id"],
        text=raw.get("text") or raw.get("caption") or "",
        author=raw["from"]["id"],
        reply_to=raw.get("reply_to_message", {}).get("message_id"),
        data=tuple(button["callback_data"] for button in buttons if "callback_data" in button),
        links=tuple(button["url"] for button in buttons if "url" in button),
        seen_at=seen_at,
    )


def _topics(message: Message) -> Iterator[Hashable]:
    if number := _NUMBER.search(message.text):
        yield About(int(number[1]))
    if message.reply_to is not None:
        yield Reply(message.chat, message.reply_to)
    if message.chat > 0:
        yield Private(message.chat)
