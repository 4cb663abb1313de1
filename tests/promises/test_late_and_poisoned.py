"""R17, R18, R12: what comes too late is dropped and counted; what cannot be handled is set aside and stops nobody."""

import asyncio
import logging
from collections import Counter
from datetime import timedelta

import pytest

from bot import worker
from routing.catalogue import Catalogue, Verdict
from storage.stores import Stores
from tests.handlers.cast import LAMP
from tests.town import Town

GOOD, BAD = 200, "有毒的报告"


async def test_after_an_hour_of_silence_stale_offers_are_dropped_and_counted_and_the_card_comes_once(
    town: Town,
) -> None:
    group = town.group.id
    town.sandbox.fail_next("sendMessage", "429", contains=str(group), retry_after=40)
    await town.wang.acts("send_text", chat=group, text=f"/report {LAMP}")
    await town.sandbox.wait_for(lambda telegram: telegram.tally["sendmessage 429"] == 1)
    for text in ("3号楼电梯坏了，谁来修", "垃圾桶满了没人清"):
        await town.zhou.acts("send_text", chat=group, text=text)
    await town.sandbox.wait_for(lambda _: not town.sandbox.exchange.queues[town.sample.bot.id].pending)
    await _handled(town)
    assert await town.read(_outcomes, "offer") == {"ready": 2}

    town.clock.advance(timedelta(hours=1))
    await town.restart()

    assert await town.read(_outcomes, "offer") == {"expired": 2}
    assert len([text for text in town.said(town.group) if "#1" in text]) == 1
    assert set(await town.read(_outcomes, "card")) == {"sent"}


async def test_one_poisoned_report_among_two_hundred_is_set_aside_aloud_and_can_be_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sound = Catalogue.classify

    def classify(catalogue: Catalogue, text: str) -> Verdict:
        if BAD in text:
            raise RuntimeError("as asked")
        return sound(catalogue, text)

    monkeypatch.setattr(worker, "RETRIES_S", (0.001, 0.001))
    with monkeypatch.context() as broken, caplog.at_level(logging.ERROR):
        broken.setattr(Catalogue, "classify", classify)
        await _two_hundred_and_a_bad_one(town)
        await _handled(town)

        assert await town.cases() == GOOD
        [poisoned] = await town.read(lambda stores: stores.inbox.poisoned())
        assert BAD.encode() in poisoned.raw
        assert [record.message for record in caplog.records] == ["update set aside as poison"]

    await town.work(lambda stores: stores.inbox.revive(poisoned.bot, poisoned.update_id))
    await _start_anew(town)
    await _handled(town)
    assert await town.cases() == GOOD + 1


async def _two_hundred_and_a_bad_one(town: Town) -> None:
    homes = [(grid, person) for grid in town.sample.grids for person in town.sample.residents(grid)]
    for number in range(GOOD + 1):
        grid, person = homes[number % len(homes)]
        text = f"/report {BAD if number == GOOD // 2 else LAMP} {number}"
        await town.sandbox.act(person, "send_text", chat=town.sample.chats[grid].id, text=text)
    queue = town.sandbox.exchange.queues[town.sample.bot.id]
    await town.sandbox.wait_for(lambda _: not queue.pending, 60)


async def _start_anew(town: Town) -> None:
    """A new life looks into the inbox; so does a running one, every half minute."""
    await town.app.__aexit__(None, None, None)
    town.app = town._new_app()
    await town.start()


async def _handled(town: Town) -> None:
    """Return when the inbox is empty; messages may still wait."""
    hub = town.sandbox.exchange.hub
    async with asyncio.timeout(60):
        while await town.read(lambda stores: bool(stores.inbox.pending(1))):
            seen = hub.changes
            await hub.until(lambda seen=seen: hub.changes > seen, 1.0)  # type: ignore[misc]  # a default binds it


def _outcomes(stores: Stores, view: str) -> Counter[str]:
    rows = stores.connection.exec_driver_sql("SELECT state FROM outbox WHERE view = ?", (view,))
    return Counter(rows.scalars())
