"""Presses that are heard together: the same answers and the same rows as one by one, in order, and never lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from bot.bench.presses import ask_everybody
from bot.bench.stand import Stand, now, resident, stand
from bot.bench.updates import press, report
from broadcasts.model import BroadcastId, Door, State
from handlers._kit.broadcast_presses import NeedHelpPressed, ReceivedPressed
from handlers._kit.presses import encode
from routing.model import Person, Post
from storage.stores import Stores
from storage.tables import inbox

STRANGER, WORKER = 77, 900_000_001
Told = list[tuple[str, str | None, bool]]


@dataclass
class Square:
    """Two grids of four homes each, a broadcast to all of them, and what pressers are told."""

    place: Stand
    broadcast: BroadcastId
    told: Told = field(default_factory=list)

    def press(self, number: int, person: int, *, grid: int = 1, data: str = "", kind: str = "supergroup") -> bytes:
        """The bytes of a press under the broadcast in the group of *grid*."""
        data = data or encode(ReceivedPressed(self.broadcast))
        raw = press(number, self.place.chats[grid - 1], person, 1_000 + grid, data)
        return raw.replace(b'"supergroup"', f'"{kind}"'.encode())

    async def rows(self) -> Sequence[Any]:
        """Every answer and the figures of every grid, without times and numbers."""
        return await self.place.store.read(_rows, self.broadcast)

    async def states(self) -> dict[int, str]:
        """How far the inbox is with each update."""
        return await self.place.store.read(
            lambda stores: {row.update_id: row.state for row in stores.connection.execute(select(inbox))}
        )


@asynccontextmanager
async def square(*, together: bool = True) -> AsyncIterator[Square]:
    told: Told = []
    async with stand(2, households=4, answer=lambda *answer: told.append(answer), together=together) as place:
        yield Square(place, await place.store.work(ask_everybody), told)


def _rows(stores: Stores, broadcast: BroadcastId) -> Sequence[Any]:
    receipts = [(one.asked, one.state, one.note, one.by is not None) for one, _ in stores.receipts.of(broadcast)]
    return [*receipts, stores.targets.figures(broadcast), *stores.targets.worst(broadcast, 9)]


def _moved_away(stores: Stores, broadcast: BroadcastId) -> None:
    stores.receipts.door(broadcast, "37010100001-2", Door.MOVED, stores.people.meet(WORKER, "", None).id, now())


def _over(stores: Stores, broadcast: BroadcastId) -> None:
    stores.broadcasts.save(replace(stores.broadcasts.get(broadcast), state=State.CANCELLED))


def _of_workers(stores: Stores, broadcast: BroadcastId) -> None:
    old = stores.broadcasts.get(broadcast)
    stores.broadcasts.save(replace(old, audience=replace(old.audience, post=Post.WORKER)))


def _as_it_is(stores: Stores, broadcast: BroadcastId) -> None:
    pass


@pytest.mark.parametrize("happens", [_as_it_is, _moved_away, _over, _of_workers])
async def test_together_and_one_by_one_people_are_told_the_same_and_the_same_is_written(
    happens: Callable[[Stores, BroadcastId], None],
) -> None:
    told, rows = [], []
    for together in (True, False):
        async with square(together=together) as town:
            await town.place.store.work(happens, town.broadcast)
            pressers = [resident(1, 0), resident(1, 1), resident(1, 0), STRANGER, resident(2, 0), STRANGER, WORKER]
            raws = [town.press(number, person) for number, person in enumerate(pressers, 1)]
            raws.append(town.press(8, resident(1, 2), kind="group"))
            raws.append(town.press(9, resident(1, 3), data=encode(ReceivedPressed(BroadcastId(5)))))
            raws.append(town.press(10, resident(1, 3), data="got:?"))
            await town.place.feed(raws)
            told.append(
                sorted((query, str(text).replace(str(town.broadcast), ""), alert) for query, text, alert in town.told)
            )
            rows.append([_nameless(one, town.broadcast) for one in await town.rows()])
            assert set((await town.states()).values()) == {"done"}

    assert told[0] == told[1]
    assert len(told[0]) == 10
    assert rows[0] == rows[1]


def _nameless(row: Any, broadcast: BroadcastId) -> str:
    return str(replace(row, broadcast=0, chat=None) if hasattr(row, "promise_key") else row)


async def test_a_press_that_comes_twice_counts_and_answers_once() -> None:
    async with square() as town:
        raw = town.press(1, resident(1, 0))
        await town.place.feed([raw, raw, town.press(2, resident(1, 1))])
        await town.place.feed([raw])

        assert [query for query, _, _ in town.told] == ["1", "2"]
        assert (await town.place.store.read(lambda uow: uow.targets.figures(town.broadcast))).pressed == 2


async def test_what_waits_in_a_chat_holds_the_presses_of_that_chat_and_of_no_other() -> None:
    async with square() as town:
        hello = report(1, town.place.chats[0], resident(1, 0), "3号楼楼道灯坏了")
        await town.place.intake.keep(
            [orjson.loads(raw) for raw in (hello, town.press(2, resident(1, 0)), town.press(3, resident(2, 0), grid=2))]
        )
        assert [query for query, _, _ in town.told] == ["3"]
        await town.place.worker.wait_idle()
        assert [query for query, _, _ in town.told] == ["3", "2"]


async def test_a_fault_in_hearing_them_together_sends_them_the_long_way(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise ZeroDivisionError

    async with square() as town:
        monkeypatch.setitem(town.place.crowd._registry.together, ReceivedPressed, fails)
        await town.place.feed([town.press(n + 1, resident(1, n)) for n in range(4)])

        assert len(town.told) == 4
        assert (await town.place.store.read(lambda uow: uow.targets.figures(town.broadcast))).pressed == 4


async def test_only_what_a_whole_town_presses_is_heard_together() -> None:
    async with square() as town:
        recognise = town.place.crowd.recognise
        received = orjson.loads(town.press(1, resident(1, 0)))
        assert recognise(received) is not None
        for broken in (
            {"update_id": 1, "message": {}},
            {
                **received,
                "callback_query": {**received["callback_query"], "data": encode(NeedHelpPressed(town.broadcast))},
            },
            {**received, "callback_query": {**received["callback_query"], "data": "got:zz:zz"}},
            {**received, "callback_query": {"data": received["callback_query"]["data"], "from": {"id": 1}}},
        ):
            assert recognise(broken) is None


async def test_presses_by_webhook_share_a_commit_and_are_answered_in_the_response() -> None:
    async with square() as town:
        works = []
        work = town.place.store.take_in

        async def counted(use_case: Any, *args: Any, **kwargs: Any) -> Any:
            works.append(use_case)
            return await work(use_case, *args, **kwargs)

        town.place.intake._store = type("Counting", (), {"take_in": staticmethod(counted)})()
        updates = [orjson.loads(town.press(n + 1, resident(n // 4 + 1, n % 4), grid=n // 4 + 1)) for n in range(8)]
        answers = await asyncio.gather(*(town.place.intake.keep_or_spool(update) for update in updates))

        assert len(works) == 1
        calls = [answer.as_call() for answer in answers if answer is not None]
        assert [call["callback_query_id"] for call in calls] == [str(n + 1) for n in range(8)]
        assert {call["method"] for call in calls} == {"answerCallbackQuery"}
        assert town.told == []


async def test_the_name_and_the_language_of_who_presses_are_kept_fresh() -> None:
    async with square() as town:
        await town.place.feed([town.press(1, resident(1, 0)), town.press(2, STRANGER)])
        for telegram_id in (resident(1, 0), STRANGER):
            person = await town.place.store.work(_met, telegram_id)
            assert (person.name, person.lang) == (f"Resident {telegram_id}", "zh")


def _met(stores: Stores, telegram_id: int) -> Person:
    return stores.people.meet(telegram_id, "", None)
