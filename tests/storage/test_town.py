"""Units, people, households and chats."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from routing.model import (
    Appointment,
    CaseId,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    Household,
    PersonId,
    Post,
    Unit,
    UnitCode,
    UnitKind,
    WordsKind,
)
from routing.ports import Draft, Lane, Promise, Prompt
from storage.store import Store
from storage.stores import Stores
from storage.tables import metadata
from tests.storage.conftest import NOON, a_case, a_chat

CITY, STREET, COMMUNITY, GRID = (UnitCode(code) for code in ("z-city", "m-street", "b-community", "a-grid"))
UNITS = [
    Unit(CITY, "市", "city", None, UnitKind.OFFICE),
    Unit(STREET, "街道", "street", CITY, UnitKind.OFFICE, phone="8000"),
    Unit(COMMUNITY, "社区", "community", STREET, UnitKind.OFFICE),
    Unit(GRID, "网格", "grid", COMMUNITY, UnitKind.BASIC, 300, ("1号楼", "2号楼"), "路南", "8001", quiet_offer=False),
]
HOME = Household("h1", GRID, "1号楼", "2单元", "302", "ABCD2345")


def a_town(stores: Stores) -> None:
    for unit in reversed(UNITS):
        stores.units.put(unit)


async def test_the_tree_is_told_parents_first_whatever_the_codes(store: Store) -> None:
    await store.work(a_town)

    assert await store.read(lambda s: s.units.all()) == UNITS
    assert await store.read(lambda s: s.units.below(STREET)) == UNITS[1:]
    assert await store.read(lambda s: s.units.below(UnitCode("nowhere"))) == []
    assert await store.read(lambda s: s.units.children(STREET)) == [UNITS[2]]
    assert await store.read(lambda s: s.units.children(GRID)) == []


async def test_the_way_up_ends_at_the_top(store: Store) -> None:
    await store.work(a_town)

    assert await store.read(lambda s: s.units.path(GRID)) == tuple(reversed(UNITS))
    assert await store.read(lambda s: s.units.above(GRID)) == UNITS[2]
    assert await store.read(lambda s: s.units.above(CITY)) is None
    assert await store.read(lambda s: s.units.find(UnitCode("nowhere"))) is None
    with pytest.raises(LookupError, match="nowhere"):
        await store.read(lambda s: s.units.get(UnitCode("nowhere")))


async def test_a_circle_in_the_tree_is_an_error_and_no_endless_loop(store: Store) -> None:
    await store.work(a_town)
    await store.work(lambda s: s.units.put(replace(UNITS[0], parent=GRID)))

    with pytest.raises(LookupError, match="above itself"):
        await store.read(lambda s: s.units.path(GRID))
    assert len(await store.read(lambda s: s.units.all())) == 4
    assert len(await store.read(lambda s: s.units.below(GRID))) == 4


async def test_a_changed_unit_is_seen_in_the_same_transaction(store: Store) -> None:
    def change(stores: Stores) -> Unit:
        a_town(stores)
        stores.units.get(GRID)
        stores.units.put(replace(UNITS[3], name="新名"))
        return stores.units.get(GRID)

    assert (await store.work(change)).name == "新名"


async def test_a_person_is_met_once_and_kept_fresh(store: Store) -> None:
    first = await store.work(lambda s: s.people.meet(42, "小李", None))
    again = await store.work(lambda s: s.people.meet(42, "李姐", "zh-hans"))
    silent = await store.work(lambda s: s.people.meet(42, "李姐", None))

    assert again == silent == replace(first, name="李姐", lang="zh-hans")
    assert await store.read(lambda s: s.people.get(first.id)) == again


async def test_their_own_choice_of_language_is_stronger(store: Store) -> None:
    person = await store.work(lambda s: s.people.meet(42, "Li", "zh"))
    await store.work(lambda s: s.people.set_lang(person.id, "en"))

    assert (await store.work(lambda s: s.people.meet(42, "Li", "zh"))).lang == "en"


async def test_posts_are_given_once_and_workers_stand_first(store: Store) -> None:
    li, wang = PersonId(1), PersonId(2)
    leads = Appointment(li, GRID, Post.LEADER, "李")
    works = Appointment(wang, GRID, Post.WORKER, "王", "8002", COMMUNITY)
    elsewhere = Appointment(li, STREET, Post.SUPERVISOR, "李")

    def appoint(stores: Stores) -> None:
        for one in (leads, works, elsewhere, leads):
            stores.people.appoint(one)

    await store.work(appoint)

    assert await store.read(lambda s: s.people.staff_of(GRID)) == [works, leads]
    assert await store.read(lambda s: s.people.posts_of(li)) == [leads, elsewhere]

    await store.work(lambda s: s.people.dismiss(li, GRID))
    assert await store.read(lambda s: s.people.posts_of(li)) == [elsewhere]


async def test_a_person_has_one_home_and_a_home_many_people(store: Store) -> None:
    li, wang = PersonId(1), PersonId(2)

    def bind(stores: Stores) -> None:
        stores.people.put_household(HOME)
        stores.people.put_household(replace(HOME, code="h2", room="301", door_code="EFGH2345"))
        stores.people.join_household(li, "h2", NOON)
        stores.people.join_household(li, "h1", NOON)
        stores.people.join_household(li, "h1", NOON)
        stores.people.join_household(wang, "h1", NOON)

    await store.work(bind)

    assert await store.read(lambda s: s.people.household_of(li)) == HOME
    assert await store.read(lambda s: s.people.members_of("h1")) == {li, wang}
    assert await store.read(lambda s: s.people.household_by_door_code("ABCD2345")) == HOME
    assert [home.room for home in await store.read(lambda s: s.people.households_in(GRID))] == ["301", "302"]

    await store.work(lambda s: s.people.leave_household(li))
    assert await store.read(lambda s: s.people.household_of(li)) is None


async def test_of_an_erased_person_nothing_is_left_in_any_table(store: Store) -> None:
    def tell_all(stores: Stores) -> PersonId:
        person = stores.people.meet(424242, "Taint-Name", "zh")
        chat = stores.chats.meet(7, 424242, ChatKind.PRIVATE, "Taint-Title", ChatState.OK)
        stores.people.appoint(Appointment(person.id, GRID, Post.WORKER, "Taint-Post", "Taint-Phone"))
        stores.people.put_household(HOME)
        stores.people.join_household(person.id, HOME.code, NOON)
        stores.notebook.keep_draft(Draft("d", person.id, chat.id, "text", NOON, {"text": "Taint-Draft"}))
        stores.outbox.promise(Promise("k", chat.id, "hello", {"name": "Taint-Param"}))
        return person.id

    person = await store.work(tell_all)
    await store.work(lambda s: s.people.erase(person, NOON))

    def everything(stores: Stores) -> str:
        return repr([stores.connection.execute(select(table)).all() for table in metadata.sorted_tables])

    left = await store.read(everything)
    assert "Taint" not in left
    assert "424242" not in left
    assert await store.read(lambda s: s.people.get(person)) is None
    assert (await store.read(lambda s: s.sending.stats())).by_state == {"rejected": 1}


async def test_a_chat_is_met_once_and_its_state_is_kept(store: Store) -> None:
    chat = await store.work(lambda s: s.chats.meet(7, -100, ChatKind.UNBOUND, "老名", ChatState.OK))
    await store.work(lambda s: s.chats.bind(chat.id, ChatKind.RESIDENTS, GRID))
    await store.work(lambda s: s.chats.set_state(chat.id, ChatState.MUTED))

    again = await store.work(lambda s: s.chats.meet(7, -100, ChatKind.UNBOUND, "新名", ChatState.OK))

    assert again == Chat(chat.id, 7, -100, ChatKind.RESIDENTS, ChatState.MUTED, "新名", GRID)
    assert await store.read(lambda s: s.chats.of_unit(GRID, ChatKind.RESIDENTS)) == again
    assert await store.read(lambda s: s.chats.of_unit(GRID, ChatKind.DESK)) is None
    assert await store.read(lambda s: s.chats.all()) == [again]


async def test_the_same_telegram_chat_seen_by_two_bots_is_two_chats(store: Store) -> None:
    one, two = await store.work(lambda s: (a_chat(s, -100, bot=7), a_chat(s, -100, bot=8)))

    assert one != two


async def test_a_second_chat_for_the_same_grid_is_refused(store: Store) -> None:
    def bind(stores: Stores, telegram_id: int) -> None:
        stores.chats.bind(a_chat(stores, telegram_id), ChatKind.RESIDENTS, GRID)

    await store.work(bind, -100)
    with pytest.raises(IntegrityError):
        await store.work(bind, -200)
    assert await store.read(lambda s: s.chats.find(7, -200)) is None


async def test_a_private_chat_belongs_to_its_person_and_speaks_their_language(store: Store) -> None:
    def meet(stores: Stores) -> PersonId:
        stores.chats.meet(7, 42, ChatKind.PRIVATE, "Li", ChatState.NEVER_STARTED)
        return stores.people.meet(42, "Li", "en").id

    person = await store.work(meet)
    assert await store.read(lambda s: s.chats.private(person)) is None

    met = await store.work(lambda s: s.chats.meet(7, 42, ChatKind.PRIVATE, "Li", ChatState.OK))
    assert met.state is ChatState.NEVER_STARTED
    await store.work(lambda s: s.chats.set_state(met.id, ChatState.OK))
    chat = await store.read(lambda s: s.chats.private(person))
    assert chat is not None
    assert (chat.person, chat.lang, chat.title) == (person, "en", "")

    await store.work(lambda s: s.chats.meet(7, 42, ChatKind.PRIVATE, "Li", ChatState.NEVER_STARTED))
    assert await store.read(lambda s: s.chats.private(person)) == chat


async def test_a_group_that_became_a_supergroup_keeps_its_binding_and_what_it_is_to_be_told(store: Store) -> None:
    def before(stores: Stores) -> ChatId:
        chat = a_chat(stores, -100)
        stores.chats.bind(chat, ChatKind.RESIDENTS, GRID)
        stores.outbox.promise(Promise("k", chat, "card"))
        return chat

    def after(stores: Stores) -> Chat | None:
        twin = stores.chats.meet(7, -1001, ChatKind.UNBOUND, "new", ChatState.OK)
        stores.outbox.promise(Promise("k2", twin.id, "card"))
        return stores.chats.migrate(7, -100, -1001)

    chat = await store.work(before)
    moved = await store.work(after)

    assert moved is not None
    assert (moved.id, moved.telegram_id, moved.unit) == (chat, -1001, GRID)
    assert await store.read(lambda s: s.chats.find(7, -100)) == moved
    assert await store.read(lambda s: s.chats.find(7, -1001)) == moved
    (head,) = (await store.read(lambda s: s.sending.ready_heads(7, NOON, 9)))[Lane.ANSWER]
    assert head.telegram_id == -1001
    assert (await store.read(lambda s: s.sending.stats())).ready_by_lane == {Lane.ANSWER: 2}
    assert await store.work(lambda s: s.chats.migrate(7, -100, -1001)) == moved
    assert await store.work(lambda s: s.chats.migrate(7, -999, -1001)) is None


async def test_a_person_met_by_number_only_keeps_their_name(store: Store) -> None:
    def meet_twice(stores: Stores) -> tuple[str, str | None]:
        stores.people.meet(5, "Li Wei", "zh")
        met = stores.people.meet(5, "", None)
        return met.name, met.lang

    assert await store.work(meet_twice) == ("Li Wei", "zh")


async def test_no_number_of_an_old_message_names_one_in_the_supergroup(store: Store) -> None:
    def moves(stores: Stores) -> ChatId:
        chat, now = a_chat(stores, -100), NOON
        stores.cases.add(a_case())
        stores.words.put(CaseId(1001), WordsKind.REPORT, PersonId(5), now, "the lamp", (), chat, 5)
        stores.outbox.adopt("case:1001", chat, 6)
        stores.notebook.ask(
            Prompt("q", PersonId(5), chat, "note", CaseId(1001), now, now + timedelta(hours=1), message_id=7)
        )
        stores.outbox.promise(Promise("answer", chat, "say", reply_to=5))
        stores.outbox.promise(Promise("gone", chat, "gone", params={"message": 6}))
        twin = stores.chats.meet(7, -1001, ChatKind.UNBOUND, "new", ChatState.OK)
        stores.outbox.adopt("hello", twin.id, 2)
        stores.chats.migrate(7, -100, -1001)
        return chat

    chat = await store.work(moves)

    assert await store.read(lambda s: s.cases.by_message(chat, 5)) is None
    assert await store.read(lambda s: s.words.at(chat, 5)) is None
    assert [one.text for one in await store.read(lambda s: s.words.of(CaseId(1001)))] == ["the lamp"]
    assert await store.read(lambda s: s.outbox.carrier_of(chat, 6)) is None
    assert await store.read(lambda s: s.notebook.prompt_for(chat, PersonId(5), 7)) is None
    assert await store.read(lambda s: s.outbox.carrier_of(chat, 2)) == "hello"
    (head,) = (await store.read(lambda s: s.sending.ready_heads(7, NOON, 9)))[Lane.ANSWER]
    (sending,) = await store.work(lambda s: s.sending.start([head.id], NOON))
    assert (sending.promise.view, sending.promise.reply_to) == ("say", None)
    assert (await store.read(lambda s: s.sending.stats())).by_state == {"sending": 1, "expired": 1}
