"""What happened in a sample town before anybody looked: cases at every stage, made through the use-cases.

`past.toml` of a town tells it: who reported what in which grid, how many minutes before now, and what was done then.
People's messages stand in the sandbox's chats; what the bot owes for them it sends as soon as it runs.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from importlib.resources import files
from typing import Any, Final

from bot.sample.deeds import DEEDS, Doing
from bot.sample.tidings import Tidings
from bot.sample.town import USERNAME, SampleTown
from bot.sandbox import Person, Sandbox
from bot.sandbox.updates import Pending
from routing import filing, refusals, residents, ticking
from routing.filing import Report
from routing.model import CaseId, ChatKind, ChatState, Media, MediaKind
from routing.ports import Lane, Promise, UnitOfWork
from storage.store import Store

STEP: Final = timedelta(minutes=2)
"""So long everything takes for which the script gives no time."""
WAIT: Final = "wait"


@dataclass(frozen=True, slots=True)
class Script:
    """One case of the past.

    Args:
        grid: Where it happened.
        by: Whose report it is, counted from 0 among the residents of the grid.
        ago: How long before now it was reported.
        text: In their words.
        photo: With a picture.
        deeds: What was done then: each a word of `DEEDS` and what it needs, or ``wait`` and minutes.
    """

    grid: str
    text: str
    ago: timedelta
    by: int = 0
    photo: bool = False
    deeds: Sequence[Sequence[Any]] = ()


def scripts(city: str) -> list[Script]:
    """The past of a town, as its file tells it."""
    told = tomllib.loads((files("bot.sample") / city / "past.toml").read_text("utf-8"))
    return [Script(**{**one, "ago": timedelta(minutes=one["ago"])}) for one in told["case"]]


@dataclass(slots=True)
class Life:
    """A case while its past is lived: what comes next, and the case once it is there."""

    script: Script
    todo: Iterator[Sequence[Any]]
    case: CaseId | None = None


@dataclass(slots=True)
class Past:
    """Lives the past of a furnished town in a store that nobody serves yet.

    What happens here the bot will not hear of; what visitors write meanwhile it will.

    Args:
        sandbox: Where people write.
        town: Whose past it is.
        store: Where it is kept.
        unheard: Updates that tell of the furnishing.
    """

    sandbox: Sandbox
    town: SampleTown
    store: Store
    unheard: Sequence[Pending] = ()
    _agenda: list[tuple[datetime, int, Life]] = field(default_factory=list)
    _cases: list[Life] = field(default_factory=list)
    _tidings: Tidings = field(default_factory=Tidings)

    async def live(self, now: datetime) -> None:
        """Everybody meets the bot, then everything happens in the order of its time, the clocks ringing in between.

        Nobody has to say anything twice: the bot will not hear the messages of the past. And of what it would have said
        meanwhile it says what still matters.
        """
        self._forget(self.unheard)
        await self._meet(now - max(script.ago for script in scripts(self.town.city)) - STEP)
        for number, script in enumerate(scripts(self.town.city)):
            life = Life(script, iter(script.deeds))
            self._cases.append(life)
            heappush(self._agenda, (now - script.ago, number, life))
        while self._agenda:
            at, number, life = heappop(self._agenda)
            await self._ring(at)
            wait = await self._next(life, at)
            if wait is not None:
                heappush(self._agenda, (min(at + wait, now), number, life))
        await self._ring(now)
        await self.store.work(self._tidings.tell)

    async def _meet(self, at: datetime) -> None:
        """All staff, and every resident but each third, have opened a private chat with the bot."""
        town = self.town
        staff = [person for unit in town.levels for person in town.staff(unit)]
        neighbours = [person for grid in town.grids for n, person in enumerate(town.residents(grid)) if n % 3 != 2]
        for person in {one.id: one for one in (*staff, *neighbours)}.values():
            await self._acts(person, "start", bot=town.bot.username)
            await self.store.work(_open_chat, town.bot.id, person, at)

    async def _ring(self, now: datetime) -> None:
        while await self.store.work(self._tidings.held(ticking.sweep), now):
            pass

    async def _next(self, life: Life, at: datetime) -> timedelta | None:
        """Do the next thing; returns when the one after it follows, or ``None`` after the last one."""
        if life.case is None:
            life.case = await self._reported(life.script, at)
            return STEP
        deed = next(life.todo, None)
        if deed is None:
            return None
        word, *needs = deed
        if word == WAIT:
            return timedelta(minutes=needs[0])
        photo = await self._evidence(life.case) if word == "resolve" else ()
        doing = Doing(case=life.case, at=at, photo=photo, others=tuple(one.case for one in self._cases if one.case))
        self._tidings.overtaken(life.case)
        try:
            await self.store.work(self._tidings.held(DEEDS[word]), doing, *needs)
        except refusals.Refusal as refusal:
            refusal.add_note(f"in the past of {self.town.city}: {life.script.text}: {word}")
            raise
        return STEP

    async def _reported(self, script: Script, at: datetime) -> CaseId:
        """The resident writes in the group of the grid, and the report is taken."""
        who, chat = self.town.residents(script.grid)[script.by], self.town.chats[script.grid].id
        words = f"/report {script.text}"
        if script.photo:
            sent = await self._acts(who, "send_photo", chat=chat, caption=words)
        else:
            sent = await self._acts(who, "send_text", chat=chat, text=words)
        return await self.store.work(_file, self.town.bot.id, who, chat, script, sent, at)

    async def _evidence(self, case: CaseId) -> tuple[Media, ...]:
        """A picture that whoever holds the case sends to the bot."""
        holder = await self.store.read(_holder, case)
        if holder is None:
            return ()
        where = f"private:{self.town.bot.username}"
        return _media(self.town.bot.id, await self._acts(holder, "send_photo", chat=where))

    async def _acts(self, who: Person | int, what: str, **fields: Any) -> Mapping[str, Any]:
        """Somebody sends something; returns it as the bot would see it, which will not hear of it again."""
        queue = self.sandbox.exchange.queues[self.town.bot.id]
        before = {id(update) for update in queue.alive()}
        await self.sandbox.act(who, what, **fields)
        heard = [update for update in queue.alive() if id(update) not in before]
        self._forget(heard)
        message: Mapping[str, Any] = next(one.update["message"] for one in reversed(heard) if one.kind == "message")
        return message

    def _forget(self, updates: Sequence[Pending]) -> None:
        """Take the messages among these from what waits for the bot."""
        queue = self.sandbox.exchange.queues[self.town.bot.id]
        for update in updates:
            if update.kind == "message":
                queue.drop(update)


def _open_chat(uow: UnitOfWork, bot: int, who: Person, at: datetime) -> None:
    person = uow.people.meet(who.id, who.name, who.language_code)
    chat = uow.chats.meet(bot, who.id, ChatKind.PRIVATE, "", ChatState.OK)
    residents.inform(uow, person.id, at)
    answers = [("start", Lane.ANSWER), *([("own_menu", Lane.NOTICE)] if uow.people.posts_of(person.id) else [])]
    for view, lane in answers:
        uow.outbox.promise(Promise(key=f"past:{chat.id}:{view}", chat=chat.id, view=view, params={}, lane=lane))


def _file(
    uow: UnitOfWork, bot: int, who: Person, chat: int, script: Script, sent: Mapping[str, Any], at: datetime
) -> CaseId:
    met = uow.people.meet(who.id, who.name, who.language_code)
    group = uow.chats.find(bot, chat)
    if group is None:
        raise LookupError(f"the chat of {script.grid} is not bound")
    case = filing.file_report(
        uow,
        Report(
            person=met.id,
            grid=filing.grid_of_chat(uow, group.id),
            at=at,
            text=script.text,
            chat=group.id,
            message_id=sent["message_id"],
            media=_media(bot, sent),
        ),
    )
    if case.confidential:
        filing.acknowledge_quietly(uow, case, group.id, sent["message_id"], USERNAME)
    return case.id


def _holder(uow: UnitOfWork, case: CaseId) -> int | None:
    """The Telegram id of whoever holds the case."""
    holder = uow.cases.get(case).holder
    person = uow.people.get(holder) if holder is not None else None
    return person.telegram_id if person else None


def _media(bot: int, sent: Mapping[str, Any]) -> tuple[Media, ...]:
    sizes = sent.get("photo")
    if not sizes:
        return ()
    largest = sizes[-1]
    return (Media(MediaKind.PHOTO, bot, largest["file_id"], largest["file_unique_id"], largest.get("file_size")),)
