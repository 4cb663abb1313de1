"""Whoever wants to be forgotten is, whatever their cases wait for."""

from pathlib import Path

import pytest

from routing import residents
from routing.model import Status
from tests.routing.village import WANG, village

pytestmark = pytest.mark.usefixtures("engine")


async def test_a_reply_in_review_does_not_keep_its_reporter_from_being_forgotten(tmp_path: Path) -> None:
    async with village(tmp_path, review_required=True) as town:
        reviewed = await town.resolves(await town.claims(await town.files()))
        still_open = await town.files()

        await town.work(residents.forget, town.people[WANG], town.now, withdraw=True)

        assert (await town.case(reviewed)).status is Status.IN_REVIEW
        assert (await town.case(still_open)).status is Status.WITHDRAWN
        assert await town.store.read(lambda stores: stores.people.get(town.people[WANG])) is None
