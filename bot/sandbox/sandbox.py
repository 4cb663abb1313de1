"""The sandbox in one object: start it, people a world, act, wait for what follows."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from bot.sandbox.building import add_group, add_person, seat
from bot.sandbox.clock import Clock, RealClock
from bot.sandbox.control import command, perform
from bot.sandbox.exchange import Exchange, Record
from bot.sandbox.people.asking import user_of
from bot.sandbox.server import create_app
from bot.sandbox.state import Keeper, document, restore_document
from bot.sandbox.transcript import transcript
from bot.sandbox.whispers import whispers_to
from bot.sandbox.wire import message_json
from bot.sandbox.world import Bot, Chat, Json, Person


class CannotListen(Exception):
    """Nobody can listen at that address; the text says where and why."""


class Sandbox:
    """A local Telegram on 127.0.0.1.

    Args:
        port: Where to listen; 0 takes any free port.
        strict: Enforce the flood limits.
        clock: Real time when None; a `ManualClock` stands still until it is advanced.
        state: A folder to load the world from, if it holds one, and to save it to.
        host: The address to listen on.

    Attributes:
        tour: The guided tour that the page offers, in the words of `page/tour.js`; empty for none.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        strict: bool = False,
        clock: Clock | None = None,
        state: Path | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.exchange = Exchange(clock=clock or RealClock(), strict=strict)
        self._keeper = Keeper(self.exchange, state) if state is not None else None
        self.tour: Json = {}
        self._host = host
        self._port = port
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        """Load the world and listen.

        Raises:
            CannotListen: the port is taken, or there is no such address.
        """
        if self._keeper is not None:
            await self._keeper.load()
        self._runner = web.AppRunner(
            create_app(self.exchange, lambda: self.tour), access_log=None, shutdown_timeout=1, handler_cancellation=True
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except (OSError, OverflowError) as error:
            await self._runner.cleanup()
            why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
            raise CannotListen(f"Nobody can listen on {self._host}:{self._port}: {why}.") from error
        self._port = int(self._runner.addresses[0][1])
        if self._keeper is not None:
            self._keeper.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and save the world."""
        if self._runner is not None:
            await self._runner.cleanup()
        if self._keeper is not None:
            await self._keeper.close()
        await self.exchange.close()

    @property
    def url(self) -> str:
        """The root: the Bot API is at `<url>/bot<token>/<method>`, the page at `<url>/`."""
        return f"http://{self._host}:{self._port}"

    @property
    def calls(self) -> list[Record]:
        """The Bot API calls, oldest first; beyond 20,000 the oldest are forgotten, `tally` counts on."""
        return self.exchange.calls

    @property
    def tally(self) -> Mapping[str, int]:
        """How many calls there were of each method in small letters; failures as `sendmessage 429`."""
        return self.exchange.tally

    @property
    def toasts(self) -> list[Json]:
        """Every answer to a press so far: to, text, alert, url, query, chat, message."""
        return self.exchange.toasts

    def add_bot(self, name: str, username: str, token: str = "42:SANDBOX", *, privacy: bool = True) -> Bot:  # noqa: S107 - an invented token
        """Create a bot."""
        bot = self.exchange.world.add_bot(name, username, token, privacy=privacy)
        self.exchange.hub.changed()
        return bot

    def add_person(
        self,
        name: str,
        username: str | None = None,
        language_code: str | None = None,
        *,
        last_name: str = "",
        id: int | None = None,  # noqa: A002 - the name callers know
    ) -> Person:
        """Create a person."""
        return add_person(self.exchange, name, username, language_code, last_name, id)

    def add_group(
        self,
        title: str,
        owner: Person,
        *,
        supergroup: bool = True,
        members: Any = (),
        username: str | None = None,
        id: int | None = None,  # noqa: A002 - the name callers know
    ) -> Chat:
        """Create a group in which *members* already are."""
        return add_group(self.exchange, title, owner, supergroup, None, username, members, id)

    def seat(self, chat: Chat, user: Person, *, admin: bool = False) -> None:
        """Let the owner of *chat* bring in *user*, or make them administrator; bots are told."""
        seat(self.exchange, chat, user, admin=admin)

    async def act(self, person: int | Person, action: str, **fields: Any) -> Json:
        """Do something as a person.

        Raises:
            Refused: their client would not let them.
        """
        return perform(self.exchange, person if isinstance(person, int) else person.id, action, fields)

    def messages(self, chat_id: int) -> list[Json]:
        """The messages of a group in order, as the Bot API writes them."""
        return self._messages(self.exchange.world.chats[chat_id])

    def ephemeral(self, chat_id: int, person: Person | int) -> list[Json]:
        """The ephemeral messages of a group that one person can see, in order."""
        chat = self.exchange.world.chats[chat_id]
        found = whispers_to(self.exchange, chat, person if isinstance(person, int) else person.id)
        return [message_json(self.exchange.world, chat, message) for message in found]

    def private(self, person: Person | int, bot: Bot | int | str) -> list[Json]:
        """The messages of a private chat in order."""
        return self._messages(self._private(person, bot))

    def transcript(self, chat_id: int, bot: Bot | int | str | None = None) -> str:
        """A chat as readable text; with *bot*, the private chat of the person *chat_id* with it."""
        chat = self.exchange.world.chats[chat_id] if bot is None else self._private(chat_id, bot)
        return transcript(self.exchange, chat)

    async def wait_for(self, predicate: Callable[["Sandbox"], Any], timeout_s: float = 10.0) -> Any:
        """Wait until *predicate* is true of this sandbox and return its value; asked at every change.

        Raises:
            TimeoutError: it did not come true; the message holds what was said in the chats.
        """
        found: list[Any] = []

        def holds() -> bool:
            value = predicate(self)
            if value:
                found.append(value)
            return bool(value)

        if not await self.exchange.hub.until(holds, timeout_s):
            raise TimeoutError(f"not within {timeout_s} s\n{self._everything()}")
        return found[-1]

    def fail_next(self, method: str | None = None, how: str = "429", times: int = 1, **more: Any) -> None:
        """Let the next *times* calls fail; *more*: contains, retry_after, seconds, bot."""
        command(self.exchange, "fail_next", {"method": method, "how": how, "times": times, **more})

    def deliver_twice(self, **fields: Any) -> None:
        """Deliver the next update twice; `kind` and `bot` choose which, `new_id` gives the copy an id of its own."""
        command(self.exchange, "deliver_twice", fields)

    def deliver_late(self, seconds: float = 60.0, **fields: Any) -> None:
        """Deliver the next update *seconds* of the sandbox's clock late; `kind` and `bot` choose which."""
        command(self.exchange, "deliver_late", {"seconds": seconds, **fields})

    def deliver_swapped(self, **fields: Any) -> None:
        """Deliver the next update after the one that follows it; `kind` and `bot` choose which."""
        command(self.exchange, "deliver_swapped", fields)

    def save(self) -> Json:
        """The world as one JSON document, files included."""
        return document(self.exchange)

    async def restore(self, saved: Json) -> None:
        """Replace the world by one that `save` returned, here or elsewhere; people and chats are found by their ids.

        A manual clock moves forward to the time of saving if that is still ahead; it never goes back.

        Raises:
            Refused: *saved* is no such document; then nothing has changed.
        """
        await restore_document(self.exchange, saved)

    def _messages(self, chat: Chat) -> list[Json]:
        return [message_json(self.exchange.world, chat, message) for message in chat.messages.values()]

    def _private(self, person: Person | int, bot: Bot | int | str) -> Chat:
        number = person if isinstance(person, int) else person.id
        other = bot.id if isinstance(bot, Bot) else user_of(self.exchange, bot).id
        return self.exchange.world.private(number, other)

    def _everything(self) -> str:
        world = self.exchange.world
        chats = [chat for chat in (*world.chats.values(), *world.privates.values()) if chat.messages][-20:]
        return "\n".join(f"--- {chat.title or chat.id}\n{transcript(self.exchange, chat)}" for chat in chats)
