"""The controls and the page's sources over HTTP, waiting, transcripts."""

import asyncio
import base64
from typing import Any

import aiohttp
import pytest

from bot.sandbox.files import sample_photo
from bot.sandbox.world import Json
from tests.sandbox.conftest import Cast, keyboard


async def _post(cast: Cast, path: str, **fields: Any) -> Json:
    async with cast.session.post(f"{cast.sandbox.url}/sandbox/{path}", json=fields) as response:
        body: Json = await response.json()
        return body


async def _get(cast: Cast, path: str, **query: Any) -> Json:
    async with cast.session.get(f"{cast.sandbox.url}/sandbox/{path}", params=query) as response:
        body: Json = await response.json()
        return body


async def test_a_world_is_built_and_lived_in_over_http(cast: Cast) -> None:
    wang = (await _post(cast, "world", do="add_person", name="Wang Wu", language_code="zh"))["result"]
    group = (await _post(cast, "world", do="add_group", title="6号网格", owner=wang["id"]))["result"]
    await _post(cast, "world", do="add_members", chat=group["id"], users=["huying_sample_bot"], admin=True)
    told = await _post(cast, "act", **{"as": wang["id"], "do": "send_text", "chat": group["id"], "text": "灯坏了"})

    assert told["result"]["message"]["text"] == "灯坏了"
    refused = await _post(cast, "act", **{"as": wang["id"], "do": "fly"})
    assert refused == {"ok": False, "error": "there is no action called fly"}
    assert (await _post(cast, "control", do="clock", advance=5))["result"]["now"] == cast.clock.now()
    assert (await _post(cast, "control", do="fail_next", method="getMe", how="500"))["ok"]
    assert (await cast.call("getMe"))["error_code"] == 500
    assert (await _get(cast, "calls", method="getme"))["calls"][-1]["answer"]["error_code"] == 500


async def test_pictures_come_in_as_base64_or_as_files(cast: Cast) -> None:
    picture = sample_photo(1)
    fields = {"as": cast.li.id, "do": "send_photo", "chat": cast.group.id}
    told = await _post(cast, "act", **fields, photo=base64.b64encode(picture).decode())
    form = aiohttp.FormData()
    form.add_field("json", f'{{"as": {cast.li.id}, "do": "send_photo", "chat": {cast.group.id}}}')
    form.add_field("photo", picture, filename="a.jpg", content_type="image/jpeg")
    async with cast.session.post(f"{cast.sandbox.url}/sandbox/act", data=form) as response:
        again = await response.json()

    for answer in (told, again):
        file_id = answer["result"]["message"]["photo"][-1]["file_id"]
        async with cast.session.get(f"{cast.sandbox.url}/sandbox/file/{file_id}") as response:
            assert (response.content_type, await response.read()) == ("image/jpeg", picture)


async def test_the_state_is_what_one_person_sees(cast: Cast) -> None:
    await cast.sandbox.act(cast.li, "start", bot="huying_sample_bot")
    await cast.say("card")
    menu = [{"command": "report", "description": "上报"}]
    await cast.ask("setMyCommands", commands=menu, scope={"type": "all_group_chats"}, language_code="zh")

    mine = await _get(cast, "state", **{"as": cast.li.id})
    theirs = await _get(cast, "state", **{"as": cast.zhang.id})

    group, private = mine["chats"]
    assert (group["id"], group["unread"], group["last"]["text"]) == (cast.group.id, 1, "card")
    assert group["commands"] == menu
    assert [member["role"] for member in group["members"]] == ["creator", "member", "administrator"]
    assert (private["id"], private["title"], private["type"]) == (cast.bot.id, "Huying Sample", "private")
    assert [chat["id"] for chat in theirs["chats"]] == [cast.group.id]
    assert theirs["chats"][0]["commands"] == []


async def test_messages_come_by_page_and_reading_is_noted(cast: Cast) -> None:
    for number in range(5):
        await cast.say(str(number))
    where = {"as": cast.li.id, "chat": cast.group.id}

    newest = (await _get(cast, "messages", **where, limit=2))["messages"]
    older = (await _get(cast, "messages", **where, limit=2, before=newest[0]["message_id"]))["messages"]
    await _post(cast, "read", **where, upto=newest[-1]["message_id"])

    assert [message["text"] for message in (*older, *newest)] == ["1", "2", "3", "4"]
    assert (await _get(cast, "state", **{"as": cast.li.id}))["chats"][0]["unread"] == 0


async def test_a_page_sees_live_what_its_person_may_see(cast: Cast) -> None:
    other = cast.sandbox.add_group("别的群", owner=cast.li)
    address = f"{cast.sandbox.url}/sandbox/live?as={cast.zhang.id}"
    async with cast.session.ws_connect(address) as socket:
        await cast.sandbox.act(cast.li, "send_text", chat=other.id, text="unseen")
        card = await cast.say("card", reply_markup=keyboard(("y", "1")))
        press = await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=card["message_id"], data="1")
        await cast.ask("answerCallbackQuery", callback_query_id=press["query"], text="好")
        await cast.ask("editMessageText", chat_id=cast.group.id, message_id=card["message_id"], text="done")
        await cast.ask("deleteMessage", chat_id=cast.group.id, message_id=card["message_id"])
        events = [await socket.receive_json() for _ in range(4)]

    assert [event["type"] for event in events] == ["message", "toast", "edit", "delete"]
    assert (events[0]["chat"], events[0]["message"]["text"]) == (cast.group.id, "card")
    assert (events[1]["to"], events[1]["text"]) == (cast.zhang.id, "好")
    assert events[2]["message"]["edited"]


async def test_waiting_ends_with_the_change_and_failing_tells_the_story(cast: Cast) -> None:
    waiting = asyncio.create_task(
        cast.sandbox.wait_for(lambda s: [m for m in s.messages(cast.group.id) if m.get("text") == "好"])
    )
    await cast.say("好")
    assert (await waiting)[0]["text"] == "好"

    with pytest.raises(TimeoutError, match="好"):
        await cast.sandbox.wait_for(lambda _: False, timeout_s=0.01)


async def test_a_transcript_reads_like_the_chat(cast: Cast) -> None:
    await cast.sandbox.act(cast.zhang, "send_photo", chat=cast.group.id, caption="灯坏了")
    await cast.say("已受理", reply_markup=keyboard(("接单", "claim:1")), reply_parameters={"message_id": 2})

    assert cast.sandbox.transcript(cast.group.id).splitlines() == [
        "1 [08:00:00] Li Wei: * added Huying Sample",
        "2 [08:00:00] Zhang San: <photo> 灯坏了",
        "3 [08:00:00] Huying Sample > 2: 已受理",
        "    [接单 | claim:1]",
    ]


async def test_a_transcript_tells_every_kind_of_message_by_its_name(cast: Cast) -> None:
    kinds = ("photo", "voice", "video", "video_note", "animation", "document", "audio", "sticker", "dice")
    for kind in kinds:
        await cast.sandbox.act(cast.li, f"send_{kind}", chat=cast.group.id)
    place = {"latitude": 37.36, "longitude": 120.4}
    await cast.sandbox.act(cast.li, "send_venue", chat=cast.group.id, **place, title="门口", address="1 号楼")

    lines = cast.sandbox.transcript(cast.group.id).splitlines()[1:]

    assert [line.rpartition(": ")[2] for line in lines] == [f"<{kind}>" for kind in (*kinds, "venue")]
