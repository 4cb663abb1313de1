from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from routing.model import (
    Assist,
    AssistState,
    Case,
    CaseId,
    Place,
    Rating,
    RulingKind,
    Status,
    Told,
    UnitCode,
    Urgency,
    WordsId,
    WordsKind,
)
from routing.model import PersonId as P
from routing.refusals import NoSuchCase, Stale
from storage.store import Store
from storage.stores import Stores
from storage.tables import cases
from tests.storage.conftest import MINUTE, NOON, a_case, a_chat

FULL = a_case(
    7,
    status=Status.CLAIMED,
    urgency=Urgency.URGENT,
    version=3,
    confidential=True,
    reporter=P(5),
    beneficiary="her mother",
    place=Place("3号楼", 36.1, None),
    holder=P(6),
    rule="word:漏水",
    policy="default@1",
    designated=True,
    dispatched_at=NOON,
    responded_at=NOON + MINUTE,
    respond_due_at=NOON + 2 * MINUTE,
    due_at=NOON + 3 * MINUTE,
    provisional=True,
    overdue=True,
    waiting=True,
    resolved_at=NOON + 4 * MINUTE,
    archived_at=NOON + 5 * MINUTE,
    handler=UnitCode("g2"),
    solution=WordsId(9),
    reopened=1,
    rating_first=Rating.NOT_SATISFIED,
    rating_final=Rating.FAIR,
    calling=UnitCode("h"),
    calls=1,
    told=Told.NOT_REACHED,
    judged=True,
    extensions=2,
    suspensions=1,
    returned_by=(UnitCode("a"), UnitCode("b")),
    handovers=2,
    ruling=RulingKind.RETURN,
    rulers=(UnitCode("e"), UnitCode("f")),
    proposed=UnitCode("c"),
    assists=(Assist(UnitCode("d"), AssistState.LATE, NOON),),
    parent=CaseId(1),
    merged_into=CaseId(2),
    me_too=4,
    dispatcher=UnitCode("e"),
)


def test_the_columns_of_a_case_are_its_fields_in_order() -> None:
    assert [column.name for column in cases.columns][1:] == [field.name for field in fields(Case)]


@pytest.mark.parametrize("case", [a_case(), FULL], ids=["fresh", "full"])
async def test_a_case_comes_back_as_it_was_written(store: Store, case: Case) -> None:
    await store.work(lambda stores: stores.cases.add(case))

    assert await store.read(lambda stores: stores.cases.get(case.id)) == case
    assert await store.read(lambda stores: stores.cases.by_number(case.number)) == case


async def test_saving_counts_the_version_up_and_writes_every_field(store: Store) -> None:
    await store.work(lambda stores: stores.cases.add(a_case(7)))

    saved = await store.work(lambda stores: stores.cases.save(replace(FULL, version=0)))

    assert saved == replace(FULL, version=1)
    assert await store.read(lambda stores: stores.cases.get(FULL.id)) == saved


async def test_saving_over_a_move_that_was_made_meanwhile_is_stale(store: Store) -> None:
    read = a_case()
    await store.work(lambda stores: stores.cases.add(read))
    await store.work(lambda stores: stores.cases.save(replace(read, me_too=1)))

    with pytest.raises(Stale):
        await store.work(lambda stores: stores.cases.save(replace(read, me_too=5)))
    assert (await store.read(lambda stores: stores.cases.get(read.id))).me_too == 1


async def test_an_unknown_case_is_a_refusal(store: Store) -> None:
    with pytest.raises(NoSuchCase):
        await store.read(lambda stores: stores.cases.get(CaseId(404)))
    with pytest.raises(NoSuchCase):
        await store.read(lambda stores: stores.cases.by_number(404))


async def test_numbers_have_no_gap_after_a_filing_that_failed(store: Store) -> None:
    def fail(stores: Stores) -> None:
        stores.cases.next_number()
        raise NoSuchCase

    assert await store.work(lambda stores: stores.cases.next_number()) == 1
    with pytest.raises(NoSuchCase):
        await store.work(fail)
    assert await store.work(lambda stores: stores.cases.next_number()) == 2


async def _fill(store: Store, *some: Case) -> None:
    def add(stores: Stores) -> None:
        for case in some:
            stores.cases.add(case)

    await store.work(add)


def _due(number: int, minutes: int | None, **more: Any) -> Case:
    due = None if minutes is None else NOON + timedelta(minutes=minutes)
    return a_case(number, due_at=due, status=Status.CLAIMED, holder=P(6), **more)


async def test_a_worker_sees_what_they_owe_urgent_first_then_by_deadline(store: Store) -> None:
    await _fill(
        store,
        _due(1, 30),
        _due(2, 10),
        _due(3, 50, urgency=Urgency.URGENT),
        replace(_due(4, 5), status=Status.ARCHIVED),
        replace(_due(5, 5), holder=P(99)),
    )

    def numbers(stores: Stores, /, **page: int) -> list[int]:
        return [case.number for case in stores.cases.owed_by(P(6), **page)]

    assert await store.read(numbers, limit=10) == [3, 2, 1]
    assert await store.read(numbers, limit=1, offset=1) == [2]


async def test_a_unit_sees_what_it_may_rule_on_whoever_has_it_and_nothing_that_is_only_spelt_alike(
    store: Store,
) -> None:
    def asked(number: int, *rulers: str, **more: Any) -> Case:
        units = tuple(map(UnitCode, rulers))
        return replace(_due(number, number, **more), ruling=RulingKind.RETURN, rulers=units)

    await _fill(
        store,
        asked(1, "a"),
        asked(2, "b", "a"),
        asked(3, "ab"),
        asked(4, "_"),
        asked(5, "春_风"),
        replace(asked(6, "a"), status=Status.WITHDRAWN),
    )

    def numbers(stores: Stores, /, unit: str) -> list[int]:
        return [case.number for case in stores.cases.ruled_by(UnitCode(unit), limit=9)]

    assert await store.read(numbers, unit="a") == [1, 2]
    assert await store.read(numbers, unit="_") == [4]
    assert await store.read(numbers, unit="春_风") == [5]
    assert await store.read(numbers, unit="春一风") == []


async def test_a_unit_sees_its_open_cases_and_those_that_nobody_has(store: Store) -> None:
    units = [UnitCode("g1"), UnitCode("g2")]
    await _fill(
        store,
        _due(1, 30),
        replace(_due(2, 10), status=Status.OFFERED, holder=None, unit=UnitCode("g2")),
        replace(_due(3, 10), status=Status.WITHDRAWN),
        replace(_due(4, 10), unit=UnitCode("elsewhere")),
    )

    assert [c.number for c in await store.read(lambda s: s.cases.open_in(units, limit=9))] == [2, 1]
    assert [c.number for c in await store.read(lambda s: s.cases.offered_in(units, limit=9))] == [2]
    assert await store.read(lambda s: s.cases.open_in([], limit=9)) == []


async def test_a_reporter_sees_their_own_newest_first(store: Store) -> None:
    await _fill(store, a_case(1, reporter=P(5)), a_case(2, reporter=P(5)), a_case(3, reporter=P(6)))

    assert [c.number for c in await store.read(lambda s: s.cases.reported_by(P(5), limit=9))] == [2, 1]


async def test_only_unfinished_parts_count(store: Store) -> None:
    whole = a_case(1)
    await _fill(store, whole, a_case(2, parent=whole.id), a_case(3, parent=whole.id, status=Status.ARCHIVED), a_case(4))

    assert await store.read(lambda s: s.cases.open_parts(whole.id)) == 1


async def test_a_message_leads_to_its_case_by_words_or_by_card(store: Store) -> None:
    case = a_case()

    def fill(stores: Stores) -> Any:
        chat = a_chat(stores)
        stores.cases.add(case)
        stores.words.put(case.id, WordsKind.REPORT, P(5), NOON, "灯坏了", chat=chat, message_id=10)
        stores.words.put(case.id, WordsKind.MORE, P(5), NOON, "还没修", chat=chat, message_id=11)
        stores.outbox.adopt(f"case:{case.id}", chat, 12)
        stores.outbox.adopt(f"case:{case.id}:tell.rate:3", chat, 13)
        stores.outbox.adopt("pinned", chat, 14)
        stores.outbox.adopt("case:4040", chat, 15)
        return chat

    chat = await store.work(fill)
    found = [await store.read(lambda s, m=m: s.cases.by_message(chat, m)) for m in range(10, 17)]  # type: ignore[misc]  # one message per question

    assert found == [case, case, case, case, None, None, None]
