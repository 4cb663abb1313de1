"""Updates on the disk: in their order, before what comes later, and shared by programs in one folder."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import orjson
import pytest

from bot.ingress import Intake, Poller
from bot.meters import Meters
from bot.spool import Spool
from bot.worker import Taken
from storage.errors import GroupLost
from storage.store import Store
from tests.bot.test_ingress import BOT, Shaky, an_update, intake, offered, shaky, spool, stored

__all__ = ["intake", "offered", "shaky", "spool"]


async def test_what_comes_after_a_spooled_update_does_not_overtake_it(
    shaky: Shaky, intake: Intake, spool: Spool, offered: list[Taken]
) -> None:
    shaky.away = True
    await intake.keep_or_spool(an_update(5))
    shaky.away = False
    await intake.keep_or_spool(an_update(6))

    assert [row.update_id for row in offered] == [5, 6]
    assert len(spool) == 0


async def test_while_the_database_stays_away_the_later_ones_are_spooled_too(
    shaky: Shaky, intake: Intake, spool: Spool, offered: list[Taken]
) -> None:
    shaky.away = True
    for number in (5, 6, 7):
        await intake.keep_or_spool(an_update(number))

    assert [update_id for _, update_id, _ in spool.waiting()] == [5, 6, 7]
    assert offered == []


async def test_what_was_spooled_is_committed_in_few_transactions_and_once(
    shaky: Shaky, intake: Intake, spool: Spool, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 451):
        spool._write(spool._folder / f"{BOT}-{number}.json", orjson.dumps(an_update(number)))
    works: list[int] = []
    take_in = shaky.take_in

    async def counted(*args: object, **kwargs: object) -> object:
        works.append(1)
        return await take_in(*args, **kwargs)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(shaky, "take_in", counted)

    assert await intake.replay() == 450
    assert await intake.replay() == 0
    assert len(works) == 3
    assert await stored(store) == list(range(1, 451))


async def test_a_spooled_update_that_cannot_be_read_holds_up_nobody(
    intake: Intake, spool: Spool, offered: list[Taken], tmp_path: Path
) -> None:
    (tmp_path / "spool" / f"{BOT}-1.json").write_bytes(b"{")
    spool.put(BOT, 2, orjson.dumps(an_update(2)))

    assert await intake.replay() == 1
    assert [row.update_id for row in offered] == [2]
    assert (tmp_path / "spool" / f"{BOT}-1.broken").read_bytes() == b"{"


async def test_a_spooled_update_that_can_never_be_committed_is_put_aside_and_the_others_go_on(
    shaky: Shaky, intake: Intake, spool: Spool, meters: Meters, offered: list[Taken]
) -> None:
    endless = {**an_update(2), "update_id": 2**63}  # no column has room for it
    for number, update in ((1, an_update(1)), (2, endless), (3, an_update(3))):
        spool.put(BOT, number, orjson.dumps(update))

    assert await intake.replay() == 2
    await intake.keep_or_spool(an_update(4))

    assert [row.update_id for row in offered] == [1, 3, 4]
    assert len(spool) == 0
    (aside,) = spool.aside()
    assert (aside.bot, aside.update_id, orjson.loads(aside.raw)) == (BOT, 2, endless)
    assert aside.error.startswith(("OverflowError", "DataError"))
    assert meters.registry.get_sample_value("huying_inbox_poison_total") == 1
    spool.revive(BOT, 2)
    assert [update_id for _, update_id, _ in spool.waiting()] == [2]
    assert list(spool.aside()) == []


async def test_a_polled_update_that_can_never_be_committed_holds_up_no_other(
    intake: Intake, spool: Spool, store: Store, meters: Meters, offered: list[Taken]
) -> None:
    class Telegram:
        """Says the same until it is confirmed."""

        asked: ClassVar[list[int | None]] = []

        async def poll(self, offset: int | None) -> list[dict[str, Any]]:
            self.asked.append(offset)
            return [an_update(1), {**an_update(2), "message": {"chat": {"id": 2**70}}, "update_id": 2**63}]

    poller = Poller(Telegram(), intake, store, meters)  # type: ignore[arg-type]  # a line that is only polled
    assert await poller._poll_once(None) == 2**63 + 1

    assert [row.update_id for row in offered] == [1]
    assert [one.update_id for one in spool.aside()] == [2**63]
    assert len(spool) == 0


async def test_what_has_stood_aside_for_long_is_deleted_and_nothing_else(
    intake: Intake, spool: Spool, meters: Meters, tmp_path: Path
) -> None:
    old = datetime(2025, 11, 30, tzinfo=UTC)
    for number in (1, 2, 3):
        spool.put(BOT, number, b"{")
    for number in (1, 2):
        spool.put_aside(BOT, number, "JSONDecodeError")
    for path in ((tmp_path / "spool" / f"{BOT}-1.broken"), (tmp_path / "spool" / f"{BOT}-3.json")):
        os.utime(path, (old.timestamp(), old.timestamp()))

    assert await intake.let_go(old + timedelta(days=1)) == 1

    assert {path.name for path in (tmp_path / "spool").iterdir()} == {
        f"{BOT}-2.broken", f"{BOT}-2.why", f"{BOT}-3.json",
    }  # fmt: skip
    assert meters.registry.get_sample_value("huying_spool_set_aside") == 1


async def test_while_the_database_is_away_nothing_is_put_aside(shaky: Shaky, intake: Intake, spool: Spool) -> None:
    spool.put(BOT, 1, orjson.dumps(an_update(1)))
    shaky.away = True
    with pytest.raises(GroupLost):
        await intake.replay()
    assert len(spool) == 1
    assert list(spool.aside()) == []


async def test_two_programs_in_one_folder_get_in_nobody_s_way(
    shaky: Shaky, intake: Intake, spool: Spool, meters: Meters, offered: list[Taken], tmp_path: Path
) -> None:
    other = Spool(tmp_path / "spool")
    for number in (1, 2):
        spool.put(BOT, number, orjson.dumps(an_update(number)))
    looking = other.waiting()
    assert next(looking)[1] == 1
    assert await intake.replay() == 2

    assert list(looking) == [], "what the other one took in is no error"
    other.check()
