"""Binding on a real database: who may issue, what is missing, and migrations told in either order."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from routing import admission, binding, membership, tries
from routing.binding import Standing
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.membership import Whereabouts
from routing.model import Appointment, Chat, ChatKind, ChatState, PersonId, Post, Unit, UnitCode, UnitKind
from routing.policy import Policy
from storage.store import Store
from storage.stores import Stores
from tests.databases import fresh_database

pytestmark = pytest.mark.usefixtures("engine")

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
BOT = 7
GOOD = Standing(admin=True, bot_pins=True, bot_hears=True)
CITY, STREET, WATER, GRID, MARKET = map(UnitCode, ("c", "c1", "water", "c1g1", "c1g2"))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(
        fresh_database(tmp_path / "town.db"),
        policy=Policy.load(),
        calendar=Calendar.load(),
        catalogue=Catalogue.load(),
    )
    await opened.work(_build)
    yield opened
    await opened.close()


def _build(uow: Stores) -> None:
    for code, level, parent, kind in (
        (CITY, "city", None, UnitKind.OFFICE),
        (STREET, "street", CITY, UnitKind.OFFICE),
        (WATER, "department", CITY, UnitKind.DEPARTMENT),
        (GRID, "grid", STREET, UnitKind.BASIC),
        (MARKET, "grid", STREET, UnitKind.SPECIAL),
    ):
        uow.units.put(Unit(code, f"unit {code}", level, parent, kind))


def somebody(uow: Stores, unit: UnitCode, post: Post, number: int = 1) -> PersonId:
    person = uow.people.meet(number, f"person {number}", None).id
    uow.people.appoint(Appointment(person, unit, post, f"person {number}"))
    return person


def a_group(uow: Stores, number: int = -1, kind: ChatKind = ChatKind.UNBOUND) -> Chat:
    return uow.chats.meet(BOT, number, kind, "a group", ChatState.OK)


def desk(uow: Stores, unit: UnitCode, number: int = -900) -> Chat:
    chat = a_group(uow, number)
    uow.chats.bind(chat.id, ChatKind.DESK, unit)
    return chat


def promised(uow: Stores, chat: Chat) -> list[str]:
    sql = text("SELECT params FROM outbox WHERE chat = :chat ORDER BY id")
    return list(uow.connection.execute(sql, {"chat": chat.id}).scalars())


@pytest.mark.parametrize(
    ("unit", "post", "wanted", "allowed"),
    [
        (STREET, Post.LEADER, GRID, True),
        (STREET, Post.DISPATCHER, MARKET, True),
        (CITY, Post.ADMIN, GRID, True),
        (CITY, Post.LEADER, WATER, True),
        (CITY, Post.ADMIN, CITY, True),  # nobody is above the top
        (STREET, Post.WORKER, GRID, False),
        (STREET, Post.OBSERVER, GRID, False),
        (STREET, Post.LEADER, STREET, False),
        (GRID, Post.LEADER, GRID, False),
        (WATER, Post.LEADER, GRID, False),
    ],
)
async def test_a_code_comes_from_above(
    store: Store, unit: UnitCode, post: Post, wanted: UnitCode, allowed: bool
) -> None:
    def ask(uow: Stores) -> bool:
        return binding.may_issue(uow, somebody(uow, unit, post), wanted)

    assert await store.work(ask) is allowed


@pytest.mark.parametrize(
    ("unit", "kind"),
    [(GRID, ChatKind.RESIDENTS), (MARKET, ChatKind.RESIDENTS), (STREET, ChatKind.DESK), (WATER, ChatKind.DESK)],
)
async def test_grids_get_residents_chats_and_all_others_desks(store: Store, unit: UnitCode, kind: ChatKind) -> None:
    def bind(uow: Stores) -> tuple[ChatKind, UnitCode | None]:
        issued = binding.issue(uow, somebody(uow, CITY, Post.ADMIN), unit, NOON)
        worker = somebody(uow, unit, Post.WORKER, 2)
        binding.bind(uow, a_group(uow).id, worker, issued.secret, GOOD, "a_bot", NOON)
        chat = uow.chats.get(a_group(uow).id)
        return chat.kind, chat.unit

    assert await store.work(bind) == (kind, unit)


async def test_the_secret_itself_is_stored_nowhere_but_in_the_message(store: Store) -> None:
    def issue(uow: Stores) -> str:
        return binding.issue(uow, somebody(uow, CITY, Post.ADMIN), GRID, NOON).secret

    secret = await store.work(issue)

    def dump(uow: Stores) -> str:
        return str(uow.connection.exec_driver_sql("SELECT * FROM codes").all())

    assert secret not in await store.read(dump)


async def test_a_wrong_try_is_counted_because_it_is_returned(store: Store) -> None:
    def guess(uow: Stores) -> object:
        return binding.bind(uow, a_group(uow).id, somebody(uow, GRID, Post.WORKER), "WRNGCDE2", GOOD, "a_bot", NOON)

    for _ in range(tries.MOST):
        assert isinstance(await store.work(guess), admission.WrongCode)
    with pytest.raises(admission.TooManyTries) as refused:
        await store.work(guess)
    assert refused.value.values == {"minutes": 10}


async def test_a_guesser_waits_no_longer_because_the_clock_was_set_back(store: Store) -> None:
    def guess(uow: Stores, at: datetime) -> object:
        return binding.bind(uow, a_group(uow).id, somebody(uow, GRID, Post.WORKER), "WRNGCDE2", GOOD, "a_bot", at)

    for _ in range(tries.MOST):
        await store.work(guess, NOON)
    assert isinstance(await store.work(guess, NOON - timedelta(days=2)), admission.WrongCode)


async def test_one_guesser_does_not_hold_up_another(store: Store) -> None:
    def guess(uow: Stores, number: int) -> object:
        return binding.bind(uow, a_group(uow).id, PersonId(number), "WRNGCDE2", GOOD, "a_bot", NOON)

    for _ in range(tries.MOST):
        await store.work(guess, 1)
    assert isinstance(await store.work(guess, 2), admission.WrongCode)


@pytest.mark.parametrize(
    ("standing", "advice"),
    [
        (GOOD, []),
        (replace(GOOD, bot_admin=False), ['{"key":"bind.hint_joined"}']),
        (replace(GOOD, bot_admin=False, bot_hears=False), ['{"key":"bind.hint_hears"}']),
    ],
)
async def test_whoever_binds_learns_what_the_bot_may_not_hear(
    store: Store, standing: Standing, advice: list[str]
) -> None:
    def bind(uow: Stores) -> list[str]:
        worker, group = somebody(uow, GRID, Post.WORKER, 2), a_group(uow)
        secret = binding.issue(uow, somebody(uow, CITY, Post.ADMIN), GRID, NOON).secret
        binding.bind(uow, group.id, worker, secret, standing, "a_bot", NOON)
        return promised(uow, group)

    assert [params for params in await store.work(bind) if "hint" in params] == advice


async def test_missing_counts_the_unit_and_all_below_it(store: Store) -> None:
    def count(uow: Stores) -> tuple[int, int]:
        before = binding.missing(uow, CITY)
        uow.chats.bind(a_group(uow).id, ChatKind.RESIDENTS, GRID)
        return before, binding.missing(uow, CITY)

    assert await store.work(count) == (5, 4)


def news(chat: int, state: ChatState = ChatState.OK, **fields: bool) -> Whereabouts:
    given = {"private": False, "came": False, "lost_admin": False, "hears": False, **fields}
    return Whereabouts(bot=BOT, username="a_bot", chat=chat, title="a group", state=state, **given)


async def test_a_demotion_under_privacy_mode_is_told_above(store: Store) -> None:
    def demote(uow: Stores) -> list[str]:
        above = desk(uow, STREET)
        uow.chats.bind(a_group(uow).id, ChatKind.RESIDENTS, GRID)
        membership.follow(uow, news(-1, lost_admin=True), NOON)
        return promised(uow, above)

    assert "bind.above_demoted" in (await store.work(demote))[0]


async def test_at_the_top_the_units_own_people_hear_of_its_lost_desk(store: Store) -> None:
    def lose(uow: Stores) -> list[str]:
        desk(uow, CITY)
        mayor = somebody(uow, CITY, Post.LEADER, 5)
        uow.chats.meet(BOT, 5, ChatKind.PRIVATE, "", ChatState.OK)
        membership.follow(uow, news(-900, ChatState.KICKED), NOON)
        private = uow.chats.private(mayor)
        assert private is not None
        return promised(uow, private)

    assert "bind.above_kicked" in (await store.work(lose))[0]


async def test_a_stranger_who_blocks_the_bot_leaves_no_trace(store: Store) -> None:
    def block(uow: Stores) -> int:
        membership.follow(uow, news(77, ChatState.BLOCKED, private=True), NOON)
        return len(uow.chats.all())

    assert await store.work(block) == 0


@pytest.mark.parametrize("met_first", [False, True])
async def test_a_migration_is_told_twice_and_happens_once(store: Store, met_first: bool) -> None:
    """The new group may even have been met before anybody said that it is the old one."""

    def migrate(uow: Stores) -> tuple[int, int, list[str]]:
        above = desk(uow, STREET)
        old = a_group(uow)
        uow.chats.bind(old.id, ChatKind.RESIDENTS, GRID)
        if met_first:
            a_group(uow, -1002)
        for later in (0, 1):
            chat = membership.migrate(uow, BOT, "a_bot", -1, -1002, NOON + timedelta(seconds=later))
            assert chat is not None
            assert (chat.id, chat.unit) == (old.id, GRID)
        return uow.chats.get(old.id).telegram_id, len(uow.chats.all()), promised(uow, above)

    telegram_id, chats, told = await store.work(migrate)
    assert (telegram_id, chats) == (-1002, 2)
    assert len(told) == 1


async def test_news_of_the_place_that_a_group_left_does_not_hurt_it(store: Store) -> None:
    def leave(uow: Stores) -> ChatState:
        old = a_group(uow)
        uow.chats.bind(old.id, ChatKind.RESIDENTS, GRID)
        membership.migrate(uow, BOT, "a_bot", -1, -1002, NOON)
        membership.follow(uow, news(-1, ChatState.KICKED), NOON)
        return uow.chats.get(old.id).state

    assert await store.work(leave) is ChatState.OK


async def test_boards_go_up_where_they_are_missing_and_nowhere_else(store: Store) -> None:
    def put_up(uow: Stores) -> tuple[int, int]:
        desk(uow, STREET)
        served, bare = a_group(uow, -1), a_group(uow, -2)
        uow.chats.bind(served.id, ChatKind.RESIDENTS, GRID)
        uow.chats.bind(bare.id, ChatKind.RESIDENTS, MARKET)
        uow.outbox.adopt(binding.BOARD, served.id, 3)
        return binding.put_up_boards(uow, BOT, "a_bot", NOON), len(promised(uow, bare))

    assert await store.work(put_up) == (1, 1)
