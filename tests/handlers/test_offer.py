"""The quiet offer through the whole town."""

from handlers._kit.words import plain
from tests.handlers.test_report import media, words
from tests.town import Town

TROUBLE = "我们3号楼楼道灯坏了好几天，有没有人管"
YES, NO = "上报给网格员", "不用"


async def test_a_message_that_reads_like_a_report_gets_one_line_with_its_reason_and_two_buttons(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes(TROUBLE))

    assert "坏了" in offer["text"]
    assert [button.split()[-1] for button in town.buttons(offer)] == [YES, NO]
    assert await town.cases() == 0


async def test_the_authors_yes_files_it_and_the_offer_becomes_the_card(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes(TROUBLE))
    await town.zhou.presses(offer, YES)

    assert await words(town) == [TROUBLE]
    assert town.toast(town.zhou) == plain("offer.toast_taken", "zh", number=1)
    card = town.now_of(town.zhou, offer)
    assert "#1" in card["text"]
    assert any("接单" in button for button in town.buttons(card))
    assert len(town.said(town.group)) == 1


async def test_a_neighbour_cannot_answer_and_the_worker_can(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes(TROUBLE))
    await town.wang.presses(offer, YES)
    assert town.toast(town.wang) == plain("refusal.not_yours", "zh")

    await town.li.presses(offer, YES)
    case = await town.case()
    assert await town.read(lambda stores: stores.people.get(case.reporter).telegram_id) == town.zhou.id


async def test_a_no_takes_the_line_away_and_it_is_not_asked_again_that_day(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes(TROUBLE))
    await town.zhou.presses(offer, NO)
    await town.zhou.writes("东门口井盖又松了，谁来修一下")

    assert town.said(town.group) == []
    assert await town.cases() == 0


async def test_a_second_press_files_nothing_twice(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes(TROUBLE))
    data = offer["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await town.zhou.presses(offer, YES)
    await town.zhou.acts("press", chat=town.group.id, message=offer["message_id"], data=data, forged=True)
    await town.quiet()

    assert await town.cases() == 1
    assert town.toast(town.zhou) == plain("refusal.offer_over", "zh")


async def test_what_is_filed_is_the_message_as_its_author_left_it(town: Town) -> None:
    message = await town.zhou.writes(TROUBLE)
    offer = town.answer_to(message)
    await town.zhou.edits(message, "我们2号楼楼道灯坏了好几天，有没有人管")
    await town.zhou.presses(offer, YES)

    assert await words(town) == ["我们2号楼楼道灯坏了好几天，有没有人管"]


async def test_reporting_the_message_by_command_makes_the_offer_its_card(town: Town) -> None:
    message = await town.zhou.writes(TROUBLE)
    offer = town.answer_to(message)
    await town.zhou.writes("/report", reply_to=message)

    assert await town.cases() == 1
    assert "#1" in town.now_of(town.zhou, offer)["text"]
    assert len(town.said(town.group)) == 1


async def test_an_offered_album_is_filed_with_all_its_pictures(town: Town) -> None:
    await town.zhou.sends_album(3, caption=TROUBLE)
    await town.passes(seconds=3)
    await town.zhou.presses(town.last(town.group), YES)

    assert await words(town) == [TROUBLE]
    assert await media(town) == ["photo"] * 3


async def test_an_offer_survives_a_restart(town: Town) -> None:
    offer = town.answer_to(await town.zhou.writes(TROUBLE))
    await town.restart()
    await town.zhou.presses(offer, YES)

    assert await town.cases() == 1


async def test_staff_switch_it_off_and_residents_cannot(town: Town) -> None:
    refused = await town.wang.writes("/offer off")
    assert town.answer_to(refused)["text"] == plain("refusal.not_yours", "zh")

    await town.li.writes("/offer off")
    said = len(town.said(town.group))
    await town.zhou.writes(TROUBLE)
    assert len(town.said(town.group)) == said
