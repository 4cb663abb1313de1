"""`huying inbox`: what was set aside is seen without its words, and can be tried again."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.cli import inbox
from bot.spool import Spool
from storage.inbox import MOST_ATTEMPTS
from storage.stores import Stores
from tests.cli.conftest import Run, ask, tell

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
RAW = b'{"update_id": 7, "message": {"text": "planted words"}}'


def _set_aside(stores: Stores) -> None:
    for number, raw in ((7, RAW), (8, b"no update")):
        stores.inbox.receive(42, number, "chat", raw, AT)
        for _ in range(MOST_ATTEMPTS):
            stores.inbox.failed(42, number, "KeyError at line 3", AT)
    stores.inbox.receive(42, 9, "chat", RAW, AT)


@pytest.fixture
async def poisoned(office: Path) -> Path:
    await tell(_set_aside)
    return office


@pytest.mark.usefixtures("poisoned")
async def test_what_was_set_aside_is_listed_with_its_reason_and_without_its_words(run: Run) -> None:
    shown = await run(inbox)

    assert shown.code == 0
    assert "waiting    1" in shown.out
    assert "42:7" in shown.out
    assert "message  KeyError at line 3" in shown.out
    assert "unreadable" in shown.out
    assert "planted words" not in shown.out


@pytest.mark.usefixtures("poisoned")
async def test_its_words_are_shown_when_they_are_asked_for(run: Run) -> None:
    assert "planted words" in (await run(inbox, "--raw", "42:7")).out
    assert len((await run(inbox, "--raw", "all")).out.splitlines()) == 2


async def test_where_nothing_stands_aside_there_is_nothing_to_show(office: Path, run: Run) -> None:
    assert (await run(inbox, "--raw", "all")).code == 0


@pytest.mark.usefixtures("poisoned")
async def test_one_or_all_can_be_tried_again(run: Run) -> None:
    assert (await run(inbox, "--revive", "42:7")).code == 0
    assert [one.update_id for one in await ask(lambda stores: stores.inbox.pending(9))] == [7, 9]

    assert "1 will be tried again" in (await run(inbox, "--revive", "all")).out
    assert json.loads((await run(inbox, "--json")).out) == {"waiting": 3, "set_aside": []}


@pytest.mark.usefixtures("poisoned")
async def test_one_or_all_can_be_given_up_and_nothing_of_them_stays(run: Run) -> None:
    assert "1 deleted" in (await run(inbox, "--drop", "42:7")).out
    assert (await run(inbox, "--raw", "42:7")).code == 1
    assert [one.update_id for one in await ask(lambda stores: stores.inbox.aside())] == [8]

    assert "1 deleted" in (await run(inbox, "--drop", "all")).out
    assert json.loads((await run(inbox, "--json")).out) == {"waiting": 1, "set_aside": []}
    assert await ask(_bytes_left) == [9]


def _bytes_left(stores: Stores) -> list[int]:
    return list(stores.connection.exec_driver_sql("SELECT update_id FROM inbox WHERE raw IS NOT NULL").scalars())


@pytest.mark.usefixtures("poisoned")
async def test_an_update_that_is_not_there_is_named(run: Run) -> None:
    missing = await run(inbox, "--revive", "42:9")

    assert missing.code == 1
    assert "Nothing that is called 42:9 was set aside" in missing.err


async def test_what_stands_aside_on_the_disk_is_listed_and_can_be_tried_again_as_well(office: Path, run: Run) -> None:
    spool = Spool(office / "spool")
    spool.check()
    spool.put(42, 5, RAW)
    spool.put_aside(42, 5, "OverflowError")

    assert "42:5" in (shown := (await run(inbox)).out)
    assert "message  OverflowError" in shown
    assert "planted words" not in shown
    assert "planted words" in (await run(inbox, "--raw", "42:5")).out
    assert "1 will be tried again" in (await run(inbox, "--revive", "42:5")).out
    assert [update_id for _, update_id, _ in spool.waiting()] == [5]

    spool.put_aside(42, 5, "OverflowError")
    assert "1 deleted" in (await run(inbox, "--drop", "42:5")).out
    assert list((office / "spool").iterdir()) == []


@pytest.mark.usefixtures("office")
async def test_where_nothing_is_set_aside_reviving_all_does_nothing(run: Run) -> None:
    assert "0 will be tried again" in (await run(inbox, "--revive", "all")).out
