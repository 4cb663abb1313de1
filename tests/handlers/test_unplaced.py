"""Answers that are quicker than our own records: people see a question before its number is written down."""

from datetime import timedelta

from routing.model import WordsKind
from storage.stores import Stores
from tests.handlers.cast import card_of, claimed, resolved, zh
from tests.town import Town


def _forget_where_the_question_is(stores: Stores, bot: int, telegram_id: int) -> None:
    chat = stores.chats.find(bot, telegram_id)
    person = stores.people.meet(telegram_id, "李安", None)
    assert chat is not None
    prompt = stores.notebook.prompt_for(chat.id, person.id, None)
    assert prompt is not None
    stores.sending.forget_carrier(prompt.key, chat.id, stores.outbox.carriers(prompt.key)[chat.id])


async def test_a_reply_to_a_question_that_is_not_recorded_yet_answers_it(town: Town) -> None:
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    question = town.last(town.li)
    await town.work(_forget_where_the_question_is, town.sample.bot.id, town.li.id)

    await town.li.writes_privately("已联系物业", reply_to=question)

    assert town.last(town.li)["text"] == zh("claim.noted", number=1)


async def test_so_does_one_to_a_question_that_telegram_got_two_days_late(town: Town) -> None:
    await town.wang.presses(await resolved(town), "不满意")
    why = town.last(town.wang)
    town.clock.advance(timedelta(days=2))
    await town.work(_forget_where_the_question_is, town.sample.bot.id, town.wang.id)

    await town.wang.writes_privately("夜里还在施工", reply_to=why)

    assert town.last(town.wang)["text"] == zh("rating.commented", number=1)


async def test_a_reply_to_what_the_bot_said_before_is_no_answer_to_a_recorded_question(town: Town) -> None:
    await claimed(town)
    hello = town.private(town.li)[1]
    await town.li.presses(card_of(town, town.li), "备注")

    await town.li.writes_privately("已联系物业", reply_to=hello)

    assert await town.read(_notes) == 0


def _notes(stores: Stores) -> int:
    case = stores.cases.by_number(1)
    return len(stores.words.of(case.id, WordsKind.NOTE))
