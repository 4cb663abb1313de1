"""What runs every second, or for every update, must not grow with what is stored."""

from typing import Any

import pytest
from sqlalchemy import Executable, event

from broadcasts.model import TargetState
from routing.model import ChatKind, TimerKind
from routing.ports import Lane
from storage import (
    backlog,
    broadcasts,
    cases,
    chats,
    inbox,
    log,
    measuring,
    notebook,
    outbox,
    people,
    receipts,
    sending,
    targets,
    timers,
    words,
)
from storage.many import Among
from storage.part import Part
from storage.store import Store
from storage.stores import Stores
from tests.databases import SQLITE, watching
from tests.storage.conftest import NOON


@pytest.fixture
def engine() -> str:
    return SQLITE


def plan(stores: Stores, statement: Any, values: dict[str, Any]) -> list[str]:
    """What the engine says it will do for the very statement that the program runs."""
    steps: list[str] = []

    def look(sql: str, arguments: Any) -> None:
        if not steps:
            found = stores.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(arguments))
            steps.extend(row[-1] for row in found)

    def explain(_conn: Any, _cursor: Any, sql: str, arguments: Any, _context: Any, _many: bool) -> None:
        if not sql.startswith("EXPLAIN"):
            look(sql, arguments)

    part = Part(stores.connection, stores.city)
    if isinstance(statement, Among):
        event.listen(stores.connection, "before_cursor_execute", explain)
        part._among(statement, [1, 2], *values.values())
        event.remove(stores.connection, "before_cursor_execute", explain)
    else:
        with watching(look):
            part._run(statement, **values)
    return steps


@pytest.mark.parametrize(
    ("statement", "values", "index"),
    [
        (timers._DUE, {"now": NOON, "limit": 9}, "ix_timers_next"),
        (timers._STOP, {"case": 1, "kinds": [TimerKind.HANDLE]}, "pk_timers|sqlite_autoindex_timers"),
        (inbox._PENDING, {"limit": 9}, "ix_inbox_pending"),
        (inbox._OLDEST, {}, "ix_inbox_pending"),
        (inbox._WAITING, {}, "ix_inbox_pending|ix_inbox_chat"),
        (inbox._SET_ASIDE_COUNT, {}, "ix_inbox_poison"),
        (backlog._READY_BY_LANE, {}, "ix_outbox_ready"),
        (measuring._DUE, {"now": NOON, "limit": 9}, "ix_timers_next"),
        (measuring._RUNNING, {}, "ix_broadcasts_next"),
        (cases._OWED, {"person": 1, "limit": 9, "offset": 0}, "ix_cases_open_holder"),
        (cases._OPEN, {"units": ["a", "b"], "limit": 9, "offset": 0}, "ix_cases_open_unit"),
        (cases._REPORTED, {"person": 1, "limit": 9, "offset": 0}, "ix_cases_reporter"),
        (cases._JUDGED, {"units": ["a", "b"], "limit": 9, "offset": 0}, "ix_cases_judged"),
        (cases._RULED, {"named": '%"a"%', "limit": 9, "offset": 0}, "ix_cases_ruled"),
        (cases._CALLED, {"unit": "a", "limit": 9, "offset": 0}, "ix_cases_calling"),
        (cases._LATE, {"units": ["a", "b"], "now": NOON, "limit": 9, "offset": 0}, "ix_cases_open_unit"),
        (cases._LATE_BY_LAW, {"units": ["a", "b"], "limit": 9, "offset": 0}, "ix_cases_open_unit"),
        (cases._PARTS, {"id": 1}, "ix_cases_parent"),
        (cases._ALL_PARTS, {"id": 1}, "ix_cases_parent"),
        (cases._MERGED, {"id": 1}, "ix_cases_merged"),
        (cases._OLD_WITH_REPORTER, {"before": NOON}, "ix_cases_ended"),
        (cases._OLD_WITH_WORDS, {"before": NOON}, "ix_words_kept"),
        (cases._SAID, {"chat": 1, "message_id": 1}, "ix_words_message"),
        (sending._HEADS, {"bot": 1, "lane": Lane.CARD, "now": NOON, "skip": [5], "limit": 9}, "ix_outbox_ready"),
        (sending._EXPIRE, {"now": NOON}, "ix_outbox_expiry"),
        (sending._IN_FLIGHT, {"bot": 1}, "ix_outbox_sending"),
        (sending._BLOCK, {"chat": 1, "reason": "x", "now": NOON}, "ix_outbox_live|ix_outbox_ready"),
        (backlog._PURGE, {"before": NOON}, "ix_outbox_finished"),
        (inbox._PURGE, {"before": NOON}, "ix_inbox_done"),
        (words._OF, {"case": 1}, "ix_words_case"),
        (words._AT, {"chat": 1, "message_id": 1}, "ix_words_message"),
        (words._ERASE, {"person": 1}, "ix_words_author"),
        (log._LAST, {"case": 1}, "autoindex_log"),
        (log._OF, {"case": 1}, "autoindex_log"),
        (cases._BY_NUMBER, {"number": 1}, "uq_cases_number"),
        (chats._FIND, {"bot": 1, "telegram_id": 1}, "uq_chats_telegram"),
        (chats._OF_UNIT, {"unit": "a", "kind": ChatKind.DESK}, "uq_chats_unit"),
        (people._SEEN, {"telegram_id": 1}, "uq_people_telegram"),
        (people._STAFF_OF, {"unit": "a"}, "ix_appointments_unit"),
        (people._POSTS_OF, {"person": 1}, "autoindex_appointments"),
        (people._MEMBERS_OF, {"code": "a"}, "ix_members_household"),
        (people._HOME_BY_DOOR, {"door_code": "a"}, "uq_households_door_code"),
        (outbox._CARRIER_OF, {"chat": 1, "message_id": 1}, "uq_carriers_message"),
        (notebook._DRAFTS_DUE, {"step": "a", "before": NOON, "limit": 9}, "ix_drafts_step"),
        (notebook._NEWEST, {"chat": 1, "person": 1}, "ix_prompts_person"),
        (notebook._DROPPED, {"cases": [1, 2]}, "ix_prompts_case"),
        (notebook._REPLIED, {"chat": 1, "person": 1, "message_id": 1}, "ix_prompts_person"),
        (sending._NEWER, {"carrier": "c", "chat": 1}, "uq_outbox_carrier"),
        (broadcasts._DUE, {"now": NOON, "limit": 9}, "ix_broadcasts_next"),
        (targets._STALE, {"limit": 9}, "ix_targets_changed"),
        (targets._NEWS, {"id": 1}, "ix_targets_state"),
        (targets._AT, {"id": 1, "state": TargetState.WAITING, "limit": 9}, "ix_targets_state"),
        (receipts._ANSWERS, {"id": 1}, "autoindex_receipts"),
        (receipts._CONFIRM, {"id": 1, "asked": "a", "at": NOON}, "autoindex_receipts"),
        (receipts._STRANGERS, {"id": 1}, "autoindex_strangers"),
        (people._HOMES_OF, {}, "autoindex_members"),
        (people._SEEN_ALL, {}, "uq_people_telegram"),
        (receipts._MISSING, {"id": 1, "place": "a"}, "ix_receipts_place"),
        (receipts._SILENT, {"id": 1, "place": "a"}, "ix_members_household"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_statement_goes_through_its_index(
    store: Store, statement: Executable, values: dict[str, Any], index: str
) -> None:
    steps = await store.work(plan, statement, values)

    assert any(name in steps[0] for name in index.split("|")), steps
    assert not [step for step in steps if step.startswith("SCAN ") and "CONSTANT" not in step], steps


async def test_what_the_time_is_over_for_is_found_without_reading_what_has_been_erased(store: Store) -> None:
    steps = await store.work(plan, cases._EXPIRED, {"before": NOON, "limit": 9})

    assert any("ix_cases_ended" in step for step in steps), steps
    assert any("ix_words_kept" in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN ") and "CONSTANT" not in step], steps
    assert any("cases" in step and "id=?" in step for step in steps), steps


async def test_the_heads_of_a_lane_are_found_without_sorting(store: Store) -> None:
    values = {"bot": 1, "lane": Lane.CARD, "now": NOON, "skip": [5], "limit": 9}
    steps = await store.work(plan, sending._HEADS, values)

    assert not [step for step in steps if "TEMP B-TREE" in step], steps
    assert sum("ix_outbox_live" in step for step in steps) == 1, steps
    assert sum("ix_outbox_sending" in step for step in steps) == 1, steps


async def test_a_private_chat_is_found_from_its_person(store: Store) -> None:
    steps = await store.work(plan, chats._PRIVATE_OF, {"person": 1})

    assert all(step.startswith(("SEARCH", "USE TEMP")) for step in steps), steps
    assert not [step for step in steps if step.endswith("(city_id=?)")], steps
