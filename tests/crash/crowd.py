"""Scripted people: they report, claim, resolve and rate, and press again when the bot went away over it."""

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, Protocol

from bot.sample.town import SampleTown
from bot.sandbox import Chat, Person, Sandbox
from tests.crash.board import WHY, Board, Button

PATIENCE_S: Final = 240.0
AGAIN_S: Final = 40.0
"""So long somebody waits for what their press brings before they press again. A question that the bot could not ask in
time it asks no more: with a clock ten times as fast that is soon, for one that is killed all the time."""
END_S: Final = 600.0
"""Everybody has come to the end by then."""
"""Only an upper bound: whoever waits longer has lost something."""
SUBJECTS: Final = ("楼道灯坏了", "垃圾桶满了没人清", "小区北门路面破损", "楼下烧烤店噪音大", "健身器材坏了")
RESIGNED: Final = 8
"""Every so many-th reporter is not satisfied."""
TWICE: Final = 0.4
"""How often a report is delivered twice, or a button pressed twice."""
NEVER: Final = 1 << 62
Find = Callable[[], Button | None]


@dataclass(frozen=True, slots=True)
class Told:
    """A report that Telegram took."""

    tag: str
    chat: int
    message: int
    content: bool


def _basic(town: SampleTown) -> list[str]:
    """Grids whose own worker has every case first: from a market some go straight to a department."""
    units = next(sheet for sheet in town.sheets if sheet.kind == "units").rows
    return [row.cells["code"] for row in units if row.cells["level"] == "grid" and row.cells["kind"] == "basic"]


class Living(Protocol):
    """The bot, which may be several programs."""

    @property
    def lives(self) -> int:
        """How often one was started."""
        ...


class Crowd:
    """Everybody's script, one task for each report."""

    def __init__(self, sandbox: Sandbox, town: SampleTown, program: Living, rng: random.Random) -> None:
        self.sandbox, self._town, self._program, self._rng = sandbox, town, program, rng
        self.board, self.reports = Board(sandbox), list[Told]()
        self._grids = _basic(town)
        self._first = sandbox.exchange.queue(town.bot).next_id
        self._tasks: list[asyncio.Task[None]] = []
        self._hands: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def greet(self) -> None:
        """The first worker of each grid and every resident open a private chat with the bot, and it answers.

        Whom it has not heard in private yet, it asks in the group, where nobody of this crowd would look.
        """
        people = [person for grid in self._town.grids for person in self._town.residents(grid)]
        people += [self._town.staff(grid)[0] for grid in self._town.grids]
        for person in people:
            await self._act(person, "start", bot=self._town.bot.username)
        await self._until(lambda: all(self.board.message(person.id, "report") for person in people))

    async def report(self) -> Told:
        """Somebody reports in a group; what follows goes on by itself."""
        count = len(self.reports)
        grids = self._grids
        grid = grids[count % len(grids)]
        residents = self._town.residents(grid)
        who, worker = residents[count // len(grids) % len(residents)], self._town.staff(grid)[0]
        tag, content = f"{count:04}", count % RESIGNED != RESIGNED - 1
        text = f"/report {self._rng.choice(SUBJECTS)} 编号{tag}"
        if self._rng.random() < TWICE:
            self.sandbox.deliver_twice(kind="message", new_id=self._rng.random() < 0.5)
        sent = await self._say(who, self._town.chats[grid], text)
        told = Told(tag, self._town.chats[grid].id, sent["message_id"], content)
        self.reports.append(told)
        self._tasks.append(asyncio.create_task(self._carry(told, who, worker), name=f"case {tag}"))
        return told

    async def carded(self, told: Told) -> None:
        """Return when the card of what was reported is seen."""
        await self._until(lambda: self.board.case_of(told.tag))

    async def finish(self) -> None:
        """Return when everybody has come to the end of their script."""
        async with asyncio.timeout(END_S):
            await asyncio.gather(*self._tasks)

    def cancel(self) -> None:
        """Send everybody home."""
        for task in self._tasks:
            task.cancel()

    @property
    def updates(self) -> int:
        """How many updates Telegram has made of what people did, repeated ones counted once for each number."""
        return self.sandbox.exchange.queue(self._town.bot).next_id - self._first

    async def _say(self, who: Person, chat: Chat, text: str) -> dict[str, Any]:
        if self._rng.random() < 0.3:
            return await self._act(who, "send_photo", chat=chat.id, caption=text)
        return await self._act(who, "send_text", chat=chat.id, text=text)

    async def _carry(self, told: Told, who: Person, worker: Person) -> None:
        """Take one case from the report to the rating; in private, or in the group where a card went missing."""
        case = await self._until(lambda: self.board.case_of(told.tag))
        rating = "satisfied" if told.content else "not_satisfied"
        resolve = partial(self.board.button, (worker.id, told.chat), f"resolve:{case}")
        rate = partial(self.board.button, (who.id, told.chat), f"rated:{case}:{rating}", f"rate:{case}:{rating}")
        await self._press(worker, partial(self.board.button, (worker.id, told.chat), f"claim:{case}"), resolve)
        async with self._hands[worker.id]:  # a worker writes one answer at a time
            await self._resolve(worker, resolve, rate)
        async with self._hands[who.id]:
            asked, thanks = self._why(who), f"comment:{case}"
            content = partial(self.board.message, who.id, thanks)
            await self._press(who, rate, content if told.content else lambda: self._why(who) > asked)

    async def _resolve(self, worker: Person, button: Find, done: Callable[[], Any]) -> None:
        """Press, and answer every question that comes, until the reporter can rate."""
        answered = self._question(worker)
        life = -1
        while not done():
            question = self._question(worker)
            if question > answered:
                answered = question
                await self._act(worker, "send_photo", chat=self._private, caption="已处理", reply_to=question)
            elif life < self._program.lives:
                await self._until(lambda: done() or button())
                life, there = self._program.lives, button()
                if there is not None and not done():
                    await self._act(worker, "press", **self._at(there))
            if not await self._in_time(partial(self._goes_on, worker, answered, life, done)):
                life = -1

    def _goes_on(self, worker: Person, answered: int, life: int, done: Callable[[], Any]) -> bool:
        """Whether something has happened since the last step: the end, another question, another life."""
        return bool(done() or self._question(worker) > answered or self._program.lives > life)

    async def _press(self, who: Person, button: Find, done: Callable[[], Any]) -> None:
        """Press a button, sometimes twice; again whenever the bot has been away and nothing happened."""
        while not done():
            await self._until(lambda: done() or button())
            there = button()
            if there is None or done():
                return
            life, twice = self._program.lives, self._rng.random() < TWICE
            await self._act(who, "press", **self._at(there), again=twice)
            await self._in_time(partial(self._goes_on, who, NEVER, life, done))

    def _at(self, there: Button) -> dict[str, Any]:
        chat = there.chat if there.chat < 0 else self._private
        return {"chat": chat, "message": there.message, "data": there.data}

    def _question(self, who: Person) -> int:
        """The newest open question of the bot in somebody's private chat; 0 when there is none."""
        return self.board.message(who.id, "nvm") or 0

    def _why(self, who: Person) -> int:
        """The newest question that somebody need not answer; 0 when there is none."""
        return self.board.message(who.id, WHY) or 0

    async def _in_time(self, holds: Callable[[], Any]) -> bool:
        """Wait for it as long as somebody waits before they try again; whether it has come."""
        return await self.sandbox.exchange.hub.until(holds, AGAIN_S)

    async def _until(self, holds: Callable[[], Any]) -> Any:
        """Wait for it, in each life of the program anew: one that is killed all the time comes to little."""
        while True:
            life = self._program.lives
            try:
                return await self.sandbox.wait_for(lambda _: holds(), PATIENCE_S)
            except TimeoutError:
                if self._program.lives == life:
                    raise

    async def _act(self, who: Person, action: str, **fields: Any) -> dict[str, Any]:
        return await self.sandbox.act(who, action, **fields)

    @property
    def _private(self) -> str:
        return f"private:{self._town.bot.username}"
