"""Groups: who hears what, who may do what, and how membership changes are told."""

import pytest

from bot.sandbox import Refused
from bot.sandbox.world import MEMBER, Json
from tests.sandbox.conftest import Cast


async def _privately_listening(cast: Cast) -> int:
    """A fresh group where the bot is a plain member in privacy mode; returns its id."""
    group = cast.sandbox.add_group("1号网格", owner=cast.li, members=[cast.zhang, cast.bot])
    await cast.updates()
    return group.id


def _texts(updates: list[Json]) -> list[str]:
    return [update["message"]["text"] for update in updates]


async def test_an_administrator_hears_everything(cast: Cast) -> None:
    await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="随便聊聊")

    assert _texts(await cast.updates()) == ["随便聊聊"]


async def test_privacy_mode_lets_only_commands_and_replies_through(cast: Cast) -> None:
    group = await _privately_listening(cast)
    card = await cast.ask("sendMessage", chat_id=group, text="card")

    for text in ("chatter", "/report@huying_sample_bot 灯", "/report@other_bot 灯", "@huying_sample_bot 灯"):
        await cast.sandbox.act(cast.zhang, "send_text", chat=group, text=text)
    await cast.sandbox.act(cast.zhang, "send_text", chat=group, text="answer", reply_to=card["message_id"])

    assert _texts(await cast.updates()) == ["/report@huying_sample_bot 灯", "answer"]


async def test_a_bare_command_reaches_only_the_bot_that_wrote_last(cast: Cast) -> None:
    group = await _privately_listening(cast)
    await cast.sandbox.act(cast.zhang, "send_text", chat=group, text="/help")
    before = await cast.updates()
    await cast.ask("sendMessage", chat_id=group, text="here")
    await cast.sandbox.act(cast.zhang, "send_text", chat=group, text="/help")

    assert before == []
    assert _texts(await cast.updates()) == ["/help"]


async def test_turning_privacy_off_needs_the_bot_to_be_added_anew(cast: Cast) -> None:
    group = await _privately_listening(cast)
    cast.bot.privacy = False
    await cast.sandbox.act(cast.zhang, "send_text", chat=group, text="unheard")
    await cast.sandbox.act(cast.li, "kick", chat=group, user="huying_sample_bot")
    await cast.sandbox.act(cast.li, "add_member", chat=group, user="huying_sample_bot")
    await cast.updates()
    await cast.sandbox.act(cast.zhang, "send_text", chat=group, text="heard")

    assert _texts(await cast.updates()) == ["heard"]


async def test_a_bot_hears_its_own_service_messages_and_no_other_of_its_own(cast: Cast) -> None:
    await cast.say("not heard")
    await cast.ask("setChatTitle", chat_id=cast.group.id, title="4号网格")

    (update,) = await cast.updates()
    assert update["message"]["new_chat_title"] == "4号网格"


async def test_being_added_promoted_and_put_out_is_told_as_my_chat_member(cast: Cast) -> None:
    group = cast.sandbox.add_group("2号网格", owner=cast.li)
    bot = {"chat": group.id, "user": "huying_sample_bot"}

    await cast.sandbox.act(cast.li, "add_member", **bot)
    await cast.sandbox.act(cast.li, "promote", **bot, rights=["can_pin_messages"])
    await cast.sandbox.act(cast.li, "kick", **bot)

    updates = await cast.updates()
    changes = [update["my_chat_member"] for update in updates if "my_chat_member" in update]
    assert [change["new_chat_member"]["status"] for change in changes] == ["member", "administrator", "kicked"]
    assert changes[1]["new_chat_member"]["can_pin_messages"]
    assert not changes[1]["new_chat_member"]["can_delete_messages"]
    left = [update for update in updates if "left_chat_member" in update.get("message", {})]
    assert left[0]["message"]["left_chat_member"]["id"] == cast.bot.id
    refusal = await cast.refusal("sendMessage", chat_id=group.id, text="x")
    assert refusal == "Forbidden: bot was kicked from the supergroup chat"


async def test_others_comings_and_goings_are_told_only_to_administrators_who_asked(cast: Cast) -> None:
    await cast.sandbox.act(cast.zhang, "leave", chat=cast.group.id)
    unasked = await cast.updates()
    await cast.listening_for("chat_member", "message")
    await cast.sandbox.act(cast.zhang, "join", chat=cast.group.id)

    assert [list(update)[1] for update in unasked] == ["message"]
    asked = await cast.updates()
    assert [list(update)[1] for update in asked] == ["chat_member", "message"]
    assert asked[1]["message"]["new_chat_members"][0]["id"] == cast.zhang.id


async def test_a_group_that_becomes_a_supergroup_refuses_its_old_id(cast: Cast) -> None:
    group = cast.sandbox.add_group("小群", owner=cast.li, supergroup=False, members=[cast.bot])
    await cast.updates()

    moved = await cast.sandbox.act(cast.li, "migrate", chat=group.id)

    updates = [update["message"] for update in await cast.updates()]
    assert [(m["chat"]["id"], m.get("migrate_to_chat_id"), m.get("migrate_from_chat_id")) for m in updates] == [
        (group.id, moved["chat"], None),
        (moved["chat"], None, group.id),
    ]
    assert await cast.call("sendMessage", chat_id=group.id, text="x") == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": moved["chat"]},
    }
    assert (await cast.ask("sendMessage", chat_id=moved["chat"], text="x"))["message_id"] == 2


async def test_an_anonymous_administrator_writes_as_the_group(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "anonymous", chat=cast.group.id, on=True)
    await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, text="通知")

    message = (await cast.updates())[-1]["message"]
    assert message["from"]["id"] == 1087968824
    assert message["sender_chat"]["id"] == cast.group.id


async def test_a_channels_post_in_a_group_hides_the_person(cast: Cast) -> None:
    channel = cast.sandbox.exchange.world.add_chat("社区频道", "channel", owner=cast.li.id)
    await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, text="通知", as_channel=channel.id)

    message = (await cast.updates())[-1]["message"]
    assert message["from"]["id"] == 136817688
    assert message["sender_chat"]["title"] == "社区频道"


async def test_members_are_described_by_their_position(cast: Cast) -> None:
    where = {"chat_id": cast.group.id}
    stranger = cast.sandbox.add_person("Wang Wu")

    async def status(user_id: int) -> str:
        return str((await cast.ask("getChatMember", **where, user_id=user_id))["status"])

    people = (cast.li.id, cast.bot.id, cast.zhang.id, stranger.id)
    assert [await status(user) for user in people] == ["creator", "administrator", "member", "left"]
    assert await cast.refusal("getChatMember", **where, user_id=5) == "Bad Request: user not found"
    admins = await cast.ask("getChatAdministrators", **where)
    assert [admin["user"]["id"] for admin in admins] == [cast.li.id, cast.bot.id]
    assert await cast.ask("getChatMemberCount", **where) == 3


async def test_a_banned_neighbour_stays_out_until_the_ban_is_lifted(cast: Cast) -> None:
    where = {"chat_id": cast.group.id, "user_id": cast.zhang.id}
    await cast.ask("banChatMember", **where)

    with pytest.raises(Refused):
        await cast.sandbox.act(cast.zhang, "join", chat=cast.group.id)
    await cast.ask("unbanChatMember", **where, only_if_banned=True)
    await cast.sandbox.act(cast.zhang, "join", chat=cast.group.id)


async def test_a_restricted_member_is_muted_and_leaving_does_not_help(cast: Cast) -> None:
    where = {"chat_id": cast.group.id, "user_id": cast.zhang.id}
    await cast.ask("restrictChatMember", **where, permissions={"can_send_photos": True})
    await cast.sandbox.act(cast.zhang, "leave", chat=cast.group.id)
    await cast.sandbox.act(cast.zhang, "join", chat=cast.group.id)

    with pytest.raises(Refused):
        await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="x")
    await cast.sandbox.act(cast.zhang, "send_photo", chat=cast.group.id)


async def test_rights_are_really_checked(cast: Cast) -> None:
    group = await _privately_listening(cast)
    told = await cast.sandbox.act(cast.zhang, "send_text", chat=group, text="x")
    where = {"chat_id": group, "message_id": told["message_id"]}

    assert await cast.refusal("deleteMessage", **where) == "Bad Request: message can't be deleted"
    refusal = await cast.refusal("pinChatMessage", **where)
    assert refusal == "Bad Request: not enough rights to manage pinned messages in the chat"
    refusal = await cast.refusal("banChatMember", chat_id=group, user_id=cast.zhang.id)
    assert refusal == "Bad Request: not enough rights to restrict/unrestrict chat member"


async def test_joining_by_request_waits_for_the_bot(cast: Cast) -> None:
    link = await cast.ask("createChatInviteLink", chat_id=cast.group.id, creates_join_request=True, name="slip")
    wang = cast.sandbox.add_person("Wang Wu")

    await cast.sandbox.act(wang, "join", chat=cast.group.id, link=link["invite_link"])

    (update,) = await cast.updates()
    assert update["chat_join_request"]["invite_link"]["name"] == "slip"
    await cast.ask("approveChatJoinRequest", chat_id=cast.group.id, user_id=wang.id)
    assert (await cast.ask("getChatMember", chat_id=cast.group.id, user_id=wang.id))["status"] == "member"


async def test_a_forum_topic_gathers_its_messages_until_it_is_closed(cast: Cast) -> None:
    cast.group.forum = True
    topic = await cast.ask("createForumTopic", chat_id=cast.group.id, name="路灯")
    where = {"chat_id": cast.group.id, "message_thread_id": topic["message_thread_id"]}

    message = await cast.ask("sendMessage", **where, text="x")
    await cast.ask("closeForumTopic", **where)

    assert message["is_topic_message"]
    assert await cast.refusal("closeForumTopic", **where) == "Bad Request: TOPIC_NOT_MODIFIED"
    refusal = await cast.refusal("sendMessage", chat_id=cast.group.id, text="x", message_thread_id=999)
    assert refusal == "Bad Request: message thread not found"


async def test_leaving_is_heard_and_final(cast: Cast) -> None:
    await cast.ask("leaveChat", chat_id=cast.group.id)

    kinds = [list(update)[1] for update in await cast.updates()]
    assert sorted(kinds) == ["message", "my_chat_member"]
    refusal = await cast.refusal("sendMessage", chat_id=cast.group.id, text="x")
    assert refusal == "Forbidden: bot is not a member of the supergroup chat"


async def test_an_album_of_a_neighbour_arrives_as_separate_updates(cast: Cast) -> None:
    await cast.sandbox.act(cast.zhang, "send_album", chat=cast.group.id, count=3, caption="楼道")

    messages = [update["message"] for update in await cast.updates()]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["楼道", None, None]


async def test_an_edit_by_a_neighbour_is_an_update_of_its_own(cast: Cast) -> None:
    told = await cast.sandbox.act(cast.zhang, "send_text", chat=cast.group.id, text="3号楼")
    await cast.sandbox.act(cast.zhang, "edit_text", chat=cast.group.id, message=told["message_id"], text="5号楼")

    first, second = await cast.updates()
    assert first["message"]["text"] == "3号楼"
    assert second["edited_message"]["text"] == "5号楼"


async def test_every_kind_of_message_of_a_neighbour_reaches_the_bot(cast: Cast) -> None:
    where = {"chat": cast.group.id}
    for kind in ("photo", "voice", "video", "document", "sticker", "audio", "animation", "video_note", "dice"):
        await cast.sandbox.act(cast.zhang, f"send_{kind}", **where)
    await cast.sandbox.act(cast.zhang, "send_location", **where, latitude=1, longitude=2)
    await cast.sandbox.act(cast.zhang, "send_venue", **where, latitude=1, longitude=2, title="a", address="b")
    await cast.sandbox.act(cast.zhang, "send_contact", **where, phone_number="0", first_name="b")
    await cast.sandbox.act(cast.zhang, "send_poll", **where, question="?", options=["a", "b"])

    assert len(await cast.updates()) == 13


async def test_reactions_reach_administrators_who_asked(cast: Cast) -> None:
    message = await cast.say("x")
    await cast.listening_for("message_reaction")
    await cast.sandbox.act(cast.zhang, "react", chat=cast.group.id, message=message["message_id"], emoji="👍")

    (update,) = await cast.updates()
    assert update["message_reaction"]["new_reaction"] == [{"type": "emoji", "emoji": "👍"}]


async def test_a_reaction_tells_what_it_was_before_and_none_is_told_twice(cast: Cast) -> None:
    await cast.listening_for("message_reaction")
    card = (await cast.say("card"))["message_id"]
    for emoji in ("👍", "👍", "❤", None):
        await cast.sandbox.act(cast.zhang, "react", chat=cast.group.id, message=card, emoji=emoji)
    await cast.ask(
        "setMessageReaction", chat_id=cast.group.id, message_id=card, reaction=[{"type": "emoji", "emoji": "👌"}]
    )

    told = [update["message_reaction"] for update in await cast.updates()]

    changes = [[[one["emoji"] for one in about[side]] for side in ("old_reaction", "new_reaction")] for about in told]
    assert changes == [[[], ["👍"]], [["👍"], ["❤"]], [["❤"], []]]
    assert {about["user"]["id"] for about in told} == {cast.zhang.id}


async def test_an_anonymous_administrator_reacts_as_the_group(cast: Cast) -> None:
    await cast.listening_for("message_reaction")
    card = (await cast.say("card"))["message_id"]
    await cast.sandbox.act(cast.li, "anonymous", chat=cast.group.id)
    await cast.sandbox.act(cast.li, "react", chat=cast.group.id, message=card, emoji="👍")

    told = (await cast.updates())[0]["message_reaction"]

    assert told["actor_chat"]["id"] == cast.group.id
    assert "user" not in told


async def test_in_a_channel_reactions_are_only_counted(cast: Cast) -> None:
    channel = cast.sandbox.exchange.world.add_chat("街道频道", "channel", owner=cast.li.id)
    channel.members[cast.zhang.id] = MEMBER
    cast.sandbox.seat(channel, cast.bot, admin=True)
    await cast.listening_for("message_reaction", "message_reaction_count")
    post = (await cast.ask("sendMessage", chat_id=channel.id, text="通知"))["message_id"]
    for person, emoji in ((cast.li, "👍"), (cast.zhang, "👍"), (cast.li, "🔥")):
        await cast.sandbox.act(person, "react", chat=channel.id, message=post, emoji=emoji)

    told = [update["message_reaction_count"]["reactions"] for update in await cast.updates()]

    assert [[(one["type"]["emoji"], one["total_count"]) for one in counts] for counts in told] == [
        [("👍", 1)],
        [("👍", 2)],
        [("🔥", 1), ("👍", 1)],
    ]


async def test_a_live_location_arrives_once_and_then_as_edits_until_it_ends(cast: Cast) -> None:
    where = {"chat": cast.group.id, "latitude": 37.36, "longitude": 120.4}
    sent = await cast.sandbox.act(cast.zhang, "send_location", **where, live_period=900)
    step = {"chat": cast.group.id, "message": sent["message_id"], "longitude": 120.4}
    for latitude in (37.37, 37.38):
        await cast.sandbox.act(cast.zhang, "move", **step, latitude=latitude)
    cast.clock.advance(900)
    with pytest.raises(Refused, match="no live location"):
        await cast.sandbox.act(cast.zhang, "move", **step, latitude=37.39)

    assert [list(update)[1] for update in await cast.updates()] == ["message", "edited_message", "edited_message"]


async def test_the_bots_own_live_location_moves_and_stops(cast: Cast) -> None:
    where = {"chat_id": cast.group.id, "latitude": 37.36, "longitude": 120.4}
    sent = await cast.ask("sendLocation", **where, live_period=900)
    step = {**where, "message_id": sent["message_id"]}
    moved = await cast.ask("editMessageLiveLocation", **step | {"latitude": 37.37})
    stopped = await cast.ask("stopMessageLiveLocation", **step)

    assert moved["location"] == {"latitude": 37.37, "longitude": 120.4, "live_period": 900}
    assert stopped["location"] == {"latitude": 37.37, "longitude": 120.4}
    assert await cast.refusal("editMessageLiveLocation", **step) == "Bad Request: message can't be edited"
    assert (await cast.refusal("sendLocation", **where, live_period=30)).endswith("live location period specified")
