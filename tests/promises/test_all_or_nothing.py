"""R3, R21: a move, its log line, its clocks, its messages and the mark "handled" come together or not at all."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from handlers import Receipt
from handlers._kit.context import settling
from routing import binding, casework, desk, filing, offers
from routing.binding import Standing
from routing.casework import Saying
from routing.events import Claimed, Rated
from routing.filing import Report
from routing.model import Case, ChatId, ChatKind, ChatState, PersonId, Rating, Status, UnitCode
from storage.stores import Stores
from tests.databases import watching
from tests.promises.ledger import everything
from tests.routing.reporting import LAMP, group
from tests.routing.village import BOT, CHEN, COMMUNITY, LI, WANG, Village, village

pytestmark = pytest.mark.usefixtures("engine")

UPDATE = 77
FREE, ZHAO = UnitCode("370001001001002"), 1003
"""A grid without a chat, and its worker."""
Deed = tuple[Callable[..., Any], tuple[Any, ...]]


class Broken(Exception):
    """The statement that was chosen to fail."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


@contextmanager
def failing_at(statement: int) -> Iterator[list[str]]:
    """Let the statement with that number, counted from 1 within the work, fail."""
    seen: list[str] = []

    def look(sql: str, _arguments: Any) -> None:
        if threading.current_thread().name.startswith("lease"):
            return  # a sign of life, from beside the works
        seen.append(sql)
        if len(seen) == statement:
            raise Broken(sql)

    with watching(look):
        yield seen


async def filing_a_report(town: Village) -> Deed:
    report = Report(
        person=town.people[WANG], grid=_grid(), at=town.now, text=LAMP, chat=await group(town), message_id=5
    )
    return filing.file_report, (report,)


async def claiming(town: Village) -> Deed:
    case = await town.files()
    return desk.move, (case.id, Claimed(at=town.now, by=town.people[LI]))


async def resolving(town: Village) -> Deed:
    case = await town.claims(await town.files())
    saying = Saying("the bulb is new", (), await group(town), 9)
    return casework.resolve, (case.id, town.people[LI], saying, town.now)


async def rating_badly(town: Village) -> Deed:
    case = await town.resolves(await town.claims(await town.files()))
    return desk.move, (case.id, Rated(at=town.now, by=town.people[WANG], rating=Rating.NOT_SATISFIED))


async def binding_a_chat(town: Village) -> Deed:
    def meet(uow: Stores) -> tuple[str, ChatId, PersonId]:
        issued = binding.issue(uow, town.people[CHEN], FREE, town.now)
        here = uow.chats.meet(BOT, -404, ChatKind.UNBOUND, "a group", ChatState.OK)
        return issued.secret, here.id, uow.people.meet(ZHAO, "person", "zh").id

    secret, chat, worker = await town.work(meet)
    standing = Standing(admin=True, bot_pins=True, bot_hears=True)
    return binding.bind, (chat, worker, secret, standing, "sample_bot", town.now)


async def accepting_an_offer(town: Village) -> Deed:
    chat = await group(town)
    assert await town.work(offers.make, chat, 6, town.people[WANG], LAMP, (), town.now)
    return offers.accept, (chat, 6, town.people[WANG], town.now)


@pytest.mark.parametrize(
    "prepare", [filing_a_report, claiming, resolving, rating_badly, binding_a_chat, accepting_an_offer]
)
async def test_whichever_statement_fails_the_database_stays_as_it_was(town: Village, prepare: Any) -> None:
    use_case, args = await prepare(town)
    await town.work(lambda stores: stores.inbox.receive(BOT, UPDATE, "7:1", b"{}", town.now))
    with suppress(Broken):
        await town.work(_draw)  # on PostgreSQL the counter is ahead from here on, and the number is given again
    before = await town.store.read(everything)

    for statement in count(1):
        with failing_at(statement) as seen:
            try:
                await town.work(settling, Receipt(BOT, UPDATE), None, town.now, use_case, args, {})
                break
            except Broken:
                assert await town.store.read(everything) == before, seen[-1]

    assert statement > 8
    after = await town.store.read(everything)
    assert after["inbox"] != before["inbox"], "the update is handled in the same transaction"
    assert after["outbox"] != before["outbox"], "and so are the messages promised"


async def test_a_repeated_update_takes_its_whole_work_back(town: Village) -> None:
    case = await town.files()
    await town.work(lambda stores: stores.inbox.receive(BOT, UPDATE, "7:1", b"{}", town.now))
    await town.work(lambda stores: stores.inbox.done(BOT, UPDATE, town.now))
    before = await town.store.read(everything)

    with pytest.raises(Exception, match="not pending"):
        await town.work(settling, Receipt(BOT, UPDATE), None, town.now, desk.move, (case.id, _claimed(town)), {})

    assert await town.store.read(everything) == before
    now: Case = await town.case(case)
    assert now.status is Status.OFFERED


def _draw(stores: Stores) -> None:
    stores.cases.next_number()
    raise Broken


def _claimed(town: Village) -> Claimed:
    return Claimed(at=town.now, by=town.people[LI])


def _grid() -> UnitCode:
    return UnitCode(f"{COMMUNITY}001")
