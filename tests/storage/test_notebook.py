from dataclasses import replace
from datetime import timedelta

import pytest

from routing.model import CaseId, ChatId, ChatKind, ChatState, PersonId, UnitCode
from routing.ports import Code, Draft, Prompt
from storage.store import Store
from storage.stores import Stores
from tests.storage.conftest import MINUTE, NOON, a_chat

LI, WANG = PersonId(1), PersonId(2)
DRAFT = Draft("100:1", LI, ChatId(100), "album", NOON, {"text": "灯", "photos": ["a", "b"], "n": 1.5, "yes": True})
CODE = Code("bind", UnitCode("g1"), {"kind": "residents"}, NOON + MINUTE, once=True)


async def test_a_draft_survives_and_is_replaced_by_its_key(store: Store) -> None:
    await store.work(lambda s: s.notebook.keep_draft(DRAFT))
    assert await store.read(lambda s: s.notebook.draft(DRAFT.key)) == DRAFT

    later = replace(DRAFT, at=NOON + MINUTE)
    await store.work(lambda s: s.notebook.keep_draft(later))
    assert await store.read(lambda s: s.notebook.draft(DRAFT.key)) == later

    await store.work(lambda s: s.notebook.drop_draft(DRAFT.key))
    assert await store.read(lambda s: s.notebook.draft(DRAFT.key)) is None


async def test_only_untouched_drafts_of_a_step_are_due(store: Store) -> None:
    def keep(stores: Stores) -> None:
        stores.notebook.keep_draft(replace(DRAFT, key="new", at=NOON + MINUTE))
        stores.notebook.keep_draft(replace(DRAFT, key="old", at=NOON - MINUTE))
        stores.notebook.keep_draft(DRAFT)
        stores.notebook.keep_draft(replace(DRAFT, key="other", step="text"))

    await store.work(keep)

    due = await store.read(lambda s: s.notebook.drafts_due("album", NOON + MINUTE, 9))
    assert [draft.key for draft in due] == ["old", DRAFT.key]
    assert len(await store.read(lambda s: s.notebook.drafts_due("album", NOON + MINUTE, 1))) == 1


def a_prompt(key: str, chat: ChatId, minutes: int = 0, message_id: int | None = None) -> Prompt:
    at = NOON + timedelta(minutes=minutes)
    return Prompt(key, LI, chat, "note", CaseId(9), at, at + MINUTE, {"k": 1}, message_id)


async def test_a_reply_answers_the_question_it_replies_to_and_no_other(store: Store) -> None:
    def ask(stores: Stores) -> ChatId:
        chat = a_chat(stores)
        stores.notebook.ask(a_prompt("by id", chat, message_id=10))
        stores.notebook.ask(a_prompt("by carrier", chat, 1))
        stores.outbox.adopt("by carrier", chat, 11)
        return chat

    chat = await store.work(ask)

    assert await store.read(lambda s: s.notebook.prompt_for(chat, LI, 10)) == a_prompt("by id", chat, 0, 10)
    assert await store.read(lambda s: s.notebook.prompt_for(chat, LI, 11)) == a_prompt("by carrier", chat, 1)
    assert await store.read(lambda s: s.notebook.prompt_for(chat, LI, 12)) is None
    assert await store.read(lambda s: s.notebook.prompt_for(chat, WANG, 10)) is None
    assert await store.read(lambda s: s.notebook.prompt_for(chat, LI, None)) is None, "a group is no private chat"


async def test_a_question_is_unplaced_until_its_message_is_recorded(store: Store) -> None:
    def ask(stores: Stores) -> ChatId:
        chat = a_chat(stores)
        stores.notebook.ask(a_prompt("placed by id", chat, 2, message_id=10))
        stores.notebook.ask(a_prompt("to be placed", chat, 1))
        return chat

    chat = await store.work(ask)
    assert await store.read(lambda s: s.notebook.unplaced_prompt(chat, LI)) == a_prompt("to be placed", chat, 1)
    assert await store.read(lambda s: s.notebook.unplaced_prompt(chat, WANG)) is None

    await store.work(lambda s: s.outbox.adopt("to be placed", chat, 11))
    assert await store.read(lambda s: s.notebook.unplaced_prompt(chat, LI)) is None


async def test_in_private_what_replies_to_nothing_answers_the_newest_question(store: Store) -> None:
    def ask(stores: Stores) -> ChatId:
        chat = stores.chats.meet(7, 42, ChatKind.PRIVATE, "", ChatState.OK).id
        stores.notebook.ask(a_prompt("newer", chat, 1))
        stores.notebook.ask(a_prompt("older", chat, 0))
        return chat

    def purpose(stores: Stores) -> str | None:
        prompt = stores.notebook.prompt_for(chat, LI, None)
        return prompt.key if prompt else None

    chat = await store.work(ask)
    assert await store.read(purpose) == "newer"
    assert [p.key for p in await store.read(lambda s: s.notebook.prompts_in(chat, LI))] == ["older", "newer"]
    assert await store.read(lambda s: s.notebook.prompts_in(chat, WANG)) == []

    await store.work(lambda s: s.notebook.answered("newer"))
    assert await store.read(purpose) == "older"


async def test_a_code_is_known_by_its_digest_only(store: Store) -> None:
    await store.work(lambda s: s.notebook.issue_code("the-secret", CODE))

    assert await store.read(lambda s: s.notebook.code("the-secret")) == CODE
    assert await store.read(lambda s: s.notebook.code("a guess")) is None
    rows = await store.read(lambda s: s.connection.exec_driver_sql("SELECT * FROM codes").all())
    assert "the-secret" not in repr(rows)


@pytest.mark.parametrize(("once", "used"), [(True, NOON), (False, None)])
async def test_only_a_once_only_code_is_spent_and_its_first_use_stays(store: Store, once: bool, used: object) -> None:
    await store.work(lambda s: s.notebook.issue_code("x", replace(CODE, once=once)))
    await store.work(lambda s: s.notebook.spend_code("x", NOON))
    await store.work(lambda s: s.notebook.spend_code("x", NOON + MINUTE))

    found = await store.read(lambda s: s.notebook.code("x"))
    assert found is not None
    assert found.used_at == used


async def test_a_mark_is_made_once(store: Store) -> None:
    assert await store.work(lambda s: s.notebook.once("welcome:1", NOON))
    assert not await store.work(lambda s: s.notebook.once("welcome:1", NOON + MINUTE))
    assert await store.work(lambda s: s.notebook.once("welcome:2", NOON))


async def test_a_counter_counts_within_its_window_and_starts_again_in_a_newer_one(store: Store) -> None:
    windows = [NOON, NOON, NOON + MINUTE, NOON, NOON + MINUTE]

    counts = [await store.work(lambda s, w=w: s.notebook.count("reports:1", w)) for w in windows]  # type: ignore[misc]  # one window per work

    assert counts == [1, 2, 1, 2, 3]
    assert await store.work(lambda s: s.notebook.count("reports:2", NOON)) == 1


async def test_a_counter_starts_again_when_the_clock_was_set_back(store: Store) -> None:
    windows = [NOON, NOON, NOON - 2 * 24 * 60 * MINUTE, NOON - 2 * 24 * 60 * MINUTE]

    counts = [await store.work(lambda s, w=w: s.notebook.count("reports:1", w)) for w in windows]  # type: ignore[misc]  # one window per work

    assert counts == [1, 2, 1, 2]


async def test_a_setting_is_written_and_deleted(store: Store) -> None:
    await store.work(lambda s: s.notebook.set_setting("offset", "5"))
    await store.work(lambda s: s.notebook.set_setting("offset", "6"))
    assert await store.read(lambda s: s.notebook.setting("offset")) == "6"

    await store.work(lambda s: s.notebook.set_setting("offset", None))
    assert await store.read(lambda s: s.notebook.setting("offset")) is None
