"""A scene in which every method is called and every kind of update is sent, so that others' types can judge them."""

from typing import Any

import aiohttp

from bot.sandbox import Chat
from bot.sandbox.files import sample_photo
from bot.sandbox.updates import KINDS
from bot.sandbox.world import ADMIN_RIGHTS, SEND_RIGHTS, Json
from tests.sandbox.conftest import TOKEN, Cast, keyboard

DAY_S = 86_400


async def play(cast: Cast) -> list[Json]:
    """Do everything that can be done, and return every update that was delivered."""
    await cast.ask("getUpdates", allowed_updates=list(KINDS))
    await _about_oneself(cast)
    await _texts(cast)
    await _media(cast)
    await _edits(cast)
    await _removals(cast)
    await _members(cast)
    await _whispers(cast)
    await _invitations(cast)
    await _topics(cast)
    await _channel(cast)
    await _neighbours(cast)
    await _private(cast)
    await _migration(cast)
    await _webhook(cast)
    await cast.ask("leaveChat", chat_id=cast.group.id)
    return await cast.updates()


async def _about_oneself(cast: Cast) -> None:
    await cast.ask("getMe")
    for scope in ({"type": "default"}, {"type": "chat", "chat_id": cast.group.id}):
        commands = [{"command": "report", "description": "上报"}]
        await cast.ask("setMyCommands", commands=commands, scope=scope, language_code="zh")
        await cast.ask("getMyCommands", scope=scope, language_code="zh")
        await cast.ask("deleteMyCommands", scope=scope, language_code="zh")
    for name, field in (("Name", "name"), ("Description", "description"), ("ShortDescription", "short_description")):
        await cast.ask(f"setMy{name}", **{field: "呼应"})
        await cast.ask(f"getMy{name}")
    await cast.ask("setMyDefaultAdministratorRights", rights={"can_pin_messages": True})
    await cast.ask("getMyDefaultAdministratorRights")
    await cast.ask("setChatMenuButton", menu_button={"type": "commands"})
    await cast.ask("getChatMenuButton")
    await cast.ask("getUserProfilePhotos", user_id=cast.li.id)


async def _texts(cast: Cast) -> None:
    rich = (
        "<b>粗</b><i>斜</i><u>下</u><s>删</s><tg-spoiler>藏</tg-spoiler><code>码</code><pre>块</pre>"
        '<a href="https://example.org">链</a><tg-time unix="1800000000" format="wDT">八点</tg-time>'
        "<blockquote>引</blockquote><blockquote expandable>长</blockquote> @liwei #灯 /report https://example.org"
    )
    buttons = keyboard(("接单", "claim:1"), ("退回", "return:1"))
    buttons["inline_keyboard"].append([{"text": "打开", "url": "https://example.org", "style": "primary"}])
    told = await cast.say(rich, parse_mode="HTML", reply_markup=buttons, protect_content=True)
    await cast.say("answer", reply_parameters={"message_id": told["message_id"], "quote": "粗"})
    await cast.ask("sendChatAction", chat_id=cast.group.id, action="typing")
    await cast.ask("setMessageReaction", chat_id=cast.group.id, message_id=told["message_id"], reaction=[])
    where: Json = {"chat_id": cast.group.id, "latitude": 37.36, "longitude": 120.4}
    await cast.ask("sendLocation", **where)
    await cast.ask("sendVenue", **where, title="社区", address="街道 1 号")
    await cast.ask("sendContact", chat_id=cast.group.id, phone_number="+10000000000", first_name="样例")
    await cast.ask("sendDice", chat_id=cast.group.id)
    for quiz in ({}, {"type": "quiz", "correct_option_ids": [0]}, {"is_anonymous": False}):
        poll = await cast.ask("sendPoll", chat_id=cast.group.id, question="好吗?", options=["好", "不好"], **quiz)
        await cast.sandbox.act(cast.zhang, "vote", chat=cast.group.id, message=poll["message_id"], options=[0])
        await cast.ask("stopPoll", chat_id=cast.group.id, message_id=poll["message_id"])


async def _media(cast: Cast) -> None:
    await _upload(cast, "setChatPhoto", "photo", sample_photo(3))
    await cast.ask("getChat", chat_id=cast.group.id)
    await cast.ask("deleteChatPhoto", chat_id=cast.group.id)
    photo = await _upload(cast, "sendPhoto", "photo", sample_photo(1), caption="一", has_spoiler=True)
    for kind in ("Voice", "Video", "Document", "Audio", "Animation", "Sticker"):
        await _upload(cast, f"send{kind}", kind.lower(), b"sample", **({} if kind == "Sticker" else {"caption": "二"}))
    await _upload(cast, "sendVideoNote", "video_note", b"sample", length=240)
    file_id = photo["photo"][-1]["file_id"]
    file = await cast.ask("getFile", file_id=file_id)
    async with cast.session.get(f"{cast.sandbox.url}/file/bot{TOKEN}/{file['file_path']}") as response:
        assert await response.read() == sample_photo(1)
    media = [{"type": "photo", "media": file_id, "caption": "册"}, {"type": "photo", "media": file_id}]
    album = await cast.ask("sendMediaGroup", chat_id=cast.group.id, media=media)
    ids = [message["message_id"] for message in album]
    both = {"chat_id": cast.group.id, "from_chat_id": cast.group.id}
    await cast.ask("forwardMessage", **both, message_id=ids[0])
    await cast.ask("forwardMessages", **both, message_ids=ids)
    await cast.ask("copyMessage", **both, message_id=ids[0])
    await cast.ask("copyMessages", **both, message_ids=ids)


async def _edits(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    await cast.ask("editMessageText", **_at(cast, card), text="<b>done</b>", parse_mode="HTML")
    await cast.ask("editMessageReplyMarkup", **_at(cast, card), reply_markup=keyboard(("满意", "rate:1")))
    photo = await _upload(cast, "sendPhoto", "photo", sample_photo(2))
    await cast.ask("editMessageCaption", **_at(cast, photo), caption="改")
    media = {"type": "photo", "media": photo["photo"][0]["file_id"], "caption": "换"}
    await cast.ask("editMessageMedia", **_at(cast, photo), media=media)
    where = {"latitude": 37.36, "longitude": 120.4}
    place = await cast.ask("sendLocation", chat_id=cast.group.id, **where, live_period=900)
    await cast.ask("editMessageLiveLocation", **_at(cast, place), **where | {"latitude": 37.37})
    await cast.ask("stopMessageLiveLocation", **_at(cast, place))


async def _removals(cast: Cast) -> None:
    first, second, third = [await cast.say(text, reply_markup=keyboard(("y", "1"))) for text in "abc"]
    for message in (first, second, third):
        await cast.ask("pinChatMessage", **_at(cast, message))
    await cast.ask("getChat", chat_id=cast.group.id)
    await cast.ask("unpinChatMessage", **_at(cast, third))
    await cast.ask("unpinAllChatMessages", chat_id=cast.group.id)
    await cast.ask("deleteMessage", **_at(cast, first))
    await cast.ask("deleteMessages", chat_id=cast.group.id, message_ids=[second["message_id"]])
    await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=first["message_id"], data="1")


async def _members(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "promote", chat=cast.group.id, user=cast.bot.id, rights=list(ADMIN_RIGHTS))
    where = {"chat_id": cast.group.id}
    for user in (cast.li, cast.zhang, cast.bot):
        await cast.ask("getChatMember", **where, user_id=user.id)
    await cast.ask("getChatAdministrators", **where)
    await cast.ask("getChatMemberCount", **where)
    await cast.ask("setChatTitle", **where, title="三号网格")
    await cast.ask("setChatDescription", **where, description="邻里")
    await cast.ask("setChatPermissions", **where, permissions={"can_send_messages": True, "can_send_photos": True})
    them = {**where, "user_id": cast.zhang.id}
    until = cast.sandbox.exchange.today() + DAY_S
    await cast.ask("restrictChatMember", **them, permissions={"can_send_messages": True}, until_date=until)
    await cast.ask("getChatMember", **them)
    await cast.ask("promoteChatMember", **them, can_pin_messages=True)
    await cast.ask("setChatAdministratorCustomTitle", **them, custom_title="网格员")
    await cast.ask("promoteChatMember", **them)
    await cast.ask("setChatMemberTag", **them, tag="楼长")
    await cast.ask("getChatMember", **them)
    await _act(cast, "send_text", text="我是楼长")
    await cast.ask("banChatMember", **them, until_date=until)
    await cast.ask("getChatMember", **them)
    await cast.ask("unbanChatMember", **them, only_if_banned=True)
    await cast.sandbox.act(cast.zhang, "join", chat=cast.group.id)


async def _whispers(cast: Cast) -> None:
    only = {"ephemeral_message_parameters": {"receiver_user_id": cast.li.id}}
    told = await cast.say("只给你", reply_markup=keyboard(("好", "ok")), **only)
    at = {"chat_id": cast.group.id, "receiver_user_id": cast.li.id}
    text = at | {"ephemeral_message_id": told["ephemeral_message_id"]}
    press = {"chat": cast.group.id, "message": -told["ephemeral_message_id"], "data": "ok"}
    await cast.sandbox.act(cast.li, "press", **press)
    await cast.ask("editEphemeralMessageText", **text, text="<b>改</b>", parse_mode="HTML")
    await cast.ask("editEphemeralMessageReplyMarkup", **text, reply_markup=keyboard(("好", "ok")))
    await cast.ask("deleteEphemeralMessage", **text)
    photo = await cast.ask("sendPhoto", chat_id=cast.group.id, photo=await _known_photo(cast), **only)
    shown = at | {"ephemeral_message_id": photo["ephemeral_message_id"]}
    await cast.ask("editEphemeralMessageCaption", **shown, caption="改")
    await cast.ask("editEphemeralMessageMedia", **shown, media={"type": "photo", "media": await _known_photo(cast)})
    await cast.ask("setMyCommands", commands=[{"command": "mine", "description": "我的诉求", "is_ephemeral": True}])
    await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, text="/mine")


async def _known_photo(cast: Cast) -> str:
    photo = await _upload(cast, "sendPhoto", "photo", sample_photo(5))
    return str(photo["photo"][-1]["file_id"])


async def _invitations(cast: Cast) -> None:
    where = {"chat_id": cast.group.id}
    link = await cast.ask("createChatInviteLink", **where, name="门", creates_join_request=True)
    await cast.ask(
        "editChatInviteLink", **where, invite_link=link["invite_link"], name="门牌", creates_join_request=True
    )
    await cast.ask("exportChatInviteLink", **where)
    for verdict in ("approve", "decline"):
        newcomer = cast.sandbox.add_person(f"Newcomer {verdict}")
        await cast.sandbox.act(newcomer, "join", chat=cast.group.id, link=link["invite_link"])
        await cast.ask(f"{verdict}ChatJoinRequest", **where, user_id=newcomer.id)
    await cast.ask("revokeChatInviteLink", **where, invite_link=link["invite_link"])


async def _topics(cast: Cast) -> None:
    forum = cast.sandbox.add_group("议事厅", owner=cast.li, members=[cast.zhang])
    forum.forum = True
    cast.sandbox.seat(forum, cast.bot, admin=True)
    where = {"chat_id": forum.id}
    topic = await cast.ask("createForumTopic", **where, name="路灯")
    inside: Json = {**where, "message_thread_id": topic["message_thread_id"]}
    await cast.ask("sendMessage", **inside, text="里")
    await cast.sandbox.act(cast.zhang, "send_text", chat=forum.id, topic=topic["message_thread_id"], text="也里")
    await cast.ask("editForumTopic", **inside, name="路灯和井盖")
    await cast.ask("closeForumTopic", **inside)
    await cast.ask("reopenForumTopic", **inside)
    await cast.ask("unpinAllForumTopicMessages", **inside)
    await cast.ask("deleteForumTopic", **inside)
    await cast.ask("editGeneralForumTopic", **where, name="大厅")
    for verb in ("close", "reopen", "hide", "unhide"):
        await cast.ask(f"{verb}GeneralForumTopic", **where)
    await cast.ask("unpinAllGeneralForumTopicMessages", **where)


async def _channel(cast: Cast) -> None:
    channel = cast.sandbox.exchange.world.add_chat("街道频道", "channel", owner=cast.li.id)
    cast.sandbox.seat(channel, cast.bot, admin=True)
    post = await cast.ask("sendMessage", chat_id=channel.id, text="通知")
    await cast.sandbox.act(cast.li, "react", chat=channel.id, message=post["message_id"], emoji="👍")
    told = await cast.sandbox.act(cast.li, "send_text", chat=channel.id, text="公告")
    edit = {"chat": channel.id, "message": told["message_id"], "text": "公告(更正)"}
    await cast.sandbox.act(cast.li, "edit_text", **edit)
    await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, as_channel=channel.id, text="转告")
    await cast.ask("getChat", chat_id=channel.id)


async def _neighbours(cast: Cast) -> None:
    cast.group.permissions |= frozenset(SEND_RIGHTS)
    card = await cast.say("card", reply_markup=keyboard(("接单", "claim:1")))
    press = await _act(cast, "press", message=card["message_id"], data="claim:1")
    await cast.ask("answerCallbackQuery", callback_query_id=press["query"], text="好", show_alert=True)
    told = await _act(cast, "send_text", text="楼道灯坏了", reply_to=card["message_id"])
    await _act(cast, "edit_text", message=told["message_id"], text="三楼楼道灯坏了")
    await _act(cast, "react", message=card["message_id"], emoji="👍")
    for kind in ("photo", "voice", "video", "document", "sticker", "audio", "animation", "video_note", "dice"):
        await _act(cast, f"send_{kind}")
    await _act(cast, "send_album", count=3, caption="三张")
    place = {"latitude": 37.36, "longitude": 120.4}
    await _act(cast, "send_venue", **place, title="门口", address="1 号楼")
    live = await _act(cast, "send_location", **place, live_period=900)
    await _act(cast, "move", message=live["message_id"], **place)
    await _act(cast, "send_contact", phone_number="+10000000000", first_name="样例")
    await _act(cast, "send_poll", question="修吗?", options=["修", "不修"])
    await cast.sandbox.act(cast.li, "pin", chat=cast.group.id, message=card["message_id"])
    await cast.sandbox.act(cast.li, "rename", chat=cast.group.id, title="3号网格")
    await cast.sandbox.act(cast.li, "anonymous", chat=cast.group.id)
    await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, text="匿名")
    await cast.sandbox.act(cast.li, "react", chat=cast.group.id, message=card["message_id"], emoji="🔥")
    await _act(cast, "leave")


async def _private(cast: Cast) -> None:
    await cast.sandbox.act(cast.zhang, "start", bot="huying_sample_bot", payload="door_1")
    share = {"keyboard": [[{"text": "位置", "request_location": True}]], "resize_keyboard": True}
    await cast.ask("sendMessage", chat_id=cast.zhang.id, text="在哪?", reply_markup=share)
    await cast.ask("sendMessage", chat_id=cast.zhang.id, text="谢谢", reply_markup={"remove_keyboard": True})
    await cast.ask("getChat", chat_id=cast.zhang.id)
    await cast.sandbox.act(cast.zhang, "block", bot="huying_sample_bot")
    assert (await cast.call("sendMessage", chat_id=cast.zhang.id, text="x"))["error_code"] == 403


async def _migration(cast: Cast) -> None:
    group: Chat = cast.sandbox.add_group("旧群", owner=cast.li, supergroup=False)
    cast.sandbox.seat(group, cast.bot)
    await cast.sandbox.act(cast.li, "migrate", chat=group.id)
    refused = await cast.call("sendMessage", chat_id=group.id, text="x")
    assert "migrate_to_chat_id" in refused["parameters"]


async def _webhook(cast: Cast) -> None:
    """An address that the bot leaves again before the clock lets the first retry happen."""
    await cast.ask("setWebhook", url="http://127.0.0.1:1/", secret_token="s3cret", allowed_updates=list(KINDS))
    await cast.sandbox.wait_for(lambda _: cast.clock.sleepers)
    assert (await cast.ask("getWebhookInfo"))["last_error_message"]
    await cast.ask("deleteWebhook")


async def _upload(cast: Cast, method: str, field: str, data: bytes, **params: Any) -> Any:
    form = aiohttp.FormData()
    form.add_field("chat_id", str(cast.group.id))
    for name, value in params.items():
        form.add_field(name, str(value))
    form.add_field(field, data, filename=f"{field}.bin", content_type="application/octet-stream")
    async with cast.session.post(f"{cast.sandbox.url}/bot{TOKEN}/{method}", data=form) as response:
        body: Json = await response.json()
    assert body["ok"], body
    return body["result"]


async def _act(cast: Cast, action: str, **fields: Any) -> Json:
    return await cast.sandbox.act(cast.zhang, action, chat=cast.group.id, **fields)


def _at(cast: Cast, message: Json) -> Json:
    return {"chat_id": cast.group.id, "message_id": message["message_id"]}
