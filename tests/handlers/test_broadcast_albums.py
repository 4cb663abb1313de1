"""Albums under a broadcast: Telegram brings them in parts, and every part goes along."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from bot.sandbox import Chat
from bot.sandbox.files import identifier
from broadcasts import desk
from broadcasts.model import State
from routing.model import Media, MediaKind
from storage.stores import Stores
from tests.handlers.broadcasting import drafted, panel, speaker, state
from tests.handlers.cast import zh
from tests.town import Persona, Town, town_in

SECOND = ("370001001002", "370001001002001", "370001001002002", "370001001002003")
"""A community with its desk and its grids."""


@pytest.fixture
async def pair(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, in which a second bot serves one of the two communities."""
    async with town_in(tmp_path, second=SECOND) as running:
        yield running


async def _publish(town: Town, you: Persona, where: Chat | Persona) -> None:
    await you.presses(panel(town, "📝 第 1 号", where), "📣 发布")
    await town.tick()


@pytest.mark.parametrize("privately", [False, True])
async def test_an_album_of_ten_is_one_album_in_the_groups(town: Town, privately: bool) -> None:
    you = speaker(town)
    await you.sends_album(10, caption="/broadcast 请看集合点", privately=privately)
    where = you if privately else town.street_desk
    assert zh("broadcast.media", count=10) in panel(town, "📝 第 1 号", where)["text"]
    await _publish(town, you, where)

    seen = [message for message in town.messages(town.group) if "photo" in message]
    assert len(seen) == 10
    assert len({message["media_group_id"] for message in seen}) == 1
    assert await town.cases() == 0


async def test_an_album_in_answer_takes_the_place_of_the_pictures_before(town: Town) -> None:
    you = speaker(town)
    await you.sends_photo("/broadcast 请看集合点")
    await you.presses(panel(town, "📝 第 1 号"), "✏️ 修改内容")
    await you.sends_album(3, caption="改在东门集合", reply_to=town.last(town.street_desk))
    assert zh("broadcast.media", count=3) in panel(town, "📝 第 1 号")["text"]

    assert (await state(town)).text == "改在东门集合"


async def test_an_album_whose_words_cannot_be_read_is_kept_while_the_question_stays(town: Town) -> None:
    you = await drafted(town)
    await you.presses(panel(town, "📝 第 1 号"), "📋 填写预警要素")
    question = town.last(town.street_desk)
    await you.sends_album(3, caption="预警级别：紫色", reply_to=question)
    assert len((await state(town)).media) == 3
    await you.writes("影响范围：示范街道东片", reply_to=question)

    now = await state(town)
    assert (len(now.media), now.alert.area) == (3, "示范街道东片")


async def test_whoever_approves_sees_the_pictures_too(town: Town) -> None:
    you = await drafted(town)
    await you.presses(panel(town, "📝 第 1 号"), "✏️ 修改内容")
    await you.sends_album(3, caption="集合点见图", reply_to=town.last(town.street_desk))
    await you.presses(panel(town, "📝 第 1 号"), "📣 发布")
    await town.quiet()

    assert sum("photo" in message for message in town.private(town.sun)) == 3
    assert sum("photo" in message for message in town.messages(town.street_desk)) == 3, (
        "its author has shown them there"
    )


async def test_another_album_is_no_part_of_what_was_released(town: Town) -> None:
    you = speaker(town)
    await you.sends_album(2, caption="/broadcast 请看集合点")
    await _publish(town, you, town.street_desk)
    kept = (await state(town)).media
    await you.sends_album(2)
    assert (await state(town)).media == kept
    assert (await state(town)).state is State.CHASING


async def test_documents_go_as_an_album_of_their_own_and_a_voice_alone(town: Town) -> None:
    you = speaker(town)
    await you.sends_album(2, caption="/broadcast 请看附件")
    for kind in ("document", "document", "voice"):
        await you.sends(kind, privately=True)
    await town.work(_attach, [one for one in town.private(you) if "document" in one or "voice" in one], town.now)
    await town.quiet()
    await _publish(town, you, town.street_desk)

    seen = town.messages(town.group)
    papers = [message["media_group_id"] for message in seen if "document" in message]
    assert (len(papers), len(set(papers))) == (2, 1)
    assert sum("photo" in message for message in seen) == 2
    assert sum("voice" in message for message in seen) == 1


def _attach(stores: Stores, messages: list[dict[str, dict[str, str]]], at: datetime) -> None:
    current = stores.broadcasts.by_number(1)
    more = [
        _media(current.media[0], kind, one[kind.value]) for one in messages for kind in MediaKind if kind.value in one
    ]
    assert len(more) == 3
    stores.broadcasts.save(replace(current, media=(*current.media, *more)))
    desk.show_anew(stores, [current.id], at)


def _media(like: Media, kind: MediaKind, given: dict[str, str]) -> Media:
    unique = given["file_unique_id"]
    return replace(like, kind=kind, file_id=identifier(unique, like.bot), unique_id=unique)


async def test_another_bot_shows_every_picture_of_an_album(pair: Town) -> None:
    you = speaker(pair)
    await you.sends_album(3, caption="/broadcast 请看集合点")
    await _publish(pair, you, pair.street_desk)

    for grid in pair.sample.grids:
        seen = [one for one in pair.messages(pair.sample.chats[grid]) if one["from"]["is_bot"] and "photo" in one]
        assert len(seen) == 3
        albums = {one.get("media_group_id") for one in seen}
        assert (albums == {None}) == (grid in SECOND)
