"""Into which cases another one may be merged: those of which the reporter of the other will hear the outcome."""

from pathlib import Path

import pytest

from routing import merging, splitting
from routing.casework import Saying
from routing.model import Place
from routing.refusals import PraiseApart, SameCase
from tests.routing.village import CHEN, GRID, ZHOU, village

pytestmark = pytest.mark.usefixtures("engine")


async def test_a_part_is_neither_offered_nor_taken_as_what_a_case_goes_on_as(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        chen, whole = town.people[CHEN], await town.claims(await town.files())
        part = await town.work(splitting.split, whole.id, chen, Saying("the cable"), town.now, to=GRID)
        again = await town.files(ZHOU)

        offered = await town.work(merging.targets, again)
        with pytest.raises(SameCase):
            await town.work(merging.merge_by_number, again.id, chen, Saying(f"#{part.number}"), town.now)
        await town.work(merging.merge, again.id, chen, whole.id, town.now)

    assert [case.id for case in offered] == [whole.id]


async def test_praise_hides_no_complaint_and_is_lost_in_none(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        complaint, praise = await town.files(), await town.files(ZHOU, matter="L92", kind="praise")
        more = await town.files(matter="L92", kind="praise")

        for case, into in ((complaint, praise), (praise, complaint)):
            assert into.id not in [one.id for one in await town.work(merging.targets, case)]
            with pytest.raises(PraiseApart):
                await town.work(merging.merge, case.id, town.people[CHEN], into.id, town.now)
        await town.work(merging.merge, more.id, town.people[CHEN], praise.id, town.now)

        assert [(await town.case(one)).open for one in (complaint, praise, more)] == [True, True, False]


async def test_what_is_of_the_same_class_and_building_is_offered_first(tmp_path: Path) -> None:
    async with village(tmp_path) as town:
        here, there = Place(building="3号楼"), Place(building="5号楼")
        first = await town.files(matter="L07", place=here)
        others = [await town.files(matter="L07", place=there), await town.files(matter="L02", place=here)]
        case = await town.files(ZHOU, matter="L07", place=here)

        offered = await town.work(merging.targets, case)

    assert [one.id for one in offered] == [first.id, *(one.id for one in others)]
