"""Sending, editing, deleting, copying: what a bot may do with messages and what it is told."""

import io

import pytest
from PIL import Image
from telegram import Bot as PtbBot
from telegram import InputMediaPhoto

from bot.sandbox.files import sample_photo
from tests.sandbox.conftest import TOKEN, Cast, keyboard

LONG = "灯" * 4097


async def test_a_text_comes_back_with_its_entities_and_buttons(cast: Cast) -> None:
    row = {"text": "接单", "callback_data": "claim:1", "style": "success"}
    message = await cast.say("<b>已受理</b> @liwei", parse_mode="HTML", reply_markup={"inline_keyboard": [[row]]})

    assert message["text"] == "已受理 @liwei"
    assert [entity["type"] for entity in message["entities"]] == ["bold", "mention"]
    assert message["reply_markup"] == {"inline_keyboard": [[row]]}


async def test_parameters_may_come_in_the_query_and_names_in_any_case(cast: Cast) -> None:
    address = f"{cast.sandbox.url}/bot{TOKEN}/SENDmessage?chat_id={cast.group.id}&text=hello"
    async with cast.session.get(address) as response:
        assert (await response.json())["result"]["text"] == "hello"


async def test_a_form_is_read_from_the_body_of_a_get_too(cast: Cast) -> None:
    address = f"{cast.sandbox.url}/bot{TOKEN}/sendMessage"
    form = {"chat_id": str(cast.group.id), "text": "灯 + 1", "protect_content": ""}
    async with cast.session.get(address, data=form) as response:
        assert (await response.json())["result"]["text"] == "灯 + 1"


async def test_unknown_methods_and_wrong_tokens_get_telegrams_answers(cast: Cast) -> None:
    assert await cast.call("sendTelepathy") == {
        "ok": False,
        "error_code": 404,
        "description": "Not Found: method not found",
    }
    async with cast.session.get(f"{cast.sandbox.url}/bot43:WRONG/getMe") as response:
        assert await response.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


@pytest.mark.parametrize(
    ("params", "refusal"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \u200b\n"}, "text must be non-empty"),
        ({"text": LONG}, "message is too long"),
        ({"text": "x", "chat_id": -5}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        ({"text": "x", "reply_parameters": {"message_id": 999}}, "message to be replied not found"),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply keyboard markup JSON object"),
        ({"text": "x", "reply_markup": keyboard(("y", "按" * 22))}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "reply_markup": {"inline_keyboard": [[{"text": "y"}]]}},
            "can't parse InlineKeyboardButton: Text buttons are not allowed in the inline keyboard",
        ),
    ],
)
async def test_bad_sends_are_refused(cast: Cast, params: dict[str, object], refusal: str) -> None:
    given = {"chat_id": cast.group.id} | params
    assert await cast.refusal("sendMessage", **given) == f"Bad Request: {refusal}"


async def test_length_is_counted_after_the_markup_is_read(cast: Cast) -> None:
    message = await cast.say(f"<b>{'&amp;' * 4096}</b>", parse_mode="HTML")

    assert len(message["text"]) == 4096


async def test_a_button_may_hold_sixty_four_bytes(cast: Cast) -> None:
    await cast.say("x", reply_markup=keyboard(("y", "按" * 21 + "x")))


async def test_an_edit_without_buttons_removes_them_and_one_without_change_is_refused(cast: Cast) -> None:
    message = await cast.say("a", reply_markup=keyboard(("y", "1")))
    where = {"chat_id": cast.group.id, "message_id": message["message_id"]}

    refusal = await cast.refusal("editMessageText", **where, text="a", reply_markup=keyboard(("y", "1")))
    edited = await cast.ask("editMessageText", **where, text="a")

    assert refusal.startswith("Bad Request: message is not modified")
    assert "reply_markup" not in edited
    assert edited["edit_date"] == edited["date"]


async def test_only_the_bots_own_messages_can_be_edited(cast: Cast) -> None:
    told = await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, text="灯坏了")

    refusal = await cast.refusal("editMessageText", chat_id=cast.group.id, message_id=told["message_id"], text="x")

    assert refusal == "Bad Request: message can't be edited"
    refusal = await cast.refusal("editMessageText", chat_id=cast.group.id, message_id=999, text="x")
    assert refusal == "Bad Request: message to edit not found"


async def test_deleting_needs_youth_and_for_others_messages_a_right(cast: Cast) -> None:
    message = await cast.say("old")
    told = await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="灯坏了")
    where = {"chat_id": cast.group.id}

    assert await cast.ask("deleteMessage", **where, message_id=told["message_id"])
    cast.clock.advance(48 * 3600)
    refusal = await cast.refusal("deleteMessage", **where, message_id=message["message_id"])
    assert refusal == "Bad Request: message can't be deleted for everyone"
    refusal = await cast.refusal("deleteMessage", **where, message_id=999)
    assert refusal == "Bad Request: message to delete not found"


async def test_a_photo_is_sent_and_comes_back_as_uploaded(ptb: PtbBot, cast: Cast) -> None:
    picture = sample_photo(3)
    message = await ptb.send_photo(cast.group.id, picture, caption="<i>灯</i>", parse_mode="HTML")
    again = await ptb.send_photo(cast.group.id, message.photo[-1].file_id)

    sizes = [(size.width, size.height) for size in message.photo]
    assert sizes == [(90, 67), (320, 240), (800, 600), (960, 720)]
    assert message.caption_entities[0].type == "italic"
    file = await ptb.get_file(again.photo[-1].file_id)
    assert bytes(await file.download_as_bytearray()) == picture
    small = await (await ptb.get_file(message.photo[0].file_id)).download_as_bytearray()
    with Image.open(io.BytesIO(bytes(small))) as image:
        assert max(image.size) == 90


async def test_an_album_is_several_messages_with_one_group(ptb: PtbBot, cast: Cast) -> None:
    items = [InputMediaPhoto(sample_photo(n), caption="灯" if n == 0 else None) for n in range(3)]

    messages = await ptb.send_media_group(cast.group.id, items)

    assert len({message.media_group_id for message in messages}) == 1
    assert [message.caption for message in messages] == ["灯", None, None]


async def test_another_bots_file_identifier_is_worthless(cast: Cast) -> None:
    other = cast.sandbox.add_bot("Other", "other_bot", "43:OTHER")
    cast.sandbox.seat(cast.group, other, admin=True)
    await cast.sandbox.act(cast.li, "send_photo", chat=cast.group.id)
    mine = cast.sandbox.exchange.queue(cast.bot).recent[-1]["message"]["photo"][-1]
    theirs = cast.sandbox.exchange.queue(other).recent[-1]["message"]["photo"][-1]

    assert mine["file_unique_id"] == theirs["file_unique_id"]
    assert mine["file_id"] != theirs["file_id"]
    refusal = await cast.refusal("getFile", file_id=theirs["file_id"])
    assert refusal == "Bad Request: wrong file_id or the file is temporarily unavailable"
    refusal = await cast.refusal("sendPhoto", chat_id=cast.group.id, photo=theirs["file_id"])
    assert refusal == "Bad Request: wrong file identifier/HTTP URL specified"


async def test_a_link_to_a_file_lives_for_an_hour_from_the_last_time_it_was_asked_for(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "send_voice", chat=cast.group.id)
    voice = (await cast.updates())[-1]["message"]["voice"]

    async def downloaded() -> tuple[int, str]:
        async with cast.session.get(f"{cast.sandbox.url}/file/bot{TOKEN}/{path}") as answer:
            return answer.status, answer.content_type

    path = f"voice/{voice['file_unique_id']}.oga"
    assert await downloaded() == (404, "application/json")
    assert (await cast.ask("getFile", file_id=voice["file_id"]))["file_path"] == path
    cast.clock.advance(3599)
    assert await downloaded() == (200, "application/octet-stream")
    cast.clock.advance(1)
    assert await downloaded() == (404, "application/json")
    await cast.ask("getFile", file_id=voice["file_id"])
    assert (await downloaded())[0] == 200


async def test_forwards_name_their_origin_and_copies_do_not(cast: Cast) -> None:
    told = await cast.sandbox.act(cast.li, "send_photo", chat=cast.group.id, caption="灯坏了")
    source = {"from_chat_id": cast.group.id, "message_id": told["message_id"]}

    forward = await cast.ask("forwardMessage", chat_id=cast.group.id, **source)
    copy = await cast.ask("copyMessage", chat_id=cast.group.id, caption="灯", **source)

    assert forward["forward_origin"]["sender_user"]["id"] == cast.li.id
    copied = cast.sandbox.messages(cast.group.id)[-1]
    assert (copied["message_id"], copied["caption"]) == (copy["message_id"], "灯")
    assert "forward_origin" not in copied


async def test_a_reply_shows_what_it_answers_one_level_deep(cast: Cast) -> None:
    first = await cast.say("one")
    second = await cast.say("two", reply_parameters={"message_id": first["message_id"]})
    third = await cast.say("three", reply_parameters={"message_id": second["message_id"], "quote": "tw"})

    assert third["reply_to_message"]["text"] == "two"
    assert "reply_to_message" not in third["reply_to_message"]
    assert third["quote"] == {"text": "tw", "position": 0, "is_manual": True}


async def test_every_other_kind_of_message_can_be_sent(cast: Cast) -> None:
    where = {"chat_id": cast.group.id}
    await cast.ask("sendLocation", **where, latitude=37.4, longitude=120.4)
    await cast.ask("sendVenue", **where, latitude=37.4, longitude=120.4, title="门卫", address="1号楼")
    await cast.ask("sendContact", **where, phone_number="000", first_name="样本")
    await cast.ask("sendDice", **where)
    poll = await cast.ask("sendPoll", **where, question="几点?", options=[{"text": "8"}, {"text": "9"}])
    await cast.sandbox.act(cast.li, "vote", chat=cast.group.id, message=poll["message_id"], options=[1])
    assert (await cast.ask("stopPoll", **where, message_id=poll["message_id"]))["options"][1]["voter_count"] == 1
    assert await cast.ask("sendChatAction", **where, action="typing")
    assert await cast.ask(
        "setMessageReaction", **where, message_id=poll["message_id"], reaction=[{"type": "emoji", "emoji": "👍"}]
    )


async def test_pinning_says_so_and_the_bot_hears_it(cast: Cast) -> None:
    message = await cast.say("card")
    where = {"chat_id": cast.group.id, "message_id": message["message_id"]}

    await cast.ask("pinChatMessage", **where)

    (update,) = await cast.updates()
    assert update["message"]["pinned_message"]["text"] == "card"
    assert (await cast.ask("getChat", chat_id=cast.group.id))["pinned_message"]["text"] == "card"
    assert await cast.ask("unpinChatMessage", **where)
    assert await cast.refusal("unpinChatMessage", **where) == "Bad Request: message to unpin not found"


async def test_uploads_by_attachment_reach_every_kind(ptb: PtbBot, cast: Cast) -> None:
    voice = await ptb.send_voice(cast.group.id, b"OggS...", duration=4)
    video = await ptb.send_video(cast.group.id, b"....ftyp", width=640, height=360, duration=9)
    document = await ptb.send_document(cast.group.id, b"hello", filename="证明.txt")

    assert voice.to_dict()["voice"]["duration"] == 4
    assert video.to_dict()["video"]["width"] == 640
    assert document.to_dict()["document"]["file_name"] == "证明.txt"
