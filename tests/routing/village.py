"""A sample town in a real database file, without any chat program: what use-cases are tried on."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.sample.town import tables
from routing import desk, ticking
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.events import Claimed, Event, Rated, Resolved
from routing.model import (
    Case,
    CaseId,
    Channel,
    ChatKind,
    ChatState,
    PersonId,
    Rating,
    Status,
    Timer,
    TimerKind,
    UnitCode,
    Urgency,
    WordsKind,
)
from routing.policy import Policy
from routing.ports import Ids, Promise, UnitOfWork
from routing.town import load
from storage.store import Store
from storage.stores import Stores
from tests.databases import fresh_database

T = TypeVar("T")
BOT = 7
GRID = UnitCode("370001001001001")
COMMUNITY = UnitCode("370001001001")
STREET = UnitCode("370001001")
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in the sample town
WANG, ZHOU, LI, ZHANG, CHEN, SUN = 2001, 2002, 1001, 1002, 1013, 1017
"""Two residents and two workers of the first grid, the leader of its community, the leader of the street."""


@dataclass
class Village:
    """The town, its clock, and short ways to do things in it."""

    store: Store
    people: Mapping[int, PersonId]
    now: datetime = MONDAY
    said: list[Promise] = field(default_factory=list)
    url: str = ""

    async def work(self, use_case: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Run a use-case."""
        return await self.store.work(use_case, *args, **kwargs)

    async def files(self, reporter: int = WANG, **fields: Any) -> Case:
        """A report becomes a case."""
        return await self.work(_file, self.people[reporter], self.now, fields)

    async def moves(self, case: Case, event: type[Event], by: int, **fields: Any) -> Case:
        """Somebody does something, now."""
        return await self.work(desk.move, case.id, event(at=self.now, by=self.people[by], **fields))

    async def claims(self, case: Case, by: int = LI) -> Case:
        """A worker claims."""
        return await self.moves(case, Claimed, by)

    async def resolves(self, case: Case, by: int = LI) -> Case:
        """The holder resolves, with a photo."""
        return await self.moves(case, Resolved, by, photos=1)

    async def rates(self, case: Case, rating: Rating, by: int = WANG) -> Case:
        """The reporter rates."""
        return await self.moves(case, Rated, by, rating=rating)

    async def passes(self, **span: float) -> int:
        """Time passes, then the clock sweeps until nothing rings; returns how often something rang."""
        self.now += timedelta(**span)
        rang = 0
        while count := await self.work(ticking.sweep, self.now):
            rang += count
        return rang

    async def case(self, case: Case) -> Case:
        """The case as it is now."""
        return await self.store.read(lambda stores: stores.cases.get(case.id))

    async def timers(self, case: Case) -> dict[TimerKind, Timer]:
        """Its clocks."""
        rows: Sequence[Timer] = await self.store.read(lambda stores: stores.timers.of(case.id))
        return {timer.kind: timer for timer in rows}

    async def events(self, case: Case) -> list[str]:
        """The names in its log."""
        entries = await self.store.read(lambda stores: stores.log.of(case.id))
        return [type(entry.event).__name__ for entry in entries]

    async def told(self, key: str) -> list[int]:
        """Telegram ids of the chats to which a sentence was promised, oldest first."""

        def question(stores: Stores) -> list[int]:
            rows = stores.connection.exec_driver_sql("SELECT chat, params FROM outbox WHERE view = 'tell' ORDER BY id")
            return [stores.chats.get(chat).telegram_id for chat, params in rows if f'"{key}"' in params]

        return await self.store.read(question)


def _file(uow: UnitOfWork, reporter: PersonId, at: datetime, fields: Mapping[str, Any]) -> Case:
    known: dict[str, Any] = {
        "id": CaseId(uow.ids.new()),
        "number": uow.cases.next_number(),
        "status": Status.RECEIVED,
        "grid": GRID,
        "unit": GRID,
        "matter": "L99",
        "top": "livelihood",
        "urgency": Urgency.ORDINARY,
        "channel": Channel.GROUP,
        "filed_at": at,
        "reporter": reporter,
    }
    case = Case(**{**known, **fields})
    chat = uow.chats.of_unit(GRID, ChatKind.RESIDENTS)
    uow.words.put(
        case.id, WordsKind.REPORT, reporter, at, "the lamp is out", (), chat.id if chat else None, case.number
    )
    return desk.file(uow, case, at, rule="word:lamp")


@asynccontextmanager
async def village(
    folder: Path,
    policy: str = "default",
    *,
    private: Sequence[int] = (WANG, LI, ZHANG, CHEN, SUN),
    ids: Ids | None = None,
    **changes: Any,
) -> AsyncIterator[Village]:
    """Open a fresh village that never sleeps; those in *private* have started the bot, *changes* are the policy's."""
    url = fresh_database(folder / "village.db")
    store = await Store.open(
        url,
        policy=replace(Policy.load(policy), **{"quiet": None, **changes}),
        calendar=Calendar.load(),
        catalogue=Catalogue.load(),
        ids=ids,
        clock=lambda: MONDAY,  # when a promise may leave must not depend on the day on which the tests run
    )
    try:
        yield Village(store, await store.work(_settle, private), url=url)
    finally:
        await store.close()


def _settle(uow: UnitOfWork, private: Sequence[int]) -> dict[int, PersonId]:
    load(uow, tables(), bot=BOT)
    for number, unit, kind in (
        (-101, GRID, ChatKind.RESIDENTS),
        (-201, COMMUNITY, ChatKind.DESK),
        (-301, STREET, ChatKind.DESK),
    ):
        chat = uow.chats.meet(BOT, number, kind, unit, ChatState.OK)
        uow.chats.bind(chat.id, kind, unit)
    people = {
        number: uow.people.meet(number, f"person {number}", "zh").id for number in (WANG, ZHOU, LI, ZHANG, CHEN, SUN)
    }
    for number in private:
        uow.chats.meet(BOT, number, ChatKind.PRIVATE, "", ChatState.OK)
    return people
