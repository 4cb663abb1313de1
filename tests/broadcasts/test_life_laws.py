"""The laws of counts through whole lives of broadcasts: updates, ends, pauses, the chase, people who move meanwhile."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select, update

from broadcasts import answering, desk, lifecycle, rules, ticking
from broadcasts.model import (
    CONFIRMED,
    ENDS,
    Alert,
    Audience,
    Broadcast,
    BroadcastId,
    Class,
    Door,
    Figures,
    Level,
    Receipt,
    ReceiptState,
    State,
)
from broadcasts.ports import hours
from routing import residents
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import Appointment, ChatId, ChatKind, ChatState, Household, PersonId, Post, Unit, UnitCode, UnitKind
from routing.policy import Policy
from routing.refusals import Refusal
from storage.broadcast_audit import BroadcastAudit
from storage.ids import ClockIds
from storage.numbers import CountedNumbers
from storage.states import Delivery
from storage.stores import Setting, Stores
from storage.tables import outbox
from tests.routing.village import MONDAY

STREET: Final = UnitCode("s")
GRIDS: Final = (UnitCode("g1"), UnitCode("g2"))
HOMES: Final = [f"{grid}-{door}" for grid in GRIDS for door in range(2)]
NEW_HOMES: Final = [f"{grid}-new" for grid in GRIDS]
LEADER: Final = PersonId(50)
PEOPLE: Final = [PersonId(number) for number in range(1, 6)]
RULES: Final = Policy.load(), Calendar.load(), Catalogue.load()
HOURS: Final = rules.Hours(RULES[1], RULES[0].broadcasting)
ALERT: Final = Alert("snow", "station", MONDAY, MONDAY, "street", "much snow", "stay in")
MOST_LOOKS: Final = 20
"""So often the clock looks at most before nothing is due any more, with so few chats."""

WHO, HOME, DOOR = st.sampled_from(PEOPLE), st.sampled_from(HOMES), st.sampled_from(Door)
MINUTES, WHICH = st.sampled_from([0, 20, 80, 240, 1600]), st.integers(0, 3)
MOVES: Final = st.one_of(
    st.tuples(st.just("presses"), WHICH, WHO),
    st.tuples(st.just("presses"), WHICH, WHO),
    st.tuples(st.just("knocked"), WHICH, st.tuples(HOME, DOOR)),
    st.tuples(st.just("passes"), MINUTES, st.booleans()),
    st.tuples(st.just("passes"), MINUTES, st.booleans()),
    st.tuples(st.just("takes_back"), WHICH, HOME),
    st.tuples(st.sampled_from(["pauses", "resumes", "retries"]), WHICH, st.none()),
    st.tuples(st.just("cancels"), WHICH, st.none()),
    st.tuples(st.just("chases"), WHICH, st.integers(1, 3)),
    st.tuples(st.just("updates"), WHICH, st.sampled_from(["level", "action", "words"])),
    st.tuples(st.just("updates"), WHICH, st.just("words")),
    st.tuples(st.just("joins"), WHO, st.sampled_from([*HOMES, *NEW_HOMES])),
    st.tuples(st.just("leaves"), WHO, st.none()),
    st.tuples(st.just("built"), st.sampled_from(NEW_HOMES), st.none()),
    st.tuples(st.just("carried_over"), HOME, st.none()),
    st.tuples(st.just("merged"), HOME, HOME),
    st.tuples(st.just("asks_for_help"), WHICH, WHO),
    st.tuples(st.just("is_forgotten"), WHO, st.booleans()),
)
"""What happens, to which broadcast, person or home, and how."""
TWO_AT_ONCE: Final[list[tuple[str, Any, Any]]] = [
    ("joins", PEOPLE[0], HOMES[0]),
    ("presses", 0, PEOPLE[0]),
    ("updates", 0, "words"),
    ("updates", 0, "words"),
    ("passes", 0, False),
]
"""Two updates begin in one moment, and what was known comes to the second one, too."""
AT_NIGHT: Final[list[tuple[str, Any, Any]]] = [
    ("updates", 0, "level"),
    ("passes", 0, False),
    ("passes", 240, False),
    ("passes", 240, False),
    ("passes", 240, False),
    ("passes", 80, False),
    ("retries", 1, None),
    ("passes", 0, True),
]
"""What did not arrive is sent again when people sleep."""


@dataclass
class Told:
    """A street with two grids, whose moves are the use-cases, and whose messages all arrive or all fail."""

    uow: Stores
    chats: Mapping[str, ChatId]
    now: datetime = MONDAY
    made: list[BroadcastId] = field(default_factory=list)

    def presses(self, which: int, who: PersonId) -> None:
        """Somebody presses in the chat of the first grid."""
        answering.press(self.uow, self._one(which), who, self.chats["g1"], self.now)

    def asks_for_help(self, which: int, who: PersonId) -> None:
        """The same with the other button: somebody must come."""
        answering.need_help(self.uow, self._one(which), who, self.chats["g1"], "help", self.now)

    def is_forgotten(self, who: PersonId, withdraws: bool) -> None:
        """Somebody has everything erased that leads to them."""
        residents.forget(self.uow, who, self.now, withdraw=withdraws)

    def knocked(self, which: int, found: tuple[str, Door]) -> None:
        """The leader was at a door."""
        answering.knock(self.uow, self._one(which), found[0], found[1], LEADER, self.now)

    def takes_back(self, which: int, home: str) -> None:
        """It was the wrong door."""
        answering.take_back(self.uow, self._one(which), home, LEADER, self.now)

    def passes(self, minutes: int, arrives: bool) -> None:
        """Time passes; the clock looks until nothing is due, and what it promised has its outcome."""
        self.now += timedelta(minutes=minutes)
        for _ in range(MOST_LOOKS):
            due = [one for one in ticking.due(self.uow, self.now) if self._look(one, arrives)]
            if not due:
                return
        raise AssertionError("the clock never comes to an end")

    def pauses(self, which: int, _: None) -> None:
        """Nothing more of it for now."""
        desk.pause(self.uow, self._one(which), LEADER, self.now)

    def resumes(self, which: int, _: None) -> None:
        """It goes on."""
        desk.resume(self.uow, self._one(which), LEADER, self.now)

    def cancels(self, which: int, _: None) -> None:
        """It no longer holds."""
        desk.cancel(self.uow, self._one(which), LEADER, self.now)

    def retries(self, which: int, _: None) -> None:
        """Once more where it failed."""
        desk.retry(self.uow, self._one(which), LEADER, self.now)

    def chases(self, which: int, step: int) -> None:
        """A step of the chase before its time."""
        desk.chase(self.uow, self._one(which), step, LEADER, self.now)

    def updates(self, which: int, what: str) -> None:
        """Another message takes its place: of a higher level, with another action, or in other words."""
        before = self.uow.broadcasts.get(self._one(which))
        draft = desk.draft_update(self.uow, before.id, LEADER, self.chats["desk"], self.now)
        changes: dict[str, Any] = {"text": f"more {len(self.made)}"}
        if what == "level":
            changes["level"] = Level.YELLOW
        elif what == "action":
            changes["alert"] = replace(draft.alert, action=f"stay in {len(self.made)}")
        changes["expires_at"] = self.now + timedelta(days=1)
        desk.edit(self.uow, draft.id, LEADER, self.now, **changes)
        desk.submit(self.uow, draft.id, LEADER, self.now)
        self.made.append(draft.id)

    def joins(self, who: PersonId, home: str) -> None:
        """Somebody moves in."""
        if self.uow.people.household(home) is not None:
            self.uow.people.join_household(who, home, self.now)

    def leaves(self, who: PersonId, _: None) -> None:
        """Somebody moves out."""
        self.uow.people.leave_household(who)

    def built(self, home: str, _: None) -> None:
        """There is one door more."""
        self.uow.people.put_household(_door(home, UnitCode(home[:2])))

    def carried_over(self, home: str, _: None) -> None:
        """A door comes to the other grid."""
        known = self.uow.people.household(home)
        there = GRIDS[1] if known is not None and known.grid == GRIDS[0] else GRIDS[0]
        self.uow.people.put_household(_door(home, there))

    def merged(self, home: str, into: str) -> None:
        """Two doors were one: who is bound to the first belongs to the second."""
        for who in self.uow.people.members_of(home):
            self.uow.people.join_household(who, into, self.now)

    def _one(self, which: int) -> BroadcastId:
        return self.made[which % len(self.made)]

    def _look(self, broadcast: BroadcastId, arrives: bool) -> bool:
        """Let the clock look at it; whether there was anything to do. Everything promised arrives, or is blocked.

        Where the night holds it up nothing is promised to residents.
        """
        before = self._promised()
        done = ticking.look(self.uow, broadcast, self.now)
        current = self.uow.broadcasts.get(broadcast)
        wanted = current.state is not State.PAUSED and current.state not in ENDS
        outcome = (Delivery.SENT if arrives else Delivery.BLOCKED) if wanted else Delivery.EXPIRED
        changed = self.uow.connection.execute(
            update(outbox)
            .where(outbox.c.state == Delivery.READY, outbox.c.key.startswith(f"broadcast:{broadcast}:"))
            .values(state=outcome, message_id=outbox.c.id if outcome is Delivery.SENT else None)
        )
        night = rules.held_until(current, self.now, hours(self.uow, current)) is not None
        assert not night or self._promised() == before
        return bool(done or changed.rowcount)

    def _promised(self) -> int:
        """How many messages and reminders there are in the chats of residents; an edit is none."""
        message = (outbox.c.view == "broadcast") & outbox.c.carrier.is_(None)
        to_them = message | outbox.c.key.contains(":broadcast_nudge:")
        return self.uow.connection.execute(select(func.count()).where(to_them)).scalar_one()


def _door(code: str, grid: UnitCode) -> Household:
    return Household(code, grid, "1", "1", code, code)


def _begun(connection: Connection) -> Told:
    uow = Stores(connection, Setting("x", *RULES, ClockIds(), lambda: MONDAY, CountedNumbers()))
    uow.units.put(Unit(STREET, "s", "street", None, UnitKind.OFFICE))
    uow.people.appoint(Appointment(LEADER, STREET, Post.LEADER, "leader"))
    chats = {}
    for number, code in enumerate(("desk", *GRIDS), 1):
        kind = ChatKind.DESK if code == "desk" else ChatKind.RESIDENTS
        unit = STREET if code == "desk" else UnitCode(code)
        if code != "desk":
            uow.units.put(Unit(unit, code, "grid", STREET, UnitKind.BASIC))
        chats[code] = uow.chats.meet(1, -number, kind, "", ChatState.OK).id
        uow.chats.bind(chats[code], kind, unit)
    for who, home in zip(PEOPLE, HOMES, strict=False):
        uow.people.put_household(_door(home, UnitCode(home[:2])))
        uow.people.join_household(who, home, MONDAY)
    told = Told(uow, chats)
    first = desk.compose(
        uow, LEADER, chats["desk"], Class.ALERT, MONDAY,
        level=Level.BLUE, alert=ALERT, audience=Audience(STREET), expires_at=MONDAY + timedelta(days=1),
    )  # fmt: skip
    desk.submit(uow, first.id, LEADER, MONDAY)
    told.made.append(first.id)
    told.passes(0, arrives=True)
    return told


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(history=st.lists(MOVES, min_size=8, max_size=20))
@example(history=TWO_AT_ONCE)
@example(history=AT_NIGHT)
def test_through_a_whole_life_every_count_is_true_at_every_moment(
    connection: Connection, history: list[tuple[str, Any, Any]]
) -> None:
    with connection.begin() as transaction:
        told = _begun(connection)
        for what, which, how in history:
            before, made, savepoint = _seen(told), list(told.made), connection.begin_nested()
            try:
                getattr(told, what)(which, how)
            except Refusal:
                savepoint.rollback()
                told.made = made
            else:
                savepoint.commit()
            after = _seen(told)
            for seen in after.values():
                _counts_agree(connection, told.uow, *seen)
            for number, seen in before.items():
                _goes_forward(seen, after[number], how if what == "takes_back" else None)
            for broadcast, _, receipts in after.values():
                if broadcast.begun_at and broadcast.id in before and not before[broadcast.id][0].begun_at:
                    _carries(broadcast, receipts, before, after)
        transaction.rollback()


Seen = dict[BroadcastId, tuple[Broadcast, Figures, dict[str, Receipt]]]


def _seen(told: Told) -> Seen:
    uow = told.uow
    return {
        one: (
            uow.broadcasts.get(one),
            uow.targets.figures(one),
            {receipt.asked: receipt for receipt, _ in uow.receipts.of(one)},
        )
        for one in told.made
    }


def _counts_agree(
    connection: Connection, uow: Stores, broadcast: Broadcast, figures: Figures, receipts: Mapping[str, Receipt]
) -> None:
    """The figures, the rows and the list of the missing say the same, and the audit finds nothing."""
    states = [receipt.state for receipt in receipts.values()]
    missing = [home.code for grid in GRIDS for home, _ in uow.receipts.missing(broadcast.id, grid)]

    assert figures.pressed + figures.told + figures.missing == figures.target == len(states) - figures.moved
    assert figures.pressed == states.count(ReceiptState.PRESSED)
    assert figures.told == states.count(ReceiptState.TOLD)
    assert figures.moved == states.count(ReceiptState.MOVED)
    assert figures.helps == len(uow.receipts.helps(broadcast.id))
    assert sorted(missing) == sorted(home for home, one in receipts.items() if one.state is ReceiptState.MISSING)
    assert list(BroadcastAudit(connection, "x", MONDAY).found()) == []


def _goes_forward(
    before: tuple[Broadcast, Figures, dict[str, Receipt]], after: Any, taken_back: str | None = None
) -> None:
    """Nobody who was asked is forgotten, nobody who knows becomes missing, and what is over changes no more.

    Who was told at the door may press after all, and that door may be taken back.
    """
    (was, _, answers), (now, figures, later) = before, after

    assert answers.keys() <= later.keys()
    for home, one in answers.items():
        pressed = replace(one, state=ReceiptState.PRESSED, note=None, by=later[home].by)
        undone = replace(one, state=ReceiptState.MISSING, note=None, at=None, by=None)
        told = one.state is ReceiptState.TOLD
        assert (
            one.state not in CONFIRMED
            or later[home] == one
            or (told and later[home] == pressed)
            or (told and home == taken_back and later[home] == undone)
        )
    assert now.step >= was.step
    assert now.state is was.state or _leads(was.state, now.state)
    if was.state in ENDS:
        assert later == answers
    if now.state is State.DONE and was.state is not State.DONE:
        ends = rules.windows_end(now, HOURS)
        done = now.step == len(HOURS.chase)
        assert not figures.missing or (done and ends is not None and now.ended_at is not None and ends <= now.ended_at)


def _leads(was: State, now: State) -> bool:
    """Whether moves of the table lead from one state to the other."""
    known, ways = {was}, [was]
    while ways:
        at = ways.pop()
        further = {move.to for (state, _), move in lifecycle.MOVES.items() if state is at} - known
        known |= further
        ways += further
    return now in known


def _carries(now: Broadcast, later: Mapping[str, Receipt], before: Seen, after: Seen) -> None:
    """An update asks everybody again when its level rises or its action changes, and else only who is missing.

    So does one that takes the place of an update before anybody could answer that: then with what was known before.
    """
    answers: Mapping[str, Receipt] = {}
    one = now
    while one.updates is not None and not answers:
        first = after[one.updates][0]
        if _rank(one) > _rank(first) or one.alert.action != first.alert.action:
            break
        answers, one = before[first.id][2], first
    for home, receipt in later.items():
        known = answers.get(home)
        assert receipt.state is (known.state if known is not None else ReceiptState.MISSING)


def _rank(broadcast: Broadcast) -> int:
    return broadcast.level.rank if broadcast.level is not None else 0
