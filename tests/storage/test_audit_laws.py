"""Every law that a row and its log can show is asked by the audit, and every planted breach of one is found."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from routing import desk, hierarchy, merging, splitting
from routing.casework import Saying
from routing.events import (
    CalledBack,
    Claimed,
    DeadlinePassed,
    Dispatched,
    Escalated,
    Event,
    ExtensionAsked,
    ExtensionRuled,
    Noted,
    NoteKind,
    RatingLapsed,
    Released,
    Split,
    Supervised,
    SupervisionKind,
    Whistled,
)
from routing.model import (
    Appointment,
    CaseId,
    PersonId,
    Post,
    Rating,
    Status,
    TimerKind,
    Told,
    Unit,
    UnitCode,
    UnitKind,
    WordsId,
)
from routing.splitting import Task
from storage.audit import findings
from storage.store import Store
from storage.stores import Stores
from storage.tables import log
from tests.storage.conftest import MINUTE, NOON, lift
from tests.storage.test_audit import GRID, NOW, a_filed, a_town

POWER = UnitCode("power")
Family = dict[str, CaseId]


def a_family(stores: Stores) -> Family:
    """A whole with an open part, a case that was merged, one that was called for and extended, and one that rose."""
    resident, worker = a_town(stores)
    stores.units.put(Unit(POWER, "power", "department", UnitCode("street"), UnitKind.DEPARTMENT))
    leader = stores.people.meet(3, "书记", "zh").id
    stores.people.appoint(Appointment(leader, UnitCode("community"), Post.LEADER, "书记"))
    whole, merged, called, risen = (a_filed(stores, resident) for _ in range(4))
    at = NOON + MINUTE
    (part,) = splitting.cut(stores, whole.id, leader, [Task(GRID, Saying("断电"))], at)
    merging.merge(stores, merged.id, leader, whole.id, at)
    for case in (called, risen):
        desk.move(stores, case.id, Claimed(at=at, by=worker))
    desk.move(stores, called.id, Whistled(at=at, by=leader, units=(POWER,), place="东门", meet_at=NOON + 30 * MINUTE))
    desk.move(stores, called.id, ExtensionAsked(at=at, by=worker))
    desk.move(stores, called.id, ExtensionRuled(at=at, by=leader, approve=True))
    hierarchy.escalate(stores, risen.id, worker, Saying("解决不了"), at)
    return {"whole": whole.id, "part": part.id, "merged": merged.id, "called": called.id, "risen": risen.id}


async def _broken(store: Store) -> set[tuple[str, CaseId | None]]:
    return await store.read(lambda s: {(found.law, found.case) for found in findings(s, NOW)})


async def test_a_sound_family_has_no_findings(store: Store) -> None:
    await store.work(a_family)

    assert await store.read(lambda s: list(findings(s, NOW))) == []


BREACHES: list[tuple[str, str, str]] = [
    ("parts", "whole", "UPDATE cases SET parent = NULL WHERE id = {part}"),
    ("parts", "whole", "UPDATE cases SET status = 'archived' WHERE id = {whole}"),
    ("parts", "part", "UPDATE cases SET parent = 5 WHERE id = {part}"),
    ("parts", "risen", "UPDATE cases SET parent = id WHERE id = {risen}"),
    ("merged", "merged", "UPDATE cases SET merged_into = 5 WHERE id = {merged}"),
    ("merged", "merged", "UPDATE cases SET merged_into = NULL WHERE id = {merged}"),
    ("merged", "risen", "UPDATE cases SET merged_into = {whole} WHERE id = {risen}"),
    ("assists", "called", "UPDATE cases SET status = 'awaiting_rating' WHERE id = {called}"),
    ("holder", "called", "UPDATE cases SET holder = NULL WHERE id = {called}"),
    ("extended", "called", "UPDATE cases SET extensions = 3 WHERE id = {called}"),
    ("suspended", "risen", "UPDATE cases SET suspensions = 1 WHERE id = {risen}"),
    ("reopened", "risen", "UPDATE cases SET reopened = 2 WHERE id = {risen}"),
    ("returned", "risen", """UPDATE cases SET returned_by = '["g1","g1"]' WHERE id = {risen}"""),
    ("dispatcher", "risen", "UPDATE cases SET dispatcher = 'g1' WHERE id = {risen}"),
    ("dispatcher", "part", "UPDATE cases SET dispatcher = NULL WHERE id = {part}"),
    ("rated", "risen", "UPDATE cases SET rating_final = 'satisfied' WHERE id = {risen}"),
]


@pytest.mark.parametrize(("law", "whose", "breach"), BREACHES, ids=lambda value: str(value)[:40])
async def test_a_planted_breach_of_a_law_is_found(store: Store, law: str, whose: str, breach: str) -> None:
    ids = await store.work(a_family)
    sql = breach.format(**ids)

    assert await store.work(lambda s: s.connection.exec_driver_sql(sql).rowcount) > 0
    assert (law, ids[whose]) in await _broken(store)


LIES: list[tuple[str, str, type[Event], dict[str, object]]] = [
    # what is changed in a line of the log
    ("parts", "whole", Split, {"parts": []}),
    ("extended", "called", ExtensionRuled, {"approve": False}),
    ("ruler", "called", ExtensionRuled, {"unit": "g1"}),
    ("ruled", "risen", Dispatched, {"rule": ""}),
    ("ruled", "part", Dispatched, {"policy": ""}),
    ("reason", "risen", Escalated, {"words": None}),
]


@pytest.mark.parametrize(("law", "whose", "event", "lie"), LIES, ids=lambda value: str(value)[:40])
async def test_a_lie_in_the_log_breaks_the_law_as_well_as_the_chain(
    store: Store, law: str, whose: str, event: type[Event], lie: dict[str, object]
) -> None:
    ids = await store.work(a_family)

    def rewrite(stores: Stores) -> int:
        lift(stores)
        line = (log.c.case_id == ids[whose]) & (log.c.event == event.__name__)
        told = json.loads(stores.connection.execute(select(log.c.data).where(line)).scalars().first() or "")
        return stores.connection.execute(update(log).where(line).values(data=json.dumps({**told, **lie}))).rowcount

    assert await store.work(rewrite) > 0
    assert {(law, ids[whose]), ("chain", ids[whose])} <= await _broken(store)


async def test_what_happens_after_the_end_is_found(store: Store) -> None:
    ids = await store.work(a_family)
    after = Supervised(at=NOON + 2 * MINUTE, kind=SupervisionKind.NOTICE)
    await store.work(lambda stores: stores.log.append(ids["merged"], after, {}))

    assert ("over", ids["merged"]) in await _broken(store)


async def test_a_note_to_colleagues_that_stopped_the_response_clock_is_found(store: Store) -> None:
    ids = await store.work(a_family)
    at = NOON + 2 * MINUTE
    noted = Noted(at=at, by=PersonId(77), kind=NoteKind.NOTE)
    await store.work(lambda stores: stores.log.append(ids["called"], noted, {"responded_at": at}))

    assert ("answered", ids["called"]) in await _broken(store)


async def test_what_took_a_claim_from_nobody_silent_or_answered_by_itself_is_found(store: Store) -> None:
    ids = await store.work(a_family)
    at = NOON + 2 * MINUTE
    for event, change in (
        (Released(at=at), {}),
        (Claimed(at=at, by=PersonId(77)), {}),
        (DeadlinePassed(at=at, kind=TimerKind.HANDLE), {"responded_at": at}),
        (RatingLapsed(at=at), {"status": Status.AWAITING_RATING}),
        (ExtensionAsked(at=NOON + timedelta(days=300)), {}),
    ):
        await store.work(lambda stores, *line: stores.log.append(ids["called"], *line), event, change)
    laws = {law for law, case in await _broken(store) if case == ids["called"]}

    assert {"silence", "claimed", "answered", "reviewed", "extended"} <= laws


@pytest.mark.parametrize(
    ("owed", "words", "change"),
    [
        ("", WordsId(1), {}),
        ("street", None, {}),
        ("street", WordsId(1), {"rating_final": Rating.SATISFIED}),
    ],
    ids=["nobody owed it", "without a word", "made a rating"],
)
async def test_a_wrong_call_back_is_found(
    store: Store, owed: str, words: WordsId | None, change: dict[str, object]
) -> None:
    ids = await store.work(a_family)
    at = NOON + 2 * MINUTE

    async def lives(event: Event, change: dict[str, object]) -> None:
        await store.work(lambda stores: stores.log.append(ids["called"], event, change))

    await lives(DeadlinePassed(at=at, kind=TimerKind.RATE), {"calling": owed or None})
    call = CalledBack(at=at, by=PersonId(77), unit=UnitCode("street"), told=Told.SATISFIED, words=WordsId(1))
    await lives(call, {"calling": "street"} if owed else {})
    assert (("called", ids["called"]) in await _broken(store)) is (owed == "")

    await lives(replace(call, words=words), change)
    assert ("called", ids["called"]) in await _broken(store)
