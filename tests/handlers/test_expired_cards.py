"""A case that has lost its words and its reporter after its time is still shown, without them."""

from routing import desk, retention
from routing.events import Withdrawn
from tests.handlers.cast import card_of, claimed, zh
from tests.town import Town

WORDS = "楼道的灯坏了"


async def test_a_card_of_an_expired_case_says_nothing_of_what_was_written(town: Town) -> None:
    card = town.answer_to(await town.wang.sends_photo(f"/report 3号楼{WORDS}"))
    case = await town.case()
    await town.work(desk.move, case.id, Withdrawn(at=town.now, by=case.reporter))
    await town.quiet()
    assert WORDS in town.now_of(town.wang, card)["text"]

    await town.work(retention.expire, [case.id], town.now)
    await town.quiet()

    shown = town.now_of(town.wang, card)["text"]
    assert "#1" in shown
    assert WORDS not in shown
    assert "王" not in shown


async def test_a_question_that_nobody_answered_goes_with_the_words_of_its_case(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    question, case = town.last(town.li), await town.case()
    await town.work(desk.move, case.id, Withdrawn(at=town.now, by=case.reporter))
    receipt = await town.work(retention.expire, [case.id], town.now)
    assert receipt.rows["prompts"] == 1

    await town.li.writes_privately("已联系物业", reply_to=question)

    assert town.last(town.li)["text"] == zh("ask.not_kept")
