"""Whoever writes of a danger reads whom to call, before and besides the number of a case."""

from tests.handlers.cast import resolved
from tests.town import Town

GAS = "3号楼楼道里煤气味很浓，快来看看"


async def test_the_quiet_offer_under_a_danger_says_whom_to_call(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes(GAS))
    assert "119" in offer["text"]


async def test_a_draft_that_tells_of_a_danger_says_whom_to_call(town: Town) -> None:
    await town.wang.writes_privately(GAS)
    text = town.last(town.wang)["text"]
    assert "119" in text


async def test_a_danger_whose_card_may_not_show_says_whom_to_call(town: Town) -> None:
    await town.zhou.writes("/report 楼上有人要跳楼")
    said = town.said(town.group)
    assert any("110" in text for text in said)


async def test_a_cry_of_three_characters_is_offered_too_and_small_talk_is_not(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes("着火了"))
    assert "119" in offer["text"]

    before = town.said(town.group)
    await town.emma.writes("灯坏了")
    assert town.said(town.group) == before, "three characters say too little to bother anybody"


async def test_whoever_said_no_this_morning_is_asked_again_when_there_is_danger(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes("3号楼楼道灯坏了，黑得很"))
    await town.zhou.presses(offer, "不用")

    assert "119" in town.answer_to(await town.zhou.writes(GAS))["text"]


async def test_a_lamp_is_no_danger(town: Town) -> None:
    await town.wang.writes_privately("3号楼楼道灯坏了")

    assert "119" not in town.last(town.wang)["text"]


async def test_a_desk_reads_the_words_of_a_danger_that_is_told_of_what_is_called_done(town: Town) -> None:
    card = await resolved(town)

    await town.wang.writes("三楼起火了，有人被困", reply_to=card)

    said = [text for text in town.said(town.community_desk) if "上报人说有危险" in text]
    assert len(said) == 1
    assert "三楼起火了，有人被困" in said[0]
