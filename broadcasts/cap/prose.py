"""The rules that stand in the text of CAP 1.2 and in no schema, and what its text advises."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import Final
from urllib.parse import urlsplit

from broadcasts.cap.faults import Fault, Rule
from broadcasts.cap.model import Area, Info, Message, MsgType, Reference, Resource, Scope, Status
from broadcasts.cap.schema import moment

ABOUT_EARLIER: Final = frozenset({MsgType.UPDATE, MsgType.CANCEL, MsgType.ACK, MsgType.ERROR})
"""What must say which message it is about."""
WITH_INFO: Final = frozenset({MsgType.ALERT, MsgType.UPDATE})
_UNFIT: Final = re.compile(r"[\s,<&]")
_NUMBER: Final = r"[+-]?\d{1,3}(?:\.\d+)?"
_POINT: Final = re.compile(rf"({_NUMBER}),({_NUMBER})", re.ASCII)
_RADIUS: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_DIGEST: Final = re.compile(r"[0-9a-fA-F]{40}")
_MIME: Final = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;.*)?", re.ASCII)
_LEAST_POINTS: Final = 4  # a triangle and its first point again


def check(message: Message) -> Sequence[Fault]:
    """Everything that the standard's text says against *message*."""
    return list(
        chain(_head(message), _about(message), *(_info(message, number) for number in range(len(message.info))))
    )


def split_references(text: str) -> tuple[tuple[Reference, ...], Sequence[Fault]]:
    """The triples ``sender,identifier,sent`` of a *references* element, and what is wrong with the others."""
    found, wrong = [], []
    for number, triple in enumerate(text.split(), 1):
        parts = triple.split(",")
        try:
            sender, identifier, sent = parts
            if not sender or not identifier:
                raise ValueError(triple)
            found.append(Reference(sender, identifier, moment(sent)))
        except ValueError:
            mend = "write sender,identifier,sent with nothing between but commas, and a space before the next"
            wrong.append(Fault("alert/references", f"part {number}, {triple[:80]!r}, is no triple", mend, Rule.PROSE))
    return tuple(found), wrong


def _head(message: Message) -> Iterator[Fault]:
    for name, value in (("identifier", message.identifier), ("sender", message.sender)):
        if not value or _UNFIT.search(value):
            mend = "use characters other than spaces, commas, < and &, at least one"
            yield _must(f"alert/{name}", f"{value!r} cannot be referred to", mend)
    if message.scope is Scope.RESTRICTED and not message.restriction:
        yield _must("alert/restriction", "is missing", "a Restricted message says the rule that restricts it")
    if message.scope is Scope.PRIVATE and not message.addresses:
        yield _must("alert/addresses", "is missing", "a Private message names whom it is for")
    if message.status is Status.EXERCISE and not message.note:
        yield _should("alert/note", "is missing", "say which exercise it belongs to")
    if message.msg_type is MsgType.ERROR and not message.note:
        yield _should("alert/note", "is missing", "say why the earlier message was refused")


def _about(message: Message) -> Iterator[Fault]:
    if message.msg_type in ABOUT_EARLIER and not message.references:
        mend = "name the earlier messages as sender,identifier,sent"
        yield _must("alert/references", f"is missing, and this is {_an(message.msg_type)}", mend)
    if message.msg_type in WITH_INFO and not message.info:
        yield _must("alert/info", "is missing", "only a Cancel, an Ack or an Error may go without")
    for reference in message.references:
        if reference.sender == message.sender and reference.identifier == message.identifier:
            mend = "give each message an identifier of its own"
            yield _must("alert/references", "names the message itself", mend)
        elif reference.sent > message.sent:
            what = f"{reference.identifier} was sent later than this message"
            yield _must("alert/references", what, "copy the time from the earlier message")


def _info(message: Message, number: int) -> Iterator[Fault]:
    info, where = message.info[number], f"alert/info[{number + 1}]"
    if not info.event:
        yield _must(f"{where}/event", "is empty", "name the kind of event")
    yield from _times(info, message.sent, where)
    if info.web and not _absolute(info.web):
        yield _must(f"{where}/web", f"{info.web[:80]!r} is no full address", "begin it with https://")
    for name, values in (("eventCode", info.event_code), ("parameter", info.parameter)):
        for place, value in enumerate(values, 1):
            if not value.value_name:
                yield _must(f"{where}/{name}[{place}]/valueName", "is empty", "name the system that it belongs to")
    for place, resource in enumerate(info.resource, 1):
        yield from _resource(resource, f"{where}/resource[{place}]")
    for place, area in enumerate(info.area, 1):
        yield from _area(area, f"{where}/area[{place}]")


def _times(info: Info, sent: datetime, where: str) -> Iterator[Fault]:
    if info.expires is None:
        yield _should(f"{where}/expires", "is missing", "say until when it holds")
        return
    for name, earlier in (("effective", info.effective or sent), ("onset", info.onset)):
        if earlier is not None and info.expires <= earlier:
            what = f"{info.expires.isoformat()} is not after {name}, {earlier.isoformat()}"
            yield _must(f"{where}/expires", what, "a message must hold for some time")


def _resource(resource: Resource, where: str) -> Iterator[Fault]:
    if not resource.resource_desc:
        yield _must(f"{where}/resourceDesc", "is empty", "say what it is")
    if not _MIME.fullmatch(resource.mime_type):
        yield _must(f"{where}/mimeType", f"{resource.mime_type!r} is no type", "write one such as image/png")
    if resource.size is not None and resource.size < 0:
        yield _must(f"{where}/size", f"{resource.size} is less than nothing", "give the size in bytes")
    if resource.uri and not resource.deref_uri and not _absolute(resource.uri):
        yield _must(f"{where}/uri", f"{resource.uri[:80]!r} is no full address", "begin it with https://")
    if resource.digest and not _DIGEST.fullmatch(resource.digest):
        yield _must(f"{where}/digest", "is no SHA-1", "write its 40 hexadecimal digits")


def _area(area: Area, where: str) -> Iterator[Fault]:
    if not area.area_desc:
        yield _must(f"{where}/areaDesc", "is empty", "name the place in words")
    for place, polygon in enumerate(area.polygon, 1):
        yield from _polygon(polygon.split(), f"{where}/polygon[{place}]")
    for place, circle in enumerate(area.circle, 1):
        centre, _, radius = circle.partition(" ")
        if not _on_earth(centre) or not _RADIUS.fullmatch(radius.strip()):
            mend = "write latitude,longitude, a space and the radius in kilometres"
            yield _must(f"{where}/circle[{place}]", f"{circle[:80]!r} is no circle", mend)
    for place, geocode in enumerate(area.geocode, 1):
        if not geocode.value_name:
            yield _must(f"{where}/geocode[{place}]/valueName", "is empty", "name the system that it belongs to")
    if area.ceiling is not None and area.altitude is None:
        yield _must(f"{where}/ceiling", "stands without altitude", "give the altitude that it is the upper end of")
    elif area.ceiling is not None and area.altitude is not None and area.ceiling < area.altitude:
        yield _must(f"{where}/ceiling", "lies below altitude", "it is the upper end of the range")


def _polygon(points: Sequence[str], where: str) -> Iterator[Fault]:
    wrong = [point for point in points if not _on_earth(point)]
    if wrong:
        yield _must(where, f"{wrong[0][:40]!r} is no point", "write latitude,longitude in degrees, within 90 and 180")
    elif len(points) < _LEAST_POINTS:
        yield _must(where, f"{len(points)} points bound no area", "give at least four, the last as the first")
    elif points[0] != points[-1]:
        yield _must(where, "is not closed", f"end it as it begins, with {points[0]}")


def _on_earth(point: str) -> bool:
    found = _POINT.fullmatch(point)
    return found is not None and abs(float(found[1])) <= 90 and abs(float(found[2])) <= 180


def _absolute(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.scheme and (parts.netloc or parts.path))


def _an(kind: MsgType) -> str:
    return f"{'an' if kind[0] in 'AEU' else 'a'} {kind}"


def _must(where: str, what: str, mend: str) -> Fault:
    return Fault(where, what, mend, Rule.PROSE)


def _should(where: str, what: str, mend: str) -> Fault:
    return Fault(where, what, mend, Rule.ADVICE)
