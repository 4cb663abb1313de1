"""From bytes to a `Message`: the XML hardened, the schema, then the rules of the standard's text."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from broadcasts.cap.faults import BadCap, Fault, Rule
from broadcasts.cap.model import NAMESPACE, Message, Reference
from broadcasts.cap.prose import check, split_references
from broadcasts.cap.schema import ALERT, Part, by_name

LARGEST: Final = 1_000_000
"""Bytes. A warning is some kilobytes; what carries its pictures inside is sent with links instead."""
_SIGNATURE: Final = "{http://www.w3.org/2000/09/xmldsig#}"
_SCHEMA_HINTS: Final = "{http://www.w3.org/2001/XMLSchema-instance}"


def read(content: bytes) -> tuple[Message, Sequence[Fault]]:
    """Read a CAP message.

    Args:
        content: The file as it came.

    Returns:
        The message, and what the standard advises against in it (`Rule.ADVICE`).

    Raises:
        BadCap: it is no CAP 1.2 message; every fault is named with its element and how to mend it.
    """
    root = _parse(content)
    faults = list(_faults(root, ALERT, "alert"))
    if faults:
        raise BadCap(faults)
    message = _made(root, ALERT)
    found = check(message)
    if any(fault.rule is not Rule.ADVICE for fault in found):
        raise BadCap(found)
    return message, found


def as_text(content: bytes) -> str:
    """A message as it came, as text to keep."""
    coding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    return content.decode(coding, "replace").replace("\0", "")


def _parse(content: bytes) -> Element:
    if len(content) > LARGEST:
        raise BadCap(
            [_broken(f"{len(content)} bytes are more than the {LARGEST} that are read", "link to large files")]
        )
    try:
        root = fromstring(content, forbid_dtd=True)
    except DefusedXmlException:
        raise BadCap([_broken("it has a DTD or entities", "take the <!DOCTYPE> out")]) from None
    except (ParseError, LookupError, ValueError) as error:
        raise BadCap([_broken(f"this is no XML ({error})", "send the file as it was issued, in UTF-8")]) from None
    space, _, name = root.tag.removeprefix("{").rpartition("}")
    if space != NAMESPACE or name != "alert":
        what = f"the outermost element is {name} of the namespace {space or 'none'}"
        raise BadCap([_broken(what, f'CAP 1.2 begins with <alert xmlns="{NAMESPACE}">')])
    return root


def _broken(what: str, mend: str) -> Fault:
    return Fault("the file", what, mend, Rule.SCHEMA)


def _faults(element: Element, part: Part, where: str) -> Iterator[Fault]:
    """What the schema says against an element and all that is in it."""
    for name in element.attrib:
        if not name.startswith(_SCHEMA_HINTS):
            yield Fault(where, f"has the attribute {_plain(name)}", "CAP elements have none", Rule.SCHEMA)
    if part.content is not None:
        yield from _content_faults(element, part, where)
        return
    if any((text or "").strip() for text in (element.text, *(child.tail for child in element))):
        yield Fault(where, "has text between its elements", "put it into an element", Rule.SCHEMA)
    yield from _child_faults(element, part, where)


def _content_faults(element: Element, part: Part, where: str) -> Iterator[Fault]:
    text = element.text or ""
    if len(element):
        yield Fault(where, "has elements inside", "it holds text only", Rule.SCHEMA)
        return
    assert part.content is not None  # noqa: S101 - the caller saw it
    try:
        part.content.read(text)
    except ValueError:
        yield Fault(where, f"{text[:60]!r} does not fit", part.content.mend, Rule.SCHEMA)


def _child_faults(element: Element, part: Part, where: str) -> Iterator[Fault]:
    places, counts, furthest = by_name(part), Counter[str](), 0
    for child in _children(element, part):
        name = child.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name == child.tag or name not in places:
            yield Fault(f"{where}/{_plain(child.tag)}", "is no element of CAP 1.2 here", "take it out", Rule.SCHEMA)
            continue
        counts[name] += 1
        known, place = part.parts[places[name]], places[name]
        path = f"{where}/{name}[{counts[name]}]" if known.many else f"{where}/{name}"
        if place < furthest:
            before = part.parts[furthest].name
            yield Fault(path, f"stands after {before}", f"the order is fixed: put it before {before}", Rule.SCHEMA)
        furthest = max(furthest, place)
        yield from _faults(child, known, path)
    for known in part.parts:
        if counts[known.name] < known.least:
            yield Fault(f"{where}/{known.name}", "is missing", "every message needs it", Rule.SCHEMA)
        if known.most is not None and counts[known.name] > known.most:
            yield Fault(f"{where}/{known.name}", f"stands {counts[known.name]} times", "leave one", Rule.SCHEMA)


def _children(element: Element, part: Part) -> list[Element]:
    """The elements in it; signatures at the end of an alert are none of CAP's."""
    children = list(element)
    while part is ALERT and children and children[-1].tag.startswith(_SIGNATURE):
        children.pop()
    return children


def _plain(tag: str) -> str:
    return tag.rpartition("}")[2]


def _made(element: Element, part: Part) -> Any:
    """The data that an element without faults stands for; what is empty counts as not there."""
    if part.content is not None:
        return part.content.read(element.text or "")
    values: dict[str, Any] = {}
    for child in part.parts:
        found = [_made(one, child) for one in element.findall(f"{{{NAMESPACE}}}{child.name}")]
        if child.many:
            values[child.field] = tuple(found)
        elif found:
            values[child.field] = found[0]
    if part is ALERT:
        values["references"] = _references(values.get("references", ""))
    assert part.made is not None  # noqa: S101 - what has no content has parts
    return part.made(**values)


def _references(text: str) -> tuple[Reference, ...]:
    """The triples of the element.

    Raises:
        BadCap: one of them is none.
    """
    found, wrong = split_references(text)
    if wrong:
        raise BadCap(wrong)
    return found
