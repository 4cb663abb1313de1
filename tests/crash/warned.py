"""A town that is warned: more grids than the sample has, their households, and what these see and press."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.cli._common import opened
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Chat, Person, Sandbox
from bot.sandbox.world import Message
from bot.settings import Secret, Settings
from broadcasts.model import Alert, Audience, Broadcast, BroadcastId, Class, Figures, Level, ReceiptState, State
from routing.model import ChatId, ChatKind, ChatState, Household, PersonId, Unit, UnitCode, UnitKind
from routing.town import load
from storage.stores import Stores
from tests.crash.program import Program, witnessed

STREET: Final = UnitCode("370001001")
COMMUNITIES: Final = (UnitCode("370001001001"), UnitCode("370001001002"))
GRIDS: Final = 18
"""Grids beside those of the sample, half of them in each community; only there anybody lives."""
HOMES: Final = 12
"""Households in each of them; two people live in every third, in the others one."""
FIRST: Final = 500_000
"""From here on the Telegram ids of those people."""
LEADER: Final = 1017
WARNING: Final = "stay in"
PATIENCE_S: Final = 120.0
RECEIVED, HELP, CHASE = "got:", "sos:", "bcchase:"
"""How the payloads of the buttons begin."""


@dataclass(slots=True)
class Warned:
    """The town after a red alert was let out, with the program that sends it.

    Attributes:
        grids: The chats of the grids beside those of the sample, by their codes.
        homes: Who lives in each household of them, by its code.
    """

    sandbox: Sandbox
    town: SampleTown
    program: Program
    settings: Settings
    grids: Mapping[str, Chat] = field(default_factory=dict)
    homes: Mapping[str, Sequence[Person]] = field(default_factory=dict)

    @property
    def chats(self) -> list[Chat]:
        """Every residents' chat."""
        return [*(self.town.chats[code] for code in self.town.grids), *self.grids.values()]

    def chat_of(self, home: str) -> Chat:
        """The residents' chat of a household."""
        return self.grids[home.partition("-")[0]]

    def seen(self, chat: Chat | Person, carries: str) -> list[Message]:
        """The messages in a group, or to somebody in private, with a button or words that hold *carries*."""
        world = self.sandbox.exchange.world
        there = chat if isinstance(chat, Chat) else world.private(chat.id, self.town.bot.id)
        return [one for one in there.messages.values() if any(carries in part for part in _parts(one))]

    async def press(self, who: Person, chat: Chat, carries: str, *, again: bool = False, private: bool = False) -> str:
        """Press the newest button that begins so; returns the number of the query."""
        message = self.seen(who if private else chat, carries)[-1]
        data = next(one for one in _payloads(message) if one.startswith(carries))
        where = f"private:{self.town.bot.username}" if private else chat.id
        made = await self.sandbox.act(who, "press", chat=where, message=message.id, data=data, again=again)
        return str(made["query"])

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait for something to be seen.

        Raises:
            AssertionError: it did not come.
        """
        assert await self.sandbox.exchange.hub.until(holds, PATIENCE_S), "it did not come"

    async def until_sent(self) -> None:
        """Wait until every chat has the message, and its desk says that all have."""
        await self.until(lambda: all(self.seen(chat, WARNING) for chat in self.chats))
        await self.until(lambda: bool(self.seen(self.town.chats[STREET], CHASE)))

    async def chase(self, step: int) -> None:
        """Let the leader of the street begin that step of the chase at its desk, when the desk offers it."""
        desk = self.town.chats[STREET]

        def offered() -> list[str]:
            shown = [data for message in self.seen(desk, CHASE)[-1:] for data in _payloads(message)]
            return [data for data in shown if data.startswith(CHASE) and data.endswith(f":{step}")]

        await self.until(lambda: bool(offered()))
        await self.press(self.town.people[LEADER], desk, offered()[0])

    async def die(self) -> None:
        """Kill the program, and start it again."""
        await self.program.kill()
        self.sandbox.exchange.faults.orders.clear()
        await self.program.start()

    async def answers(self) -> tuple[State, Figures, list[str]]:
        """How the alert stands, its figures, and the households that pressed as its answers name them, in order."""
        async with opened(self.settings, read_only=True) as store:
            return await store.read(_answers)


@asynccontextmanager
async def warned(folder: Path, *, private: int = 0) -> AsyncIterator[Warned]:
    """Let a red alert out in the town, and start the program; *private* households have opened a private chat."""
    async with Sandbox() as sandbox:
        town = furnish(sandbox)
        url = f"sqlite+aiosqlite:///{folder / 'town.db'}"
        settings = Settings(bot_token=(Secret(TOKEN),), api_url=sandbox.url, database_url=url)
        program = Program(folder, sandbox.url, by_webhook=False)
        here = Warned(sandbox, town, program, settings, *_people(sandbox, town))
        openers = [people[0] for people in here.homes.values()][:private]
        for person in openers:
            await sandbox.act(person, "start", bot=town.bot.username)
        async with opened(settings, migrate=True) as store:
            await store.work(_settle, here, settings.bot_ids[0], openers)
        async with witnessed(lambda: [program]):
            await program.start()
            yield here


def _people(sandbox: Sandbox, town: SampleTown) -> tuple[dict[str, Chat], dict[str, list[Person]]]:
    grids, homes = {}, {}
    for number in range(GRIDS):
        code = f"{COMMUNITIES[number % 2]}{100 + number}"
        dwellers = []
        for door in range(HOMES):
            first = FIRST + 100 * number + 2 * door
            ids = (first, first + 1) if door % 3 == 0 else (first,)
            homes[f"{code}-{door}"] = [sandbox.add_person(f"p{one}", id=one) for one in ids]
            dwellers += homes[f"{code}-{door}"]
        chat = sandbox.add_group(f"more {number:02}", dwellers[0], members=dwellers[1:], id=-1_002_000_000_000 - number)
        sandbox.seat(chat, town.bot, admin=True)
        grids[code] = chat
    return grids, homes


def _settle(uow: Stores, here: Warned, bot: int, openers: Sequence[Person]) -> None:
    load(uow, [sheet for sheet in here.town.sheets if sheet.kind != "households"], bot=bot)
    now = datetime.now(UTC)
    for code, chat in here.grids.items():
        grid = UnitCode(code)
        uow.units.put(Unit(grid, chat.title, "grid", UnitCode(code[:12]), UnitKind.BASIC, HOMES))
        met = uow.chats.meet(bot, chat.id, ChatKind.RESIDENTS, chat.title, ChatState.OK)
        uow.chats.bind(met.id, ChatKind.RESIDENTS, grid)
    for code, people in here.homes.items():
        within, _, door = code.partition("-")
        uow.people.put_household(Household(code, UnitCode(within), "1", "1", door, f"door {code}"))
        for person in people:
            uow.people.join_household(uow.people.meet(person.id, person.name, "zh").id, code, now)
    for person in openers:
        uow.chats.meet(bot, person.id, ChatKind.PRIVATE, "", ChatState.OK)
    uow.broadcasts.add(red_alert(uow, now))


def red_alert(uow: Stores, now: datetime) -> Broadcast:
    """One to the whole street that begins at once, and whose window is so long that no step of its chase is due."""
    return Broadcast(
        id=BroadcastId(uow.ids.new()),
        number=uow.broadcasts.next_number(),
        state=State.SCHEDULED,
        kind=Class.ALERT,
        level=Level.RED,
        unit=STREET,
        author=PersonId(1),
        approver=PersonId(2),
        chat=ChatId(1),
        drafted_at=now,
        submitted_at=now,
        next_at=now,
        expires_at=now + timedelta(days=30),
        window_s=7 * 86400,
        audience=Audience(STREET),
        alert=Alert("snow", "station", now, now, "street", "much snow", WARNING),
    )


def _payloads(message: Message) -> Iterator[str]:
    for row in (message.markup or {}).get("inline_keyboard", []):
        yield from (button["callback_data"] for button in row if "callback_data" in button)


def _parts(message: Message) -> Iterator[str]:
    yield str(message.content.get("text", ""))
    yield from _payloads(message)


def _answers(uow: Stores) -> tuple[State, Figures, list[str]]:
    alert = uow.broadcasts.by_number(1)
    answers = [answer for answer, _ in uow.receipts.of(alert.id)]
    pressed = sorted(one.asked for one in answers if one.state is ReceiptState.PRESSED)
    return alert.state, uow.targets.figures(alert.id), pressed
