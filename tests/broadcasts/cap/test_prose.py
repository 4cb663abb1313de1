"""The rules of CAP that no schema holds, and the way there and back."""

from datetime import datetime, timedelta, timezone
from typing import Any

import capparser
import pytest
from capvalidator import check_schema
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.cap.faults import BadCap, Rule
from broadcasts.cap.model import Area, Category, Message, MsgType, Named, Reference, Resource, Scope, Status
from broadcasts.cap.prose import check
from broadcasts.cap.reading import read
from broadcasts.cap.writing import moment, write
from tests.broadcasts.cap.samples import SENT, UNTIL, info, message

FIRST = Reference("warnings@example.org", "first-1", SENT - timedelta(hours=1))
SQUARE = "37.1,120.1 37.2,120.1 37.2,120.2"


def area(**fields: Any) -> Message:
    """The warning with another area."""
    return message(info=(info(area=(Area(**{"area_desc": "here", **fields}),)),))


def resource(**fields: Any) -> Message:
    """The warning with another attachment."""
    return message(info=(info(resource=(Resource(**{"resource_desc": "map", "mime_type": "image/png", **fields}),)),))


BROKEN = [
    (message(identifier="a b"), "alert/identifier"),
    (message(identifier="a&b"), "alert/identifier"),
    (message(sender="a,b"), "alert/sender"),
    (message(sender=""), "alert/sender"),
    (message(scope=Scope.RESTRICTED), "alert/restriction"),
    (message(scope=Scope.PRIVATE), "alert/addresses"),
    *((message(msg_type=kind), "alert/references") for kind in MsgType if kind is not MsgType.ALERT),
    (message(info=()), "alert/info"),
    (message(info=(), msg_type=MsgType.UPDATE, references=(FIRST,)), "alert/info"),
    (message(msg_type=MsgType.UPDATE, references=(message().reference,)), "alert/references"),
    (message(msg_type=MsgType.CANCEL, references=(Reference("a", "b", UNTIL),)), "alert/references"),
    (message(info=(info(event=""),)), "alert/info[1]/event"),
    (message(info=(info(), info(expires=SENT))), "alert/info[2]/expires"),
    (message(info=(info(effective=None, expires=SENT),)), "alert/info[1]/expires"),
    (message(info=(info(onset=UNTIL),)), "alert/info[1]/expires"),
    (message(info=(info(web="example"),)), "alert/info[1]/web"),
    (message(info=(info(parameter=(Named("", "x"),)),)), "alert/info[1]/parameter[1]/valueName"),
    (message(info=(info(event_code=(Named("x", "y"), Named("", "x"))),)), "alert/info[1]/eventCode[2]/valueName"),
    (area(area_desc=""), "alert/info[1]/area[1]/areaDesc"),
    (area(polygon=(f"{SQUARE} 37.1,120.1", SQUARE)), "alert/info[1]/area[1]/polygon[2]"),
    (area(polygon=(f"{SQUARE} 37.3,120.1",)), "alert/info[1]/area[1]/polygon[1]"),
    (area(polygon=(f"{SQUARE} 97.3,120.1",)), "alert/info[1]/area[1]/polygon[1]"),
    (area(polygon=("here and there",)), "alert/info[1]/area[1]/polygon[1]"),
    (area(circle=("37.1,120.1",)), "alert/info[1]/area[1]/circle[1]"),
    (area(circle=("37.1,181 5",)), "alert/info[1]/area[1]/circle[1]"),
    (area(circle=("37.1,120.1 -5",)), "alert/info[1]/area[1]/circle[1]"),
    (area(geocode=(Named("", "370"),)), "alert/info[1]/area[1]/geocode[1]/valueName"),
    (area(ceiling=5.0), "alert/info[1]/area[1]/ceiling"),
    (area(altitude=6.0, ceiling=5.0), "alert/info[1]/area[1]/ceiling"),
    (resource(resource_desc=""), "alert/info[1]/resource[1]/resourceDesc"),
    (resource(mime_type="png"), "alert/info[1]/resource[1]/mimeType"),
    (resource(size=-1), "alert/info[1]/resource[1]/size"),
    (resource(uri="map.png"), "alert/info[1]/resource[1]/uri"),
    (resource(digest="abc"), "alert/info[1]/resource[1]/digest"),
]


@pytest.mark.parametrize(("broken", "where"), BROKEN)
def test_what_only_the_text_forbids_is_refused_with_its_element(broken: Message, where: str) -> None:
    faults = [fault for fault in check(broken) if fault.rule is Rule.PROSE]

    assert [fault.where for fault in faults] == [where]
    assert faults[0].mend
    with pytest.raises(BadCap):
        write(broken)


@pytest.mark.parametrize(
    ("fine", "where"),
    [
        (message(status=Status.EXERCISE), "alert/note"),
        (message(msg_type=MsgType.ERROR, references=(FIRST,)), "alert/note"),
        (message(info=(info(expires=None),)), "alert/info[1]/expires"),
    ],
)
def test_what_the_text_only_advises_against_is_said_and_taken(fine: Message, where: str) -> None:
    taken, advice = read(write(fine))

    assert taken == fine
    assert [(fault.where, fault.rule) for fault in advice] == [(where, Rule.ADVICE)]


@pytest.mark.parametrize("kind", [MsgType.CANCEL, MsgType.ACK])
def test_a_cancel_needs_no_info_and_names_what_it_cancels(kind: MsgType) -> None:
    cancel = message(msg_type=kind, references=(FIRST,), info=())

    assert check(cancel) == []
    assert read(write(cancel))[0].references == (FIRST,)


@pytest.mark.parametrize("text", ["a,b", "a,b,yesterday", ",b,2026-11-21T09:30:00+08:00", "a b c"])
def test_a_reference_that_is_no_triple_is_shown(text: str) -> None:
    content = write(message(msg_type=MsgType.UPDATE, references=(FIRST,)))
    start, end = content.index(b"<references>") + 12, content.index(b"</references>")

    with pytest.raises(BadCap, match="is no triple"):
        read(content[:start] + text.encode() + content[end:])


def test_utc_is_written_with_a_minus_and_other_offsets_as_they_are() -> None:
    assert moment(datetime.fromisoformat("2026-11-21T01:30:00.5+00:00")) == "2026-11-21T01:30:00-00:00"
    assert moment(SENT) == "2026-11-21T09:30:00+08:00"


def test_a_second_parser_reads_what_is_written() -> None:
    seen = capparser.parse(stringXML=write(message()).decode().partition("\n")[2])

    assert seen.getIdentifier() == message().identifier
    assert seen.getInfos()[0].getHeadline() == message().info[0].headline
    assert seen.getInfos()[0].getCategories() == "Met"
    assert message().info[0].area[0].polygon[0] in seen.getInfos()[0].getAreas()[0].polygon


words = st.text(st.characters(codec="utf-8"), max_size=20).map(lambda text: " ".join(text.split()))
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=12)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.builds(
    lambda at, zone: at.replace(microsecond=0, tzinfo=zone),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),  # noqa: DTZ001 - the offset is drawn apart
    offsets,
)
named = st.builds(Named, names, words)
infos = st.builds(
    info,
    category=st.lists(st.sampled_from(Category), min_size=1, max_size=3).map(tuple),
    event=names,
    headline=words,
    description=words,
    parameter=st.lists(named, max_size=3).map(tuple),
    effective=st.none(),
    expires=st.none(),
    area=st.lists(st.builds(Area, names, geocode=st.lists(named, max_size=2).map(tuple)), max_size=2).map(tuple),
)
messages = st.builds(
    message,
    identifier=names,
    sender=names,
    sent=moments,
    note=words,
    info=st.lists(infos, min_size=1, max_size=2).map(tuple),
)


@given(sent=messages)
def test_whatever_is_written_is_valid_and_comes_back_as_it_was(sent: Message) -> None:
    content = write(sent)

    assert check_schema(content).passed
    back = read(content)[0]
    assert write(back) == content
    assert back.sent == sent.sent
    assert [one.event for one in back.info] == [one.event for one in sent.info]
