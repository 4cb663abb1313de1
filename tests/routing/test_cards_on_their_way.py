"""What happens to a case while its card is still on its way to somebody."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from routing.model import Case
from routing.policy import Policy
from storage.sendings import Sending
from storage.states import Delivery
from storage.stores import Stores
from storage.tables import outbox
from tests.routing.village import BOT, LI, ZHANG, Village, village

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    async with village(tmp_path) as made:
        yield made


def _cards(stores: Stores, case: Case) -> Mapping[int, datetime]:
    """To whom the card is still to leave, by Telegram's number of the chat, and when."""
    rows = stores.connection.execute(
        select(outbox.c.chat, outbox.c.ready_at).where(
            outbox.c.carrier == f"case:{case.id}", outbox.c.state == Delivery.READY
        )
    )
    return {stores.chats.get(row.chat).telegram_id: row.ready_at for row in rows}


def _leave(stores: Stores, now: datetime) -> list[Sending]:
    """Everything that may leave is on its way."""
    heads = stores.sending.ready_heads(BOT, now, 50)
    return stores.sending.start([head.id for lane in heads.values() for head in lane], now)


def _arrive(stores: Stores, letters: list[Sending], now: datetime) -> None:
    for number, letter in enumerate(letters, 100):
        stores.sending.sent(letter.id, number, now)


async def test_a_card_that_is_on_its_way_while_a_colleague_claims_is_renewed(town: Village) -> None:
    case = await town.files()
    letters = await town.work(_leave, town.now)
    assert ZHANG in {letter.chat.telegram_id for letter in letters}

    await town.claims(case, LI)
    await town.work(_arrive, letters, town.now)

    assert ZHANG in await town.store.read(_cards, case)


async def test_one_that_is_asked_to_wait_shows_the_claim_when_it_leaves(town: Village) -> None:
    case = await town.files()
    for letter in await town.work(_leave, town.now):
        await town.work(lambda stores, id_=letter.id: stores.sending.retry(id_, town.now, "429"))

    await town.claims(case, LI)

    letters = await town.work(_leave, town.now)
    (card,) = [one for one in letters if one.chat.telegram_id == ZHANG]
    assert card.promise.key.startswith(f"case:{case.id}:{(await town.case(case)).version}:")


async def test_one_that_is_held_for_the_morning_stays_held_when_somebody_claims_at_night(tmp_path: Path) -> None:
    async with village(tmp_path, quiet=Policy.load("default").quiet) as town:
        town.now += timedelta(hours=14)
        case = await town.files()
        held = (await town.store.read(_cards, case))[ZHANG]
        assert held > town.now

        await town.claims(case, LI)

        assert (await town.store.read(_cards, case))[ZHANG] == held
