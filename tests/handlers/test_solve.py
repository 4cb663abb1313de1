"""办结: words, photos, albums, and the evidence that some classes need."""

from handlers._kit.case_presses import ResolvePressed
from routing.model import Status, Words, WordsKind
from routing.ports import UnitOfWork
from tests.handlers.cast import LAMP, NOISE, card_of, claimed, zh
from tests.town import Town


def _solution(uow: UnitOfWork) -> list[Words]:
    return list(uow.words.of(uow.cases.by_number(1).id, WordsKind.SOLUTION))


async def test_words_close_a_case_and_the_reporter_is_asked_to_rate(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("已上门劝导")

    assert (await town.case()).status is Status.AWAITING_RATING
    assert town.last(town.li)["text"] == zh("solve.done", number=1)
    assert "已上门劝导" in town.last(town.wang)["text"]
    assert town.buttons(town.last(town.wang)) == ["😊 满意", "🙂 基本满意", "☹️ 不满意"]


async def test_without_the_photo_that_the_class_needs_it_is_asked_for_and_the_words_are_kept(town: Town) -> None:
    await claimed(town, LAMP)
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.writes_privately("换了灯泡")
    assert (await town.case()).status is Status.CLAIMED
    assert town.last(town.li)["text"] == zh("ask.photo", number=1, matter="路灯异常")

    await town.li.sends_photo(privately=True)

    assert (await town.case()).status is Status.AWAITING_RATING
    assert [one.text for one in await town.read(_solution)] == ["换了灯泡"]


async def test_every_picture_of_an_album_stays_with_its_case(town: Town) -> None:
    await claimed(town, LAMP)
    await town.li.presses(card_of(town, town.li), "办结")
    await town.li.sends_album(3, caption="换好了", privately=True)

    assert (await town.case()).status is Status.AWAITING_RATING
    said = await town.read(_solution)
    assert sum(len(one.media) for one in said) == 3
    assert await town.cases() == 1
    assert "📎 看附件（3）" in town.buttons(card_of(town, town.wang))
    await town.passes(minutes=20)
    assert (await town.case()).status is Status.AWAITING_RATING


async def test_only_the_holder_is_asked_for_a_result(town: Town) -> None:
    card = await claimed(town, NOISE)

    await town.zhang.presses(card, "办结")
    assert town.toast(town.zhang) == zh("refusal.not_holder")
    await town.zhou.presses(card, ResolvePressed((await town.case()).id), forged=True)
    assert town.toast(town.zhou) == zh("refusal.not_holder")

    assert (await town.case()).status is Status.CLAIMED


async def test_a_worker_without_a_private_chat_answers_in_the_group(town: Town) -> None:
    card = await claimed(town, NOISE)
    await town.li.blocks()

    await town.li.presses(card, "办结")
    question = town.last(town.group)
    assert question["text"] == f"{town.li.person.first_name} {zh('ask.resolve', number=1, matter='施工扰民')}"
    await town.li.writes("已劝导", reply_to=question)

    assert (await town.case()).status is Status.AWAITING_RATING
