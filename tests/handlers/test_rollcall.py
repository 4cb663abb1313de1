"""A roll-call through the running town: asked in the group, answered by a press, run to the doors by the workers."""

from broadcasts import rollcalls
from broadcasts.plan_model import RollCallId
from handlers.rollcall.calling import RollCallsPressed, ShowPressed, Steer, SteerPressed
from handlers.rollcall.doors import AnswerForPressed, DoorPressed, DoorsPressed
from routing.model import UnitCode
from storage.stores import Stores
from tests.handlers.cast import zh
from tests.town import GRID, Message, Town

FORM = "/rollcall 停水摸排 30\n家里存水够吗？\n家里几口人？|1/2/3/4/5以上"


async def _called(town: Town) -> Message:
    """Li calls the roll of the own grid; the form in the group."""
    await town.li.writes_privately(FORM)
    return town.last(town.group)


def _id(form: Message) -> RollCallId:
    return RollCallId(int(form["reply_markup"]["inline_keyboard"][0][0]["callback_data"].split(":")[1], 36))


async def test_a_household_answers_by_two_presses_and_only_it_sees_what(town: Town) -> None:
    form = await _called(town)
    board = town.last(town.li)
    assert "停水摸排" in form["text"]
    assert town.buttons(form) == ["1. 是", "1. 否", "2. 1", "2. 2", "2. 3", "2. 4", "2. 5以上"]
    await town.wang.presses(form, "1. 是")
    assert town.toast(town.wang) == zh("rollcall.noted", option="是")
    assert "已答0/24户" in town.now_of(town.wang, form)["text"]
    await town.wang.presses(form, "2. 4")

    assert "已答1/24户" in town.now_of(town.wang, form)["text"]
    shown = town.now_of(town.li, board)["text"]
    assert "1/24户，还差23户" in shown
    assert "是：1户 · 否：0户" in shown
    assert town.said(town.group).count(town.now_of(town.wang, form)["text"]) == 1


async def test_the_silent_are_reminded_and_the_runners_get_the_doors(town: Town) -> None:
    form = await _called(town)
    await town.passes(minutes=13)
    assert zh("rollcall.nudge", number=1, missing=24) in town.said(town.group)
    doors = town.last(town.zhang)
    assert "还有24户没有回答" in doors["text"]
    await town.zhang.presses(doors, "1号楼 1单元101")
    door = town.now_of(town.zhang, doors)
    assert "1单元101" in door["text"]
    await town.zhang.presses(door, "1. 否")
    assert "☑️ 否" in town.buttons(town.now_of(town.zhang, door))
    await town.zhang.presses(door, "2. 2")

    assert "还有23户没有回答" in town.now_of(town.zhang, doors)["text"]
    assert "1号楼 1单元101" not in town.buttons(town.now_of(town.zhang, doors))
    assert "已答1/24户" in town.now_of(town.wang, form)["text"]
    assert "1单元101" not in " ".join(town.said(town.group))


async def test_when_its_time_is_over_nothing_counts_any_more(town: Town) -> None:
    form = await _called(town)
    await town.passes(minutes=31)
    closed = town.now_of(town.wang, form)
    assert zh("rollcall.closed") in closed["text"]
    assert town.buttons(closed) == []
    assert any("已结束" in text for text in town.said(town.li))


async def test_doors_are_for_runners_in_private(town: Town) -> None:
    form = await _called(town)
    rollcall = _id(form)
    await town.wang.writes_privately("/lang")
    message = town.last(town.wang)
    for press in (
        DoorsPressed(rollcall, UnitCode(GRID), 0),
        DoorPressed(rollcall, 1),
        AnswerForPressed(rollcall, 1, 0, 0),
    ):
        await town.wang.presses(message, press, forged=True)
        assert town.toast(town.wang) == zh("refusal.not_yours")
    await town.li.presses(form, DoorPressed(rollcall, 1), forged=True)
    assert town.toast(town.li) == zh("refusal.not_yours")


async def test_who_is_on_no_roster_is_told_how_to_register(town: Town) -> None:
    form = await _called(town)
    await town.li.presses(form, "1. 是")

    assert town.toast(town.li) == zh("refusal.not_on_roster")


async def test_without_a_form_it_is_explained_and_residents_call_no_roll(town: Town) -> None:
    await town.sun.writes("/rollcall")
    assert "示范街道" in town.last(town.street_desk)["text"]
    await town.sun.writes("/rollcall 停水")
    assert town.last(town.street_desk)["text"] == zh("refusal.form_unclear")
    await town.wang.writes_privately(FORM)
    assert town.last(town.wang)["text"] == zh("refusal.not_yours")


async def test_past_roll_calls_are_listed_and_each_leads_to_how_far_it_is(town: Town) -> None:
    form = await _called(town)
    await town.wang.presses(form, "1. 是")
    await town.wang.presses(form, "2. 4")
    await town.li.writes_privately("/rollcall")
    listed = town.last(town.li)
    assert "/rollcall 停水摸排 30" in listed["text"]
    await town.li.presses(listed, zh("rollcall.line", number=1, title="停水摸排", answered=1, households=24))
    assert "1/24户，还差23户" in town.now_of(town.li, listed)["text"]
    await town.li.presses(listed, zh("rollcall.all"))
    assert "/rollcall 停水摸排 30" in town.now_of(town.li, listed)["text"]

    await town.wang.presses(form, RollCallsPressed(UnitCode(GRID), 0), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")
    await town.wang.presses(form, ShowPressed(_id(form), 0), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")


async def test_whoever_called_the_roll_need_not_wait_for_its_times(town: Town) -> None:
    form = await _called(town)
    board = town.last(town.li)
    await town.li.presses(board, zh("rollcall.send_out"))
    assert town.toast(town.li) == zh("rollcall.steered.send")
    assert "还有24户没有回答" in town.last(town.zhang)["text"]
    await town.wang.presses(form, SteerPressed(_id(form), Steer.CLOSE), forged=True)
    assert town.toast(town.wang) == zh("refusal.not_yours")
    await town.li.presses(board, zh("rollcall.close"))
    assert town.toast(town.li) == zh("rollcall.steered.close")

    assert zh("rollcall.closed") in town.now_of(town.wang, form)["text"]
    assert town.buttons(town.now_of(town.li, board)) == []
    await town.li.presses(board, SteerPressed(_id(form), Steer.CLOSE), forged=True)
    assert town.toast(town.li) == zh("refusal.rollcall_over")


async def test_when_its_answers_are_destroyed_the_list_says_so(town: Town) -> None:
    form = await _called(town)
    await town.passes(minutes=31)
    await town.work(_thirty_days_later, _id(form))
    await town.li.writes_privately("/rollcall")
    listed = town.last(town.li)
    await town.li.presses(listed, zh("rollcall.gone", number=1, title="停水摸排"))
    assert "按规定销毁" in town.now_of(town.li, listed)["text"]


def _thirty_days_later(stores: Stores, rollcall: RollCallId) -> None:
    current = stores.rollcalls.find(rollcall)
    assert current is not None
    assert current.purge_at is not None
    rollcalls.sweep(stores, current.purge_at)
