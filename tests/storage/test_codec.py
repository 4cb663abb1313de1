import json
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.events import EVENTS, Claimed, Event
from routing.model import Case
from storage.codec import (
    Undecodable,
    change_from_json,
    change_to_json,
    encode,
    event_from_json,
    event_to_json,
)
from storage.types import compact, instant, micros

instants = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - aware by timezones
st.register_type_strategy(datetime, instants)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text())


def built(cls: type) -> st.SearchStrategy[Any]:
    """Any value of a dataclass, every field filled, defaults included."""
    hints = get_type_hints(cls)
    return st.builds(cls, **{field.name: st.from_type(hints[field.name]) for field in fields(cls)})


@pytest.mark.parametrize("name", EVENTS)
@settings(max_examples=25)
@given(data=st.data())
def test_every_event_comes_back_exactly(name: str, data: st.DataObject) -> None:
    event: Event = data.draw(built(EVENTS[name]))

    through = json.loads(compact(event_to_json(event)))

    assert event_from_json(name, through) == event
    assert type(event_from_json(name, through)) is EVENTS[name]


@settings(max_examples=50)
@given(case=built(Case))
def test_every_field_of_a_case_comes_back_exactly(case: Case) -> None:
    change = {field.name: getattr(case, field.name) for field in fields(Case)}

    back = change_from_json(json.loads(compact(change_to_json(change))))

    assert Case(**back) == case
    assert {name: type(value) for name, value in back.items()} == {name: type(value) for name, value in change.items()}


def test_what_is_at_its_default_is_not_stored() -> None:
    event = Claimed(at=datetime(2026, 1, 1, tzinfo=UTC))

    assert event_to_json(event) == {"at": "2026-01-01T00:00:00+00:00"}
    assert all(field.default is not MISSING for field in fields(event) if field.name != "at")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("Vanished", {"at": "2026-01-01T00:00:00+00:00"}),
        ("Claimed", {}),
        ("Claimed", {"at": "yesterday"}),
        ("Claimed", {"at": "2026-01-01T00:00:00"}),
        ("Claimed", {"at": "2026-01-01T00:00:00+00:00", "by": "Li"}),
        ("Rated", {"at": "2026-01-01T00:00:00+00:00", "rating": "splendid"}),
        ("Resolved", {"at": "2026-01-01T00:00:00+00:00", "photos": True}),
    ],
)
def test_what_does_not_fit_is_refused(name: str, data: dict[str, Any]) -> None:
    with pytest.raises(Undecodable):
        event_from_json(name, data)


def test_a_change_of_a_field_that_no_case_has_is_refused() -> None:
    with pytest.raises(Undecodable, match="colour"):
        change_from_json({"colour": "red"})
    with pytest.raises(KeyError):
        change_to_json({"colour": "red"})


def test_a_naive_instant_is_refused_everywhere() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(ValueError, match="time zone"):
        encode(naive)
    with pytest.raises(ValueError, match="time zone"):
        micros(naive)


@given(moment=instants)
def test_an_instant_keeps_its_microseconds(moment: datetime) -> None:
    assert instant(micros(moment)) == moment
    assert micros(moment.astimezone(timezone(timedelta(hours=8)))) == micros(moment)
