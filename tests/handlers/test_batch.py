"""批量上报: several cases go up with one covering note, and the level above gets one message."""

from handlers._kit.case_presses import BatchPressed
from handlers.batch.choosing import BatchTicked
from tests.handlers.cast import card_of, claimed, zh
from tests.town import COMMUNITY, STREET, Message, Town

NOTE = "同一工地引起，社区已三次劝阻无效，请街道统一处置"


async def _two_at_the_community(town: Town) -> Message:
    """Two cases of the grid went up to the community; the list of its desk."""
    for number, text in ((1, "2号楼下半夜施工，噪声大"), (2, "3号楼前装修半夜施工，噪声大")):
        await claimed(town, text)
        await town.li.presses(card_of(town, town.li, number), "上报")
        await town.li.writes_privately("已劝阻")
    await town.chen.writes("/desk")
    return town.last(town.community_desk)


async def test_several_cases_go_up_with_one_note_and_one_message(town: Town) -> None:
    board = await _two_at_the_community(town)
    await town.chen.presses(board, "批量上报")
    panel = town.last(town.community_desk)
    for number in (1, 2):
        unticked = next(one for one in town.buttons(town.now_of(town.chen, panel)) if f"#{number} " in one)
        await town.chen.presses(panel, unticked)
    assert all(one.startswith("☑️") for one in town.buttons(town.now_of(town.chen, panel))[:2])
    await town.restart()
    await town.chen.presses(panel, "写说明")
    await town.chen.writes_privately(NOTE)

    assert [(await town.case(number)).unit for number in (1, 2)] == [STREET, STREET]
    assert town.last(town.chen)["text"] == zh("batch.done", numbers="#1 #2", unit="示范街道")
    covers = [text for text in town.said(town.street_desk) if NOTE in text and "一起上报" in text]
    assert covers == [zh("batch.cover", unit="春风社区", count=2, note=NOTE)]
    assert sum("已上报到示范街道" in text for text in town.said(town.wang)) == 2
    assert NOTE not in " ".join((*town.said(town.wang), *town.said(town.group)))


async def test_what_somebody_moved_meanwhile_is_left_out(town: Town) -> None:
    board = await _two_at_the_community(town)
    await town.chen.presses(board, "批量上报")
    panel = town.last(town.community_desk)
    for number in (1, 2):
        await town.chen.presses(panel, BatchTicked((await town.case(number)).id, 1, 0))
    await town.chen.presses(panel, "写说明")
    await town.sun.writes("/case 1")
    await town.sun.presses(
        next(m for m in reversed(town.messages(town.street_desk)) if "#1" in m.get("text", "")), "不予受理"
    )
    await town.sun.presses(town.last(town.street_desk), zh("refuse_reason.nothing_new"))
    await town.chen.writes_privately(NOTE)

    assert town.last(town.chen)["text"] == zh("batch.done", numbers="#2", unit="示范街道")


async def test_nothing_goes_up_that_was_not_ticked_or_is_not_theirs(town: Town) -> None:
    board = await _two_at_the_community(town)
    await town.chen.presses(board, "批量上报")
    await town.chen.presses(town.last(town.community_desk), "写说明")
    assert town.toast(town.chen) == zh("refusal.nothing_to_escalate")
    await town.wang.presses(town.last(town.group), BatchPressed(), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")

    assert (await town.case(1)).unit == COMMUNITY
