"""A whole town for tests: the local Telegram, the real bot, a real database file, and a named cast."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from bot.app import Huying
from bot.cli._common import opened
from bot.clock import Clock
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Chat, Person, Sandbox
from bot.settings import Secret, Settings
from broadcasts import ticking as broadcasting
from handlers import collect
from handlers._kit.presses import encode
from routing import duty, ticking
from routing.model import Case
from tests.databases import fresh_database
from tests.straight import straight_to
from tests.town_parts import SECOND_TOKEN, case_by_number, count_of_cases, is_busy, load_town, serve_by_another

P = ParamSpec("P")
T = TypeVar("T")
Message = dict[str, Any]

MONDAY: Final = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in the town, on a working day."""
PATIENCE_S: Final = 30.0
FAST: Final = 100.0
"""The pace of messages: what the limits allow in a minute is said in less than a second. Pacing has its own tests."""
SOON: Final = timedelta(seconds=1)
MOMENT: Final = timedelta(milliseconds=100)
"""What may leave so soon is waited for: a row written while we look is a little younger than our now."""
GRID, SECOND_GRID, MARKET = "370001001001001", "370001001001002", "370001001002003"
UNFOLD: Final = "更多"
"""Under a card with many buttons: the rare ones stand behind it."""
COMMUNITY, STREET, CITY = "370001001001", "370001001", "370001"


class TownClock:
    """A clock that runs from Monday morning and can be set forward; whoever sets the machine's does not move it."""

    def __init__(self) -> None:
        self._ahead_s = MONDAY.timestamp() - time.monotonic()

    def __call__(self) -> float:
        """Seconds since 1970, as the town sees them."""
        return time.monotonic() + self._ahead_s

    def advance(self, span: timedelta) -> None:
        """Let time pass."""
        self._ahead_s += span.total_seconds()


class Persona:
    """Somebody of the cast, in the chat where they usually write."""

    def __init__(self, town: "Town", person: Person, home: Chat) -> None:
        self._town, self.person, self.home = town, person, home

    @property
    def id(self) -> int:
        """Their Telegram id."""
        return self.person.id

    async def acts(self, action: str, **fields: Any) -> Message:
        """Do anything that a person can do; returns at once."""
        return await self._town.sandbox.act(self.person, action, **fields)

    async def sends(self, kind: str, *, privately: bool = False, chat: Chat | None = None, **fields: Any) -> Message:
        """Send a message of any kind (``text``, ``photo``, ``sticker`` …) and wait until the bot has dealt with it."""
        where = self._town.bot_chat if privately else (chat or self.home).id
        if "reply_to" in fields and isinstance(fields["reply_to"], Mapping):
            fields["reply_to"] = fields["reply_to"]["message_id"]
        sent = await self.acts(f"send_{kind}", chat=where, **fields)
        await self._town.quiet()
        return sent

    async def writes(self, text: str, **fields: Any) -> Message:
        """Write in the group."""
        return await self.sends("text", text=text, **fields)

    async def writes_privately(self, text: str, **fields: Any) -> Message:
        """Write to the bot."""
        return await self.sends("text", text=text, privately=True, **fields)

    async def sends_photo(self, caption: str | None = None, **fields: Any) -> Message:
        """Send a picture."""
        return await self.sends("photo", **_given(caption=caption), **fields)

    async def sends_album(self, count: int, caption: str | None = None, **fields: Any) -> Message:
        """Send *count* pictures as one album."""
        return await self.sends("album", count=count, **_given(caption=caption), **fields)

    async def sends_voice(self, **fields: Any) -> Message:
        """Send a voice message."""
        return await self.sends("voice", **fields)

    async def sends_video(self, **fields: Any) -> Message:
        """Send a video."""
        return await self.sends("video", **fields)

    async def sends_location(self, latitude: float = 37.36, longitude: float = 120.4, **fields: Any) -> Message:
        """Send a place."""
        return await self.sends("location", latitude=latitude, longitude=longitude, **fields)

    async def edits(self, message: Message, text: str, *, privately: bool = False) -> Message:
        """Edit one's own message."""
        where = self._town.bot_chat if privately else self.home.id
        edited = await self.acts("edit_text", chat=where, message=message["message_id"], text=text)
        await self._town.quiet()
        return edited

    async def presses(self, message: Message, button: Any, *, chat: Chat | None = None, forged: bool = False) -> None:
        """Press a button by its words or its payload, wherever the message is, and wait for what follows.

        A rare button of a card is looked for behind 更多, as people do; what is named by its payload is not.
        """
        where = chat.id if chat else self._chat_of(message)
        if isinstance(button, str) and self._find(message, button) is None and self._find(message, UNFOLD):
            await self.presses(message, UNFOLD, chat=chat)
        data = self._data(message, button) if isinstance(button, str) else encode(button)
        more = {"forged": True} if forged else {}
        answered = len(self._toasts())
        await self.acts("press", chat=where, message=message["message_id"], data=data, **more)
        await self._town.sandbox.exchange.hub.until(lambda: len(self._toasts()) > answered, PATIENCE_S)
        await self._town.quiet()

    def _toasts(self) -> list[Message]:
        return [toast for toast in self._town.sandbox.toasts if toast["to"] == self.id]

    async def starts(self, payload: str | None = None) -> None:
        """Open the private chat with the bot, or follow a deep link into it."""
        await self.acts("start", bot=self._town.sample.bot.username, **_given(payload=payload))
        await self._town.quiet()

    async def blocks(self) -> None:
        """Block the bot."""
        await self.acts("block", bot=self._town.sample.bot.username)
        await self._town.quiet()

    async def joins(self, chat: Chat) -> None:
        """Join a group."""
        await self.acts("join", chat=chat.id)
        await self._town.quiet()

    async def leaves(self, chat: Chat) -> None:
        """Leave a group."""
        await self.acts("leave", chat=chat.id)
        await self._town.quiet()

    def _chat_of(self, message: Message) -> int | str:
        chat = message["chat"]
        return self._town.bot_chat if chat["type"] == "private" else int(chat["id"])

    def _data(self, message: Message, words: str) -> str:
        found = self._find(message, words)
        if found is None:
            shown = self._town.now_of(self, message)
            raise AssertionError(f"no button {words!r} under {shown.get('text')!r}, only {self._town.buttons(shown)}")
        return found

    def _find(self, message: Message, words: str) -> str | None:
        """What the button with those words sends; a card that others changed is read as it stands now."""
        shown = self._town.now_of(self, message)
        for row in shown.get("reply_markup", {}).get("inline_keyboard", []):
            for button in row:
                if button["text"] == words or button["text"].split()[-1] == words:
                    return str(button["callback_data"])
        return None


class Town:
    """The running town. Chats are the sandbox's, cases the database's."""

    def __init__(self, sandbox: Sandbox, sample: SampleTown, settings: Settings) -> None:
        self.sandbox, self.sample, self.settings = sandbox, sample, settings
        self.clock = TownClock()
        self._stirred = asyncio.Event()
        self.app = self._new_app()
        self.group, self.second_group, self.market = (sample.chats[code] for code in (GRID, SECOND_GRID, MARKET))
        self.community_desk, self.street_desk, self.city_desk = (sample.chats[c] for c in (COMMUNITY, STREET, CITY))
        residents = sample.residents(GRID)
        self.wang, self.zhou, self.emma = (Persona(self, person, self.group) for person in residents[:3])
        self.neighbour = Persona(self, sample.residents(SECOND_GRID)[0], self.second_group)
        self.li, self.zhang = (Persona(self, person, self.group) for person in sample.staff(GRID)[:2])
        self.zhao = Persona(self, sample.staff(SECOND_GRID)[0], self.second_group)
        self.chen = Persona(self, sample.staff(COMMUNITY)[0], self.community_desk)
        self.sun = Persona(self, sample.staff(STREET)[0], self.street_desk)
        self.he = Persona(self, sample.staff(CITY)[0], self.city_desk)

    @property
    def bot_chat(self) -> str:
        """How people name their private chat with the bot."""
        return f"private:{self.sample.bot.username}"

    @property
    def now(self) -> datetime:
        """The town's time."""
        return self.app.clock.now()

    def _new_app(self) -> Huying:
        app = Huying(self.settings, pace=FAST)
        app.clock = Clock(wall=self.clock)
        return app

    async def start(self) -> None:
        """Start the bot, and hear of every commit that it makes."""
        await self.app.__aenter__()
        run = self.app.store._run

        async def heard(*args: Any, **kwargs: Any) -> Any:
            try:
                return await run(*args, **kwargs)
            finally:
                self._stirred.set()

        self.app.store._run = heard  # type: ignore[method-assign]  # every work goes through it

    async def boards_hang(self) -> None:
        """Wait until every residents' chat has its board pinned."""
        chats = [self.sample.chats[code] for code in self.sample.grids]
        await self.sandbox.exchange.hub.until(lambda: all(chat.pinned for chat in chats), PATIENCE_S)
        await self.quiet()

    async def restart(self, away: timedelta = timedelta()) -> None:
        """Stop the bot in good order and start it again, after the time *away*."""
        await self.app.__aexit__(None, None, None)
        self.clock.advance(away)
        self.app = self._new_app()
        await self.start()
        await self.quiet()

    async def work(self, use_case: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a use-case and let the courier see what it promised."""
        result = await self.app.store.work(use_case, *args, **kwargs)
        self.app._wake()
        return result

    async def read(self, question: Callable[Concatenate[Any, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the database."""
        return await self.app.store.read(question, *args, **kwargs)

    async def case(self, number: int = 1) -> Case:
        """A case by its number."""
        return await self.read(case_by_number, number)

    async def cases(self) -> int:
        """How many cases there are."""
        return await self.read(count_of_cases)

    async def tick(self) -> None:
        """Let the clock ring what is due and the collectors finish what they wait for, and wait for what follows."""
        while await self.work(ticking.sweep, self.now):
            pass
        while await self.work(duty.sweep, self.now):
            pass
        while await self._broadcast():
            await self.quiet()
        await self.work(collect, self.now)
        await self.quiet()

    async def _broadcast(self) -> int:
        """Let every broadcast that is due do its next bit, and its figures be shown; returns how much there was."""
        due = await self.read(broadcasting.due, self.now + MOMENT)  # the running ticker may just have looked at one
        for one in due:
            await self.work(broadcasting.look, one, self.now)
        await self.work(broadcasting.show_progress, self.now)
        return len(due) + await self.work(broadcasting.refresh, self.now)

    async def passes(self, **span: float) -> None:
        """Let time pass, then tick."""
        self.clock.advance(timedelta(**span))
        await self.tick()

    async def quiet(self) -> None:
        """Return when every update has been handled and every message that may leave has left."""
        hub = self.sandbox.exchange.hub
        queues = [self.sandbox.exchange.queues[bot] for bot in self.settings.bot_ids]
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await hub.until(lambda: not any(queue.pending for queue in queues), PATIENCE_S)
                self._stirred.clear()
                seen = hub.changes
                busy = await self.read(is_busy, self.now + SOON)
                if not busy and hub.changes == seen and not any(queue.pending for queue in queues):
                    return
                if busy:
                    await self._stirred.wait()

    def messages(self, chat: Chat) -> list[Message]:
        """What a group shows, oldest first."""
        return self.sandbox.messages(chat.id)

    def private(self, who: Persona) -> list[Message]:
        """What the private chat of *who* with the bot shows, oldest first."""
        return self.sandbox.private(who.person, self.sample.bot)

    def last(self, where: "Chat | Persona") -> Message:
        """The newest message of the bot in a group, or in somebody's private chat."""
        messages = self.private(where) if isinstance(where, Persona) else self.messages(where)
        ours = [message for message in messages if message.get("from", {}).get("id") == self.sample.bot.id]
        assert ours, f"the bot has said nothing in {where}"
        return ours[-1]

    def said(self, where: "Chat | Persona") -> list[str]:
        """The texts of the bot in a group, or in somebody's private chat, oldest first; the pinned board is none."""
        messages = self.private(where) if isinstance(where, Persona) else self.messages(where)
        pinned = {message["pinned_message"]["message_id"] for message in messages if "pinned_message" in message}
        ours = [message for message in messages if message.get("from", {}).get("id") == self.sample.bot.id]
        texts = {message["message_id"]: message.get("text") or message.get("caption") for message in ours}
        return [str(text) for number, text in texts.items() if text and number not in pinned]

    def answer_to(self, message: Message, chat: Chat | None = None) -> Message:
        """What the bot replied to a message of the group."""
        for one in reversed(self.messages(chat or self.group)):
            replied = one.get("reply_to_message", {}).get("message_id")
            if replied == message["message_id"] and one["from"]["id"] == self.sample.bot.id:
                return one
        raise AssertionError(f"the bot did not reply to {message.get('text')!r}")

    def now_of(self, who: Persona, message: Message) -> Message:
        """The message as it stands now, after edits."""
        chat = message["chat"]
        messages = self.private(who) if chat["type"] == "private" else self.sandbox.messages(chat["id"])
        return next((one for one in messages if one["message_id"] == message["message_id"]), message)

    def buttons(self, message: Message) -> list[str]:
        """The words on a message's buttons, row by row."""
        rows = message.get("reply_markup", {}).get("inline_keyboard", [])
        return [button["text"] for row in rows for button in row]

    def toast(self, who: Persona) -> str | None:
        """What the last press of *who* was answered."""
        return next((toast["text"] for toast in reversed(self.sandbox.toasts) if toast["to"] == who.id), None)


@asynccontextmanager
async def town_in(
    folder: Path, *, started: bool = True, second: Collection[str] = (), **options: Any
) -> AsyncIterator[Town]:
    """Build the town in *folder* and run it.

    Args:
        folder: For the database.
        started: Whether the cast has opened its private chats; the first neighbours and workers then have.
        second: Units whose chats a second bot serves; the first one has nothing to do there.
        options: Of `Settings`, beyond those that the town needs.
    """
    async with Sandbox() as sandbox, straight_to(sandbox):
        sample = furnish(sandbox)
        settings = Settings(
            bot_token=(Secret(TOKEN), *([Secret(SECOND_TOKEN)] if second else [])),
            api_url=sandbox.url,
            database_url=fresh_database(folder / "town.db"),
            http_port=0,
            **{"quiet_hours": "off", **options},
        )
        if second:
            serve_by_another(sandbox, sample, second)
        async with opened(settings) as store:
            await store.work(load_town, sample, settings.bot_ids, second)
        town = Town(sandbox, sample, settings)
        await town.start()
        try:
            await town.boards_hang()
            if started:
                for persona in (town.wang, town.li, town.zhang, town.chen, town.sun):
                    await persona.acts("start", bot=sample.bot.username)
                await town.quiet()
            yield town
        finally:
            await town.app.__aexit__(None, None, None)


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
