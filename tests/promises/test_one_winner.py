"""R6: of all who claim at once exactly one gets the case, and the others are told who."""

import asyncio
import os
from collections import Counter
from pathlib import Path

import pytest

from routing import desk
from routing.events import Claimed
from routing.model import Appointment, Case, PersonId, Post, Status
from routing.refusals import Refusal
from storage.stores import Stores
from tests.routing.village import GRID, Village, village

pytestmark = pytest.mark.usefixtures("engine")

CLAIMANTS, ROUNDS = 50, int(os.environ.get("HUYING_ROUNDS", "20"))


async def test_of_fifty_who_claim_at_once_one_wins_and_the_others_are_told_who(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        workers: list[PersonId] = await town.work(_hire)
        for _ in range(ROUNDS):
            case = await town.files()
            answers = await asyncio.gather(*(_claim(town, case, worker) for worker in workers))

            winners = [worker for worker, answer in zip(workers, answers, strict=True) if isinstance(answer, Case)]
            now = await town.case(case)
            told = [answer for answer in answers if isinstance(answer, Refusal)]
            assert winners == [now.holder]
            assert now.status is Status.CLAIMED
            assert Counter(one.key for one in told) == {"refusal.already_claimed": CLAIMANTS - 1}
            assert {one.values["by"] for one in told} == {now.holder}
            assert (await town.events(case)).count("Claimed") == 1


async def _claim(town: Village, case: Case, worker: PersonId) -> Case | Refusal:
    try:
        return await town.work(desk.move, case.id, Claimed(at=town.now, by=worker))
    except Refusal as refusal:
        return refusal


def _hire(uow: Stores) -> list[PersonId]:
    hired = [uow.people.meet(9_000 + number, f"worker {number}", "zh").id for number in range(CLAIMANTS)]
    for number, person in enumerate(hired):
        uow.people.appoint(Appointment(person, GRID, Post.WORKER, f"worker {number}"))
    return hired
