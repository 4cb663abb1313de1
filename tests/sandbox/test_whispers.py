"""Ephemeral messages: one member and one bot read them, nobody else, and no world that is saved keeps them."""

import pytest

from bot.sandbox import Refused
from bot.sandbox.world import ADMIN_RIGHTS, Json
from tests.sandbox.conftest import Cast, keyboard


def to(cast: Cast, **more: object) -> Json:
    return {"ephemeral_message_parameters": {"receiver_user_id": cast.li.id, **more}}


async def test_what_only_one_member_may_see_never_reaches_the_whole_group(cast: Cast) -> None:
    before = len(cast.sandbox.messages(cast.group.id))

    told = await cast.say("for Li only", **to(cast))

    assert (told["message_id"], told["receiver_user"]["id"]) == (0, cast.li.id)
    assert [one["text"] for one in cast.sandbox.ephemeral(cast.group.id, cast.li)] == ["for Li only"]
    assert cast.sandbox.ephemeral(cast.group.id, cast.zhang) == []
    assert len(cast.sandbox.messages(cast.group.id)) == before
    assert "for Li only" not in str(cast.sandbox.save())


@pytest.mark.parametrize("method", ["sendPoll", "sendDice", "copyMessage"])
async def test_a_kind_that_cannot_be_ephemeral_is_refused_rather_than_shown_to_all(cast: Cast, method: str) -> None:
    card = await cast.say("card")
    given = {"question": "?", "options": ["a", "b"], "from_chat_id": cast.group.id, "message_id": card["message_id"]}

    refusal = await cast.refusal(method, chat_id=cast.group.id, **given, **to(cast))

    assert refusal == "Bad Request: this kind of message can't be ephemeral"


async def test_who_is_no_member_is_not_whispered_to_and_a_private_chat_knows_no_whisper(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot")
    await cast.sandbox.act(cast.zhang, "leave", chat=cast.group.id)

    gone = {"ephemeral_message_parameters": {"receiver_user_id": cast.zhang.id}}

    assert await cast.refusal("sendMessage", chat_id=cast.group.id, text="x", **gone) == (
        "Bad Request: USER_NOT_PARTICIPANT"
    )
    assert "only to groups" in await cast.refusal("sendMessage", chat_id=cast.li.id, text="x", **to(cast))


async def test_a_bot_that_is_no_administrator_whispers_within_fifteen_seconds_of_a_press(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("y", "1")))
    await cast.sandbox.act(cast.li, "demote", chat=cast.group.id, user=cast.bot.id)
    assert await cast.refusal("sendMessage", chat_id=cast.group.id, text="x", **to(cast)) == (
        "Bad Request: CHAT_ADMIN_REQUIRED"
    )

    press = await cast.sandbox.act(cast.li, "press", chat=cast.group.id, message=card["message_id"], data="1")
    asked = to(cast, callback_query_id=press["query"])
    await cast.ask("answerCallbackQuery", callback_query_id=press["query"])
    cast.clock.advance(15)
    await cast.say("in time", **asked)
    cast.clock.advance(1)

    assert await cast.refusal("sendMessage", chat_id=cast.group.id, text="x", **asked) == (
        "Bad Request: CHAT_ADMIN_REQUIRED"
    )


async def test_the_receiver_presses_sees_the_edit_and_the_end_and_nobody_else_can(cast: Cast) -> None:
    told = await cast.say("choose", reply_markup=keyboard(("y", "1")), **to(cast))
    number = told["ephemeral_message_id"]
    at = {"chat_id": cast.group.id, "receiver_user_id": cast.li.id, "ephemeral_message_id": number}
    with pytest.raises(Refused, match="no message"):
        await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=-number, data="1")

    await cast.sandbox.act(cast.li, "press", chat=cast.group.id, message=-number, data="1")

    (update,) = await cast.updates()
    assert update["callback_query"]["message"]["ephemeral_message_id"] == number
    assert await cast.ask("editEphemeralMessageText", **at, text="chosen") is True
    (shown,) = cast.sandbox.ephemeral(cast.group.id, cast.li)
    assert (shown["text"], "reply_markup" in shown) == ("chosen", False)
    assert await cast.ask("deleteEphemeralMessage", **at) is True
    assert cast.sandbox.ephemeral(cast.group.id, cast.li) == []
    assert await cast.refusal("deleteEphemeralMessage", **at) == "Bad Request: MESSAGE_ID_INVALID"


async def test_an_answer_to_a_whisper_is_a_whisper_and_only_its_receiver_can_give_it(cast: Cast) -> None:
    told = await cast.say("where?", **to(cast))
    answer = {"chat": cast.group.id, "text": "3号楼", "reply_to": -told["ephemeral_message_id"]}

    await cast.sandbox.act(cast.li, "send_text", **answer)

    (update,) = await cast.updates()
    assert (update["message"]["text"], update["message"]["message_id"]) == ("3号楼", 0)
    assert "3号楼" not in str(cast.sandbox.messages(cast.group.id))
    with pytest.raises(Refused, match="there is no message"):
        await cast.sandbox.act(cast.zhang, "send_text", **answer)


async def test_a_command_that_the_menu_calls_ephemeral_is_heard_by_its_bot_alone(cast: Cast) -> None:
    commands = [{"command": "mine", "description": "x", "is_ephemeral": True}, {"command": "help", "description": "x"}]
    await cast.ask("setMyCommands", commands=commands)
    await cast.sandbox.act(cast.li, "promote", chat=cast.group.id, user=cast.bot.id, rights=list(ADMIN_RIGHTS))
    before = cast.sandbox.messages(cast.group.id)
    await cast.updates()

    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="/mine")

    (update,) = await cast.updates()
    assert update["message"]["receiver_user"]["id"] == cast.bot.id
    assert cast.sandbox.messages(cast.group.id) == before
    answer = {"reply_parameters": {"ephemeral_message_id": update["message"]["ephemeral_message_id"]}}
    only = {"ephemeral_message_parameters": {"receiver_user_id": cast.zhang.id}}
    await cast.say("yours", **answer, **only)
    assert [one["text"] for one in cast.sandbox.ephemeral(cast.group.id, cast.zhang)] == ["/mine", "yours"]
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="/help")
    assert len(cast.sandbox.messages(cast.group.id)) == len(before) + 1
