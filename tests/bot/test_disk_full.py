"""R22: a disk without room takes nothing in by half and loses nothing: what is not stored is not acknowledged.

The database is full in earnest, by SQLite's own limit on its pages; the disk of the spool is played.
"""

import asyncio
import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from bot import worker as module
from bot.ingress import Intake, Poller, offset_setting
from bot.logs import NO_ROOM
from bot.meters import Meters, Onlooker
from bot.sandbox import Sandbox
from bot.spool import Spool
from bot.telegram import App, line_of
from bot.web import Web
from bot.worker import Taken
from storage.errors import GroupLost
from storage.store import Store
from tests.bot.test_ingress import (
    BOT,
    an_update,
    hook,
    intake,
    offered,
    poll_until,
    post_update,
    shaky,
    speak,
    spool,
    stored,
)
from tests.bot.test_worker import NOW, Desk, Start, pending, receive, start, update
from tests.databases import fill, make_room

__all__ = ["hook", "intake", "offered", "shaky", "spool", "start"]  # fixtures
LONG = "很长的话" * 1_000  # no page has so much room left


@contextmanager
def no_room_for_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files can be begun meanwhile, and what is written into them does not get to the disk."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr("bot.spool.os.fsync", full)
        yield


async def test_a_full_database_sends_updates_to_the_spool_and_takes_them_in_when_there_is_room(
    hook: tuple[Web, str], store: Store, intake: Intake, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    await store.work(fill)
    with caplog.at_level(logging.ERROR):
        assert [await post_update(hook, an_update(number, LONG)) for number in (1, 2, 3)] == [200, 200, 200]
    assert await stored(store) == []
    assert len(spool) == 3
    assert {record.__dict__["error"] for record in caplog.records} == {f"GroupLost: {NO_ROOM}"}

    await store.work(make_room)
    assert await post_update(hook, an_update(4)) == 200
    assert await stored(store) == [1, 2, 3, 4]
    assert len(spool) == 0


async def test_where_nothing_can_be_written_at_all_telegram_keeps_it_and_the_meters_know(
    hook: tuple[Web, str],
    store: Store,
    spool: Spool,
    offered: list[Taken],
    meters: Meters,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await store.work(fill)
    with no_room_for_files(monkeypatch):
        assert [await post_update(hook, an_update(number, LONG)) for number in (1, 2, 1)] == [503, 503, 503]
    assert offered == []
    assert list((tmp_path / "spool").iterdir()) == [], "not even half a file is left"
    assert await stored(store) == []
    assert meters.no_room_at is not None

    await store.work(make_room)
    assert [await post_update(hook, an_update(number, LONG)) for number in (1, 2, 1)] == [200, 200, 200]
    assert await stored(store) == [1, 2]
    assert [row.update_id for row in offered] == [1, 2]


async def test_what_is_spooled_waits_while_the_rest_finds_no_room(
    hook: tuple[Web, str], store: Store, spool: Spool, offered: list[Taken], monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.work(fill)
    assert await post_update(hook, an_update(1, LONG)) == 200
    with no_room_for_files(monkeypatch):
        assert await post_update(hook, an_update(2, LONG)) == 503
    assert [update_id for _, update_id, _ in spool.waiting()] == [1]

    await store.work(make_room)
    assert await post_update(hook, an_update(2, LONG)) == 200
    assert [row.update_id for row in offered] == [1, 2]


async def test_a_full_database_confirms_no_poll_and_stores_no_part_of_a_batch(
    sandbox: Sandbox, application: App, intake: Intake, store: Store, meters: Meters, offered: list[Taken]
) -> None:
    li = sandbox.add_person("Li Wei")
    await sandbox.act(li, "start", bot="huying_sample_bot")
    await speak(sandbox, li, "short", LONG, "short too")
    await store.work(fill)
    poller = Poller(line_of(application), intake, store, meters)
    polling = asyncio.create_task(poller.run())
    while not poller._pause_s:
        await stored(store)  # one turn of a reader, no guess about time
    polling.cancel()
    await asyncio.wait([polling])
    assert await stored(store) == []
    assert offered == []
    assert await store.read(lambda stores: stores.notebook.setting(offset_setting(BOT))) is None
    assert len(sandbox.exchange.queues[BOT].pending) == 4

    await store.work(make_room)
    await poll_until(Poller(line_of(application), intake, store, meters), lambda: len(offered) == 4, store)
    assert len(await stored(store)) == 4


async def room_at_last(store: Store) -> None:
    """Make room, again when that shared its commit with a work that still found none."""
    while True:
        with suppress(GroupLost):
            return await store.work(make_room)


class Growing(Desk):
    """What it does needs room."""

    @staticmethod
    def _work(stores: Any, update_id: int) -> None:
        stores.inbox.done(BOT, update_id, NOW)
        stores.notebook.count("effects", NOW)
        stores.notebook.set_setting(f"of {update_id}", LONG)


async def test_no_update_is_set_aside_because_the_disk_is_full(
    application: App, store: Store, start: Start, meters: Meters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "RETRIES_S", (0.001, 0.001))
    desk = Growing(application, store)
    await receive(store, update(1, 5, "work"), update(2, 5, "work"))
    await store.work(fill)
    worker = start()
    await worker.start()
    while len(desk.seen[5]) < 10:
        desk.arrived.clear()
        await desk.arrived.wait()
    assert set(desk.seen[5]) == {1}, "the chat's next update waits behind it"
    assert await pending(store) == [1, 2]

    await room_at_last(store)
    await worker.wait_idle()
    assert await pending(store) == []
    assert await store.read(lambda stores: stores.inbox.poisoned()) == []
    counts = await store.read(lambda stores: stores.notebook.counts(["effects"]))
    assert counts["effects"] == (NOW, 2)


async def test_the_watch_hears_of_it_and_what_needs_no_room_goes_on(store: Store, meters: Meters) -> None:
    store.watch(Onlooker(meters, "sqlite"))
    await store.work(fill)
    with pytest.raises(GroupLost):
        await store.work(lambda stores: stores.notebook.set_setting("long", LONG))
    assert meters.no_room_at is not None
    await store.work(lambda stores: stores.notebook.set_setting("short", "x"))
    assert await store.read(lambda stores: stores.notebook.setting("short")) == "x", "where there is room, it goes on"
