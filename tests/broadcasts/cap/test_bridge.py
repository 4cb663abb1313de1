"""A warning that comes in as CAP and leaves as CAP keeps its colour, its times, its area and its chain."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from capvalidator import check_schema
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts.cap.colours import level_of
from broadcasts.cap.inward import origin_of, relayed
from broadcasts.cap.model import Area, Message, MsgType, Named, Reference, Severity, Status
from broadcasts.cap.outward import exported, reference
from broadcasts.cap.reading import read
from broadcasts.cap.writing import write
from broadcasts.model import Alert, Audience, Broadcast, BroadcastId, Class, Level, State
from routing.calendar import Calendar
from routing.model import ChatId, Unit, UnitCode, UnitKind
from tests.broadcasts.cap.samples import SENT, UNTIL, info, message

STREET = Unit(UnitCode("370001001"), "示范街道", "street", None, UnitKind.OFFICE)
GRID = Unit(UnitCode("370001001001001"), "春风一网格", "grid", STREET.code, UnitKind.BASIC)
BELOW = {one.code: one for one in (STREET, GRID)}
NOW = datetime(2026, 11, 21, 1, 31, tzinfo=UTC)
local = Calendar.load().local


def broadcast(**fields: Any) -> Broadcast:
    """A notice that has been sent."""
    known: dict[str, Any] = {
        "id": BroadcastId(5), "number": 12, "state": State.CHASING, "kind": Class.NOTICE, "unit": STREET.code,
        "author": None, "chat": ChatId(1), "drafted_at": NOW, "begun_at": NOW, "audience": Audience(STREET.code),
        "text": "明天停水\n请储水", "expires_at": NOW + timedelta(hours=4),
    }  # fmt: skip
    return Broadcast(**{**known, **fields})


def taken(came: Message) -> Broadcast:
    """What is sent out when that message came."""
    parts = relayed(came, STREET, BELOW)
    assert parts is not None
    return broadcast(
        kind=parts.kind, level=parts.level, alert=parts.alert, text=parts.text, expires_at=parts.expires_at,
        origin=parts.origin, source=write(came).decode(), audience=Audience(parts.unit),
    )  # fmt: skip


def out(made: Broadcast, updated: Broadcast | None = None) -> Message:
    """What a stranger reads of it."""
    content = write(exported(made, STREET.name, local, updated))
    assert check_schema(content).passed
    return read(content)[0]


def test_the_eight_parts_of_an_alert_are_all_in_the_message() -> None:
    parts = relayed(message(), STREET, BELOW)

    assert parts is not None
    assert (parts.kind, parts.level, parts.text) == (Class.ALERT, Level.ORANGE, message().info[0].headline)
    assert parts.alert == Alert(
        hazard="暴雪", issuer="示范市气象台", issued_at=SENT, starts_at=SENT, area="示范街道",
        matter="预计6小时内降雪10毫米以上。", action="请减少外出。",
    )  # fmt: skip
    assert parts.expires_at == UNTIL


@pytest.mark.parametrize("status", [Status.TEST, Status.SYSTEM, Status.DRAFT])
def test_what_is_not_meant_for_people_reaches_nobody(status: Status) -> None:
    assert relayed(message(status=status), STREET, BELOW) is None


def test_an_exercise_stays_an_exercise() -> None:
    parts = relayed(message(status=Status.EXERCISE, note="drill"), STREET, BELOW)

    assert parts is not None
    assert parts.kind is Class.EXERCISE
    assert out(taken(message(status=Status.EXERCISE, note="drill"))).status is Status.EXERCISE


@pytest.mark.parametrize(
    ("name", "value", "severity", "level"),
    [
        ("ColourLevel", "orange", Severity.MINOR, Level.ORANGE),
        ("预警级别", "橙色预警", Severity.UNKNOWN, Level.ORANGE),
        ("AlertColor", "Red", Severity.MINOR, Level.RED),
        ("WindSpeed", "red", Severity.MODERATE, Level.YELLOW),
        ("Level", "IV", Severity.MINOR, Level.BLUE),
        ("x", "y", Severity.UNKNOWN, None),
    ],
)
def test_the_colour_is_read_where_it_is_named_and_else_from_the_severity(
    name: str, value: str, severity: Severity, level: Level | None
) -> None:
    assert level_of(severity, [Named(name, value)]) is level


@pytest.mark.parametrize(
    ("areas", "unit"),
    [
        ((), STREET.code),
        ((Area("春风一网格"),), GRID.code),
        ((Area("here", geocode=(Named("huying:unit", GRID.code),)),), GRID.code),
        ((Area("春风一网格"), Area("somewhere else")), STREET.code),
    ],
)
def test_an_area_that_names_a_unit_narrows_the_audience(areas: tuple[Area, ...], unit: UnitCode) -> None:
    parts = relayed(message(info=(info(area=areas),)), STREET, BELOW)

    assert parts is not None
    assert parts.unit == unit


def test_the_block_in_chinese_is_the_one_that_is_read() -> None:
    parts = relayed(message(info=(info(language="en-US", event="Snow"), info())), STREET, BELOW)

    assert parts is not None
    assert parts.alert.hazard == "暴雪"


def test_what_came_in_goes_out_with_nothing_lost() -> None:
    came, went = message(), out(taken(message()))

    one, other = came.info[0], went.info[0]
    for name in ("category", "event", "urgency", "severity", "certainty", "event_code", "instruction", "description"):
        assert getattr(one, name) == getattr(other, name)
    assert other.area[0].polygon == one.area[0].polygon
    assert level_of(Severity.UNKNOWN, other.parameter) is Level.ORANGE
    assert other.expires == one.expires
    assert other.language == "zh-CN"


def test_an_update_and_a_cancel_name_what_they_are_about() -> None:
    first = broadcast(begun_at=NOW - timedelta(hours=1))
    update = out(broadcast(id=BroadcastId(6), number=13), first)
    cancel = out(broadcast(state=State.CANCELLED, ended_at=NOW))

    assert (update.msg_type, update.references) == (MsgType.UPDATE, (reference(first, local),))
    assert (cancel.msg_type, cancel.references) == (MsgType.CANCEL, (reference(broadcast(), local),))
    assert cancel.identifier != cancel.references[0].identifier


def test_what_was_never_sent_is_a_draft() -> None:
    for state in (State.DRAFT, State.APPROVING, State.SCHEDULED, State.CANCELLED):
        assert out(broadcast(state=state, begun_at=None)).status is Status.DRAFT


def test_the_same_message_is_the_same_whatever_offset_its_time_is_written_with() -> None:
    abroad = Reference("a", "b", SENT.astimezone(UTC))

    assert origin_of(abroad) == origin_of(Reference("a", "b", SENT))


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - drawn apart
sent = st.builds(
    broadcast,
    kind=st.sampled_from(Class),
    state=st.sampled_from(State),
    level=st.none() | st.sampled_from(Level),
    text=texts,
    alert=st.builds(
        Alert, hazard=texts, issuer=texts, starts_at=st.none() | instants, area=texts, matter=texts, action=texts
    ),
    begun_at=st.none() | instants,
    ended_at=st.none() | instants,
    expires_at=st.none() | instants,
)


@settings(max_examples=60)
@given(made=sent, before=st.none() | sent)
def test_every_broadcast_can_be_exported_as_valid_cap(made: Broadcast, before: Broadcast | None) -> None:
    earlier = replace(before, id=BroadcastId(4), number=11, begun_at=NOW - timedelta(days=9999)) if before else None

    assert out(made, earlier).info or made.state is State.CANCELLED
