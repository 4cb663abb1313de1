"""Photos, albums, voices, videos, places and files as reports, and kinds that nobody can take."""

from typing import Any

import pytest

from handlers._kit.words import plain
from tests.handlers.cast import card_of
from tests.handlers.test_report import LAMP, media, mention, words
from tests.town import Town


@pytest.mark.parametrize("kind", ["photo", "voice", "video", "document"])
async def test_whatever_is_sent_with_a_report_in_its_caption_hangs_on_the_case(town: Town, kind: str) -> None:
    await town.wang.sends(kind, caption=f"/report {LAMP}")

    assert await words(town) == [LAMP]
    assert await media(town) == [kind]


async def test_a_photo_with_nothing_but_the_bots_name_is_a_report(town: Town) -> None:
    await town.wang.sends_photo(caption=mention(town))

    assert await words(town) == [""]
    assert await media(town) == ["photo"]


async def test_a_voice_message_pointed_at_is_the_report(town: Town) -> None:
    voice = await town.wang.sends_voice()
    await town.wang.writes("/report", reply_to=voice)

    assert await media(town) == ["voice"]


async def test_a_place_pointed_at_needs_a_word_about_what_happened(town: Town) -> None:
    place = await town.wang.sends_location()
    message = await town.wang.writes("/report", reply_to=place)
    assert town.answer_to(message)["text"] == plain("refusal.empty_report", "zh")

    await town.wang.writes("/report 这里路面塌陷", reply_to=place)
    assert (await town.case()).place.latitude == 37.36


async def test_an_album_is_one_report_with_all_its_pictures(town: Town) -> None:
    await town.wang.sends_album(4, caption=f"/report {LAMP}")
    assert await town.cases() == 0

    await town.passes(seconds=3)

    assert await town.cases() == 1
    assert await words(town) == [LAMP]
    assert await media(town) == ["photo"] * 4
    assert len([text for text in town.said(town.group) if "#1" in text]) == 1


async def test_an_album_survives_a_restart_before_it_is_complete(town: Town) -> None:
    await town.wang.sends_album(3, caption=f"{mention(town)} {LAMP}")
    await town.restart()
    await town.passes(seconds=3)

    assert await media(town) == ["photo"] * 3


async def test_an_album_in_reply_to_the_card_is_added_to_the_case(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    await town.wang.sends_album(3, caption="现场照片", reply_to=town.answer_to(message))
    await town.passes(seconds=3)

    assert await town.cases() == 1
    assert await media(town) == ["photo"] * 3


async def test_an_album_for_a_case_that_has_ended_is_refused_in_words_and_not_kept(town: Town) -> None:
    message = await town.wang.writes(f"/report {LAMP}")
    await town.wang.presses(card_of(town, town.wang), "撤回")
    await town.wang.presses(town.last(town.wang), plain("case.withdraw", "zh"))

    await town.wang.sends_album(2, caption="现场照片", reply_to=town.answer_to(message))
    await town.passes(seconds=3)

    status, event = plain("status.withdrawn", "zh"), plain("event.Noted", "zh")
    assert plain("refusal.not_now", "zh", status=status, event=event) in town.said(town.group)
    assert await media(town) == []


async def test_pictures_between_neighbours_stay_between_neighbours(town: Town) -> None:
    await town.zhou.sends_photo()
    await town.zhou.sends_album(3, caption="周末爬山")
    await town.passes(seconds=3)

    assert await town.cases() == 0
    assert town.said(town.group) == []


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("sticker", {}),
        ("dice", {}),
        ("contact", {"phone_number": "13500000000", "first_name": "Li"}),
        ("poll", {"question": "Which?", "options": ["this", "that"]}),
    ],
)
async def test_a_kind_that_cannot_be_taken_is_answered_in_private(
    town: Town, kind: str, fields: dict[str, Any]
) -> None:
    await town.wang.sends(kind, privately=True, **fields)

    assert town.said(town.wang)[-1] == plain("unsupported.private", "zh")
    assert await town.cases() == 0


async def test_a_sticker_in_answer_to_the_bot_is_answered_and_one_among_neighbours_is_not(town: Town) -> None:
    await town.zhou.sends("sticker")
    assert town.said(town.group) == []

    card = town.answer_to(await town.wang.writes(f"/report {LAMP}"))
    sticker = await town.wang.sends("sticker", reply_to=card)
    assert town.answer_to(sticker)["text"] == plain("unsupported.group", "zh")
