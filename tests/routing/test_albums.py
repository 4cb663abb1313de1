"""Albums on a real database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from routing import albums, filing, offers
from routing.albums import Intent, Part
from routing.model import WordsKind
from tests.routing.reporting import (
    LAMP,
    cases,
    group,
    photo,
    promised,
    reports,
)
from tests.routing.village import LI, WANG, Village, village

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def part(town: Village, number: int, text: str = "", intent: Intent = Intent.NOTHING, **fields: Any) -> None:
    made = Part(
        chat=await group(town), message_id=number, text=text, media=(photo(number),), bot="huying", intent=intent,
        **{"person": town.people[WANG], "album": "g1", **fields},
    )  # fmt: skip
    await town.work(albums.add_part, made, town.now)


async def collects(town: Village, **span: float) -> int:
    town.now += timedelta(**span)
    return await town.work(albums.collect, town.now)


async def test_an_album_is_one_report_whichever_part_has_the_words(town: Village) -> None:
    await part(town, 11)
    await part(town, 12, LAMP, Intent.REPORT)
    await part(town, 13)
    assert await collects(town, seconds=1) == 0
    assert await collects(town, seconds=2) == 1

    [case] = await cases(town)
    [words] = await town.store.read(lambda stores: stores.words.of(case.id))
    assert (words.text, words.message_id) == (LAMP, 12)
    assert [one.file_id for one in words.media] == ["file:11", "file:12", "file:13"]


async def test_whatever_words_of_an_album_are_edited_the_others_stay(town: Village) -> None:
    await part(town, 11, LAMP, Intent.REPORT)
    await part(town, 12, "灯罩也碎了", Intent.REPORT)
    await part(town, 13, intent=Intent.REPORT)
    await collects(town, seconds=3)
    chat, wang = await group(town), town.people[WANG]

    await town.work(filing.edit_report, chat, 12, wang, "灯罩也裂了", town.now)
    await town.work(filing.edit_report, chat, 11, wang, f"{LAMP}，二楼", town.now)

    [case] = await cases(town)
    [words] = await town.store.read(lambda stores: stores.words.of(case.id))
    assert words.text == f"{LAMP}，二楼\n灯罩也裂了"


async def test_an_album_that_answers_a_card_is_named_by_the_part_with_the_words(town: Village) -> None:
    await part(town, 10, LAMP, Intent.REPORT)
    await collects(town, seconds=3)
    [case] = await cases(town)
    await part(town, 11, "现场照片", Intent.MORE, case=case.id, album="g2")
    await part(town, 12, intent=Intent.MORE, case=case.id, album="g2")
    await collects(town, seconds=3)

    await town.work(filing.edit_report, await group(town), 11, town.people[WANG], "二楼的照片", town.now)

    said = await town.store.read(lambda stores: stores.words.of(case.id))
    assert [one.text for one in said] == [LAMP, "二楼的照片"]


async def test_a_late_part_of_what_staff_noted_is_no_more_for_the_reporter_than_the_note(town: Village) -> None:
    await part(town, 10, LAMP, Intent.REPORT)
    await collects(town, seconds=3)
    [case] = await cases(town)
    noted: dict[str, Any] = {"person": town.people[LI], "case": case.id, "album": "g2"}
    await part(town, 11, "302室的照片", Intent.MORE, **noted)
    await collects(town, seconds=3)
    await part(town, 12, **noted)

    said = await town.store.read(lambda stores: stores.words.of(case.id))
    assert [one.kind for one in said] == [WordsKind.REPORT, WordsKind.NOTE, WordsKind.NOTE]


async def test_a_late_part_of_an_album_joins_its_case(town: Village) -> None:
    await part(town, 12, LAMP, Intent.REPORT)
    await collects(town, seconds=3)
    await part(town, 13)
    await collects(town, seconds=3)

    [case] = await cases(town)
    kept = await town.store.read(lambda stores: [one.media for one in stores.words.of(case.id)])
    assert kept == [(photo(12),), (photo(13),)]


async def test_an_album_that_nobody_reports_is_forgotten(town: Village) -> None:
    await part(town, 11)
    await collects(town, seconds=3)
    assert await cases(town) == []
    assert await collects(town, minutes=11) == 1
    assert await collects(town, minutes=11) == 0


async def test_an_album_beyond_the_flood_limit_is_refused_aloud(town: Village) -> None:
    for number in range(20):
        await reports(town, message=number + 100)
    await part(town, 12, LAMP, Intent.REPORT)

    assert await collects(town, seconds=3) == 1
    assert await promised(town, "refused") == [-101]
    assert len(await cases(town)) == 20


async def test_an_offer_taken_before_its_album_is_complete_still_gets_every_picture(town: Village) -> None:
    chat, wang = await group(town), town.people[WANG]
    await town.work(offers.make, chat, 12, wang, LAMP, (photo(12),), town.now)
    await part(town, 12, LAMP, Intent.OFFER)
    await part(town, 13)
    case = await town.work(offers.accept, chat, 12, wang, town.now)
    await collects(town, seconds=3)
    await part(town, 14)

    kept = await town.store.read(lambda stores: [item for one in stores.words.of(case.id) for item in one.media])
    assert kept == [photo(12), photo(13), photo(14)]
