"""Reports that wait in the inbox: filed together, in the order of their chat, once, and never at the cost of intake."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from bot.bench.stand import BOT, Stand, now, resident, stand
from bot.bench.updates import report
from bot.ingress import AT_ONCE
from bot.lots import LOT, Lots
from bot.rush import Rush
from handlers._kit.plain import Chorus, Plain
from storage.stores import Stores
from storage.tables import cases, words

GRIDS = 4


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Stand]:
    """A town in each of whose groups somebody has reported already."""
    async with stand(GRIDS, path=tmp_path / "town.db") as made:
        await made.feed([report(1 + n, chat, resident(n + 1, 9), "路灯不亮") for n, chat in enumerate(made.chats)])
        yield made


@pytest.fixture
def lots(monkeypatch: pytest.MonkeyPatch) -> list[list[Plain]]:
    """What was tried together, lot by lot."""
    tried: list[list[Plain]] = []
    hear = Chorus.hear

    def noted(self: Chorus, uow: Any, lines: Sequence[Plain], at: Any) -> Sequence[bool]:
        tried.append(list(lines))
        return hear(self, uow, lines, at)

    monkeypatch.setattr(Chorus, "hear", noted)
    return tried


def reports(place: Stand, numbers: range) -> list[dict[str, Any]]:
    """One report each, by turns in every group, by turns of several people."""
    return [
        orjson.loads(report(n, place.chats[n % GRIDS], resident(n % GRIDS + 1, n % 5), f"{n}号楼楼道灯坏了"))
        for n in numbers
    ]


async def by_webhook(place: Stand, updates: Sequence[dict[str, Any]]) -> None:
    """Bring them all at once; return when each has been taken in."""
    await asyncio.gather(*(place.intake.keep_or_spool(update) for update in updates))


async def waiting(place: Stand) -> int:
    return await place.store.read(lambda stores: stores.inbox.waiting())


async def filed(place: Stand) -> dict[int, list[int]]:
    """The messages that became cases, by chat, in the order of the cases' numbers."""

    def ask(stores: Stores) -> dict[int, list[int]]:
        found = stores.connection.execute(
            select(words.c.chat, words.c.message_id)
            .join(cases, (cases.c.city_id == words.c.city_id) & (cases.c.id == words.c.case_id))
            .where(words.c.kind == "report")
            .order_by(cases.c.number)
        )
        by_chat: dict[int, list[int]] = {}
        for chat, message in found:
            by_chat.setdefault(chat, []).append(message)
        return by_chat

    return await place.store.read(ask)


async def test_a_few_reports_are_filed_in_the_transaction_that_takes_them_in(
    place: Stand, lots: list[list[Plain]]
) -> None:
    await by_webhook(place, reports(place, range(10, 10 + AT_ONCE)))

    assert await waiting(place) == 0
    assert sum(map(len, lots)) == AT_ONCE


async def test_a_flood_is_only_stored_and_then_filed_together_in_its_order(
    place: Stand, lots: list[list[Plain]], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[int] = []
    file = Lots.file

    async def noted(self: Lots, lines: Sequence[Plain]) -> int:
        tried.append(await waiting(place))
        return await file(self, lines)

    monkeypatch.setattr(Lots, "file", noted)
    flood = reports(place, range(10, 110))
    await by_webhook(place, flood)
    await place.worker.wait_idle()

    assert tried[0] >= AT_ONCE, "they were in the inbox before the first was filed"
    assert await waiting(place) == 0
    found = await filed(place)
    assert sum(map(len, found.values())) == GRIDS + len(flood)
    assert all(messages == sorted(messages) for messages in found.values())
    assert len(lots) <= 10, "a hundred reports, a few transactions"
    assert max(map(len, lots)) <= LOT


async def test_only_what_must_wait_is_a_rush(place: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    monkeypatch.setattr(Rush, "seen", lambda _: seen.append("seen"))
    await by_webhook(place, reports(place, range(10, 10 + AT_ONCE)))
    assert seen == [], "a few were filed at once"
    await place.intake.keep(reports(place, range(100, 200)))
    assert seen == [], "Telegram keeps what is not asked for"
    await by_webhook(place, reports(place, range(200, 220)))
    assert seen != []
    await place.worker.wait_idle()


async def test_what_an_earlier_life_left_is_filed_together(place: Stand, lots: list[list[Plain]]) -> None:
    rows = [place.intake._row(update) for update in reports(place, range(10, 50))]

    def keep(stores: Stores) -> None:
        for row in rows:
            stores.inbox.receive(row.bot, row.update_id, row.queue, row.raw, now())

    await place.store.work(keep)
    place.worker.refresh()
    await asyncio.sleep(0)
    while await waiting(place):
        await place.worker.wait_idle()

    assert sum(map(len, (await filed(place)).values())) == GRIDS + 40
    assert len(lots) <= GRIDS


async def test_a_report_that_must_be_handled_alone_keeps_its_place(place: Stand, lots: list[list[Plain]]) -> None:
    flood = reports(place, range(10, 60))
    flood[20]["message"]["reply_to_message"] = {**flood[8]["message"], "from": flood[20]["message"]["from"]}
    flood[24]["message"]["message_id"] = flood[4]["message"]["message_id"]  # as when somebody's message came before
    await by_webhook(place, flood)
    await place.worker.wait_idle()

    assert await waiting(place) == 0
    assert await place.store.read(lambda stores: stores.inbox.set_aside()) == 0
    found = await filed(place)
    assert all(messages == sorted(messages) for messages in found.values())
    assert not any(line.update == flood[20]["update_id"] for lot in lots for line in lot)


async def test_when_a_lot_fails_each_of_it_is_handled_alone(place: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(place.crowd.chorus._registry.choruses, "report", fails)
    flood = reports(place, range(10, 40))
    await by_webhook(place, flood)
    await place.worker.wait_idle()

    assert await waiting(place) == 0
    found = await filed(place)
    assert sum(map(len, found.values())) == GRIDS + len(flood)
    assert all(messages == sorted(messages) for messages in found.values())


async def test_a_lot_with_an_update_that_is_done_already_leaves_no_trace(place: Stand) -> None:
    updates = reports(place, range(10, 14))
    rows = [place.intake._row(update) for update in updates]

    def keep(stores: Stores) -> None:
        for row in rows:
            stores.inbox.receive(row.bot, row.update_id, row.queue, row.raw, now())
        stores.inbox.done(BOT, updates[2]["update_id"], now())

    await place.store.work(keep)
    lots = place.worker._lots[BOT]

    assert await asyncio.gather(*(lots.file(lots.plain([row.raw])) for row in rows)) == [0, 0, 0, 0]
    assert await waiting(place) == 3
    assert sum(map(len, (await filed(place)).values())) == GRIDS


async def test_bytes_that_are_no_update_end_a_run(place: Stand) -> None:
    raws = [orjson.dumps(update) for update in reports(place, range(10, 13))]
    lots = place.worker._lots[BOT]

    assert len(lots.plain(raws)) == 3
    for broken in (b"{", b"5", b'{"update_id": 11, "message": 5}'):
        assert len(lots.plain([raws[0], broken, raws[2]])) == 1
