"""Saving a world and going on with it: in a folder, and as one document through the controls."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.sandbox import ManualClock, Refused, Sandbox
from bot.sandbox.world import Json
from tests.sandbox.conftest import TOKEN, Cast, keyboard


async def test_a_saved_world_goes_on_where_it_stopped(tmp_path: Path) -> None:
    async with Sandbox(state=tmp_path / "world") as first:
        bot = first.add_bot("Huying Sample", "huying_sample_bot", TOKEN)
        li = first.add_person("Li Wei", username="liwei")
        group = first.add_group("3号网格", owner=li)
        first.seat(group, bot, admin=True)
        await first.act(li, "start", bot="huying_sample_bot", payload="x")
        sent = await first.act(li, "send_photo", chat=group.id, caption="灯")
        file_id = sent["message"]["photo"][0]["file_id"]
        waiting = [pending.update for pending in first.exchange.queue(bot).alive()]

    async with Sandbox(state=tmp_path / "world") as second, aiohttp.ClientSession() as session:
        async with session.get(f"{second.url}/bot{TOKEN}/getUpdates") as response:
            assert (await response.json())["result"] == waiting
        async with session.get(f"{second.url}/sandbox/file/{file_id}") as response:
            assert response.status == 200
            assert (await response.read()).startswith(b"\xff\xd8")
        assert second.messages(group.id)[-1]["caption"] == "灯"
        assert second.private(li.id, bot.id)[0]["text"] == "/start x"
        new = second.add_person("Zhang San")
        assert new.id == li.id + 1


async def _control(cast: Cast, do: str, **fields: Any) -> Json:
    address = f"{cast.sandbox.url}/sandbox/control"
    async with cast.session.post(address, json={"do": do, **fields}) as response:
        body: Json = await response.json()
        return body


async def test_a_world_is_put_back_as_it_was_saved(cast: Cast) -> None:
    card = await cast.say("card", reply_markup=keyboard(("y", "1")))
    photo = (await cast.sandbox.act(cast.li, "send_photo", chat=cast.group.id))["message"]["photo"][-1]
    press = await cast.sandbox.act(cast.zhang, "press", chat=cast.group.id, message=card["message_id"], data="1")
    await cast.sandbox.act(cast.zhang, "react", chat=cast.group.id, message=card["message_id"], emoji="👍")
    told = cast.sandbox.transcript(cast.group.id)
    saved = (await _control(cast, "save"))["result"]["world"]

    await cast.ask("deleteMessage", chat_id=cast.group.id, message_id=card["message_id"])
    await cast.sandbox.act(cast.zhang, "leave", chat=cast.group.id)
    await cast.updates()
    assert (await _control(cast, "restore", world=saved))["ok"]

    assert cast.sandbox.transcript(cast.group.id) == told
    assert [list(update)[1] for update in await cast.updates()] == ["message", "callback_query"]
    assert await cast.ask("answerCallbackQuery", callback_query_id=press["query"])
    async with cast.session.get(f"{cast.sandbox.url}/sandbox/file/{photo['file_id']}") as response:
        assert len(await response.read()) == photo["file_size"]
    assert cast.sandbox.save()["chats"] == saved["chats"]


async def test_one_saved_world_serves_many_sandboxes(cast: Cast) -> None:
    await cast.say("card")
    saved = cast.sandbox.save()
    cast.clock.advance(60)
    clock = ManualClock(start=0)

    async with Sandbox(clock=clock) as other:
        await other.restore(saved)
        await other.act(cast.li.id, "send_text", chat=cast.group.id, text="elsewhere")

        assert clock.now() == cast.clock.now() - 60
        assert [message.get("text") for message in other.messages(cast.group.id)] == [None, "card", "elsewhere"]
    assert len(cast.sandbox.messages(cast.group.id)) == 2


async def test_what_was_held_back_is_saved_with_the_rest(cast: Cast) -> None:
    cast.sandbox.deliver_late(seconds=3600)
    await cast.sandbox.act(cast.li, "send_text", chat=cast.group.id, text="late")
    await cast.sandbox.restore(cast.sandbox.save())

    assert [update["message"]["text"] for update in await cast.updates()] == ["late"]


async def test_what_is_no_saved_world_changes_nothing(cast: Cast) -> None:
    await cast.say("card")
    before = cast.sandbox.save()
    broken = cast.sandbox.save()
    del broken["chats"][0]["members"]

    refused = await _control(cast, "restore", world={"people": "none"})

    assert refused["error"].startswith("this is no saved world")
    with pytest.raises(Refused):
        await cast.sandbox.restore(broken)
    assert cast.sandbox.save() == before
