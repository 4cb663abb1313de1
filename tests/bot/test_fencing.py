"""A program that stood still until others took its work over does nothing more; each way of not caring is found."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import pytest

from bot.clock import Clock
from bot.courier import Courier
from bot.meters import Meters
from bot.seats import Seats
from handlers import Outgoing
from handlers._kit.registry import registry
from routing.model import ChatKind, ChatState
from routing.ports import Doubt, Promise
from storage.errors import Fenced
from storage.leases import _KEEP, SPAN, Lease, Leases
from storage.store import Store
from storage.tenure import Tenure
from tests import databases
from tests.bot.conftest import CALENDAR, CATALOGUE, POLICY
from tests.databases import POSTGRESQL, fresh_database

BOT: Final = 42
SEAT: Final = f"courier {BOT}"
LONG_S: Final = 30.0
Planted = AbstractContextManager[Any]


class Line:
    """To a Telegram that takes everything."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def call(self, method: str, _params: Any) -> Any:
        self.calls.append(method)
        return {"message_id": len(self.calls)}


class Program:
    """A store, a line, and the courier that it may have while it holds the seat."""

    def __init__(self, store: Store) -> None:
        assert store.tenure is not None
        self.store, self.tenure, self.line, self.meters = store, store.tenure, Line(), Meters()
        self.seats = Seats(store, self.meters)
        self.awake, self.about_to_send = asyncio.Event(), asyncio.Event()
        self.awake.set()
        self.courier = Courier(store, self.line, BOT, Clock(), self.meters, sure=self._sure)  # type: ignore[arg-type]  # a line is what calls
        self.working: asyncio.Task[None] | None = None

    async def _sure(self) -> None:
        """Where a program may stand still for long: between the mark that something is being sent and the call."""
        self.about_to_send.set()
        await self.awake.wait()
        await self.tenure.sure()

    async def sit_down(self) -> None:
        """Take the seat, and send from it, when it is free."""
        await self.seats.want(SEAT, self._begin)

    async def _begin(self) -> None:
        await self.courier.recover()
        self.working = asyncio.create_task(self.courier.run())

    async def end(self) -> None:
        self.awake.set()
        if self.working is not None:
            await self.courier.stop(grace_s=2)
            await asyncio.wait([self.working])
        await self.store.close()


@pytest.fixture
async def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[Program, Program]]:
    monkeypatch.setitem(registry.views, "test.word", lambda _: Outgoing("sendMessage", {"text": "x"}))
    with databases.on(POSTGRESQL):
        url = fresh_database(tmp_path)
        stores = [await Store.open(url, policy=POLICY, calendar=CALENDAR, catalogue=CATALOGUE) for _ in range(2)]
        pair = Program(stores[0]), Program(stores[1])
        yield pair
        for program in pair:
            await program.end()


async def wrongs(still: Program, other: Program) -> list[str]:
    """Let one program stand still while it sends, the other one take over, and the first wake up; what it did then."""
    await still.sit_down()
    await still.store.work(_promise)
    still.awake.clear()
    still.courier.wake()
    await asyncio.wait_for(still.about_to_send.wait(), LONG_S)
    async with asyncio.timeout(LONG_S):
        while not await other.store.work(_give_up_all_but, other.tenure.lease):
            pass  # it was just committing something
        await other.sit_down()
        while not other.line.calls:
            await asyncio.wait([asyncio.ensure_future(other.courier._landed.wait())], timeout=0.1)

    still.tenure._kept -= 2 * SPAN.total_seconds()  # so long it stood still
    still.awake.set()
    found = []
    await asyncio.wait(list(still.courier._flying.values()), timeout=LONG_S)
    if still.line.calls:
        found.append("sent")
    if await _may(still.store.work(lambda stores: stores.notebook.set_setting("by", "whoever stood still"))):
        found.append("wrote")
    if await _may(still.seats.want("ticker", _nothing)):
        found.append("sat down")
    return found


async def _nothing() -> None:
    """Begin."""


async def _may(work: Any) -> bool:
    try:
        await work
    except Fenced:
        return False
    return True


def _promise(stores: Any) -> None:
    chat = stores.chats.meet(BOT, -1, ChatKind.RESIDENTS, "", ChatState.OK).id
    stores.outbox.promise(Promise("a", chat, "test.word", doubt=Doubt.RESEND))


def _give_up_all_but(stores: Any, lease: Lease) -> Sequence[int]:
    stores.leases.keep(lease, stores.leases.now() + 2 * SPAN)
    dead: Sequence[int] = stores.leases.drop_dead(stores.leases.now() + SPAN)
    return dead


async def test_whoever_stood_still_too_long_sends_writes_and_begins_nothing(
    programs: tuple[Program, Program],
) -> None:
    assert await wrongs(*programs) == []


def epoch_not_asked() -> Planted:
    """A work does not ask whether the program may still write."""
    return patch.object(Leases, "check", lambda *_: None)


def always_sure() -> Planted:
    """A message leaves without asking how long the program stood still."""

    async def at_once(_self: Tenure) -> None:
        pass

    return patch.object(Tenure, "sure", at_once)


@contextmanager
def kept_though_lost() -> Iterator[None]:
    """A sign of life counts although the lease is not there any more, and what works are told of that does not."""

    def keep(self: Leases, lease: Lease, until: Any) -> None:
        self._run(_KEEP, epoch=lease.epoch, until=until)

    with patch.object(Leases, "keep", keep), patch.object(Tenure, "fenced", lambda _: None):
        yield


MUTANTS: Final[dict[Callable[[], Planted], set[str]]] = {
    epoch_not_asked: {"wrote", "sat down"},
    always_sure: {"sent"},
    kept_though_lost: {"sent"},
}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
async def test_a_program_that_does_not_care_is_found(
    mutant: Callable[[], Planted], programs: tuple[Program, Program]
) -> None:
    with mutant():
        assert set(await wrongs(*programs)) == MUTANTS[mutant]
