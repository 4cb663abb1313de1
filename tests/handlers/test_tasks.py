"""/task: one command reaches every worker of the subtree once; accept, done, overdue, and nobody unseen."""

from broadcasts.plan_model import TaskId
from broadcasts.tasks import Deed
from handlers.tasks.cards import TaskPressed, WithdrawPressed
from routing.model import Appointment, Post, UnitCode
from storage.stores import Stores
from tests.handlers.cast import zh
from tests.town import SECOND_GRID, Message, Persona, Town

WHAT = "清点铲雪工具并报数"


async def _given(town: Town, when: str = "17:30") -> Message:
    """The street gives every worker a task; its board at the desk."""
    await town.sun.writes(f"/task {WHAT} {when}")
    return town.last(town.street_desk)


def _also_next_door(uow: Stores, bot: int, telegram_id: int) -> None:
    chat = uow.chats.find(bot, telegram_id)
    assert chat is not None
    assert chat.person is not None
    uow.people.appoint(Appointment(chat.person, UnitCode(SECOND_GRID), Post.WORKER, "李安"))


async def test_every_worker_gets_it_once_and_the_desk_sees_who_cannot_be_reached(town: Town) -> None:
    await town.work(_also_next_door, town.sample.bot.id, town.li.id)
    board = await _given(town)

    assert "完成0/12，已接受0，未回应12" in board["text"]
    assert "联系不上10人" in board["text"]
    assert "赵宁" in board["text"]
    for who in (town.li, town.zhang):
        assert len([text for text in town.said(who) if WHAT in text]) == 1
    assert "11月23日 17:30" in town.last(town.li)["text"]


async def test_accepting_and_doing_shows_on_the_card_and_on_the_board(town: Town) -> None:
    board = await _given(town)
    card = town.last(town.li)
    assert town.buttons(card) == [zh("tasks.accept"), zh("tasks.done")]
    await town.li.presses(card, "接受")
    assert town.buttons(town.now_of(town.li, card)) == [zh("tasks.done")]
    assert "已接受1" in town.now_of(town.sun, board)["text"]
    await town.li.presses(card, "完成")

    assert town.buttons(town.now_of(town.li, card)) == []
    assert "完成1/12，已接受0，未回应11" in town.now_of(town.sun, board)["text"]


async def test_a_second_press_changes_nothing(town: Town) -> None:
    await _given(town)
    card = town.last(town.li)
    task = _task_of(card)
    await town.li.presses(card, "完成")
    await town.li.presses(card, TaskPressed(task, Deed.ACCEPT), forged=True)

    assert town.toast(town.li) == zh("refusal.already_done")
    assert zh("tasks.state.done") in town.now_of(town.li, card)["text"]


async def test_who_is_late_is_reminded_once_and_named(town: Town) -> None:
    board = await _given(town)
    await town.li.presses(town.last(town.li), "完成")
    await town.passes(hours=9)
    await town.passes(hours=1)

    assert "超时未完成11人" in town.now_of(town.sun, board)["text"]
    assert town.said(town.zhang).count(zh("tasks.overdue", number=1)) == 1
    assert zh("tasks.overdue", number=1) not in town.said(town.li)
    late = next(text for text in town.said(town.zhang) if WHAT in text)
    assert "已超时" in late


async def test_a_task_without_a_time_is_due_within_a_day_and_one_without_words_is_explained(town: Town) -> None:
    await town.sun.writes(f"/task {WHAT}")
    assert "11月24日 09:0" in town.last(town.li)["text"]
    await town.sun.writes("/task")
    assert "示范街道" in town.last(town.street_desk)["text"]
    await town.sun.writes("/task 17:30")
    assert town.last(town.street_desk)["text"] == zh("refusal.task_unclear", most=1000)


async def test_a_task_that_was_withdrawn_is_nobodys_any_more(town: Town) -> None:
    board = await _given(town)
    card = town.last(town.li)
    await town.zhang.presses(town.last(town.zhang), "完成")
    await town.li.presses(card, WithdrawPressed(_task_of(card)), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")
    await town.sun.presses(board, zh("tasks.withdraw"))
    assert town.toast(town.sun) == zh("tasks.withdrawn_done")
    await town.passes(hours=9)

    assert "任务已撤销" in town.now_of(town.sun, board)["text"]
    assert "完成1/12" in town.now_of(town.sun, board)["text"]
    assert town.buttons(town.now_of(town.sun, board)) == []
    assert "任务已撤销" in town.now_of(town.li, card)["text"]
    assert zh("tasks.overdue", number=1) not in town.said(town.li)
    await town.li.presses(card, TaskPressed(_task_of(card), Deed.DONE), forged=True)
    assert town.toast(town.li) == zh("refusal.task_withdrawn")


async def test_past_tasks_are_listed_and_each_leads_to_how_far_it_is(town: Town) -> None:
    await _given(town)
    await town.li.presses(town.last(town.li), "完成")
    await town.sun.writes("/task")
    panel = town.last(town.street_desk)
    assert town.buttons(panel)[0] == zh("tasks.line", number=1, text=WHAT[:14], done=1, all=12)
    await town.sun.presses(panel, town.buttons(panel)[0])

    assert "完成1/12" in town.now_of(town.sun, panel)["text"]
    await town.sun.presses(panel, "任务列表")
    assert zh("tasks.list") in town.now_of(town.sun, panel)["text"]


async def test_only_who_leads_gives_tasks_and_only_who_got_one_answers(town: Town) -> None:
    await town.li.writes_privately(f"/task {WHAT}")
    assert town.last(town.li)["text"] == zh("refusal.not_yours")
    said = await town.li.writes(f"/task {WHAT}")
    assert town.answer_to(said)["text"] == zh("tasks.in_private")
    await _given(town)
    card = town.last(town.li)
    await town.wang.presses(await _a_message(town.wang, town), TaskPressed(_task_of(card), Deed.DONE), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")


async def _a_message(who: Persona, town: Town) -> Message:
    await who.writes_privately("/lang")
    return town.last(who)


def _task_of(card: Message) -> TaskId:
    data = card["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    return TaskId(int(data.split(":")[1], 36))
