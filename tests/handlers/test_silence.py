"""Whoever claims and stays silent is warned once, and then the case is everybody's again (law 13)."""

from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from routing.events import Released
from routing.model import Status
from routing.quiet import Quiet
from tests.handlers.cast import card_of, claimed, zh
from tests.routing.village import LI, village
from tests.town import Town


async def test_a_silent_holder_is_warned_loses_the_case_and_another_one_takes_it(town: Town) -> None:
    await claimed(town)
    await town.passes(hours=20)
    warning = zh("tell.silence_warning", number=1, matter="施工扰民")
    assert town.said(town.li).count(warning) == 1
    assert (await town.case()).status is Status.CLAIMED
    await town.passes(hours=5)
    assert (await town.case()).status is Status.OFFERED
    assert town.said(town.li).count(warning) == 1
    assert any("已自动放回待接" in text for text in town.said(town.zhang))
    await town.zhang.presses(card_of(town, town.zhang), "接单")

    assert "张" in card_of(town, town.zhang)["text"]


async def test_a_word_of_the_holder_begins_the_clock_anew(town: Town) -> None:
    await claimed(town)
    await town.passes(hours=20)
    await town.li.presses(card_of(town, town.li), "备注")
    await town.li.writes_privately("已联系施工方")
    await town.passes(hours=10)

    assert (await town.case()).status is Status.CLAIMED


async def test_after_a_downtime_a_holder_is_warned_before_the_claim_is_released(town: Town) -> None:
    await claimed(town)
    await town.restart(away=timedelta(days=3))
    await town.tick()
    assert (await town.case()).status is Status.CLAIMED
    assert any(zh("tell.silence_warning", number=1, matter="施工扰民") in text for text in town.said(town.li))
    await town.passes(hours=5)

    assert (await town.case()).status is Status.OFFERED


async def test_no_claim_is_released_while_its_holder_sleeps(tmp_path: Path) -> None:
    async with village(tmp_path, quiet=Quiet(time(22), time(7))) as running:
        running.now = datetime(2026, 11, 24, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
        case = await running.files()
        await running.claims(case, LI)
        for _ in range(30):
            await running.passes(hours=1)
        entries = await running.store.read(lambda stores: stores.log.of(case.id))

        (released,) = [entry.event for entry in entries if isinstance(entry.event, Released)]
        local = released.at.astimezone(ZoneInfo("Asia/Shanghai"))
        assert (local.day, local.hour) == (25, 8)
