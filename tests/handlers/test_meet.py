"""会商: minutes, who came, and decisions that have an owner and a date."""

from datetime import UTC, datetime

from handlers._kit.case_presses import MeetPressed
from routing.events import Conferred, Dispatched
from routing.model import Case, Status, UnitCode, WordsKind
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed, zh
from tests.town import SECOND_GRID, Persona, Town

WARDENS, POWER = UnitCode("370001001901"), UnitCode("370001001902")
MINUTES = """11月23日三方会商，物业和业主代表到场。
一致同意先断电再清场。
@示范供电所 12-31 断开2号楼的临时用电
＠春风二网格 2026年12月1日：通知住户"""


async def _asked(town: Town) -> None:
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "会商")


async def test_each_decision_becomes_a_part_with_its_owner_and_its_date(town: Town) -> None:
    await _asked(town)
    await town.chen.writes_privately(MINUTES)

    assert town.last(town.chen)["text"] == zh("meet.done", number=1)
    first, second = await town.case(2), await town.case(3)
    assert [(one.unit, one.due_at, one.status) for one in (first, second)] == [
        (POWER, datetime(2026, 12, 31, 9, 30, tzinfo=UTC), Status.OFFERED),
        (SECOND_GRID, datetime(2026, 12, 1, 9, 30, tzinfo=UTC), Status.OFFERED),
    ]
    assert await town.read(_words, first, WordsKind.REPORT) == ["断开2号楼的临时用电"]
    assert await town.read(_words, await town.case(1), WordsKind.MINUTES) == [MINUTES]
    dispatched = [entry.event for entry in await town.read(lambda stores: stores.log.of(first.id))][1]
    assert isinstance(dispatched, Dispatched)
    assert dispatched.until == first.due_at
    assert any("一致同意先断电" in text for text in town.said(town.li))
    assert "12月31日" in card_at(town, town.sample.chats[POWER], 2)["text"]
    assert "一致同意" not in " ".join((*town.said(town.wang), *town.said(town.group)))


async def test_minutes_without_decisions_are_kept_and_show_who_came(town: Town) -> None:
    await claimed(town)
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "吹哨")
    await town.chen.presses(town.last(town.community_desk), "示范执法中队")
    await town.chen.presses(town.last(town.community_desk), "写地点时间")
    await town.chen.writes_privately("3号楼下 10:30")
    officer = Persona(town, town.sample.staff(WARDENS)[0], town.sample.chats[WARDENS])
    await officer.presses(card_at(town, officer.home), "报到")
    await town.chen.presses(card_at(town, town.community_desk), "会商")
    await town.chen.writes_privately("现场看过，下周再议。")

    event = await town.read(lambda stores: stores.log.of(stores.cases.by_number(1).id)[-1].event)
    assert isinstance(event, Conferred)
    assert event.attended == (WARDENS,)
    assert await town.cases() == 1


async def test_a_decision_that_nobody_could_carry_out_is_sent_back_with_its_line(town: Town) -> None:
    await _asked(town)
    for wrong in (
        "@月球站 12-31 断电",
        "@示范供电所 断电",
        "@示范供电所 12-31",
        "@示范供电所 2026-11-01 断电",
        "@样例市 12-31 拨款",
    ):
        await town.chen.writes_privately(f"会议纪要\n{wrong}")
        assert town.last(town.chen)["text"] == zh("refusal.bad_decision", line=2)
    assert await town.cases() == 1
    await town.chen.writes_privately("会议纪要\n@示范供电所 12-31 断电")

    assert await town.cases() == 2


async def test_a_grid_worker_keeps_no_minutes(town: Town) -> None:
    await _asked(town)
    await town.li.presses(card_of(town, town.li), MeetPressed((await town.case()).id), forged=True)

    assert town.toast(town.li) == zh("refusal.not_yours")


def _words(stores: Stores, case: Case, kind: WordsKind) -> list[str]:
    return [words.text for words in stores.words.of(case.id, kind)]
