"""挂账 and 恢复办理: parked once, to a date; the clock stands still, and then the work goes on."""

from datetime import timedelta

import pytest

from handlers._kit.case_presses import SuspendPressed
from routing import hierarchy
from routing.model import Status
from routing.refusals import BadDate
from tests.handlers.cast import card_at, card_of, claimed, offers, zh
from tests.town import Message, Town

REASON = "要等天气转暖才能施工"


async def _before_the_desk(town: Town) -> Message:
    """A case that Li holds, looked up by Chen at the community's desk."""
    await claimed(town)
    await town.chen.writes("/case 1")
    return card_at(town, town.community_desk)


async def _suspended(town: Town, span: str = "一周") -> Message:
    card = await _before_the_desk(town)
    await town.chen.presses(card, "挂账")
    await town.chen.presses(town.last(town.community_desk), span)
    await town.chen.writes_privately(REASON)
    return card


async def test_a_case_waits_until_a_date_and_the_resident_hears_it(town: Town) -> None:
    await _suspended(town)

    case = await town.case()
    assert (case.status, case.suspensions) == (Status.SUSPENDED, 1)
    assert town.last(town.chen)["text"] == zh("suspend.done", number=1)
    assert any("先登记挂账，11月30日 09:00" in text for text in town.said(town.wang))
    assert REASON not in " ".join([*town.said(town.wang), *town.said(town.group)])
    assert "11月30日" in card_at(town, town.group)["text"]
    assert REASON in card_of(town, town.li)["text"]
    assert "▶️ 恢复办理" in town.buttons(card_of(town, town.li))


async def test_it_comes_back_by_itself_with_the_time_that_was_left(town: Town) -> None:
    await claimed(town)
    before = await town.case()
    await town.chen.writes("/case 1")
    await town.chen.presses(card_at(town, town.community_desk), "挂账")
    await town.chen.presses(town.last(town.community_desk), "一周")
    await town.chen.writes_privately(REASON)
    await town.passes(days=6)
    await town.chen.writes("/desk")
    assert (await town.case()).status is Status.SUSPENDED
    assert not (await town.case()).overdue
    await town.passes(days=1, seconds=1)

    case = await town.case()
    assert (case.status, case.holder) == (Status.CLAIMED, before.holder)
    assert before.due_at is not None
    assert case.due_at is not None
    assert timedelta(days=6, hours=23) < case.due_at - before.due_at < timedelta(days=7, minutes=1)
    assert any("已恢复办理" in text for text in town.said(town.wang))


async def test_another_date_is_written_and_checked(town: Town) -> None:
    card = await _before_the_desk(town)
    await town.chen.presses(card, "挂账")
    await town.chen.presses(town.last(town.community_desk), "另选日期")
    for wrong in ("下个月吧", "2026-02-30", "2026-11-22", "2030-01-01"):
        await town.chen.writes_privately(wrong)
        assert town.last(town.chen)["text"] == zh("refusal.bad_date")
    await town.chen.writes_privately("2027年3月1日")
    assert town.last(town.chen)["text"] == zh("ask.suspend", number=1, matter="施工扰民")
    await town.chen.writes_privately(REASON)

    assert (await town.case()).status is Status.SUSPENDED
    assert "3月1日" in card_at(town, town.group)["text"]


async def test_work_goes_on_by_hand_before_the_date(town: Town) -> None:
    await _suspended(town)
    await town.li.presses(card_of(town, town.li), "恢复办理")

    assert (await town.case()).status is Status.CLAIMED
    assert town.toast(town.li) == zh("suspend.resumed")


async def test_a_case_is_suspended_once(town: Town) -> None:
    card = await _suspended(town)
    await town.li.presses(card_of(town, town.li), "恢复办理")
    assert not await offers(town, town.chen, card, "挂账")
    await town.chen.presses(card, SuspendPressed((await town.case()).id), forged=True)

    assert town.toast(town.chen) == zh("refusal.suspended_once")


async def test_a_grid_worker_suspends_nothing(town: Town) -> None:
    await claimed(town)
    card = card_of(town, town.li)
    assert "⏸ 挂账" not in town.buttons(card)
    await town.li.presses(card, SuspendPressed((await town.case()).id), forged=True)

    assert town.toast(town.li) == zh("refusal.not_yours")


async def test_what_waits_for_a_ruling_is_ruled_on_first(town: Town) -> None:
    card = await _before_the_desk(town)
    await town.li.presses(card_of(town, town.li), "延期")
    await town.li.writes_privately("配件没到")
    await town.chen.presses(card, SuspendPressed((await town.case()).id), forged=True)

    assert town.toast(town.chen) == zh("refusal.ruling_pending")


async def test_a_suspended_case_is_not_late(town: Town) -> None:
    await _suspended(town, "一个月")
    await town.passes(days=20)
    await town.chen.writes("/desk")

    assert "没有等待处理的诉求" in town.last(town.community_desk)["text"]


@pytest.mark.parametrize("text", ["2026-12-31", "到2026/12/31为止", "2026年12月31日"])
def test_a_date_is_read_however_it_is_written(text: str) -> None:
    assert hierarchy.day_of(text).isoformat() == "2026-12-31"


@pytest.mark.parametrize("text", ["", "12-31", "2026-13-01", "0000-00-00", "20261231"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadDate):
        hierarchy.day_of(text)
