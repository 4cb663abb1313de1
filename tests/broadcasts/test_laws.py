"""Whatever people press and workers find: pressed + told + missing = target, in the rows and in the figures."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine

from broadcasts.model import Audience, Broadcast, BroadcastId, Class, Door, ReceiptState, State, TargetState
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import ChatId, Household, PersonId, Unit, UnitCode, UnitKind
from routing.policy import Policy
from storage.broadcast_audit import BroadcastAudit
from storage.ids import ClockIds
from storage.numbers import CountedNumbers
from storage.stores import Setting, Stores
from storage.tables import metadata
from tests.broadcasts.pressing import pressed
from tests.routing.village import MONDAY

GRIDS = (UnitCode("g1"), UnitCode("g2"))
HOMES = [f"{grid}-{door}" for grid in GRIDS for door in range(3)]
STRANGER = PersonId(99)
PRESSES = st.tuples(st.just("press"), st.sampled_from([*HOMES, "nowhere"]))
FINDINGS = st.tuples(st.sampled_from([door.value for door in Door]), st.sampled_from([*HOMES, "nowhere"]))
STRANGERS = st.tuples(st.just("stranger"), st.sampled_from(GRIDS))


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def _asked(uow: Stores) -> Broadcast:
    uow.units.put(Unit(UnitCode("s"), "s", "street", None, UnitKind.OFFICE))
    for grid in GRIDS:
        uow.units.put(Unit(grid, grid, "grid", UnitCode("s"), UnitKind.BASIC))
    for home in HOMES:
        uow.people.put_household(Household(home, UnitCode(home[:2]), "1", "1", home, home))
    made = Broadcast(
        id=BroadcastId(uow.ids.new()),
        number=uow.broadcasts.next_number(),
        state=State.CHASING,
        kind=Class.NOTICE,
        unit=UnitCode("s"),
        author=None,
        chat=ChatId(1),
        drafted_at=MONDAY,
        audience=Audience(UnitCode("s")),
        next_at=MONDAY,
    )
    uow.broadcasts.add(made)
    uow.targets.aim(made)
    for target in uow.targets.at(made.id, TargetState.WAITING, 9):
        uow.receipts.ask(target)
    return made


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=st.lists(st.one_of(PRESSES, FINDINGS, STRANGERS), max_size=25))
def test_pressed_and_told_and_missing_are_the_target_always(
    connection: Connection, history: list[tuple[str, str]]
) -> None:
    rules = Policy.load(), Calendar.load(), Catalogue.load()
    setting = Setting("x", *rules, ClockIds(), lambda: MONDAY, CountedNumbers())
    transaction = connection.begin()
    uow = Stores(connection, setting)
    made = _asked(uow)
    for minute, (what, where) in enumerate(history):
        at = MONDAY + timedelta(minutes=minute)
        before = uow.receipts.get(made.id, where)
        if what == "press":
            first = pressed(uow, made.id, where, STRANGER, at)
            assert first == (before is not None and before.state in (ReceiptState.MISSING, ReceiptState.MOVED))
        elif what == "stranger":
            uow.receipts.strangers(made.id, [(STRANGER, where)], at)
        else:
            uow.receipts.door(made.id, where, Door(what), STRANGER, at)
        after = uow.receipts.get(made.id, where)
        if before is not None and before.state in (ReceiptState.PRESSED, ReceiptState.TOLD):
            assert after == before  # a second answer changes nothing
    figures = uow.targets.figures(made.id)
    rows = [receipt.state for receipt, _ in uow.receipts.of(made.id)]
    missing = [home for grid in GRIDS for home in uow.receipts.missing(made.id, grid)]

    assert figures.pressed + figures.told + figures.missing == figures.target == len(HOMES) - figures.moved
    assert figures.pressed == rows.count(ReceiptState.PRESSED)
    assert figures.told == rows.count(ReceiptState.TOLD)
    assert figures.missing == len(missing) == rows.count(ReceiptState.MISSING)
    assert (figures.missing == 0) == (not missing)
    assert list(BroadcastAudit(connection, "x").found()) == []
    transaction.rollback()
