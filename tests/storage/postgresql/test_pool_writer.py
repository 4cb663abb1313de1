"""Several writers of one PostgreSQL database: what came between is seen, and what broke is done again."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from routing import desk, ticking
from routing.events import Claimed, Resolved
from routing.merging import merge
from routing.model import Case, Status, WordsKind
from routing.ports import Draft
from routing.refusals import NoSuchCase, SameCase
from storage import pool
from storage.errors import Unusable, is_trouble
from storage.pool import FEW_RUNS
from storage.store import Store
from storage.stores import Stores
from tests.databases import fresh_database
from tests.routing.village import CHEN, LI, WANG, ZHANG, Village
from tests.storage.conftest import NOON, Opener, a_case


async def between(store: Store, first: Callable[[Stores], Any], then: Callable[[Stores], Any], meanwhile: Any) -> Any:
    """Run *first* and *then* as one work, with *meanwhile* committed between them; returns how that work ended."""
    read, go_on, runs = threading.Event(), threading.Event(), []

    def slow(stores: Stores) -> Any:
        first(stores)
        runs.append(1)
        read.set()
        go_on.wait()
        return then(stores)

    working = asyncio.create_task(store.work(slow))
    await asyncio.to_thread(read.wait)
    try:
        await meanwhile
    finally:
        go_on.set()
    ended = (await asyncio.gather(working, return_exceptions=True))[0]
    assert len(runs) > 1, "what it had seen was old, so it was run again"
    return ended


async def test_a_clock_that_rings_beside_its_case_being_resolved_is_not_left_behind(town: Village) -> None:
    case = await town.claims(await town.files())
    timer = next(timer for timer in (await town.timers(case)).values() if timer.next_at)
    now = timer.due_at
    resolved = Resolved(at=town.now, by=town.people[LI], photos=1)

    await between(
        town.store,
        lambda stores: stores.timers.of(case.id),
        lambda stores: ticking.ring(stores, timer, now),
        town.work(desk.move, case.id, resolved),
    )

    assert timer.kind not in await town.timers(case)


async def test_two_cases_that_are_merged_into_each_other_at_once_do_not_both_end(town: Village) -> None:
    one, other = await town.claims(await town.files()), await town.claims(await town.files())
    by = town.people[CHEN]

    ended = await between(
        town.store,
        lambda stores: stores.cases.get(other.id),
        lambda stores: merge(stores, one.id, by, other.id, town.now),
        town.work(merge, other.id, by, one.id, town.now),
    )

    assert isinstance(ended, SameCase)
    assert (await town.case(one)).status is Status.CLAIMED
    assert (await town.case(other)).status is Status.MERGED


async def test_a_draft_that_was_submitted_meanwhile_does_not_come_back(town: Village) -> None:
    draft = Draft("d", town.people[WANG], (await _chat(town)), "text", NOON, {"text": "the lamp"})
    await town.work(lambda stores: stores.notebook.keep_draft(draft))

    def add_more(stores: Stores) -> None:
        if stores.notebook.draft("d"):
            stores.notebook.keep_draft(draft)

    await between(
        town.store,
        lambda stores: stores.units.all(),
        add_more,
        town.work(lambda stores: stores.notebook.drop_draft("d")),
    )

    assert await town.store.read(lambda stores: stores.notebook.draft("d")) is None


async def _chat(town: Village) -> Any:
    return (await town.store.read(lambda stores: stores.chats.all()))[0].id


async def test_of_two_who_claim_at_once_the_second_is_told_who_was_first(town: Village) -> None:
    case = await town.files()
    answers = await asyncio.gather(*(town.claims(case, by) for by in (LI, ZHANG)), return_exceptions=True)

    assert sorted(isinstance(answer, Case) for answer in answers) == [False, True]
    assert [event for event in await town.events(case) if event == "Claimed"] == [Claimed.__name__]


async def test_numbers_have_no_gap_though_filings_come_between_each_other(town: Village) -> None:
    await asyncio.gather(*(town.files() for _ in range(30)))

    cases = await town.store.read(lambda stores: [stores.cases.get(id_).number for id_ in stores.cases.open_ids()])
    assert sorted(cases) == list(range(1, 31))


async def test_a_work_whose_connection_breaks_is_done_once_on_another_one(store: Store) -> None:
    runs: list[int] = []

    def breaks(stores: Stores) -> int:
        runs.append(1)
        stores.cases.add(a_case())
        if len(runs) == 1:
            stores.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return len(runs)

    assert await store.work(breaks) == 2
    assert (await store.read(lambda stores: stores.cases.by_number(1))).version == 0


async def test_a_connection_that_breaks_every_time_is_an_error_and_no_trace(store: Store) -> None:
    runs: list[int] = []

    def breaks(stores: Stores) -> None:
        runs.append(1)
        stores.cases.add(a_case())
        stores.connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(OperationalError):
        await store.work(breaks)
    assert len(runs) == FEW_RUNS
    with pytest.raises(NoSuchCase):
        await store.read(lambda stores: stores.cases.by_number(1))
    await store.work(lambda stores: stores.cases.add(a_case()))


async def test_a_work_that_waits_for_a_lock_gives_up_before_whoever_asked_for_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[int] = []

    def waits(stores: Stores) -> None:
        runs.append(1)
        stores.connection.execute(text("DO $$ BEGIN RAISE lock_not_available; END $$"))

    with pytest.raises(OperationalError):
        await store.work(waits)
    assert len(runs) == pool.MOST_RUNS, "others are soon out of the way, as a rule"
    runs.clear()
    monkeypatch.setattr(pool, "AGAIN_S", 0.0)
    with pytest.raises(OperationalError) as caught:
        await store.work(waits)
    assert len(runs) == 1
    assert is_trouble(caught.value)


async def test_two_programs_write_one_database(opened: Opener, tmp_path: Path) -> None:
    url = fresh_database(tmp_path / "none")
    one, other = await opened(url=url, migrate=False), await opened(url=url, migrate=False)

    numbers = await asyncio.gather(
        *(store.work(lambda stores: stores.cases.next_number()) for _ in range(10) for store in (one, other))
    )

    assert sorted(numbers) == list(range(1, 21))


async def test_a_server_that_is_not_there_is_named(opened: Opener) -> None:
    with pytest.raises(Unusable, match=r"huying on 127\.0"):
        await opened(url="postgresql://somebody:secret@127.0.0.1:1/huying", migrate=False)


async def test_a_text_with_the_one_letter_that_the_server_has_no_room_for_is_kept_without_it(store: Store) -> None:
    def say(stores: Stores) -> str:
        words = stores.words.put(a_case().id, WordsKind.REPORT, None, NOON, "a\0b")
        kept = stores.words.get(words)
        return kept.text if kept else ""

    assert await store.work(say) == "a\ufffdb"


async def test_a_call_that_hangs_is_seen_though_others_are_answered(opened: Opener, tmp_path: Path) -> None:
    store = await opened(url=fresh_database(tmp_path / "none"), migrate=False)
    begun, gate = threading.Event(), threading.Event()

    def hang(_: Stores) -> None:
        begun.set()
        gate.wait(60)

    hanging = asyncio.create_task(store.read(hang))
    assert await asyncio.to_thread(begun.wait, 30)
    asked = time.monotonic()
    await store.read(lambda _: None)
    await store.work(lambda _: None)
    assert store.unanswered_s > time.monotonic() - asked > 0, "it is older than those"

    gate.set()
    await hanging
    assert store.unanswered_s == 0
    await store.close()
