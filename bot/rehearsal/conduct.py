"""The whole rehearsal: furnish the town, start the bot, let every message live, sum up."""

import asyncio
import contextlib
import resource
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson
from aiohttp import ClientSession, TCPConnector

from bot import clock as clocks
from bot.app import open_store
from bot.clock import Clock
from bot.rehearsal.feed import Feed, Private, Reply, Stuck
from bot.rehearsal.figures import Figures
from bot.rehearsal.filing import Refused, file, hidden, hushed
from bot.rehearsal.ledger import settle
from bot.rehearsal.people import NotAllowed, People
from bot.rehearsal.phrases import is_refusal, key_of
from bot.rehearsal.plan import Plan, plan_of
from bot.rehearsal.process import RunningBot, running_bot
from bot.rehearsal.rows import Row
from bot.rehearsal.scene import Scene
from bot.rehearsal.working import Work
from bot.sample.town import TOKEN, USUAL, SampleTown, furnish
from bot.sandbox import Sandbox
from bot.settings import Secret, Settings
from routing import staffing
from routing.policy import Policy
from routing.ports import UnitOfWork
from routing.town import load
from storage.stores import Stores

SENDING: Final = frozenset({"sendmessage", "sendphoto", "sendmediagroup", "sendvoice", "sendvideo", "senddocument"})
EDITING: Final = frozenset({"editmessagetext", "editmessagecaption", "editmessagereplymarkup"})
DATABASE: Final = "rehearsal.db"
LAPSE: Final = timedelta(days=3)
"""After so long the default policy archives what nobody rated."""
LONGEST_LAPSE_S: Final = 600.0
SLACK_S: Final = 30.0
LATE_S: Final = 8.0
"""While somebody has waited for the bot for so long, nobody begins with another report."""
QUIET_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to rehearse.

    Args:
        seed: Of everything that people decide.
        at_once: Reports in flight.
        speed: How many times faster the town's clock runs.
        patience_s: How long people wait for the bot before a report counts as stuck.
        city: In whose shape, and under whose policy, the town is.
        bot: What comes after the interpreter to start the bot.
        plan: What will happen to the report with that id, by the seed.
    """

    seed: int = 1
    at_once: int = 48
    speed: float = 600.0
    patience_s: float = 60.0
    city: str = USUAL
    bot: tuple[str, ...] = ("-m", "bot", "run")
    plan: Callable[[int, str], Plan] = plan_of

    @property
    def lapse_s(self) -> float | None:
        """Real seconds until an unrated case is archived; ``None`` when that is too long to wait for."""
        seconds = LAPSE.total_seconds() / self.speed
        if seconds > LONGEST_LAPSE_S:
            return None
        called = Policy.load(self.city).call_back is not None  # then they may still rate after the call
        return 2 * seconds if called else seconds


async def rehearse(rows: Sequence[Row], folder: Path, options: Options, advance: Callable[[], None]) -> dict[str, Any]:
    """Let every message of *rows* live in the sample town; *advance* is called at the end of each.

    Returns:
        The figures, as plain data.

    Raises:
        BotFailed: the bot did not start, or ended.
    """
    figures = Figures()
    begun = time.monotonic()
    async with Sandbox() as sandbox, ClientSession(connector=TCPConnector(limit=0)) as session:
        town = furnish(sandbox, options.city)
        settings = _settings(sandbox.url, folder, options)
        rosters = await _import(settings, town)
        people = People(session, sandbox.url, town.bot.id)
        async with running_bot(folder, _environment(settings), options.bot) as bot:
            feed = Feed(town.bot.id, _counter(figures), patience_s=options.patience_s)
            scene = Scene(
                town,
                people,
                feed,
                figures,
                seed=options.seed,
                folder=folder,
                lapse_s=options.lapse_s,
                policy=Policy.load(options.city),
                rosters=rosters,
                speed=options.speed,
            )
            play = Play(scene, options, advance)
            await _while_it_lasts(_evening(play, rows, bot, session), feed.run(session, sandbox.url), bot.ended())
            counts = await bot.counts(session)
        calls = orjson.loads(await people.read("/sandbox/calls?limit=1"))["tally"]
    ledger = await _settled(settings, figures)
    return {
        "city": options.city,
        "reports": len(rows),
        **ledger,
        **figures.summary(),
        **_traffic(counts, calls, play.lived_s),
        "lived_s": round(play.lived_s, 1),
        "cpu_s": {
            "sandbox and people": round(_cpu_s(resource.RUSAGE_SELF), 1),
            "bot": round(_cpu_s(resource.RUSAGE_CHILDREN), 1),
        },
        "taken_s": round(time.monotonic() - begun, 1),
        "reports_per_s": round(len(rows) / play.lived_s, 2),
    }


class Play:
    """Lets every message live, so many at once; an unrated case waits for its lapse without holding a place."""

    def __init__(self, scene: Scene, options: Options, advance: Callable[[], None]) -> None:
        self.scene, self._options, self._advance = scene, options, advance
        self._places = asyncio.Semaphore(options.at_once)
        self.lived_s = 0.0
        """From the first report to the end of the last one that somebody carried to its end."""

    async def perform(self, rows: Sequence[Row]) -> None:
        """Begin with each message as soon as there is a place and the bot is not behind, and wait for all of them.

        A machine that does other work too falls behind, and then deadlines pass while people still look for a card.
        """
        begun = time.monotonic()
        async with asyncio.TaskGroup() as reports:
            for row in rows:
                await self._places.acquire()
                while self.scene.feed.waited_s() > LATE_S:
                    await self.scene.feed.change(QUIET_S)
                reports.create_task(self._live(row, begun), name=f"report {row.id}")

    @asynccontextmanager
    async def _stands_aside(self) -> AsyncIterator[None]:
        """Give the place to somebody else for as long as the block lasts."""
        self._places.release()
        try:
            yield
        finally:
            await self._places.acquire()

    async def _live(self, row: Row, begun: float) -> None:
        scene = self.scene
        author, plan = scene.author(row.author), self._options.plan(self._options.seed, row.id)
        work: Work | None = None
        try:
            try:
                sent, answer = await file(scene, author, row, plan)
                seen = {"hidden": hidden(answer), "hushed": hushed(answer)}
                work = Work(scene, author, plan, sent.number or 0, **seen, aside=self._stands_aside)
                card = await work.carry()
            finally:
                self._places.release()
                self.lived_s = time.monotonic() - begun
                self._advance()
            if card is not None and scene.lapse_s is not None:
                await work.ended(card, scene.lapse_s + SLACK_S + self._options.patience_s)
            scene.figures.carried += 1
        except Refused:
            return
        except (Stuck, NotAllowed) as trouble:
            stuck = trouble if isinstance(trouble, Stuck) else Stuck(f"a step that was refused: {trouble}")
            await scene.note_stuck(row.id, stuck, work.chats if work else (), work.number if work else 0)


def _settings(url: str, folder: Path, options: Options) -> Settings:
    database = f"sqlite+aiosqlite:///{folder / DATABASE}"
    return Settings(
        bot_token=(Secret(TOKEN),),
        api_url=url,
        database_url=database,
        policy=options.city,
        clock_speed=options.speed,
        http_port=0,
        quiet_hours="off",  # its people never sleep
    )


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "HUYING_BOT_TOKEN": TOKEN,
        "HUYING_API_URL": settings.api_url,
        "HUYING_DATABASE_URL": settings.database_url,
        "HUYING_POLICY": settings.policy,
        "HUYING_QUIET_HOURS": settings.quiet_hours,
        "HUYING_CLOCK_SPEED": f"{settings.clock_speed:g}",
        "HUYING_HTTP_PORT": str(settings.http_port),
    }


async def _import(settings: Settings, town: SampleTown) -> dict[str, list[int]]:
    """Load the town's tables; returns whom each unit asks to claim, as Telegram numbers them."""
    store = await open_store(settings, Clock(), migrate=True)
    try:
        return await store.work(_load, town, settings.bot_ids[0])
    finally:
        await store.close()


def _load(uow: UnitOfWork, town: SampleTown, bot: int) -> dict[str, list[int]]:
    load(uow, town.sheets, bot=bot)
    asked = {unit.code: map(uow.people.get, staffing.roster(uow, unit.code)) for unit in uow.units.all()}
    return {unit: [person.telegram_id for person in people if person is not None] for unit, people in asked.items()}


def _counter(figures: Figures) -> Callable[[str], None]:
    def heard(text: str) -> None:
        key = key_of(text)
        if key is not None and is_refusal(key):
            figures.refused[key] += 1

    return heard


async def _while_it_lasts(play: Coroutine[Any, Any, None], *beside: Coroutine[Any, Any, None]) -> None:
    """Run *play* with the works that it needs *beside* it: the error of the first one that ends is raised."""
    tasks = [asyncio.create_task(work) for work in (play, *beside)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _evening(play: Play, rows: Sequence[Row], bot: RunningBot, session: ClientSession) -> None:
    await play.scene.feed.reads.wait()
    await _open_doors(play.scene)
    await play.perform(rows)
    await _quiet(bot, play.scene.feed, session)


async def _open_doors(scene: Scene) -> None:
    """All staff open their private chats, and each grid gets its link to the private draft."""
    town = scene.town
    staff = dict.fromkeys(person.id for unit in town.levels for person in town.staff(unit))
    for person in staff:
        await scene.people.act(person, "start", bot=town.bot.username)
        await scene.feed.wait(Private(person), lambda _: True, "a greeting", person)
    for grid in town.grids:
        chat, resident = scene.chat(grid), town.residents(grid)[0].id
        asked = await scene.people.write(resident, chat, f"/report@{town.bot.username}")
        line = await scene.feed.wait(Reply(chat, asked), lambda one: bool(one.links), "the line on how to report", chat)
        scene.links[grid] = parse_qs(urlsplit(line.links[0]).query)["start"][0]


async def _quiet(bot: RunningBot, feed: Feed, session: ClientSession) -> None:
    """Wait until the bot owes nobody anything, but not for ever: what then still waits is in the figures."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(SLACK_S):
            while await bot.waits(session) > 0:
                await feed.change(QUIET_S)


async def _settled(settings: Settings, figures: Figures) -> dict[str, Any]:
    clock = Clock(settings.clock_speed)
    store = await open_store(settings, clock, read_only=True)
    try:
        clock.resume(await store.read(_town_clock))
        return (await store.read(settle, figures.sent, clock.now())).summary()
    finally:
        await store.close()


def _town_clock(stores: Stores) -> str | None:
    return stores.notebook.setting(clocks.SETTING)


def _cpu_s(whose: int) -> float:
    used = resource.getrusage(whose)
    return used.ru_utime + used.ru_stime


def _traffic(counts: Mapping[str, float], calls: Mapping[str, int], lived_s: float) -> dict[str, Any]:
    """What went to and fro; in the sandbox's tally a call that failed stands with its code."""
    updates = sum(value for name, value in counts.items() if name.startswith("huying_updates_received_total"))
    doubts = sum(value for name, value in counts.items() if "in_doubt" in name)
    return {
        "messages": sum(count for name, count in calls.items() if name in SENDING),
        "edits": sum(count for name, count in calls.items() if name in EDITING),
        "toasts": calls.get("answercallbackquery", 0),
        "calls": dict(sorted(calls.items())),
        "in_doubt": int(doubts),
        "poison": int(counts.get("huying_inbox_poison_total", 0)),
        "updates": int(updates),
        "updates_per_s": round(updates / lived_s, 1),
    }
