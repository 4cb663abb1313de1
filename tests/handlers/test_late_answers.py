"""Answers that come late, questions that could not be put at once, and replies to a question that is over."""

from datetime import timedelta
from typing import Final

from handlers._kit.asking import ASIDE
from routing.model import Rating, WordsKind
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed, resolved, zh
from tests.town import Message, Town

NOTE: Final = "已联系物业"


async def _writes_late(town: Town, words: str, days: float = 1) -> Message:
    """Li wants to note something, and writes in private only days later, without replying to the question.

    Returns:
        What the bot makes of it; what the clocks say in the same chat may come before or after.
    """
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    town.clock.advance(timedelta(days=days))
    await town.li.writes_privately(words)
    return next(one for one in reversed(town.private(town.li)) if words in one.get("text", "") and town.buttons(one))


async def test_a_reply_to_the_question_is_its_answer_a_week_later(town: Town) -> None:
    question = await _why(town)
    town.clock.advance(timedelta(days=7))

    await town.wang.writes_privately("夜里还在施工", reply_to=question)

    assert town.last(town.wang)["text"] == zh("rating.commented", number=1)
    assert await town.read(_words, WordsKind.REASON) == ["夜里还在施工"]


async def test_what_is_written_much_later_without_replying_is_something_new(town: Town) -> None:
    draft = await _writes_late(town, "6号楼电梯又坏了")

    assert await town.read(_words, WordsKind.NOTE) == []
    assert "提交" in " ".join(town.buttons(draft))


async def test_who_answers_late_without_replying_may_say_that_it_was_the_answer(town: Town) -> None:
    draft = await _writes_late(town, NOTE)
    assert zh("draft.perhaps_answer", number=1) in draft["text"]
    await town.li.sends_photo(privately=True)

    await town.li.presses(draft, zh("button.draft_answer", number=1))

    assert await town.read(_words, WordsKind.NOTE) == [NOTE]
    assert await town.read(_media, WordsKind.NOTE) == 1
    assert town.now_of(town.li, draft)["text"] == zh("draft.was_answer")
    assert await town.cases() == 1


async def test_an_answer_of_several_messages_keeps_them_all_when_one_is_edited(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    town.clock.advance(timedelta(days=1))
    first = await town.li.writes_privately(NOTE)
    await town.li.writes_privately("下午三点到场")
    draft = next(one for one in reversed(town.private(town.li)) if NOTE in one.get("text", "") and town.buttons(one))
    await town.li.presses(draft, zh("button.draft_answer", number=1))

    await town.li.edits(first, "已联系电力", privately=True)

    assert await town.read(_words, WordsKind.NOTE) == ["已联系电力\n下午三点到场"]


async def test_what_was_no_answer_is_reported_as_ever(town: Town) -> None:
    draft = await _writes_late(town, "6号楼电梯又坏了")

    await town.li.presses(draft, "提交")

    assert await town.cases() == 2
    assert await town.read(_words, WordsKind.NOTE) == []


async def test_an_answer_for_which_it_is_too_late_stays_in_the_draft(town: Town) -> None:
    draft = await _writes_late(town, NOTE)
    await town.wang.presses(card_of(town, town.wang), "撤回")
    await town.wang.presses(town.last(town.wang), zh("case.withdraw"))

    await town.li.presses(draft, zh("button.draft_answer", number=1))

    assert await town.read(_words, WordsKind.NOTE) == []
    assert NOTE in town.now_of(town.li, draft)["text"]
    assert zh("button.draft_answer", number=1) not in town.buttons(town.now_of(town.li, draft))


async def test_after_some_days_nobody_is_asked_whether_it_was_an_answer(town: Town) -> None:
    draft = await _writes_late(town, "6号楼电梯又坏了", days=3)

    assert zh("draft.perhaps_answer", number=1) not in draft["text"]


async def test_who_replies_to_a_question_that_is_over_is_told_so(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    question = town.last(town.li)
    await town.li.writes_privately(NOTE, reply_to=question)

    await town.li.writes_privately("还有，明天再去一次", reply_to=question)

    assert town.last(town.li)["text"] == zh("ask.not_kept")
    assert await town.read(_words, WordsKind.NOTE) == [NOTE]
    assert await town.cases() == 1


async def test_at_a_desk_whoever_was_asked_has_the_answer_kept_and_a_second_one_not(town: Town) -> None:
    await claimed(town)
    await town.he.writes("/case 1")
    await town.he.presses(card_at(town, town.city_desk), "督办")
    await town.he.presses(town.last(town.city_desk), zh("supervision.notice"))
    question = town.last(town.city_desk)
    said = len(town.said(town.city_desk))
    await town.sun.joins(town.city_desk)
    await town.sun.writes("大家看一下", chat=town.city_desk, reply_to=question)
    assert len(town.said(town.city_desk)) == said
    town.clock.advance(timedelta(days=2))

    for text in ("请于明天前办结", "再补充一句"):
        await town.he.writes(text, reply_to=question)

    assert town.last(town.city_desk)["text"] == zh("ask.not_kept")
    assert "请于明天前办结" in await town.read(_words, WordsKind.REASON)


async def test_thanks_under_a_question_that_is_over_are_thanks(town: Town) -> None:
    question = await _why(town)
    await town.wang.writes_privately("夜里还在施工", reply_to=question)

    await town.wang.writes_privately("谢谢", reply_to=question)

    assert zh("ask.not_kept") not in town.said(town.wang)


async def test_who_presses_again_while_telegram_is_silent_is_asked_once(town: Town) -> None:
    await claimed(town)
    card, before = card_of(town, town.li), len(town.private(town.li))
    town.sandbox.fail_next("sendMessage", "429", contains=str(town.li.id), retry_after=1)
    data = town.li._data(card, "备注")
    for _ in range(2):
        await town.li.acts("press", chat=town.bot_chat, message=card["message_id"], data=data)
        await town.sandbox.wait_for(lambda _: not town.sandbox.exchange.faults.orders)
    await town.quiet()

    asked = [message for message in town.private(town.li)[before:] if "备注" in str(message.get("text"))]
    assert len(asked) == 1
    await town.li.writes_privately(NOTE, reply_to=asked[0])
    assert await town.read(_words, WordsKind.NOTE) == [NOTE]


async def test_each_of_two_questions_is_answered_by_a_reply_to_it(town: Town) -> None:
    first, second = await _asked_how_two_cases_ended(town)

    await town.li.writes_privately("修好了", reply_to=first)
    await town.li.writes_privately("换了新灯泡", reply_to=second)

    assert [await town.read(_solutions, number) for number in (1, 2)] == [["修好了"], ["换了新灯泡"]]


async def test_what_replies_to_neither_of_two_questions_answers_the_newer_and_then_may_be_meant_for_the_older(
    town: Town,
) -> None:
    await _asked_how_two_cases_ended(town)

    await town.li.writes_privately("修好了")
    await town.li.writes_privately("修好了")

    assert [await town.read(_solutions, number) for number in (1, 2)] == [[], ["修好了"]]
    await town.li.presses(town.last(town.li), zh("button.draft_answer", number=1))
    assert await town.read(_solutions, 1) == ["修好了"]


async def test_the_same_question_put_again_is_one_question(town: Town) -> None:
    first, _ = await _asked_how_two_cases_ended(town)
    await town.li.presses(card_of(town, town.li, 1), "办结")
    again = town.last(town.li)

    await town.li.writes_privately("已上门劝导", reply_to=first)
    assert await town.read(_solutions, 1) == ["已上门劝导"]

    await town.li.writes_privately("再补一句", reply_to=again)
    assert town.last(town.li)["text"] == zh("ask.not_kept")
    assert await town.read(_solutions, 1) == ["已上门劝导"]


async def test_a_question_set_aside_is_over_after_some_days_once_another_one_is_put(town: Town) -> None:
    first, _ = await _asked_how_two_cases_ended(town)
    town.clock.advance(ASIDE)
    await town.li.presses(card_of(town, town.li, 2), "备注")

    await town.li.writes_privately("已上门劝导", reply_to=first)

    assert zh("ask.not_kept") in town.said(town.li)  # what the clocks say may come behind it
    assert await town.read(_solutions, 1) == []


async def _asked_how_two_cases_ended(town: Town) -> tuple[Message, Message]:
    """Li has claimed two cases and pressed 办结 on both; the two questions."""
    asked = []
    for number in (1, 2):
        await claimed(town)
        await town.li.presses(card_of(town, town.li, number), "办结")
        asked.append(town.last(town.li))
    return asked[0], asked[1]


def _solutions(stores: Stores, number: int) -> list[str]:
    return [said.text for said in stores.words.of(stores.cases.by_number(number).id, WordsKind.SOLUTION)]


async def _why(town: Town) -> Message:
    """The question why, which Wang was asked after "not satisfied"."""
    card = await resolved(town)
    await town.wang.presses(card, zh(f"act.{Rating.NOT_SATISFIED.value}"))
    question = town.last(town.wang)
    assert question["text"] == zh("ask.why", number=1, matter="施工扰民")
    return question


def _words(stores: Stores, kind: WordsKind) -> list[str]:
    return [said.text for said in stores.words.of(stores.cases.by_number(1).id, kind)]


def _media(stores: Stores, kind: WordsKind) -> int:
    return sum(len(said.media) for said in stores.words.of(stores.cases.by_number(1).id, kind))
