"""One history: a town, its people, Telegram, and a program that runs, dies and is started again, all from one seed."""

import asyncio
import hashlib
import random
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final
from unittest.mock import patch

from bot.app import Huying
from bot.clock import Clock
from bot.courier import Courier
from bot.ingress import Intake
from bot.rush import Rush
from bot.sample.town import TOKEN, SampleTown, furnish
from bot.sandbox import Sandbox
from bot.sandbox.exchange import Exchange
from bot.sandbox.updates import Pending
from bot.settings import Secret, Settings
from bot.webhook import Webhook
from handlers._kit import context
from routing import ticking
from storage import driver
from tests.simulation import frozen
from tests.simulation.disk import Disk
from tests.simulation.fate import Fuse, Weather
from tests.simulation.loop import Life, VirtualLoop
from tests.simulation.wire import VirtualHook, VirtualRequest, Wire

MONDAY_S: Final = 1_795_395_600.0
"""09:00 in the town on Monday, the 23rd of November 2026."""
FAST: Final = 30.0
"""How many times faster than Telegram allows messages leave in most histories, so that they end soon."""

EXCUSED_S: Final = 10.0
"""So soon after a start, or a leap of the clock, everything that is due must have rung."""


class ByTheWorld:
    """Telegram's clock: the true time."""

    def __init__(self, world: "World") -> None:
        self._world = world

    def now(self) -> float:
        return self._world.true_s()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Program(Huying):
    """The real program; only the port on which it would listen is not there."""

    def __init__(self, settings: Settings, world: "World") -> None:
        super().__init__(settings, pace=world.pace)
        self.clock = Clock(wall=world.wall_s)
        self.hook: Webhook | None = None
        self.intakes: dict[int, Intake] = {}

    async def _serve(self, hook: Webhook | None) -> None:
        self.hook, self.http_port = hook, 0
        if hook is not None:
            self.intakes = dict(hook._intakes)

    async def until_stopped(self) -> None:
        await self._stopping.wait()
        if self._failure is not None:
            raise self._failure


@dataclass
class Figures:
    """What a history consisted of."""

    deeds: int = 0
    crashes: int = 0
    stops: int = 0
    falls: int = 0
    jumps: int = 0
    lateness_s: list[float] = field(default_factory=list)
    """Of clocks that rang long after the last start or leap."""
    soon_s: list[float] = field(default_factory=list)
    """Of those that rang soon after one: since then, if they had been due before."""
    drained_s: float = 0.0


class World:
    """Everything that exists in one history.

    Args:
        seed: What happens.
        folder: For the database and the spool.
        tell: Gets a line for everything that happens, for whoever looks into one history.
    """

    sandbox: Sandbox
    exchange: Exchange
    town: SampleTown

    def __init__(self, seed: int, folder: Path, tell: Callable[[str], None] | None = None) -> None:
        self.seed, self.folder, self._tell = seed, folder, tell
        self.loop = VirtualLoop()
        self._hash = hashlib.blake2b(digest_size=16)
        self.events = 0
        shape = self.rng("shape")
        self.by_webhook = shape.random() < 0.4
        self.pace = 1.0 if shape.random() < 0.15 else FAST
        self.stormy = shape.random() < 0.85
        self.weather = Weather.drawn(shape) if self.stormy else Weather()
        self.slept_s = self.skew_s = 0.0
        self.figures = Figures()
        self.wire, self.disk = Wire(self, self.rng("wire")), Disk(self, self.rng("disk"))
        self.fuse = Fuse(self, self.rng("fuse"))
        self.alive: Life | None = None
        self.program: Program | None = None
        self.lives: list[Life] = []
        self.posts: dict[asyncio.Future[Any], None] = {}
        """In the order in which they were posted, which a set would not keep."""
        self.over = False
        self.excused_at = self.loop.now_s
        self.confirmed: list[Any] = []
        """Updates that Telegram forgot because the program said that it had them."""
        self.kept: set[int] = set()
        """Updates that the inbox held before a leap of time: some days later it forgets what is done."""
        self.answered: set[str] = set()
        """The names of answers that were promised before one; they are forgotten likewise."""
        self._ended: asyncio.Future[str] | None = None
        self.settings = self._settings()

    def rng(self, name: str) -> Random:
        """A stream of chance of its own, so that one part's draws do not shift another's."""
        return Random(f"{self.seed}:{name}")

    def true_s(self) -> float:
        """The true time, seconds since 1970: a machine that sleeps does not stop it."""
        return MONDAY_S + self.loop.now_s + self.slept_s

    def wall_s(self) -> float:
        """What the program's machine thinks that time is."""
        return self.true_s() + self.skew_s

    def note(self, *facts: object) -> None:
        """Something happened."""
        line = f"{self.loop.now_s:.6f} " + " ".join(map(str, facts))
        self.events += 1
        self._hash.update(line.encode())
        if self._tell is not None:
            self._tell(line)

    @property
    def trace(self) -> str:
        """A digest of everything that happened, in its order and with its times."""
        return self._hash.hexdigest()

    def calm(self) -> None:
        """From now on nothing goes wrong."""
        self.weather = Weather()
        self.fuse.disarm()
        self.note("calm")

    async def keep_alive(self) -> None:
        """Start the program again whenever it has ended, as a service manager does."""
        rng = self.rng("manager")
        while not self.over:
            life = Life(len(self.lives) + 1)
            self.lives.append(life)
            self.alive, self._ended = life, self.loop.create_future()
            self.fuse.arm(life)
            self.note("life begins", life.number)
            task = self.loop.begin(life, self._live(life), f"life {life.number}")
            task.add_done_callback(self._done)
            how = await self._ended
            self.note("life ends", life.number, how)
            self.loop.bury(life)
            self.disk.left_behind()
            self.alive = self.program = None
            for post in list(self.posts):
                if not post.done():
                    post.set_exception(ConnectionError())
            if not self.over:
                await asyncio.sleep(self.fuse.pause_s(rng))

    async def _live(self, life: Life) -> None:
        program = Program(self.settings, self)
        async with program:
            self.program = program
            self.note("life is up", life.number)
            self.leapt()
            await program.until_stopped()

    def _done(self, task: "asyncio.Task[None]") -> None:
        if self._ended is None or self._ended.done():
            return
        error = task.exception() if not task.cancelled() else None
        if error is None:
            self.figures.stops += 1
            self._ended.set_result("stopped")
        else:
            self.figures.falls += 1
            self._ended.set_result(f"fell: {type(error).__name__}")

    def crash(self, life: Life, where: str) -> None:
        """The program dies, here and now."""
        if life.dead or life is not self.alive:
            return
        self.figures.crashes += 1
        self.note("crash", where)
        self.loop.bury(life)
        if self._ended is not None and not self._ended.done():
            self._ended.set_result("crashed")

    def stop(self) -> None:
        """Ask the program to stop in good order."""
        if self.program is not None:
            self.note("stop asked")
            self.program.stop()

    async def taken(self, _life: Life, update: Any, answered: "asyncio.Future[Any]") -> None:
        """What the webhook's handler does with the body of a request, and its answer."""
        program = self.program
        if program is None or program.hook is None or program.hook.closing:
            answer: Any = "come back"
        else:
            intake = program.intakes[self.town.bot.id]
            try:
                given = await intake.keep_or_spool(dict(update))
                answer = None if given is None else given.as_call()
            except OSError:
                answer = "come back"
        if not answered.done():
            answered.set_result(answer)

    def query(self, sql: str) -> list[Any]:
        """What the database holds, seen from beside the program."""
        with driver.sqlite.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            rows: list[Any] = connection.execute(sql).fetchall()
            return rows

    @property
    def database(self) -> Path:
        """The file."""
        return self.folder / "town.db"

    def _settings(self) -> Settings:
        more: dict[str, Any] = {}
        if self.by_webhook:
            more = {"webhook_url": "https://town.example", "webhook_secret": Secret("S" * 32)}
        shutil.copyfile(frozen.furnished(), self.database)
        return Settings(
            bot_token=(Secret(TOKEN),),
            api_url="http://127.0.0.1:1",
            database_url=f"sqlite+aiosqlite:///{self.database}",
            quiet_hours="off",
            http_port=0,
            **more,
        )

    def _furnish(self) -> None:
        """Make Telegram and the town's people in it."""
        self.sandbox = Sandbox(clock=ByTheWorld(self), strict=self.pace == 1.0)
        self.exchange = self.sandbox.exchange
        self.town = furnish(self.sandbox)
        queue = self.exchange.queue(self.town.bot)
        confirm, forget = queue.confirm, queue._forget_below

        def confirmed(pending: Pending) -> None:
            self.confirmed.append(pending.update)
            confirm(pending)

        def forgotten(offset: int) -> None:
            before = list(queue.pending.values())
            forget(offset)
            now = self.true_s()
            self.confirmed += [one.update for one in before if one.id not in queue.pending and one.expires_at > now]

        queue.confirm, queue._forget_below = confirmed, forgotten  # type: ignore[method-assign]  # to see what is confirmed

    def leapt(self) -> None:
        """The program's clock does not go on as usual: what is late now is not its fault."""
        self.excused_at = self.loop.now_s
        self.kept |= {number for (number,) in self.query("SELECT update_id FROM inbox")}
        self.answered |= {key for (key,) in self.query("SELECT key FROM outbox WHERE key LIKE 'answer:%'")}

    def _ring(self, ring: Callable[..., None]) -> Callable[..., None]:
        def noted(uow: Any, timer: Any, now: datetime, summary: str | None) -> None:
            self.disk.happening.append(("clock", timer.case, timer.kind.value, timer.unit, timer.next_at))
            late_s, since_s = (now - timer.next_at).total_seconds(), self.loop.now_s - self.excused_at
            if not self.weather.statements:
                soon = since_s <= EXCUSED_S
                (self.figures.soon_s if soon else self.figures.lateness_s).append(
                    min(late_s, since_s) if soon else late_s
                )
            ring(uow, timer, now, summary)

        return noted

    def _settle(self, settling: Callable[..., Any]) -> Callable[..., Any]:
        def noted(uow: Any, receipt: Any, *args: Any) -> Any:
            first = receipt is not None and not receipt.settled
            result = settling(uow, receipt, *args)
            if first:
                self.disk.happening.append(("update", receipt.bot, receipt.update_id))
            return result

        return noted

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Let time, chance, disk and network be this world's."""
        state = random.getstate()
        dice = self.rng("secrets")
        real = frozen.build
        with ExitStack() as stack:
            for name, value in (
                ("time.time", self.wall_s),
                ("time.monotonic", self.loop.time),
                ("time.time_ns", lambda: int(self.wall_s() * 1e9)),
                ("routing.ticking._ring", self._ring(ticking._ring)),
                ("handlers._kit.context.settling", self._settle(context.settling)),
                ("apscheduler.schedulers.base.datetime", frozen.dates(self.wall_s)),
                ("bot.ticker.datetime", frozen.dates(self.wall_s)),
                ("secrets.token_bytes", lambda n=32: dice.randbytes(n or 32)),
                ("secrets.choice", dice.choice),
                ("secrets.randbelow", dice.randrange),
                ("secrets.randbits", dice.getrandbits),
                ("bot.app.build", lambda token, url, kind: real(token, url, kind, request=VirtualRequest(self))),
                ("bot.sandbox.exchange.Courier", type("Hook", (VirtualHook,), {"world": self})),
            ):
                stack.enter_context(patch(name, value))
            stack.enter_context(patch.dict(Courier.__init__.__kwdefaults__, {"steady": self.loop.time}))
            stack.enter_context(patch.object(Rush.__init__, "__defaults__", (self.loop.time,)))
            stack.enter_context(self.disk.mounted())
            random.seed(f"{self.seed}:global")
            self._furnish()
            try:
                yield
            finally:
                random.setstate(state)

    def close(self) -> None:
        """Let go of everything."""
        self.disk.left_behind()
        self.loop.dispose(self.lives)
        asyncio.set_event_loop(None)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder in memory, where the machine has such a place: a simulated disk needs no real flush."""
    place = Path("/dev/shm")  # noqa: S108 - the folder inside has a name that nobody can foresee
    with suppress(OSError), tempfile.TemporaryDirectory(dir=place if place.is_dir() else None) as folder:
        yield Path(folder)
