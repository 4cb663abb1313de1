"""The quiet offer on a real database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from routing import offers
from routing.refusals import (
    NotYours,
    OfferOver,
)
from tests.routing.reporting import (
    GAS,
    LAMP,
    group,
    promised,
)
from tests.routing.village import LI, WANG, ZHOU, Village, village

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


async def offered(town: Village, message: int = 7, text: str = LAMP, who: int = ZHOU, sent: bool = True) -> bool:
    chat = await group(town)
    hint = await town.work(offers.make, chat, message, town.people[who], text, (), town.now)
    if hint is not None and sent:
        await town.work(lambda uow: uow.outbox.adopt(offers.key_of(chat, message), chat, 900 + message))
    return hint is not None


async def test_an_offer_taken_files_for_the_author_and_its_message_becomes_the_card(town: Village) -> None:
    assert await offered(town)
    chat = await group(town)

    case = await town.work(offers.accept, chat, 7, town.people[ZHOU], town.now)

    assert case.reporter == town.people[ZHOU]
    assert await town.store.read(lambda stores: dict(stores.outbox.carriers(f"case:{case.id}"))) == {chat: 907}
    with pytest.raises(OfferOver):
        await town.work(offers.accept, chat, 7, town.people[ZHOU], town.now)


async def test_staff_may_take_an_offer_in_the_authors_name_and_neighbours_may_not(town: Village) -> None:
    await offered(town)
    chat = await group(town)

    with pytest.raises(NotYours):
        await town.work(offers.accept, chat, 7, town.people[WANG], town.now)
    case = await town.work(offers.accept, chat, 7, town.people[LI], town.now)
    assert case.reporter == town.people[ZHOU]


async def test_a_tip_off_taken_from_an_offer_leaves_no_card_behind(town: Village) -> None:
    await offered(town, text="我们小区有人聚众打牌赌博，扰民，谁来管管")
    case = await town.work(offers.accept, await group(town), 7, town.people[ZHOU], town.now)

    assert case.confidential
    assert await promised(town, "gone") == [-101]


async def test_a_no_removes_the_offer_and_leaves_its_author_in_peace_for_a_day(town: Village) -> None:
    await offered(town)
    await town.work(offers.decline, await group(town), 7, town.people[ZHOU], town.now)

    assert await promised(town, "gone") == [-101]
    assert not await offered(town, message=8)
    assert await offered(town, message=9, who=WANG)
    town.now += timedelta(hours=25)
    assert await town.work(offers.collect, town.now) == 2
    assert await offered(town, message=10)


async def test_offers_are_rare_but_a_danger_is_always_offered(town: Village) -> None:
    assert [await offered(town, message=number) for number in range(6)] == [True] * 4 + [False] * 2
    assert await offered(town, message=10, text=GAS)


async def test_a_grid_that_switched_offers_off_gets_none(town: Village) -> None:
    chat = await group(town)
    with pytest.raises(NotYours):
        await town.work(offers.switch, chat, town.people[WANG], on=False)
    await town.work(offers.switch, chat, town.people[LI], on=False)
    assert not await offered(town)
    await town.work(offers.switch, chat, town.people[LI], on=True)
    assert await offered(town)


async def test_an_unanswered_offer_disappears_after_a_day(town: Village) -> None:
    await offered(town)
    town.now += timedelta(hours=25)

    assert await town.work(offers.collect, town.now) == 1
    assert await promised(town, "gone") == [-101]
