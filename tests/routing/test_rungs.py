"""Up by steps and down directly, where a city wants it so."""

from pathlib import Path

import pytest

from routing import casework, hierarchy
from routing.casework import Saying
from routing.events import Escalated
from routing.model import Appointment, Post
from routing.ports import UnitOfWork
from routing.refusals import NoSkipping
from tests.routing.cities import HE, TOP, city, works
from tests.routing.village import CHEN, COMMUNITY, GRID, LI, STREET, SUN

WHY = Saying("需要上级协调")


async def test_in_zhaoyuan_a_case_goes_up_by_steps_and_down_to_any_grid_at_once(tmp_path: Path) -> None:
    async with city(tmp_path, "zhaoyuan", "2026-02-13T10:00") as town:

        def leads(uow: UnitOfWork) -> None:
            uow.people.dismiss(town.people[LI], GRID)
            uow.people.appoint(Appointment(town.people[LI], GRID, Post.LEADER, "李安"))

        await town.work(leads)
        case = await town.claims(await town.files())
        for by, above in ((LI, COMMUNITY), (CHEN, STREET), (SUN, TOP)):
            if above != TOP:
                with pytest.raises(NoSkipping):
                    await town.work(hierarchy.escalate, case.id, town.people[by], WHY, town.now, skip_to=TOP)
            case = await town.moves(case, Escalated, by)
            assert case.unit == above
        given = await works(town, casework.dispatch, case, HE, GRID)

        assert given.unit == GRID
