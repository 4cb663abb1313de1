"""Private drafts on a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from routing import drafting, filing
from routing.drafts import Piece, Sheet
from routing.model import Case, Channel, Media
from routing.refusals import (
    AlreadyDone,
    DraftFull,
    EmptyReport,
    LinkOver,
)
from tests.routing.reporting import (
    cases,
    photo,
    private,
    promised,
    texts,
)
from tests.routing.village import GRID, WANG, Village, village

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def opens(town: Village, who: int = WANG) -> Sheet:
    return await town.work(drafting.begin, await private(town, who), town.people[who], town.now)


async def says(
    town: Village, number: int, text: str = "", *media: Media, place: tuple[float, float] | None = None
) -> Any:
    piece = Piece(number, text, media)
    return await town.work(drafting.add, await private(town), town.people[WANG], town.now, piece, place)


async def submits(town: Village, serial: int) -> Case | None:
    return await town.work(drafting.submit, await private(town), town.people[WANG], serial, town.now)


async def draft_from_plaque(town: Village, building: str = "3号楼") -> Sheet:
    secret = await town.work(drafting.issue_plaque, GRID, building)
    chat = await private(town)
    return await town.work(drafting.begin_by_link, "plaque", secret, chat, town.people[WANG], town.now)


async def test_a_plaque_fills_in_grid_and_building_and_one_submit_files_everything(town: Village) -> None:
    sheet = await draft_from_plaque(town)
    await says(town, 1, "", photo(1))
    await says(town, 2, "楼道灯坏了")
    await says(town, 3, place=(37.36, 120.4))
    await says(town, 4, "在四楼", photo(2))

    case = await submits(town, sheet.serial)

    assert case is not None
    assert (case.grid, case.channel, case.place.building) == (GRID, Channel.PRIVATE, "3号楼")
    assert case.place.latitude == 37.36
    [words] = await town.store.read(lambda stores: stores.words.of(case.id))
    assert (words.text, words.media) == ("楼道灯坏了\n在四楼", (photo(1), photo(2)))
    with pytest.raises(AlreadyDone):
        await submits(town, sheet.serial)
    assert len(await cases(town)) == 1


async def test_a_forged_or_foreign_link_opens_nothing(town: Village) -> None:
    chat = await private(town)
    invited = await town.work(drafting.invitation, GRID)
    for purpose, secret in (("plaque", "AAAA"), ("plaque", invited[1:])):
        with pytest.raises(LinkOver):
            await town.work(drafting.begin_by_link, purpose, secret, chat, town.people[WANG], town.now)
    assert await town.work(drafting.invitation, GRID) == invited
    opened = await town.work(drafting.begin_by_link, "report", invited[1:], chat, town.people[WANG], town.now)
    assert opened.grid == GRID


async def test_without_a_place_the_grid_is_asked_once_and_remembered(town: Village) -> None:
    await town.work(lambda uow: uow.people.leave_household(town.people[WANG]))
    sheet = await opens(town)
    await says(town, 1, "路灯坏了")
    assert await submits(town, sheet.serial) is None

    chat, mark = await private(town), drafting.mark_of(GRID)
    case = await town.work(drafting.choose, chat, town.people[WANG], sheet.serial, mark, town.now)

    assert case is not None
    assert case.grid == GRID
    assert (await opens(town)).grid == GRID


async def test_a_draft_holds_the_same_message_once_and_follows_its_edit(town: Village) -> None:
    sheet = await draft_from_plaque(town)
    await says(town, 1, "路灯坏了")
    await says(town, 1, "路灯坏了")
    await town.work(drafting.amend, await private(town), town.people[WANG], town.now, 1, "门口路灯坏了")

    case = await submits(town, sheet.serial)

    assert case is not None
    assert await texts(town, case) == ["门口路灯坏了"]


async def test_a_line_edited_after_submitting_changes_only_that_line(town: Village) -> None:
    sheet = await draft_from_plaque(town)
    await says(town, 1, "路灯坏了")
    await says(town, 2, "在东门")
    case = await submits(town, sheet.serial)
    assert case is not None

    for text in ("在西门", "在北门"):
        await town.work(filing.edit_report, await private(town), 2, town.people[WANG], text, town.now)

    assert await texts(town, case) == ["路灯坏了\n在北门"]


async def test_an_empty_draft_is_not_submitted_and_a_full_one_takes_no_more(town: Village) -> None:
    sheet = await draft_from_plaque(town)
    with pytest.raises(EmptyReport):
        await submits(town, sheet.serial)
    for number in range(drafting.MOST_PARTS):
        await says(town, number + 1, "路灯坏了")
    with pytest.raises(DraftFull):
        await says(town, 999, "路灯坏了")


async def test_buttons_of_an_earlier_draft_do_nothing(town: Village) -> None:
    first = await draft_from_plaque(town)
    await says(town, 1, "路灯坏了")
    second = await opens(town)

    with pytest.raises(AlreadyDone):
        await submits(town, first.serial)
    assert await submits(town, second.serial) is not None


async def test_a_draft_expires_after_a_week_untouched(town: Village) -> None:
    await draft_from_plaque(town)
    town.now += timedelta(days=6)
    await says(town, 1, "路灯坏了")
    town.now += timedelta(days=6)
    assert await town.work(drafting.collect, town.now) == 0
    town.now += timedelta(days=2)
    assert await town.work(drafting.collect, town.now) == 1
    assert await promised(town, "draft_end") == [WANG]


async def test_a_confidential_draft_never_shows_in_the_group(town: Village) -> None:
    sheet = await draft_from_plaque(town)
    await says(town, 1, "路灯坏了")
    chat, person = await private(town), town.people[WANG]
    await town.work(
        drafting.change, chat, person, sheet.serial, town.now, lambda sheet: replace(sheet, confidential=True)
    )

    case = await submits(town, sheet.serial)

    assert case is not None
    assert case.confidential
    assert -101 not in await promised(town, "card")
