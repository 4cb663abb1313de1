"""/todo: everything owed, late ones first."""

from handlers._kit.case_presses import TodoPressed
from routing.boards import PAGE
from tests.handlers.cast import LAMP, NOISE, claimed, filed, zh
from tests.town import Town


async def test_what_is_held_and_what_is_offered_stand_in_one_list_late_ones_first(town: Town) -> None:
    await claimed(town, NOISE)
    await town.passes(days=5)
    await filed(town, LAMP, by=town.zhou)
    await town.li.writes_privately("/todo")

    page = town.last(town.li)
    assert [text.split()[1] for text in town.buttons(page)] == ["#1", "#2"]
    assert town.buttons(page)[0].startswith("⏰")
    await town.li.presses(page, town.buttons(page)[1])
    assert town.last(town.li)["text"].startswith("#2 · ")


async def test_a_long_list_is_turned_in_place(town: Town) -> None:
    for number in range(PAGE + 1):
        await filed(town, f"{number + 1}号楼路灯不亮", by=(town.wang, town.zhou)[number % 2])
    await town.li.writes_privately("/todo")
    page = town.last(town.li)
    first = town.buttons(page)
    assert len(first) == PAGE + 1

    await town.li.presses(page, "下一页 ▶️")

    assert len(town.buttons(town.now_of(town.li, page))) == 2
    assert town.last(town.li)["message_id"] == page["message_id"]


async def test_residents_owe_nothing_and_groups_do_not_show_the_list(town: Town) -> None:
    await town.wang.writes_privately("/todo")
    assert town.last(town.wang)["text"] == zh("refusal.not_yours")
    await town.li.writes("/todo")
    assert town.last(town.group)["text"] == zh("todo.private")
    await town.li.presses(town.last(town.li), TodoPressed(0), forged=True)
    assert town.last(town.li)["text"] == zh("todo.nothing")
