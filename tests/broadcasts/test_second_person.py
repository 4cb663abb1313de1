"""What is red or orange never leaves by one person's will, whatever posts they hold and whatever they press."""

from datetime import timedelta
from typing import Any, Final

from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from broadcasts import desk
from broadcasts.model import Alert, Audience, BroadcastId, Class, Level, State
from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import Appointment, ChatId, ChatKind, ChatState, Household, PersonId, Post, Unit, UnitCode, UnitKind
from routing.policy import Policy
from routing.refusals import Refusal
from storage.ids import ClockIds
from storage.numbers import CountedNumbers
from storage.stores import Setting, Stores
from tests.routing.village import MONDAY

STREET, GRID = UnitCode("s"), UnitCode("g")
THIEF, VICTIM = PersonId(50), PersonId(51)
"""Both hold every post that has a say; one post was stolen, and its thief presses whatever there is."""
RULES: Final = Policy.load(), Calendar.load(), Catalogue.load()
ALERT: Final = Alert("snow", "station", MONDAY, MONDAY, "street", "much snow", "stay in")
DEEDS: Final = st.lists(
    st.sampled_from(
        ["words", "red", "blue", *("submit", "approve") * 3, "reject", "recall", "pause", "resume", "update"]
    ),
    min_size=3,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@example(level=Level.RED, deeds=["submit", "approve"])
@example(level=Level.BLUE, deeds=["words", "red", "submit", "recall", "submit", "approve"])
@example(level=Level.BLUE, deeds=["submit", "update", "red", "submit", "approve"])
@given(level=st.sampled_from([Level.RED, Level.BLUE]), deeds=DEEDS)
def test_whatever_one_person_does_to_anothers_draft_nothing_grave_is_let_out(
    connection: Connection, level: Level, deeds: list[str]
) -> None:
    with connection.begin() as transaction:
        uow, chat, first = _drafted(connection, level)
        made = [first]
        for deed in deeds:
            savepoint = connection.begin_nested()
            try:
                new = _do(uow, made[-1], chat, deed)
            except Refusal:
                savepoint.rollback()
            else:
                savepoint.commit()
                made += [] if new is None else [new]
            for one in map(uow.broadcasts.get, made):
                assert not one.grave or one.state in {State.DRAFT, State.APPROVING}, (deed, one.state)
        transaction.rollback()


def test_the_other_one_can_agree(connection: Connection) -> None:
    """Otherwise nothing could ever be let out, and the test above would see nothing."""
    with connection.begin() as transaction:
        uow, _, first = _drafted(connection, Level.RED)
        desk.submit(uow, first, THIEF, MONDAY)
        assert desk.approve(uow, first, VICTIM, MONDAY).state is State.SCHEDULED
        transaction.rollback()


def _drafted(connection: Connection, level: Level) -> tuple[Stores, ChatId, BroadcastId]:
    uow = Stores(connection, Setting("x", *RULES, ClockIds(), lambda: MONDAY, CountedNumbers()))
    uow.units.put(Unit(STREET, "s", "street", None, UnitKind.OFFICE))
    uow.units.put(Unit(GRID, "g", "grid", STREET, UnitKind.BASIC))
    for who in (THIEF, VICTIM):
        for post in (Post.LEADER, Post.BROADCASTER, Post.APPROVER):
            uow.people.appoint(Appointment(who, STREET, post, "leader"))
    chats = {}
    for number, (unit, kind) in enumerate(((STREET, ChatKind.DESK), (GRID, ChatKind.RESIDENTS)), 1):
        chats[unit] = uow.chats.meet(1, -number, kind, "", ChatState.OK).id
        uow.chats.bind(chats[unit], kind, unit)
    uow.people.put_household(Household("h", GRID, "1", "1", "1", "h"))
    draft = desk.compose(
        uow, VICTIM, chats[STREET], Class.ALERT, MONDAY,
        level=level, alert=ALERT, audience=Audience(STREET), expires_at=MONDAY + timedelta(days=1),
    )  # fmt: skip
    return uow, chats[STREET], draft.id


def _do(uow: Stores, broadcast: BroadcastId, chat: ChatId, deed: str) -> BroadcastId | None:
    if deed == "update":
        return desk.draft_update(uow, broadcast, THIEF, chat, MONDAY).id
    if deed in ("words", "red", "blue"):
        changes: dict[str, Any] = {"text": "run"} if deed == "words" else {"level": Level[deed.upper()]}
        desk.edit(uow, broadcast, THIEF, MONDAY, **changes)
    else:
        getattr(desk, deed)(uow, broadcast, THIEF, MONDAY)
    return None
