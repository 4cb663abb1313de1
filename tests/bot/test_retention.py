"""What ended cases hold of people goes after its time, in slices, with receipts; the log and the figures stay."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot import jobs as module
from bot.chores import Chores
from bot.clock import Clock
from bot.jobs import Jobs
from bot.meters import Meters
from broadcasts.model import Audience, Broadcast, BroadcastId, Class, State
from routing.events import Withdrawn
from routing.model import Case, ChatId, Media, MediaKind, Rating, WordsKind
from routing.records import ErasureReason
from storage.audit import findings
from storage.erasures import broken_at
from storage.log import broken_at as log_broken_at
from storage.reports import Reports
from storage.stores import Stores
from tests.routing.village import STREET, WANG, Village, village

CANARY = "我叫王小满，住502室"
YEAR = timedelta(days=365)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as town:
        yield town


@pytest.fixture
def jobs(town: Village, meters: Meters) -> Jobs:
    def wall() -> float:
        return town.now.timestamp()

    return Jobs(town.store, Clock(wall=wall), meters, heartbeat=None)


async def ends(town: Village) -> Case:
    """A case with words of a resident and a photo, and a worker's result, archived."""
    case = await town.files()

    def speak(stores: Stores) -> None:
        author, photo = town.people[WANG], Media(MediaKind.PHOTO, 7, "file", "once")
        stores.words.put(case.id, WordsKind.MORE, author, town.now, CANARY, (photo,))

    await town.work(speak)
    return await town.rates(await town.resolves(await town.claims(case)), Rating.SATISFIED)


async def held(town: Village, case: Case) -> tuple[bool, bool]:
    """Whether the case still has texts, and its reporter."""
    texts = await town.store.read(lambda stores: stores.words.of(case.id))
    return bool(texts), (await town.case(case)).reporter is not None


@pytest.mark.usefixtures("engine")
async def test_a_year_after_its_end_a_case_has_neither_texts_nor_a_reporter(town: Village, jobs: Jobs) -> None:
    archived = await ends(town)
    withdrawn = await town.moves(await town.files(), Withdrawn, by=WANG)

    town.now += YEAR - timedelta(hours=1)
    await jobs.expire()
    assert [await held(town, case) for case in (archived, withdrawn)] == [(True, True)] * 2

    town.now += timedelta(hours=2)
    await jobs.expire()
    assert [await held(town, case) for case in (archived, withdrawn)] == [(False, False)] * 2


@pytest.mark.usefixtures("engine")
async def test_what_could_not_be_handled_goes_after_a_year_and_leaves_a_receipt(town: Village, jobs: Jobs) -> None:
    def set_aside(stores: Stores) -> None:
        stores.inbox.receive(42, 7, "chat", CANARY.encode(), town.now)
        stores.inbox.failed(42, 7, "KeyError", town.now, for_good=True)

    await town.work(set_aside)
    town.now += YEAR - timedelta(hours=1)
    await jobs.expire()
    assert await town.store.read(lambda stores: stores.inbox.set_aside()) == 1

    town.now += timedelta(hours=2)
    await jobs.expire()
    await jobs.expire()
    assert await town.store.read(lambda stores: stores.inbox.set_aside()) == 0
    (receipt,) = await town.store.read(lambda stores: stores.erasures.all())
    assert (receipt.why, receipt.person, receipt.rows) == (ErasureReason.EXPIRED, None, {"inbox": 1})


async def test_what_stands_aside_on_the_disk_goes_after_the_same_time(town: Village, meters: Meters) -> None:
    asked: list[datetime] = []

    class Disk:
        bot = 42

        async def let_go(self, before: datetime) -> int:
            asked.append(before)
            return 1

    given: dict[str, Any] = {"worker": None, "listening": None, "forget": print, "report": print, "machine": None}
    clock = Clock(wall=town.now.timestamp)
    disks: Any = [Disk()]
    chores = Chores(town.store, clock, meters, intakes=disks, applications=(), by_webhook=False, **given)
    hourly = next(job for job in chores.all() if job.name == "let go")

    await hourly.call()

    assert asked == [town.now - YEAR]


async def test_what_is_open_or_ended_later_keeps_everything(town: Village, jobs: Jobs) -> None:
    waits, claimed = await town.files(), await town.claims(await town.files())
    town.now += timedelta(days=300)
    late = await ends(town)
    town.now += timedelta(days=300)

    await jobs.expire()

    assert [await held(town, case) for case in (waits, claimed, late)] == [(True, True)] * 3
    assert await town.store.read(lambda stores: stores.erasures.all()) == []


async def test_every_slice_leaves_a_receipt_and_the_second_night_has_nothing_to_do(
    town: Village, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "EXPIRE_AT_ONCE", 2)
    for _ in range(3):
        await ends(town)
    town.now += YEAR + timedelta(days=1)

    for _ in range(2):
        await jobs.expire()

    receipts = await town.store.read(lambda stores: stores.erasures.all())
    assert [(one.why, one.person, one.rows) for one in receipts] == [
        (ErasureReason.EXPIRED, None, {"words": 4, "cases": 2}),
        (ErasureReason.EXPIRED, None, {"words": 2, "cases": 1}),
    ]
    assert broken_at(receipts) is None


async def test_log_figures_and_audit_are_what_they_were(town: Village, jobs: Jobs) -> None:
    case = await ends(town)
    town.now += YEAR + timedelta(days=1)

    def look(stores: Stores) -> tuple[object, ...]:
        lines = [tuple(line) for line in stores.log.lines(case.id)]
        found = [one.law for one in findings(stores, town.now)]
        return (
            lines,
            log_broken_at(case.id, stores.log.lines(case.id)),
            Reports(stores.connection, "default").stats(),
            found,
        )

    before = await town.store.read(look)
    await jobs.expire()
    after = await town.store.read(look)

    assert (await held(town, case)) == (False, False)
    assert after == before
    assert (after[1], after[3]) == (None, [])


async def test_the_audit_misses_a_reporter_before_the_time(town: Village) -> None:
    case = await ends(town)

    await town.work(lambda stores: stores.cases.cut([case.id]))

    found = await town.store.read(lambda stores: [one.detail for one in findings(stores, town.now)])
    assert found == ["the log does not rebuild reporter"]


async def test_an_open_case_cannot_be_cut(town: Village) -> None:
    case = await town.files()

    assert await town.work(lambda stores: stores.cases.cut([case.id])) == 0
    assert (await held(town, case)) == (True, True)


async def test_the_cards_are_shown_anew_without_the_texts(town: Village, jobs: Jobs) -> None:
    case = await ends(town)
    town.now += YEAR + timedelta(days=1)

    def keys(stores: Stores) -> set[str]:
        rows = stores.connection.exec_driver_sql("SELECT key FROM outbox WHERE key LIKE '%expire:%'")
        return {row.key.split(":expire")[0] for row in rows}

    await jobs.expire()

    assert await town.store.read(keys)
    assert await held(town, case) == (False, False)


async def test_answers_to_broadcasts_go_a_year_after_their_end_as_well(town: Village, jobs: Jobs) -> None:
    def ended(stores: Stores) -> None:
        made = Broadcast(
            id=BroadcastId(1), number=1, state=State.EXPIRED, kind=Class.NOTICE, unit=STREET, author=None,
            chat=ChatId(1), drafted_at=town.now, ended_at=town.now, audience=Audience(STREET),
        )  # fmt: skip
        stores.broadcasts.add(made)
        stores.receipts.strangers(made.id, [(town.people[WANG], STREET)], town.now)

    await town.work(ended)
    town.now += YEAR + timedelta(hours=1)
    await jobs.expire()

    (receipt,) = await town.store.read(lambda stores: stores.erasures.all())
    assert (receipt.why, receipt.rows) == (ErasureReason.EXPIRED, {"strangers": 1})


async def test_in_a_rehearsal_whose_days_are_short_nothing_is_erased(town: Village, meters: Meters) -> None:
    case = await ends(town)
    hasty = Jobs(town.store, Clock(4000.0, wall=(town.now + 9 * YEAR).timestamp), meters, heartbeat=None)

    await hasty.expire()

    assert await held(town, case) == (True, True)
