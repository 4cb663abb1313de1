"""Private chats and presses: starting, blocking, answering in time."""

import pytest

from bot.sandbox import Refused
from tests.sandbox.conftest import Cast, keyboard


async def test_a_bot_cannot_write_first(cast: Cast) -> None:
    refusal = await cast.refusal("sendMessage", chat_id=cast.li.id, text="x")

    assert refusal == "Forbidden: bot can't initiate conversation with a user"
    assert await cast.refusal("sendMessage", chat_id=5, text="x") == "Bad Request: chat not found"


async def test_a_link_starts_the_bot_with_its_payload(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot", payload="door-1")

    (update,) = await cast.updates()
    assert update["message"]["text"] == "/start door-1"
    assert update["message"]["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert update["message"]["from"]["language_code"] == "zh"
    answer = await cast.ask("sendMessage", chat_id=cast.li.id, text="您好")
    assert answer["chat"]["id"] == cast.li.id
    assert [message["text"] for message in cast.sandbox.private(cast.li, cast.bot)] == ["/start door-1", "您好"]


async def test_blocking_and_unblocking_is_told(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot")
    await cast.updates()

    await cast.sandbox.act(cast.li, "block", bot="huying_sample_bot")
    refusal = await cast.refusal("sendMessage", chat_id=cast.li.id, text="x")
    await cast.sandbox.act(cast.li, "unblock", bot="huying_sample_bot")

    assert refusal == "Forbidden: bot was blocked by the user"
    statuses = [update["my_chat_member"]["new_chat_member"]["status"] for update in await cast.updates()]
    assert statuses == ["kicked", "member"]
    await cast.ask("sendMessage", chat_id=cast.li.id, text="x")


async def test_a_deleted_account_is_named_as_such(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot")
    await cast.sandbox.act(cast.li, "deactivate")

    assert await cast.refusal("sendMessage", chat_id=cast.li.id, text="x") == "Forbidden: user is deactivated"


async def test_a_link_to_a_group_brings_the_bot_with_rights_and_starts_it(cast: Cast) -> None:
    group = cast.sandbox.add_group("5号网格", owner=cast.li)
    await cast.sandbox.act(
        cast.li, "start", bot="huying_sample_bot", chat=group.id, payload="bind-1", rights=["can_pin_messages"]
    )

    updates = await cast.updates()
    assert updates[0]["my_chat_member"]["new_chat_member"]["can_pin_messages"]
    assert updates[-1]["message"]["text"] == "/start@huying_sample_bot bind-1"


async def test_a_press_is_answered_once_and_in_time(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    press = {"chat": cast.group.id, "message": card["message_id"], "data": "claim:1"}
    await cast.sandbox.act(cast.zhang, "press", **press)
    query = (await cast.updates())[-1]["callback_query"]

    assert query["from"]["id"] == cast.zhang.id
    assert query["message"]["message_id"] == card["message_id"]
    await cast.ask("answerCallbackQuery", callback_query_id=query["id"], text="好", show_alert=True)
    assert (cast.sandbox.toasts[-1]["to"], cast.sandbox.toasts[-1]["text"]) == (cast.zhang.id, "好")
    again = await cast.refusal("answerCallbackQuery", callback_query_id=query["id"])
    assert again.startswith("Bad Request: query is too old")

    await cast.sandbox.act(cast.zhang, "press", **press)
    late = (await cast.updates())[-1]["callback_query"]
    cast.clock.advance(60)
    assert (await cast.refusal("answerCallbackQuery", callback_query_id=late["id"])) == again


async def test_only_a_button_that_is_there_can_be_pressed_unless_forged(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    where = {"chat": cast.group.id, "message": card["message_id"]}

    with pytest.raises(Refused):
        await cast.sandbox.act(cast.zhang, "press", **where, data="claim:2")
    await cast.sandbox.act(cast.zhang, "press", **where, data="claim:2", forged=True)

    assert (await cast.updates())[-1]["callback_query"]["data"] == "claim:2"


async def test_a_press_on_a_deleted_message_carries_an_inaccessible_one(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    await cast.ask("deleteMessage", chat_id=cast.group.id, message_id=card["message_id"])

    await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=card["message_id"], data="claim:1")

    shown = (await cast.updates())[-1]["callback_query"]["message"]
    assert set(shown) == {"chat", "message_id", "date"}
    assert shown["date"] == 0


async def test_a_press_on_a_message_of_two_days_carries_an_inaccessible_one_that_can_still_be_edited(
    cast: Cast,
) -> None:
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    at = {"chat": cast.group.id, "message": card["message_id"], "data": "claim:1"}
    cast.clock.advance(48 * 3600 - 1)
    await cast.sandbox.act(cast.zhang, "press", **at)
    cast.clock.advance(1)
    await cast.sandbox.act(cast.zhang, "press", **at)

    younger, older = [update["callback_query"]["message"] for update in await cast.updates()]

    assert younger["text"] == "card"
    assert older == {"chat": younger["chat"], "message_id": card["message_id"], "date": 0}
    assert await cast.ask("editMessageText", chat_id=cast.group.id, message_id=card["message_id"], text="done")


async def test_a_phone_that_lost_the_line_presses_twice_with_two_ids(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    press = {"chat": cast.group.id, "message": card["message_id"], "data": "claim:1"}

    await cast.sandbox.act(cast.zhang, "press", **press, again=True)

    first, second = await cast.updates()
    assert first["update_id"] != second["update_id"]
    assert first["callback_query"]["id"] != second["callback_query"]["id"]
    assert first["callback_query"]["chat_instance"] == second["callback_query"]["chat_instance"]


async def test_command_menus_are_kept_per_scope_and_language(cast: Cast) -> None:
    menu = [{"command": "report", "description": "上报"}]
    scope = {"type": "all_group_chats"}
    await cast.ask("setMyCommands", commands=menu, scope=scope, language_code="zh")

    assert await cast.ask("getMyCommands", scope=scope, language_code="zh") == menu
    assert await cast.ask("getMyCommands") == []
    await cast.ask("deleteMyCommands", scope=scope, language_code="zh")
    assert await cast.ask("getMyCommands", scope=scope, language_code="zh") == []
    refusal = await cast.refusal("setMyCommands", commands=menu, scope={"type": "galaxy"})
    assert refusal == "Bad Request: can't parse BotCommandScope: Unsupported type specified"
