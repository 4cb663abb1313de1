"""Whatever people press and workers find: pressed + told + missing = target, in the rows and in the figures."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from broadcasts import answering
from broadcasts.answering import Heard
from broadcasts.model import CONFIRMED, Audience, Broadcast, BroadcastId, Class, Door, ReceiptState, State, TargetState
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import ChatId, ChatKind, ChatState, Household, PersonId, Unit, UnitCode, UnitKind
from routing.policy import Policy
from storage.broadcast_audit import BroadcastAudit
from storage.ids import ClockIds
from storage.numbers import CountedNumbers
from storage.stores import Setting, Stores
from tests.broadcasts.pressing import pressed
from tests.routing.village import MONDAY

GRIDS = (UnitCode("g1"), UnitCode("g2"))
HOMES = [f"{grid}-{door}" for grid in GRIDS for door in range(3)]
STRANGER = PersonId(99)
PRESSES = st.tuples(st.just("press"), st.sampled_from([*HOMES, "nowhere"]))
TAKEN_BACK = st.tuples(st.just("taken back"), st.sampled_from(HOMES))
FINDINGS = st.tuples(st.sampled_from([door.value for door in Door]), st.sampled_from([*HOMES, "nowhere"]))
STRANGERS = st.tuples(st.just("stranger"), st.sampled_from(GRIDS))
PEOPLE = [PersonId(number) for number in range(1, 7)]
NEW_HOMES = [f"{grid}-new" for grid in GRIDS]
MOVES = st.one_of(
    st.tuples(st.just("press"), st.sampled_from(PEOPLE), st.just("")),
    st.tuples(st.just("joins"), st.sampled_from(PEOPLE), st.sampled_from([*HOMES, *NEW_HOMES])),
    st.tuples(st.just("leaves"), st.sampled_from(PEOPLE), st.just("")),
    st.tuples(st.just("built"), st.just(PEOPLE[0]), st.sampled_from(NEW_HOMES)),
    st.tuples(st.just("carried over"), st.sampled_from(PEOPLE), st.sampled_from(HOMES)),
    st.tuples(st.sampled_from([door.value for door in Door]), st.sampled_from(PEOPLE), st.sampled_from(HOMES)),
)
"""What happens, to whom, and where."""


def _asked(uow: Stores) -> Broadcast:
    uow.units.put(Unit(UnitCode("s"), "s", "street", None, UnitKind.OFFICE))
    for grid in GRIDS:
        kind = UnitKind.BASIC if grid == "g1" else UnitKind.SPECIAL  # where each home is a unit that registered
        uow.units.put(Unit(grid, grid, "grid", UnitCode("s"), kind))
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
@given(history=st.lists(st.one_of(PRESSES, FINDINGS, TAKEN_BACK, STRANGERS), max_size=25))
def test_pressed_and_told_and_missing_are_the_target_always(
    connection: Connection, history: list[tuple[str, str]]
) -> None:
    rules = Policy.load(), Calendar.load(), Catalogue.load()
    setting = Setting("x", *rules, ClockIds(), lambda: MONDAY, CountedNumbers())
    with connection.begin() as transaction:
        uow = Stores(connection, setting)
        made = _asked(uow)
        for minute, (what, where) in enumerate(history):
            at = MONDAY + timedelta(minutes=minute)
            before = uow.receipts.get(made.id, where)
            if what == "press":
                first = pressed(uow, made.id, where, at)
                assert first == (before is not None and before.state in (ReceiptState.MISSING, ReceiptState.MOVED))
            elif what == "taken back":
                uow.receipts.take_back(made.id, where, STRANGER)
            elif what == "stranger":
                uow.receipts.strangers(made.id, [(STRANGER, where)], at)
            else:
                uow.receipts.door(made.id, where, Door(what), STRANGER, at)
            after = uow.receipts.get(made.id, where)
            if before is not None and before.state is ReceiptState.TOLD and what == "press":
                assert after == replace(before, state=ReceiptState.PRESSED, note=None, by=None)
            elif before is not None and before.state is ReceiptState.TOLD and what == "taken back":
                assert after == replace(before, state=ReceiptState.MISSING, note=None, at=None, by=None)
            elif before is not None and before.state in CONFIRMED:
                assert after == before  # a second answer changes nothing
        _counts_agree(connection, uow, made)
        transaction.rollback()


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=st.lists(MOVES, max_size=25))
def test_who_moves_in_or_out_or_elsewhere_meanwhile_changes_no_count(
    connection: Connection, history: list[tuple[str, PersonId, str]]
) -> None:
    """The target is who was asked: a new home is not, and one that changes its grid is counted where it was asked."""
    rules = Policy.load(), Calendar.load(), Catalogue.load()
    setting = Setting("x", *rules, ClockIds(), lambda: MONDAY, CountedNumbers())
    with connection.begin() as transaction:
        uow = Stores(connection, setting)
        made = _asked(uow)
        chat = uow.chats.meet(1, -1, ChatKind.RESIDENTS, "", ChatState.OK).id
        uow.chats.bind(chat, ChatKind.RESIDENTS, GRIDS[0])
        for minute, (what, who, where) in enumerate(history):
            at = MONDAY + timedelta(minutes=minute)
            home = uow.people.household_of(who)
            before = uow.receipts.get(made.id, home.code) if home else None
            match what:
                case "press":
                    heard = answering.press(uow, made.id, who, chat, at)
                    assert (heard is Heard.UNBOUND) == (home is None)
                    assert (heard is Heard.ELSEWHERE) == (home is not None and before is None)
                case "joins":
                    if uow.people.household(where) is not None:
                        uow.people.join_household(who, where, at)
                case "leaves":
                    uow.people.leave_household(who)
                case "built":
                    uow.people.put_household(Household(where, UnitCode(where[:2]), "2", "1", "1", where))
                case "carried over":
                    elsewhere = GRIDS[1] if where.startswith(GRIDS[0]) else GRIDS[0]
                    uow.people.put_household(Household(where, elsewhere, "1", "1", where, where))
                case _:
                    uow.receipts.door(made.id, where, Door(what), who, at)
        _counts_agree(connection, uow, made)
        transaction.rollback()


def _counts_agree(connection: Connection, uow: Stores, made: Broadcast) -> None:
    """The figures, the rows and the list of the missing say the same, and the audit finds nothing."""
    figures = uow.targets.figures(made.id)
    rows = [receipt.state for receipt, _ in uow.receipts.of(made.id)]
    missing = [home for grid in GRIDS for home in uow.receipts.missing(made.id, grid)]

    assert figures.pressed + figures.told + figures.missing == figures.target == len(HOMES) - figures.moved
    assert figures.pressed == rows.count(ReceiptState.PRESSED)
    assert figures.told == rows.count(ReceiptState.TOLD)
    assert figures.missing == len(missing) == rows.count(ReceiptState.MISSING)
    assert (figures.missing == 0) == (not missing)
    assert list(BroadcastAudit(connection, "x", MONDAY).found()) == []
