"""A person with several posts acts as the one that the chat implies, and the log shows which."""

from routing.events import Event
from routing.model import Appointment, PersonId, Post, UnitCode
from storage.stores import Stores
from tests.handlers.cast import card_at, card_of, claimed
from tests.town import COMMUNITY, SECOND_GRID, STREET, Town


async def _appointed(town: Town, telegram_id: int, unit: str, post: Post) -> None:
    def appoint(stores: Stores) -> PersonId:
        person = stores.people.meet(telegram_id, "多面手", "zh").id
        stores.people.appoint(Appointment(person, UnitCode(unit), post, "多面手"))
        return person

    await town.work(appoint)


async def _last_event(town: Town) -> Event:
    return await town.read(lambda stores: stores.log.of(stores.cases.by_number(1).id)[-1].event)


async def test_the_desk_decides_in_which_post_somebody_dispatches(town: Town) -> None:
    await _appointed(town, town.chen.id, STREET, Post.DISPATCHER)
    await claimed(town)
    await town.chen.joins(town.street_desk)
    for desk, unit in ((town.street_desk, STREET), (town.community_desk, COMMUNITY)):
        await town.chen.writes("/case 1", chat=desk)
        await town.chen.presses(card_at(town, desk), "派单")
        panel = town.last(desk)
        if unit == STREET:
            await town.chen.presses(panel, "下级")
        await town.chen.presses(town.now_of(town.chen, panel), "春风二网格" if unit == STREET else "春风三网格")

        event = await _last_event(town)
        assert (type(event).__name__, event.unit) == ("Dispatched", unit)


async def test_an_answer_in_private_counts_for_the_desk_where_the_question_arose(town: Town) -> None:
    await _appointed(town, town.chen.id, STREET, Post.LEADER)
    await claimed(town)
    await town.chen.joins(town.street_desk)
    await town.chen.writes("/case 1", chat=town.street_desk)
    await town.chen.presses(card_at(town, town.street_desk), "备注")
    await town.restart()
    await town.chen.writes_privately("街道已关注")

    assert (await _last_event(town)).unit == STREET


async def test_in_private_the_post_that_may_is_the_one_that_acts(town: Town) -> None:
    await _appointed(town, town.li.id, SECOND_GRID, Post.LEADER)
    await claimed(town)
    await town.li.presses(card_of(town, town.li), "备注")
    await town.li.writes_privately("已到现场")
    event = await _last_event(town)

    assert (event.unit, event.post) == ((await town.case()).unit, Post.WORKER)
