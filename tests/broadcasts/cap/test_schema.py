"""Our table of CAP 1.2 says what the schema of the standard says, in whatever way a message is spoilt."""

import re
from copy import deepcopy
from typing import Any
from xml.etree.ElementTree import Element, register_namespace, tostring

import pytest
from capvalidator import check_schema
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcasts.cap.faults import BadCap, Rule
from broadcasts.cap.model import NAMESPACE
from broadcasts.cap.reading import LARGEST, read
from broadcasts.cap.writing import write
from tests.broadcasts.cap.samples import message

register_namespace("", NAMESPACE)
TEXTS = (
    "", " ", "Actual", " Actual ", "Alert", "zh-CN", "zh_CN", "1", "1.5", ".5", "1e5", "-1", "x y", "a,b", "12.",
    "2026-11-21T09:30:00+08:00", "2026-11-21T09:30:00Z", "2026-11-21T09:30:00-00:00", "2026-02-30T09:30:00+08:00",
    "2026-11-21T09:30:00+14:00", "2026-11-21T09:30:00+14:30", "2026-11-21T09:30:00", "2026-11-21T25:30:00+08:00",
    " 2026-11-21T09:30:00+08:00\n", "Met", "Severe", "2026-11-21T09:30:00.5+08:00", "2026-11-21T09:30:00+08:60",
)  # fmt: skip


def paths(root: Element) -> list[list[Element]]:
    """Every element below *root*, each with those around it, outermost first."""
    found = []
    stack = [[root]]
    while stack:
        path = stack.pop()
        found.append(path)
        stack += [[*path, child] for child in path[-1]]
    return found[1:]


def spoil(data: st.DataObject, root: Element) -> None:
    """Do one thing to one element."""
    path = data.draw(st.sampled_from(paths(root)))
    parent, one = path[-2], path[-1]
    deed = data.draw(st.sampled_from(("drop", "double", "move", "say", "rename", "attribute", "fill", "between")))
    if deed in ("drop", "move"):
        parent.remove(one)
    if deed == "double":
        parent.append(deepcopy(one))
    elif deed == "move":
        parent.insert(data.draw(st.integers(0, len(parent))), one)
    elif deed == "say" and not len(one):
        one.text = data.draw(st.sampled_from(TEXTS))
    elif deed == "rename":
        one.tag = f"{{{NAMESPACE}}}{data.draw(st.sampled_from(('event', 'circle', 'value', 'expires', 'strange')))}"
    elif deed == "attribute":
        one.set("lang", "zh")
    elif deed == "fill":
        one.append(Element(f"{{{NAMESPACE}}}value"))
    elif deed == "between":
        one.tail = "text"


ADDRESSES = (
    "https://example.org/a?b=c#d", "http://[::1]:80/", "http://u:p@h/", "//", "mailto:", "a/1:b", "?1:b", "#1:b",
    "http://a b/", "http://例.中国/", "http:////", "<a|b\\c>", "1:b", ":", "://", "é:b", "a_b:c", "%zz", "http://a/%z",
    "?%zz", "a[b", "a:[", "[a]", "http://h/?[", "http://[::1", "http://a:b/", "http://h:/", "#a#b",
)  # fmt: skip


@pytest.mark.parametrize("name", ["web", "uri", "language"])
def test_addresses_and_languages_are_what_the_schema_takes_for_them(name: str) -> None:
    for said in (*ADDRESSES, *TEXTS, "zh-", "\n", " zh-CN "):
        root = fromstring(write(message()))
        next(path[-1] for path in paths(root) if path[-1].tag == f"{{{NAMESPACE}}}{name}").text = said
        assert _agreed(root), said


def _agreed(root: Element) -> bool:
    """Whether we and the standard's own schema say the same about it."""
    content = tostring(root, encoding="utf-8", xml_declaration=True)
    try:
        read(content)
        refused: set[Rule] = set()
    except BadCap as bad:
        refused = {fault.rule for fault in bad.faults}
    return (Rule.SCHEMA in refused) is not check_schema(content).passed


@settings(max_examples=100)
@given(data=st.data(), times=st.integers(0, 3))
def test_what_the_schema_refuses_is_refused_and_nothing_else_for_its_sake(data: st.DataObject, times: int) -> None:
    root = fromstring(write(message()))
    for _ in range(times):
        if paths(root):
            spoil(data, root)
    assert _agreed(root)


def spoilt(pattern: str, becomes: str) -> bytes:
    """The warning with one thing replaced."""
    text, count = re.subn(pattern, becomes, write(message()).decode(), count=1)
    assert count == 1
    return text.encode()


@pytest.mark.parametrize(
    ("content", "where", "mend"),
    [
        (b"", "the file", "send the file as it was issued"),
        (b"<alert", "the file", "send the file as it was issued"),
        (b"x" * (LARGEST + 1), "the file", "link to large files"),
        (spoilt("cap:1.2", "cap:1.1"), "the file", "CAP 1.2 begins with"),
        (spoilt("<sent>.*</sent>", "<sent>2026-11-21T09:30:00Z</sent>"), "alert/sent", "a Z is not allowed"),
        (spoilt("<scope>Public</scope>", ""), "alert/scope", "every message needs it"),
        (spoilt("Severe", "Orange"), "alert/info[1]/severity", "Extreme, Severe, Moderate, Minor, Unknown"),
        (spoilt("<event>", "<colour>x</colour><event>"), "alert/info[1]/colour", "take it out"),
        (spoilt("<areaDesc>.*</areaDesc>", ""), "alert/info[1]/area[1]/areaDesc", "every message needs it"),
        (spoilt("<status>", "<status>Actual</status><status>"), "alert/status", "leave one"),
        (spoilt("<size>1024", "<size>1 KB"), "alert/info[1]/resource[1]/size", "a whole number"),
    ],
)
def test_a_fault_names_the_element_and_how_to_mend_it(content: bytes, where: str, mend: str) -> None:
    with pytest.raises(BadCap) as caught:
        read(content)

    faults = {fault.where: fault for fault in caught.value.faults}
    assert mend in faults[where].mend
    assert str(faults[where]) in str(caught.value)


@pytest.mark.parametrize(
    "trick",
    [
        '<!DOCTYPE alert [<!ENTITY a "ha">]>',
        '<!DOCTYPE alert [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE alert SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
)
def test_entities_and_dtds_are_not_looked_at(trick: str) -> None:
    with pytest.raises(BadCap, match="DTD or entities"):
        read(spoilt("<alert", f"{trick}<alert"))


def test_a_signature_at_the_end_does_not_disturb() -> None:
    signed = spoilt(
        "</alert>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><a b="c">x</a></Signature></alert>'
    )

    assert check_schema(signed).passed
    assert read(signed)[0] == message()


def test_other_encodings_are_read_as_they_declare_themselves() -> None:
    text = write(message()).decode()
    for encoding in ("utf-16", "utf-8-sig"):
        assert read(text.replace("UTF-8", encoding.upper().removesuffix("-SIG")).encode(encoding))[0] == message()


def test_whatever_it_is_given_it_answers_with_faults_and_nothing_else() -> None:
    content: Any = write(message())
    for end in range(0, len(content), 97):
        with pytest.raises(BadCap):
            read(content[:end])
