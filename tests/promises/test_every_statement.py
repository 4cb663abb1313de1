"""R21: whichever statement of a use-case fails, in whatever state of the town, the database stays as it was.

Cases live through everything that people can do with them, a broadcast likewise; each step is first broken at every one
of its statements in turn, and then done for the next step to follow. On PostgreSQL, where each try takes longer, one
statement in so many is broken, beginning with another one in each step; ``HUYING_STRIDE=1`` breaks all of them.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, Final

from broadcasts import answering, emergencies, plans, rollcalls, tasks
from broadcasts import desk as broadcasting
from broadcasts import ticking as looking
from broadcasts.model import Alert, Audience, Class, Door, Level
from broadcasts.tasks import Deed
from routing import batches, casework, desk, hierarchy, merging, residents, splitting, ticking, whistle
from routing.casework import Saying
from routing.events import (
    Claimed,
    ExtensionRuled,
    Rated,
    RefusalReason,
    Refused,
    Released,
    Resumed,
    ReturnReason,
    Withdrawn,
)
from routing.model import Case, ChatId, Media, MediaKind, PersonId, Rating, UnitCode
from storage.stores import Stores
from tests.databases import POSTGRESQL, SQLITE
from tests.promises.ledger import everything
from tests.promises.test_all_or_nothing import Broken, failing_at
from tests.routing.village import (
    BOT,
    CHEN,
    GRID,
    LI,
    STREET,
    SUN,
    WANG,
    ZHANG,
    ZHOU,
    Village,
    village,
)

WARDENS, BESIDE = UnitCode("370001001901"), UnitCode("370001001001002")
WARDEN, BROADCASTER, APPROVER = 1023, 1019, 1020
PHOTO = Media(MediaKind.PHOTO, BOT, "file", "unique")
DOOR = "370001001001001-11101"
PLAN = """
code = "snow"
name = "snow"
[[broadcasts]]
class = "notice"
text = "stay at home tomorrow"
[[tasks]]
text = "shovel"
minutes = 60
"""
STRIDE: Final = {SQLITE: 1, POSTGRESQL: int(os.environ.get("HUYING_STRIDE", "9"))}
MOST_DRAWN = 5
"""So many public numbers a use-case draws at most."""


class Breaker:
    """Does things in the village, each only after its statements have failed, *stride* apart."""

    def __init__(self, town: Village, engine: str) -> None:
        self.town, self.broken, self.stride = town, 0, STRIDE[engine]
        self._turns = count()

    async def __call__(self, use_case: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with suppress(Broken):
            await self.town.work(_draw)  # so that PostgreSQL has numbers ready, and its counter does not move below
        before = await self.town.store.read(everything)
        for statement in count(1 + next(self._turns) % self.stride, self.stride):
            with failing_at(statement) as seen:
                try:
                    made = await self.town.work(use_case, *args, **kwargs)
                    break
                except Broken:
                    assert await self.town.store.read(everything) == before, f"{use_case.__name__}: {seen[-1]}"
            self.broken += 1
        assert await self.town.store.read(everything) != before, f"{use_case.__name__} does nothing"
        return made

    async def move(self, case: Case, event: type[Any], by: int, **fields: Any) -> Any:
        """A move that is nothing but its event."""
        return await self(desk.move, case.id, event(at=self.town.now, by=self.town.people[by], **fields))


def _draw(stores: Stores) -> None:
    for _ in range(MOST_DRAWN):
        stores.cases.next_number()
    raise Broken


def saying(text: str = "why it is so") -> Saying:
    return Saying(text, (), None, 9)


async def meet(town: Village, *numbers: int) -> None:
    """More of the staff are known to the bot."""

    def known(stores: Stores) -> dict[int, PersonId]:
        return {number: stores.people.meet(number, f"person {number}", "zh").id for number in numbers}

    town.people = {**town.people, **await town.work(known)}


async def test_what_becomes_of_a_case_in_its_grid(tmp_path: Path, engine: str) -> None:
    async with village(tmp_path) as town:
        do, li, chen, now = Breaker(town, engine), town.people[LI], town.people[CHEN], town.now
        case = await town.files()
        await do.move(case, Claimed, LI)
        await do(casework.hand_over, case.id, li, town.people[ZHANG], now)
        await do.move(case, Released, ZHANG)
        await do.move(case, Claimed, LI)
        await do(casework.note, case.id, li, saying(), now)
        await do(hierarchy.ask_extension, case.id, li, saying(), now)
        await do.move(case, ExtensionRuled, CHEN, approve=True)
        await do(hierarchy.suspend, case.id, chen, saying(), now, until=date(2026, 11, 25))
        await do.move(case, Resumed, LI)
        await do(casework.resolve, case.id, li, Saying("done", (PHOTO,), None, 9), now)
        await do.move(case, Rated, WANG, rating=Rating.SATISFIED)
        angry = await town.resolves(await town.claims(await town.files()))
        await do.move(angry, Rated, WANG, rating=Rating.NOT_SATISFIED)
        await do.move(angry, Claimed, CHEN)
        await do.move(await town.files(), Refused, CHEN, reason=RefusalReason.OUTSIDE_DUTY)
        await do.move(await town.files(), Withdrawn, WANG)
        await do(merging.merge, (await town.files(ZHOU)).id, chen, (await town.files()).id, now)
        late = await town.files()
        town.now += timedelta(hours=5)
        await do(ticking.sweep, town.now)
        assert (await town.case(late)).open
        assert do.broken > 300 // do.stride


async def test_what_becomes_of_a_case_between_the_levels(tmp_path: Path, engine: str) -> None:
    async with village(tmp_path) as town:
        await meet(town, WARDEN)
        do, li, chen, now = Breaker(town, engine), town.people[LI], town.people[CHEN], town.now
        case = await town.claims(await town.files())
        await do(hierarchy.ask_return, case.id, li, saying(), now, reason=ReturnReason.NOT_OUR_DUTY, proposed=BESIDE)
        await do(hierarchy.refuse_return, case.id, chen, saying(), now)
        other = await town.claims(await town.files())
        await do(hierarchy.ask_return, other.id, li, saying(), now, reason=ReturnReason.NOT_OUR_DUTY, proposed=BESIDE)
        await do(hierarchy.accept_return, other.id, chen, BESIDE, now)
        await do(hierarchy.transfer, (await town.claims(await town.files())).id, chen, BESIDE, now)
        high = await town.claims(await town.files())
        await do(hierarchy.escalate, high.id, li, Saying("too much for us", (PHOTO,), None, 9), now)
        await do.move(high, Claimed, CHEN)
        await do(splitting.split, high.id, chen, saying("the cable"), now, to=GRID)
        many = [(await town.claims(await town.files())).id for _ in range(2)]
        await do(batches.escalate, many, li, Saying("all of it is too much", (PHOTO,), None, 9), now, unit=GRID)
        called = await town.claims(await town.files())
        where = saying("3号楼下 10:30")
        await do(whistle.whistle, called.id, chen, where, now, units=(WARDENS,))
        await do(whistle.check_in, called.id, town.people[WARDEN], now)
        await do(whistle.finish, called.id, town.people[WARDEN], now)
        assert do.broken > 250 // do.stride


async def test_what_becomes_of_a_broadcast(tmp_path: Path, engine: str) -> None:
    async with village(tmp_path) as town:
        await meet(town, BROADCASTER, APPROVER)
        do, now = Breaker(town, engine), town.now
        speaker, chat = town.people[BROADCASTER], await desk_of(town, -301)
        draft = await do(broadcasting.compose, speaker, chat, Class.NOTICE, now)
        await do(broadcasting.edit, draft.id, speaker, now, text="no water tomorrow", audience=Audience(GRID))
        await do(broadcasting.submit, draft.id, speaker, now)
        await do(broadcasting.recall, draft.id, speaker, now)
        await town.work(broadcasting.submit, draft.id, speaker, now)
        await do(looking.look, draft.id, now)
        await do(broadcasting.pause, draft.id, speaker, now)
        await do(broadcasting.resume, draft.id, speaker, now)
        group = await desk_of(town, -101)
        await do(answering.press, draft.id, town.people[WANG], group, now)
        await do(answering.need_help, draft.id, town.people[ZHOU], group, "my mother cannot walk", now)
        await do(answering.knock, draft.id, "370001001001001-11301", Door.TOLD, town.people[LI], now)
        await do(answering.take_back, draft.id, "370001001001001-11301", town.people[LI], now)
        await do(broadcasting.cancel, draft.id, speaker, now)
        alert = Alert("snow", "station", now, now, "street", "much snow", "stay in")
        fields = {"level": Level.RED, "alert": alert, "audience": Audience(GRID), "expires_at": now + timedelta(days=1)}
        red = await town.work(broadcasting.compose, speaker, chat, Class.ALERT, now, **fields, window_s=3_600)
        await do(broadcasting.submit, red.id, speaker, now)
        await do(broadcasting.reject, red.id, town.people[APPROVER], now)
        await town.work(broadcasting.submit, red.id, speaker, now)
        await do(broadcasting.approve, red.id, town.people[APPROVER], now)
        await do(looking.look, red.id, now)
        assert do.broken > 100 // do.stride


async def test_what_is_ordered_and_asked_in_an_emergency_and_who_moves_in_and_is_forgotten(
    tmp_path: Path, engine: str
) -> None:
    async with village(tmp_path) as town:
        await meet(town, BROADCASTER, APPROVER)
        do, sun, now = Breaker(town, engine), town.people[SUN], town.now
        chat = await desk_of(town, -301)
        task = await do(tasks.give_out, sun, chat, STREET, "count the shovels", now + timedelta(hours=2), now)
        await do(tasks.answer, task.id, town.people[LI], Deed.ACCEPT, now)
        await do(tasks.answer, task.id, town.people[LI], Deed.DONE, now)
        form = rollcalls.read("停水摸排 30\n存水够吗？", ("是", "否"))
        rollcall = await do(rollcalls.call, town.people[LI], chat, GRID, form, now)
        seats = await town.store.read(lambda stores: rollcalls.missing(stores, rollcall, GRID))
        await do(rollcalls.answer_for, rollcall.id, seats[0].seat, town.people[LI], 0, 0, now)
        asked = await do(emergencies.ask, town.people[BROADCASTER], chat, STREET, "snow", now)
        await do(emergencies.rule, asked.id, sun, now, yes=True, muster="come")
        await do(emergencies.end, STREET, sun, now)
        plan = await do(plans.keep, "snow.toml", PLAN, now)
        run = await do(plans.ask, sun, chat, STREET, plan.code, now)
        await do(plans.rule, run.id, town.people[APPROVER], now, yes=True, muster="come")
        await do(plans.end, run.id, sun, now)
        code = await town.store.read(door_code)
        await do(residents.register, town.people[ZHOU], code, now, moved=True)
        await town.files()
        await do(residents.forget, town.people[WANG], now, withdraw=True)
        assert do.broken > 150 // do.stride


def door_code(stores: Stores) -> str:
    return next(one.door_code for one in stores.people.households_in(GRID) if one.code == DOOR)


async def desk_of(town: Village, telegram_id: int) -> ChatId:
    """The chat with that number."""
    return await town.store.read(_chat, telegram_id)


def _chat(stores: Stores, telegram_id: int) -> ChatId:
    found = stores.chats.find(BOT, telegram_id)
    assert found is not None
    return found.id
