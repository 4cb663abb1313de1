"""Topics, the photo of a group, and the words beside its members' names."""

import io

import pytest
from PIL import Image
from telegram import Bot as PtbBot

from bot.sandbox import Refused
from bot.sandbox.files import sample_photo
from tests.sandbox.conftest import Cast


async def test_a_closed_topic_takes_the_words_of_those_only_who_manage_topics(cast: Cast) -> None:
    cast.group.forum = True
    topic = await cast.ask("createForumTopic", chat_id=cast.group.id, name="路灯")
    thread = topic["message_thread_id"]
    await cast.ask("closeForumTopic", chat_id=cast.group.id, message_thread_id=thread)

    with pytest.raises(Refused, match="路灯 is closed"):
        await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, topic=thread, text="x")

    await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, topic=thread, text="x")


async def test_the_general_topic_is_closed_hidden_and_opened_by_methods_of_its_own(cast: Cast) -> None:
    where = {"chat_id": cast.group.id}
    assert await cast.refusal("hideGeneralForumTopic", **where) == "Bad Request: the chat is not a forum"
    cast.group.forum = True

    await cast.ask("hideGeneralForumTopic", **where)

    with pytest.raises(Refused, match="General is closed"):
        await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="x")
    assert await cast.refusal("closeGeneralForumTopic", **where) == "Bad Request: TOPIC_NOT_MODIFIED"
    await cast.ask("reopenGeneralForumTopic", **where)
    assert await cast.refusal("unhideGeneralForumTopic", **where) == "Bad Request: TOPIC_NOT_MODIFIED"
    told = await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="x")
    await cast.ask("pinChatMessage", **where, message_id=told["message_id"])
    await cast.ask("unpinAllGeneralForumTopicMessages", **where)
    assert cast.group.pinned == []
    service = [set(update["message"]) for update in await cast.updates()]
    assert any("general_forum_topic_hidden" in fields for fields in service)
    assert any("forum_topic_reopened" in fields for fields in service)


async def test_a_tag_stands_beside_the_name_of_a_plain_member(cast: Cast) -> None:
    them = {"chat_id": cast.group.id, "user_id": cast.zhang.id}

    await cast.ask("setChatMemberTag", **them, tag="楼长")

    assert (await cast.ask("getChatMember", **them))["tag"] == "楼长"
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="x")
    assert (await cast.updates())[-1]["message"]["sender_tag"] == "楼长"
    assert await cast.refusal("setChatMemberTag", **them, tag="🔥") == "Bad Request: ADMIN_RANK_EMOJI_NOT_ALLOWED"
    assert await cast.refusal("setChatMemberTag", **them, tag="x" * 17) == "Bad Request: ADMIN_RANK_INVALID"
    refusal = await cast.refusal("setChatMemberTag", **them | {"user_id": cast.li.id}, tag="x")
    assert refusal == "Bad Request: user is an administrator of the chat"
    with pytest.raises(Refused, match="no right"):
        await cast.sandbox.act(cast.zhang, "tag", chat=cast.group.id, tag="x")
    await cast.sandbox.act(cast.li, "tag", chat=cast.group.id, user=cast.zhang.id, tag="")
    assert "tag" not in await cast.ask("getChatMember", **them)


async def test_a_group_shows_the_photo_that_it_was_given(ptb: PtbBot, cast: Cast) -> None:
    where = {"chat_id": cast.group.id}
    assert await cast.refusal("setChatPhoto", **where) == "Bad Request: there is no photo in the request"
    refusal = await cast.refusal("setChatPhoto", **where, photo="AgAD")
    assert refusal == "Bad Request: photo must be uploaded as an InputFile"

    await ptb.set_chat_photo(cast.group.id, sample_photo(1))

    shown = (await ptb.get_chat(cast.group.id)).photo
    assert shown is not None
    data = await (await shown.get_small_file()).download_as_bytearray()
    assert Image.open(io.BytesIO(data)).width == 160
    sizes = (await cast.updates())[-1]["message"]["new_chat_photo"]
    assert [size["width"] for size in sizes] == [160, 320, 640, 960]
    await cast.sandbox.act(cast.li, "photo", chat=cast.group.id, remove=True)
    assert (await cast.updates())[-1]["message"]["delete_chat_photo"] is True
    assert "photo" not in await cast.ask("getChat", **where)
