"""Everything put together: starts in an order in which nothing can be lost, and stops in the reverse one."""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from telegram.error import InvalidToken, TelegramError

from bot import clock as clocks
from bot import leading
from bot.answers import Answers
from bot.checks.finding import Level
from bot.checks.machine import calendar
from bot.clock import Clock
from bot.courier import Courier
from bot.ingress import Intake, Poller
from bot.jobs import ALIVE, AT_ONCE, GRACE_S, Jobs
from bot.listening import Listening
from bot.logs import describe
from bot.meters import Meters
from bot.pacing import Pacer
from bot.readiness import Readiness
from bot.rules import rules
from bot.settings import Secret, Settings, SettingsError
from bot.spool import Spool
from bot.telegram import ALLOWED_UPDATES, App, build, line_of
from bot.ticker import Ticker
from bot.waking import WakingStore
from bot.warnings import Warnings
from bot.web import Web
from bot.webhook import Webhook
from bot.worker import Worker
from handlers import Acquaintance, BotIdentity, Crowd, GridContext, Judge, Services, assemble, menus
from routing.binding import put_up_boards
from routing.catalogue import Catalogue
from routing.desk import refresh
from routing.model import CaseId
from storage.store import Store

log = logging.getLogger(__name__)

PRESSES_LOST: Final = timedelta(seconds=150)  # Telegram drops presses that nobody took for so long
SLOWEST_RETRY_S: Final = 30.0


async def open_store(settings: Settings, clock: Clock, *, migrate: bool = False, read_only: bool = False) -> Store:
    """Open the database that *settings* name, with the town's rules.

    Raises:
        BadPolicy: the policy can't be used.
        SettingsError: the calendar can't be used.
        SchemaError: the database needs `huying migrate`, or a newer program.
        Unusable: it can't be opened, or another process writes it.
    """
    policy, working_days = rules(settings)
    return await Store.open(
        settings.database_url,
        policy=policy,
        calendar=working_days,
        catalogue=Catalogue.load(),
        clock=clock.now,
        migrate=migrate,
        read_only=read_only,
    )


class Huying:
    """The running bot: ``async with Huying(settings) as app: await app.run_until_stopped()``.

    Args:
        settings: With at least one token; several are several bots that share the town.
        migrate: Bring the database's schema up to date first.
        pace: Multiplies the rates at which messages leave; by default the speed of the town's clock. Anything but 1
            is for a local Telegram, whose limits are off.
    """

    store: Store
    http_port: int

    def __init__(self, settings: Settings, *, migrate: bool = False, pace: float | None = None) -> None:
        self.settings = settings.with_tokens()
        self.clock = Clock(settings.clock_speed)
        self.meters = Meters()
        self.bots: dict[int, BotIdentity] = {}
        self._migrate = migrate
        self._pace = max(1.0, settings.clock_speed) if pace is None else pace
        self._stack = AsyncExitStack()
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        self._applications: dict[int, App] = {}
        self._couriers: dict[int, Courier] = {}
        self._crowds: dict[int, Crowd] = {}
        self._listening = Listening(Catalogue.load())
        self._away_since: datetime | None = None

    async def __aenter__(self) -> Self:
        """Start everything; what was started is stopped again when something later can't be.

        Raises:
            SettingsError: a token is not accepted, the spool can't be written, the port is taken.
        """
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop taking updates, finish what is in hand, send what is in flight, close the database."""
        await self._stack.aclose()
        log.info("stopped")

    async def run_until_stopped(self) -> None:
        """Return at SIGTERM, SIGINT or `stop`.

        Raises:
            BaseException: what ended a part of the program that should have gone on.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C still works
                loop.add_signal_handler(number, self.stop)
        await self._stopping.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ask to stop."""
        self._stopping.set()

    async def _start(self) -> None:
        settings = self.settings
        spool = Spool((settings.database_file or Path()).parent / "spool")
        spool.check()
        self.store = await open_store(settings, self.clock, migrate=self._migrate)
        self._stack.push_async_callback(self.store.close)
        if self.store.shared:
            lease = await leading.lead(self.store)
            self._stack.push_async_callback(leading.give_up, self.store, lease)
            self._keep_running(leading.keep(self.store, lease), "lease")
        away = await self._resume_clock()
        known_until = calendar(rules(settings)[1].horizon, self.clock.now().date())
        if known_until.level is not Level.OK:
            log.warning("calendar ends soon", extra={"says": known_until.says, "mend": known_until.mend})
        if away > timedelta(seconds=GRACE_S):
            self._away_since = self.clock.now() - away * self.clock.speed
        waking = WakingStore(self.store, self._wake)
        await self._recruit(waking)
        worker = Worker(self.store, self._applications, self.clock.now, self.meters)
        intakes = {bot: self._intake(identity, worker, spool) for bot, identity in self.bots.items()}
        for courier in self._couriers.values():
            self._keep_running(courier.run(), f"courier {courier.bot}")
            self._stack.push_async_callback(courier.stop)
        await self._listening.refresh(self.store)
        self._stack.push_async_callback(worker.stop)
        for intake in intakes.values():
            await intake.replay()
        waiting = await worker.start()
        if away > PRESSES_LOST:
            self._keep_running(self._promise_anew(waking), "fresh cards", ends=True)
        self._keep_running(self._set_menus(), "menus", ends=True)
        await self._tick_and_serve(waking, worker, intakes)
        log.info("started", extra={"bots": len(self.bots), "waiting": waiting, "away_s": int(away.total_seconds())})

    async def _resume_clock(self) -> timedelta:
        """Go on with the town's time; returns for how long the program was away."""
        kept, alive = await self.store.read(_clock_and_life)
        self.clock.resume(kept)
        wall = self.clock.wall()
        await self.store.work(_note_start, self.clock.anchor, wall)
        return wall - datetime.fromisoformat(alive) if alive else timedelta(0)

    async def _recruit(self, waking: WakingStore) -> None:
        """Meet Telegram with each token, and give each bot its handlers and its courier.

        Whom one bot knows all of them know: what somebody changes at one, as their language, is true at the others.
        """
        people: dict[int, Acquaintance] = {}
        for token, bot in zip(self.settings.bot_token, self.settings.bot_ids, strict=True):
            application = build(token, self.settings.api_url, GridContext)
            self._stack.push_async_callback(application.bot.shutdown)
            identity = await self._introduce(application, bot)
            self._stack.push_async_callback(application.shutdown)
            line = line_of(application)
            answers = Answers(line, self.meters)
            self._stack.push_async_callback(answers.stop)
            services = Services(
                store=waking,
                clock=self.clock.now,
                answer=answers.give,
                bot=identity,
                locale=self.settings.locale,
                people=people,
            )
            self._crowds[bot] = assemble(application, services)
            pacer = Pacer(speed=self._pace)
            courier = Courier(self.store, line, bot, self.clock, self.meters, locale=self.settings.locale, pacer=pacer)
            in_doubt = await courier.recover()
            await self.store.work(put_up_boards, bot, identity.username, self.clock.now())
            log.info("bot ready", extra={"bot": bot, "username": identity.username, "interrupted": in_doubt})
            self.bots[bot], self._applications[bot], self._couriers[bot] = identity, application, courier

    async def _introduce(self, application: App, bot: int) -> BotIdentity:
        """Ask Telegram who the bot is, patiently while it can't be reached.

        Raises:
            SettingsError: it does not accept the token.
        """
        pause_s = 1.0
        while True:
            try:
                await application.initialize()
            except InvalidToken:
                raise SettingsError(
                    f"{self.settings.api_url} does not accept the token of bot {bot}. Copy it anew from @BotFather "
                    "into HUYING_BOT_TOKEN; a token that was revoked stops working at once."
                ) from None
            except TelegramError as error:
                log.warning("telegram unreachable", extra={"error": describe(error), "pause_s": pause_s})
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, SLOWEST_RETRY_S)
            else:
                return BotIdentity(application.bot.id, application.bot.username)

    def _intake(self, identity: BotIdentity, worker: Worker, spool: Spool) -> Intake:
        judge = Judge(identity, lambda chat, text: self._listening.hears(identity.id, chat, text))
        return Intake(
            identity.id, judge, self.store, worker, self.clock.now, self.meters, spool, self._crowds[identity.id]
        )

    async def _tick_and_serve(self, waking: WakingStore, worker: Worker, intakes: dict[int, Intake]) -> None:
        """Start the ticker, the web server and at last the ways in."""
        settings = self.settings
        jobs = Jobs(
            waking,
            self.clock,
            self.meters,
            worker=worker,
            intakes=list(intakes.values()),
            listening=self._listening,
            applications=list(self._applications.values()),
            heartbeat=settings.heartbeat_url,
            away_since=self._away_since,
        )
        ticker = Ticker(jobs.all(), self.meters)
        ticker.start()
        self._stack.push_async_callback(ticker.stop)
        hook = Webhook(intakes, settings.webhook_secret) if settings.webhook_url and settings.webhook_secret else None
        pollers = [] if hook else [self._poller(bot, intake) for bot, intake in intakes.items()]
        warnings = Warnings(self.store, self.clock, settings.cap_token) if settings.cap_token else None
        web = Web(self.meters, Readiness(self.store, self.clock, ticker, pollers), hook, warnings)
        try:
            self.http_port = await web.start(settings.http_host, settings.http_port)
        except OSError as error:
            raise SettingsError(
                f"Nothing can listen on {settings.http_host}:{settings.http_port} ({error.strerror}). Set "
                "HUYING_HTTP_PORT to a free port, or to 0 for any."
            ) from error
        self._stack.push_async_callback(web.stop)
        self._stack.callback(web.close_doors)
        for poller in pollers:
            self._keep_running(poller.run(), "poller")
            self._stack.callback(poller.stop)
        if hook and settings.webhook_url and settings.webhook_secret:
            self._keep_running(self._set_webhooks(settings.webhook_url, settings.webhook_secret), "webhook", ends=True)

    def _poller(self, bot: int, intake: Intake) -> Poller:
        poller = Poller(line_of(self._applications[bot]), intake, self.store, self.meters)
        self.meters.poll_age.labels(bot).set_function(lambda: poller.age_s)
        return poller

    async def _set_webhooks(self, url: str, secret: Secret) -> None:
        for bot in self.bots:
            params = {
                "url": f"{url}/telegram/{bot}",
                "secret_token": secret.reveal(),
                "allowed_updates": ALLOWED_UPDATES,
                "drop_pending_updates": False,
            }
            await self._insist(bot, "setWebhook", params)

    async def _set_menus(self) -> None:
        """Show the commands in each bot's menus."""
        for bot in self.bots:
            for scope, language, commands in menus():
                listed = [{"command": name, "description": text} for name, text in commands]
                params = {"commands": listed, "scope": scope, "language_code": language or None}
                await self._insist(bot, "setMyCommands", params)

    async def _insist(self, bot: int, method: str, params: dict[str, Any]) -> None:
        """Make a call that the start does not wait for, again and again until it succeeds."""
        pause_s = 1.0
        while True:
            try:
                await line_of(self._applications[bot]).call(method, params)
            except TelegramError as error:
                log.warning("call failed", extra={"bot": bot, "method": method, "error": describe(error)})
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, SLOWEST_RETRY_S)
            else:
                return

    async def _promise_anew(self, waking: WakingStore) -> None:
        """Show every open case's cards afresh: presses of the time away may be lost."""
        now, cases = self.clock.now(), await waking.read(_open_cases)
        for first in range(0, len(cases), AT_ONCE):
            await waking.work(refresh, cases[first : first + AT_ONCE], now)
        log.info("cards promised anew after a downtime", extra={"cases": len(cases)})

    def _wake(self) -> None:
        for courier in self._couriers.values():
            courier.wake()

    def _keep_running(self, work: Coroutine[Any, Any, None], name: str, *, ends: bool = False) -> None:
        """Run *work* beside everything else until the stop; unless it *ends* by itself, its end is the program's."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(lambda done: self._ended(done, ends=ends))
        self._stack.push_async_callback(_finish, task)

    def _ended(self, task: "asyncio.Task[None]", *, ends: bool) -> None:
        if task.cancelled():
            return
        if error := task.exception():
            log.critical("part ended", exc_info=error, extra={"part": task.get_name()})
            if not ends:
                self._failure = error
                self._stopping.set()


async def _finish(task: "asyncio.Task[None]") -> None:
    """End a task that has been asked to stop; one that waits for the network is cancelled."""
    task.cancel()
    await asyncio.wait([task])


def _clock_and_life(stores: Any) -> tuple[str | None, str | None]:
    return stores.notebook.setting(clocks.SETTING), stores.notebook.setting(ALIVE)


def _open_cases(stores: Any) -> Sequence[CaseId]:
    cases: Sequence[CaseId] = stores.cases.open_ids()
    return cases


def _note_start(stores: Any, anchor: str | None, wall: datetime) -> None:
    stores.notebook.set_setting(clocks.SETTING, anchor)
    stores.notebook.set_setting(ALIVE, wall.isoformat())
