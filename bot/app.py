"""Everything put together: starts in an order in which nothing can be lost, and stops in the reverse one."""

import asyncio
import errno
import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from functools import partial
from types import TracebackType
from typing import Any, Self, cast
from zoneinfo import ZoneInfo

from bot import announcing, life
from bot.answers import Answers
from bot.checks.finding import Level
from bot.checks.machine import calendar
from bot.chores import Chores
from bot.clock import Clock
from bot.courier import Courier
from bot.ingress import Intake, Poller, Ways
from bot.jobs import GRACE_S, Jobs
from bot.keys import ring_of
from bot.listening import Listening
from bot.lots import Lots
from bot.measuring import MachineMeasures
from bot.meters import Meters
from bot.pacing import Pacer
from bot.parts import Parts
from bot.readiness import Readiness
from bot.roles import EVERY, Role, check_roles
from bot.rules import rules
from bot.rush import Rush
from bot.seats import SEATS, Seats
from bot.settings import Settings, SettingsError
from bot.sharing import INBOX, OUTBOX, Anybody, SharingWorker
from bot.signals import heed
from bot.spool import Spool, spool_of
from bot.systemd import Systemd
from bot.telegram import App, build, line_of
from bot.ticker import Ticker
from bot.waking import WakingStore
from bot.warnings import Warnings
from bot.web import Web
from bot.webhook import Webhook
from bot.worker import Worker
from handlers import Acquaintance, BotIdentity, Crowd, GridContext, Judge, Services, assemble, discover
from routing.binding import put_up_boards
from routing.catalogue import Catalogue
from storage.store import Store

log = logging.getLogger(__name__)


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
        ring=ring_of(settings),
    )


class Huying:
    """The running bot: ``async with Huying(settings) as app: await app.run_until_stopped()``.

    Args:
        settings: With at least one token; several are several bots that share the town.
        roles: What it does of the whole; a part only beside other programs on a server.
        migrate: Bring the database's schema up to date first.
        pace: Multiplies the rates at which messages leave; by default the speed of the town's clock. Anything but 1
            is for a local Telegram, whose limits are off.
    """

    store: Store
    http_port: int
    _seats: Seats
    _readiness: Readiness

    def __init__(
        self,
        settings: Settings,
        *,
        roles: Collection[Role] = EVERY,
        migrate: bool = False,
        pace: float | None = None,
    ) -> None:
        self.settings, self.roles = settings.with_tokens(), frozenset(roles)
        check_roles(self.roles, settings)
        self.clock = Clock(settings.clock_speed)
        self.meters = Meters()
        self.bots: dict[int, BotIdentity] = {}
        self._migrate = migrate
        self._pace = max(1.0, settings.clock_speed) if pace is None else pace
        self._stack = AsyncExitStack()
        self._parts = Parts(self._stack, self._failed)
        self._stopping = asyncio.Event()
        self._failure: BaseException | None = None
        self._starting: asyncio.Task[Any] | None = None
        self._applications: dict[int, App] = {}
        self._people: dict[int, Acquaintance] = {}
        self._couriers: dict[int, Courier] = {}
        self._crowds: dict[int, Crowd] = {}
        self._pollers: list[Poller] = []
        self._worker: Worker | None = None
        self._ticker: Ticker | None = None
        self._web: Web | None = None
        self._listening = Listening(Catalogue.load())

    async def __aenter__(self) -> Self:
        """Start everything; what was started is stopped again when something later can't be.

        Raises:
            SettingsError: a token is not accepted, the spool can't be written, the port is taken.
        """
        self._starting = asyncio.current_task()
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        finally:
            self._starting = None
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
        heed(self.stop)
        await self._stopping.wait()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> None:
        """Ask to stop; a start that is under way is broken off, and what it has begun is ended in good order."""
        self._stopping.set()
        if self._starting is not None:
            self._starting.cancel()

    async def _start(self) -> None:
        settings = self.settings
        discover()  # takes long, so it comes before there is a lease to be kept
        spool = spool_of(settings)
        spool.check()
        self.store = await open_store(settings, self.clock, migrate=self._migrate)
        spool.seal_with(self.store.ring)
        self._stack.push_async_callback(self.store.close)
        self._stack.push_async_callback(self._stop_serving)  # the last but one: until then the webhook answers 503
        self.store.watch(self.meters.onlooker("sqlite" if settings.database_file else "postgresql"))
        self._seats = Seats(self.store, self.meters)
        self._machine = MachineMeasures(settings, self.meters)
        self._readiness = self._make_readiness()
        if self.store.tenure is not None:
            self._parts.keep(self.store.tenure.lost(), "lease")
            self.store.tenure.hear(self._heard)
        away = await life.resume_clock(self.store, self.clock, takes_in=Role.INGRESS in self.roles)
        known_until = calendar(rules(settings)[1].horizon, self.clock.now().date())
        if known_until.level is not Level.OK:
            log.warning("calendar ends soon", extra={"says": known_until.says, "mend": known_until.mend})
        waking = WakingStore(self.store, self._wake)
        await self._recruit(waking)
        if Role.COURIER in self.roles:
            for bot in self.bots:
                await self._seats.want(f"courier {bot}", partial(self._begin_courier, bot))
        worker = self._worker = self._make_worker(waking) if Role.WORKER in self.roles else None
        intakes = self._make_intakes(waking, worker, spool) if Role.INGRESS in self.roles else {}
        waiting = await self._take_up_work(intakes)
        if Role.INGRESS in self.roles:
            self._parts.keep(announcing.promise_anew(waking, self.clock.now), "fresh cards", ends=True)
            self._parts.keep(announcing.set_menus(self._applications), "menus", ends=True)
        await self._tick_and_serve(waking, intakes)
        systemd = Systemd()
        systemd.tell("READY=1", "STATUS=" + ", ".join(f"@{bot.username}" for bot in self.bots.values()) + " is up")
        self._parts.keep(systemd.feed(self._readiness.vital), "watchdog", ends=True)
        self._stack.callback(systemd.tell, "STOPPING=1")
        log.info("started", extra={"bots": len(self.bots), "waiting": waiting, "away_s": int(away.total_seconds())})

    async def _recruit(self, waking: WakingStore) -> None:
        """Meet Telegram with each token, and give each bot its handlers.

        Whom one bot knows all of them know: what somebody changes at one, as their language, is true at the others.
        """
        for token, bot in zip(self.settings.bot_token, self.settings.bot_ids, strict=True):
            application = build(token, self.settings.api_url, GridContext)
            self._stack.push_async_callback(application.bot.shutdown)
            identity = await announcing.introduce(application, bot, self.settings.api_url)
            self._stack.push_async_callback(application.shutdown)
            answers = Answers(line_of(application), self.meters)
            self._stack.push_async_callback(answers.stop)
            services = Services(
                store=waking,
                clock=self.clock.now,
                answer=answers.give,
                bot=identity,
                locale=self.settings.locale,
                people=self._people,
            )
            self._crowds[bot] = assemble(application, services)
            await self.store.work(life.bot_is_here, bot, self.clock.wall())
            await self.store.work(put_up_boards, bot, identity.username, self.clock.now())
            log.info("bot ready", extra={"bot": bot, "username": identity.username})
            self.bots[bot], self._applications[bot] = identity, application

    async def _begin_courier(self, bot: int) -> None:
        """Send what that bot has promised, after what its last courier left in flight has been settled."""
        lines = {one: line_of(application) for one, application in self._applications.items()}
        sure = self.store.tenure.sure if self.store.tenure else None
        given: dict[str, Any] = {"locale": self.settings.locale, "pacer": Pacer(speed=self._pace), "sure": sure}
        courier = Courier(self.store, lines[bot], bot, self.clock, self.meters, lines=lines, **given)
        log.info("courier begins", extra={"bot": bot, "interrupted": await courier.recover()})
        self._couriers[bot] = courier
        self._stack.push_async_callback(self._seats.leave, f"courier {bot}")
        self._parts.keep(courier.run(), f"courier {bot}")
        self._stack.push_async_callback(self._stop_couriers)

    async def _stop_couriers(self) -> None:
        """All at once: none waits for what another one has in flight."""
        await asyncio.gather(*(courier.stop() for courier in self._couriers.values() if not courier.stopping))

    def _make_intakes(self, store: WakingStore, worker: Worker | None, spool: Spool) -> dict[int, Intake]:
        """The ways in: to the worker of this program, or to whoever looks first."""
        tenure = self.store.tenure  # without one this program has all roles, so there is a worker
        way = cast("Ways", Anybody(worker, tenure) if tenure is not None else worker)
        return {bot: self._intake(identity, store, way, spool) for bot, identity in self.bots.items()}

    def _intake(self, identity: BotIdentity, store: WakingStore, way: Ways, spool: Spool) -> Intake:
        judge = Judge(identity, lambda chat, text: self._listening.hears(identity.id, chat, text))
        return Intake(identity.id, judge, store, way, self.clock.now, self.meters, spool, self._crowds[identity.id])

    async def _take_up_work(self, intakes: Mapping[int, Intake]) -> int:
        """Take in what was spooled, then go on with what waits in the inbox; returns how many updates that is."""
        if self._worker is not None:
            self._stack.push_async_callback(self._worker.stop)
        if intakes:
            await self._listening.refresh(self.store)
        for intake in intakes.values():
            await intake.replay()
        return await self._worker.start() if self._worker is not None else 0

    def _make_worker(self, store: WakingStore) -> Worker:
        rush, now = Rush(), self.clock.now
        lots = {bot: Lots(bot, crowd.chorus, store, now, rush) for bot, crowd in self._crowds.items()}
        given = (self.store, self._applications, now, self.meters, lots, rush)
        tenure = self.store.tenure
        return SharingWorker(*given, tenure=tenure, forget=self._forget) if tenure else Worker(*given)

    def _forget(self) -> None:
        """What is remembered of people and chats may have been changed by another program."""
        self._people.clear()
        for application in self._applications.values():
            services: Services = application.bot_data["services"]
            services.chats.clear()

    async def _tick_and_serve(self, waking: WakingStore, intakes: dict[int, Intake]) -> None:
        """Start the ticker, the web server and at last the ways in."""
        settings = self.settings
        self._start_chores(list(intakes.values()))
        if Role.TICKER in self.roles:
            await self._seats.want("ticker", partial(self._begin_ticker, waking))
        hook = None
        if intakes and settings.webhook_url and settings.webhook_secret:
            hook = Webhook(intakes, settings.webhook_secret)
            hanging = announcing.set_webhooks(self._applications, settings.webhook_url, settings.webhook_secret)
        await self._serve(hook)
        if hook is not None:
            self._parts.keep(hanging, "webhook", ends=True)
        else:
            for bot, intake in intakes.items():
                await self._seats.want(f"poller {bot}", partial(self._begin_poller, bot, intake))
        if self.store.tenure is not None:
            self._parts.keep(self._seats.run(), "seats")

    def _make_readiness(self) -> Readiness:
        parts = {"seats": self._seats, "pollers": self._pollers, "couriers": self._couriers}
        given: dict[str, Any] = {**parts, "roles": self.roles, "folder": self._machine.folder}
        now: dict[str, Any] = {"ticker": lambda: self._ticker, "worker": lambda: self._worker}
        return Readiness(self.store, self.clock, self.meters, **now, **given)

    def _start_chores(self, intakes: Sequence[Intake]) -> None:
        chores = Chores(
            self.store,
            self.clock,
            self.meters,
            worker=self._worker,
            intakes=intakes,
            listening=self._listening,
            applications=list(self._applications.values()),
            forget=self._forget,
            machine=self._machine,
            report=self._readiness,
            by_webhook=bool(intakes and self.settings.webhook_url),
        )
        ticker = Ticker(chores.all(), self.meters, ZoneInfo(self.settings.timezone))
        ticker.start()
        self._stack.push_async_callback(ticker.stop)

    async def _begin_ticker(self, waking: WakingStore) -> None:
        """Ring the town's clocks. Those that should have rung while nobody did are summed up."""
        _, alive = await self.store.read(life.clock_and_life, Role.TICKER)
        away = self.clock.wall() - datetime.fromisoformat(alive) if alive else timedelta(0)
        since = self.clock.now() - away * self.clock.speed if away > timedelta(seconds=GRACE_S) else None
        heartbeat, bots, well = self.settings.heartbeat_url, len(self.bots), self._readiness.is_ready
        made = partial(Jobs, waking, self.clock, self.meters, heartbeat=heartbeat, away_since=since)
        jobs = made(bots=bots, well=well)
        self._stack.push_async_callback(self._seats.leave, "ticker")
        self._ticker = Ticker(jobs.all(), self.meters, ZoneInfo(self.settings.timezone))
        self._ticker.start()
        self._stack.push_async_callback(self._ticker.stop)

    async def _serve(self, hook: Webhook | None) -> None:
        """Listen for webhooks, if there are any, and for whoever asks how the program is.

        Raises:
            SettingsError: the port is taken.
        """
        settings = self.settings
        warnings = Warnings(self.store, self.clock, settings.cap_token) if settings.cap_token else None
        web = self._web = Web(self.meters, self._readiness, hook, warnings)
        try:
            self.http_port = await web.start(settings.http_host, settings.http_port)
        except OSError as error:
            taken = error.errno in (errno.EADDRINUSE, errno.EACCES)
            mend = "PORT to a free port, or to 0 for any" if taken else "HOST to an address of this machine"
            where = f"{settings.http_host}:{settings.http_port}"
            raise SettingsError(f"Nothing can listen on {where} ({error.strerror}). Set HUYING_HTTP_{mend}.") from error
        self._stack.callback(web.close_doors)

    async def _stop_serving(self) -> None:
        if self._web is not None:
            await self._web.stop()

    async def _begin_poller(self, bot: int, intake: Intake) -> None:
        """Ask for that bot's updates."""
        poller = Poller(line_of(self._applications[bot]), intake, self.store, self.meters)
        self.meters.poll_age.labels(bot).set_function(lambda: poller.age_s)
        self._pollers.append(poller)
        self._stack.push_async_callback(self._seats.leave, f"poller {bot}")
        self._parts.keep(poller.run(), "poller")
        self._stack.callback(poller.stop)

    def _wake(self) -> None:
        """Something may have been promised."""
        for courier in self._couriers.values():
            courier.wake()
        if self.store.tenure is not None and len(self._couriers) < len(self.bots):
            self.store.tenure.ring(OUTBOX)

    def _heard(self, topic: str) -> None:
        """Another program, or this one, rang."""
        if topic == INBOX and self._worker is not None:
            self._worker.refresh()
        elif topic == SEATS:
            self._seats.look()
        elif topic == OUTBOX:
            for courier in self._couriers.values():
                courier.wake()

    def _failed(self, error: BaseException) -> None:
        self._failure = error
        self._stopping.set()
