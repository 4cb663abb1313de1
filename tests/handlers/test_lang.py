"""Everybody chooses a language for themselves; a group's is chosen by its staff."""

from tests.town import Town


async def test_a_resident_goes_over_to_english_and_it_stays(town: Town) -> None:
    await town.wang.writes_privately("/lang")
    await town.wang.presses(town.last(town.wang), "English")
    assert "English from now on" in town.last(town.wang)["text"]

    await town.restart()
    await town.wang.writes_privately("/help")
    assert "What you can do" in town.last(town.wang)["text"]


async def test_the_choice_is_stronger_than_what_telegram_says(town: Town) -> None:
    await town.emma.starts()
    assert "Hello" in town.last(town.emma)["text"]
    await town.emma.writes_privately("/lang")
    await town.emma.presses(town.last(town.emma), "中文")
    await town.emma.writes_privately("/help")

    assert "可以这样用" in town.last(town.emma)["text"]


async def test_refusals_come_in_the_chosen_language_at_once(town: Town) -> None:
    await town.wang.writes_privately("/lang")
    await town.wang.presses(town.last(town.wang), "English")
    await town.wang.writes_privately("/bind")

    assert "no right" in town.last(town.wang)["text"]


async def test_staff_choose_the_language_of_their_group(town: Town) -> None:
    asked = await town.li.writes("/lang")
    await town.li.presses(town.answer_to(asked), "English")

    assert "Services" in town.answer_to(await town.wang.writes("/contacts"))["text"]


async def test_a_neighbour_cannot_change_the_language_of_the_group(town: Town) -> None:
    assert "私聊我发 /lang" in town.answer_to(await town.wang.writes("/lang"))["text"]
    asked = await town.li.writes("/lang")
    await town.wang.presses(town.answer_to(asked), "English")

    assert "由工作人员选定" in str(town.toast(town.wang))
    assert "服务事项" in town.answer_to(await town.wang.writes("/contacts"))["text"]
