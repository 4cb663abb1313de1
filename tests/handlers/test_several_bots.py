"""Two bots share a street by subtree: each speaks in its own groups, and a picture given to one is shown by both."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox.exchange import Record
from broadcasts.model import State
from handlers._kit.broadcast_presses import ReceivedPressed
from routing.model import Media, MediaKind
from storage.stores import Stores
from tests.handlers.broadcasting import figures, panel, speaker, state
from tests.handlers.cast import zh
from tests.town import Persona, Town, town_in

SECOND = ("370001001002", "370001001002001", "370001001002002", "370001001002003")
"""A community with its desk and its grids."""


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, in which a second bot serves one of the two communities."""
    async with town_in(tmp_path, second=SECOND) as running:
        yield running


def _calls(town: Town, method: str, bot: int) -> list[Record]:
    return [call for call in town.sandbox.calls if call.method == method and call.bot == bot and call.ok]


async def _with_a_picture(town: Town) -> None:
    you = speaker(town)
    await you.sends_photo("/broadcast 请看集合点")
    assert zh("broadcast.media", count=1) in panel(town, "📝 第 1 号")["text"]
    assert "另一个机器人" not in panel(town, "📝 第 1 号")["text"]
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.tick()


async def test_each_bot_speaks_in_its_groups_and_both_show_the_picture(town: Town) -> None:
    first, second = town.settings.bot_ids
    await _with_a_picture(town)

    assert (await state(town)).state is State.CHASING
    assert (await figures(town)).sent == 6
    for grid in town.sample.grids:
        said = [message for message in town.messages(town.sample.chats[grid]) if message["from"]["is_bot"]]
        assert {message["from"]["id"] for message in said} == {second if grid in SECOND else first}
        assert any("请看集合点" in message.get("text", "") for message in said)
        assert sum("photo" in message for message in said) == 1
    assert len(_calls(town, "getFile", first)) == 1
    assert len(_calls(town, "getFile", second)) == 0
    uploads = [call for call in _calls(town, "sendPhoto", second) if not isinstance(call.params.get("photo"), str)]
    assert (len(uploads), len(_calls(town, "sendPhoto", second)), len(_calls(town, "sendPhoto", first))) == (1, 3, 3)


async def test_a_press_at_the_second_bot_counts_and_its_own_message_shows_it(town: Town) -> None:
    second = town.settings.bot_ids[1]
    await _with_a_picture(town)
    chat = town.sample.chats[SECOND[1]]
    neighbour = Persona(town, town.sample.residents(SECOND[1])[0], chat)
    message = panel(town, "📢 通知", chat)
    await neighbour.presses(message, ReceivedPressed((await state(town)).id))
    assert town.toast(neighbour) == zh("broadcast.thanks")
    await town.tick()

    assert "已确认 1/" in town.now_of(neighbour, message)["text"]
    assert [call.params["chat_id"] for call in _calls(town, "editMessageText", second)] == [str(chat.id)]


async def test_what_is_too_large_to_be_fetched_is_told_before_it_is_sent(town: Town) -> None:
    you = speaker(town)
    await you.writes("/broadcast 请看附件")
    await town.work(_attach, Media(MediaKind.DOCUMENT, town.settings.bot_ids[0], "x", "x", 30_000_000))
    await you.presses(panel(town, "📝 第 1 号"), "☑️ 需要确认")
    assert zh("broadcast.media_beyond", count=3, most=20) in panel(town, "📝 第 1 号")["text"]


def _attach(stores: Stores, media: Media) -> None:
    current = stores.broadcasts.by_number(1)
    stores.broadcasts.save(replace(current, media=(media,)))
