"""A bot that is gone is no dead end: its places can be taken, nothing waits for it, and it may come back."""

from datetime import timedelta

import pytest

from bot.cli.retire import _known, _retire
from broadcasts import ticking
from broadcasts.model import Broadcast, State
from routing import binding, membership
from routing.admission import UnitHasChat
from routing.model import Chat, ChatId, ChatKind, ChatState, PersonId
from routing.ports import Promise
from storage.stores import Stores
from tests.broadcasts.conftest import town
from tests.broadcasts.test_chase import _chasing
from tests.databases import watching
from tests.routing.village import BOT, GRID, MONDAY, SUN, WANG, Village

__all__ = ["town"]  # a fixture

pytestmark = pytest.mark.usefixtures("engine")

OTHER, THIRD = 8, 9
LATER = MONDAY + timedelta(minutes=5)


def sending(uow: Stores) -> Broadcast:
    made = _chasing(uow, state=State.SENDING, next_at=MONDAY, expires_at=MONDAY + timedelta(days=1), receipts=False)
    uow.targets.aim(made)
    return made


def outcomes(uow: Stores, bot: int) -> set[str]:
    rows = uow.connection.exec_driver_sql("SELECT bot, state FROM outbox").all()
    return {state for of, state in rows if of == bot}


async def the_chat(town: Village, bot: int, telegram_id: int) -> Chat:
    found = await town.store.read(lambda uow: uow.chats.find(bot, telegram_id))
    assert found is not None
    return found


def private_of(uow: Stores, person: PersonId) -> ChatId | None:
    chat = uow.chats.private(person)
    return chat.id if chat is not None else None


async def test_the_units_of_a_bot_that_is_gone_can_be_bound_again_and_the_desk_above_hears(town: Village) -> None:
    with pytest.raises(UnitHasChat):
        await town.work(binding.issue, town.people[SUN], GRID, MONDAY)
    sun = await town.work(lambda uow: uow.chats.meet(OTHER, SUN, ChatKind.PRIVATE, "", ChatState.OK))

    assert await town.work(_retire, BOT, None, MONDAY)

    assert (await town.work(binding.issue, town.people[SUN], GRID, MONDAY)).unit.code == GRID
    rows = await town.store.read(lambda uow: uow.connection.exec_driver_sql("SELECT chat, params FROM outbox").all())
    assert sun.id in {chat for chat, params in rows if "bind.above_gone" in str(params)}


async def test_whoever_wrote_to_it_last_is_reached_by_another_one(town: Village) -> None:
    """Of two chats the one met last is used, which was with the bot that is gone."""
    other = await town.work(lambda uow: uow.chats.meet(OTHER, 999, ChatKind.PRIVATE, "", ChatState.OK))
    gone = await town.work(lambda uow: uow.chats.meet(BOT, 999, ChatKind.PRIVATE, "", ChatState.OK))
    person = await town.work(lambda uow: uow.people.meet(999, "somebody", "zh").id)
    assert await town.store.read(lambda uow: private_of(uow, person)) == gone.id

    await town.work(_retire, BOT, None, MONDAY)

    assert await town.store.read(lambda uow: private_of(uow, person)) == other.id


async def test_what_waits_for_it_or_was_in_flight_is_settled_and_no_broadcast_waits(town: Village) -> None:
    made = await town.work(sending)
    await town.work(ticking.look, made.id, MONDAY)
    chat = (await the_chat(town, BOT, WANG)).id
    await town.work(lambda uow: uow.outbox.promise(Promise("a word", chat, "say", {"key": "k"})))
    heads = await town.work(lambda uow: uow.sending.ready_heads(BOT, MONDAY, 9))
    await town.work(lambda uow: uow.sending.start([head.id for some in heads.values() for head in some], MONDAY))
    assert await town.store.read(outcomes, BOT) == {"sending"}

    await town.work(_retire, BOT, None, MONDAY)
    for _ in range(9):
        await town.work(ticking.look, made.id, LATER)

    assert await town.store.read(outcomes, BOT) == {"blocked"}
    assert (await town.store.read(lambda uow: uow.broadcasts.get(made.id))).state is State.DONE
    figures = await town.store.read(lambda uow: uow.targets.figures(made.id))
    assert (figures.sent, figures.failed) == (0, figures.chats)


async def test_what_it_took_in_is_set_aside_since_nobody_can_handle_it(town: Village) -> None:
    await town.work(lambda uow: [uow.inbox.receive(bot, 1, "chat", b"{}", MONDAY) for bot in (BOT, OTHER)])

    await town.work(_retire, BOT, None, MONDAY)

    assert [one.bot for one in await town.store.read(lambda uow: uow.inbox.poisoned())] == [BOT]
    assert [one.bot for one in await town.store.read(lambda uow: uow.inbox.pending(9))] == [OTHER]


async def test_no_update_is_read_to_find_out_whose_it_is(town: Village) -> None:
    await town.work(lambda uow: [uow.inbox.receive(bot, 1, "chat", b"{}", MONDAY) for bot in (OTHER, THIRD)])
    await town.work(lambda uow: uow.inbox.failed(THIRD, 1, "KeyError", MONDAY, for_good=True))
    asked: list[str] = []

    with watching(lambda sql, _: asked.append(sql)):
        known = await town.store.read(_known)
        await town.work(_retire, BOT, None, MONDAY)

    assert known == {BOT, OTHER, THIRD}
    assert [sql for sql in asked if "inbox.raw" in sql] == []


async def test_while_a_program_sends_for_it_nothing_is_given_up(town: Village) -> None:
    ours, theirs = [await town.work(lambda uow: uow.leases.enter("a program", MONDAY)) for _ in range(2)]
    await town.work(lambda uow: uow.leases.hold(theirs, f"courier {BOT}"))

    assert await town.work(_retire, BOT, ours, MONDAY) is None

    assert (await the_chat(town, BOT, WANG)).state is ChatState.OK


async def test_when_it_comes_back_its_chats_are_tried_again_once(town: Village) -> None:
    """Those that others lost are not touched, nor is anything when it had not been given up."""
    await town.work(lambda uow: uow.chats.meet(OTHER, 999, ChatKind.PRIVATE, "", ChatState.GONE))
    assert await town.work(membership.reinstate, BOT) == 0
    gone = await town.work(_retire, BOT, None, MONDAY)
    assert gone is not None

    assert [await town.work(membership.reinstate, bot) for bot in (OTHER, BOT, BOT)] == [0, gone[0], 0]
    assert (await the_chat(town, BOT, WANG)).state is ChatState.OK
    assert (await the_chat(town, OTHER, 999)).state is ChatState.GONE
