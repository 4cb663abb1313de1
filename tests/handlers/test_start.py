"""The first word in private, the menu, and help by role and chat."""

from dataclasses import replace

import pytest

from bot.sandbox.menus import menu_of
from routing.sheet import Sheet, SheetRow
from routing.town import load
from tests.town import Persona, Town


async def test_a_resident_is_greeted_with_the_four_doors(town: Town) -> None:
    await town.zhou.starts()

    hello = town.last(town.zhou)
    assert [label.split()[-1] for label in town.buttons(hello)] == ["我要上报", "我的诉求", "找网格员", "帮助"]
    assert "/privacy" in hello["text"]


async def test_staff_find_what_they_owe_in_their_menu(town: Town) -> None:
    await town.li.starts()

    assert "待办" in town.buttons(town.last(town.li))[-1]


def _menu(town: Town, who: Persona) -> dict[str, str]:
    """The commands that somebody's own client shows them in the private chat."""
    chat = town.sandbox.exchange.world.private(who.id, town.sample.bot.id)
    return {one["command"]: one["description"] for one in menu_of(town.sample.bot, chat, who.person)}


async def test_each_is_shown_the_commands_that_are_of_use_to_them(town: Town) -> None:
    for who in (town.wang, town.li, town.chen):
        await who.starts()

    resident, worker, leader = (set(_menu(town, who)) for who in (town.wang, town.li, town.chen))
    assert {"report", "mine", "forget"} <= resident <= worker <= leader
    assert worker - resident == {"todo", "desk", "coverage", "broadcast", "broadcasts", "bind"}
    assert leader - worker == {"task", "rollcall", "emergency", "plan"}


async def test_staff_read_their_commands_in_the_language_that_they_chose(town: Town) -> None:
    await town.li.starts()
    assert _menu(town, town.li)["todo"] == "我的待办"
    await town.li.writes_privately("/lang")
    await town.li.presses(town.last(town.li), "English")

    assert _menu(town, town.li)["todo"] == "My to-do list"


async def test_whose_posts_begin_or_end_by_an_import_sees_it_in_their_menu(town: Town) -> None:
    for who in (town.li, town.wang):
        await who.starts()
    staff = next(sheet for sheet in town.sample.sheets if sheet.kind == "staff")
    mine = next(row for row in staff.rows if row.cells["telegram_id"] == str(town.li.id))
    successor = SheetRow(mine.number, {**mine.cells, "telegram_id": str(town.wang.id), "name": "王连风"})
    others = tuple(row for row in staff.rows if row.cells["telegram_id"] != str(town.li.id))

    await _replace_staff(town, replace(staff, rows=(*others, successor)))

    assert "todo" in _menu(town, town.wang)
    assert set(_menu(town, town.li)) == set(_menu(town, town.zhou)) != set(_menu(town, town.wang))
    shown = sum(call.method == "setMyCommands" for call in town.sandbox.calls)
    await _replace_staff(town, replace(staff, rows=(*others, successor)))
    assert sum(call.method == "setMyCommands" for call in town.sandbox.calls) == shown


async def _replace_staff(town: Town, staff: Sheet) -> None:
    await town.work(load, [staff], bot=town.sample.bot.id, replace_staff=True)
    await town.quiet()


async def test_who_started_was_told_about_privacy_and_that_is_on_record(town: Town) -> None:
    await town.zhou.starts()
    await town.zhou.writes_privately("/mydata")

    assert '"privacy_notice_seen": "2026-' in town.last(town.zhou)["text"]


async def test_a_link_may_give_a_command(town: Town) -> None:
    await town.zhou.starts("privacy")

    assert "隐私说明" in town.last(town.zhou)["text"]


async def test_a_link_that_nobody_issued_greets_like_any_start(town: Town) -> None:
    await town.zhou.starts("zzz")

    assert "我要上报" in "".join(town.buttons(town.last(town.zhou)))


async def test_start_in_a_group_points_to_the_private_chat(town: Town) -> None:
    asked = await town.wang.writes(f"/start@{town.sample.bot.username}")

    door = town.answer_to(asked)["reply_markup"]["inline_keyboard"][0][0]
    assert door["url"] == f"https://t.me/{town.sample.bot.username}?start=help"


@pytest.mark.parametrize("payload", ["report", "r", "contacts"])
async def test_a_link_that_is_opened_in_a_group_leads_into_private(town: Town, payload: str) -> None:
    asked = await town.wang.writes(f"/start {payload}")

    door = town.answer_to(asked)["reply_markup"]["inline_keyboard"][0][0]
    assert door["url"] == f"https://t.me/{town.sample.bot.username}?start={payload}"
    assert await town.cases() == 0


async def test_help_differs_by_chat_and_role(town: Town) -> None:
    for who in (town.wang, town.li):
        await who.writes_privately("/help")
    in_group = town.answer_to(await town.wang.writes("/help"))
    at_desk = town.answer_to(await town.chen.writes("/help"), town.community_desk)

    assert "/todo" not in town.last(town.wang)["text"]
    assert "/todo" in town.last(town.li)["text"]
    assert "/task" not in town.last(town.li)["text"]
    assert "/bind" not in town.last(town.li)["text"]
    assert "/task" in at_desk["text"]
    assert "/mydata" not in in_group["text"]
    assert "/desk" in at_desk["text"]


async def test_the_help_button_of_the_menu_answers_in_the_chat(town: Town) -> None:
    await town.wang.starts()
    await town.wang.presses(town.last(town.wang), "帮助")

    assert "/register" in town.last(town.wang)["text"]
