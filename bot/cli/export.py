"""Export cases, events, readings, the bulletin, monthly sheets, what is late, or broadcasts; JSON lines or CSV."""

import argparse
import io
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bot.cli._broadcasts import export_broadcasts
from bot.cli._common import opened, settings, write_new
from bot.cli._sheets import export_late, export_months
from bot.tables import write
from routing import stages
from routing.catalogue import TIP_OFF
from routing.events import Event
from routing.masking import mask_name, mask_names, mask_text
from routing.model import Case, Channel, PersonId
from storage.codec import encode
from storage.log import digested, entry
from storage.reports import Reports
from storage.stores import Stores

CASES: Final = (
    "number", "status", "stage", "grid", "unit", "holder", "category", "category_name", "kind", "urgency", "channel",
    "building", "text", "filed_at", "due_at", "provisional", "responded_at", "resolved_at", "archived_at", "overdue",
    "reopened", "me_too", "rating_first", "rating_final", "told_by_phone", "rule", "policy",
)  # fmt: skip
READINGS: Final = ("number", "at", "by", "unit", "post", "what", "why")
BULLETIN: Final = ("number", "fault", "unit", "unit_name", "since_at", "entered_at")
EVENTS: Final = (
    "number", "case", "seq", "of", "event", "at", "instant", "by", "unit", "post", "digest", "hash",
)  # fmt: skip


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    parser.add_argument("what", choices=tuple(EXPORTS))
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    parser.add_argument("--out", type=Path, help="write to this file instead of the screen")


async def main(args: argparse.Namespace) -> int:
    """Export them."""
    question = EXPORTS[args.what]
    async with opened(settings(args), read_only=True) as store:
        text = await store.read(question, args.format)
    if args.out is None:
        sys.stdout.write(text)
        return 0
    try:
        write_new(args.out, text.encode("utf-8-sig" if args.format == "csv" else "utf-8"))
    except OSError as error:
        print(f"huying: {args.out} cannot be written: {error.strerror}. Nothing is overwritten.", file=sys.stderr)
        return 2
    print(f"wrote {args.out}")
    return 0


def export_cases(stores: Stores, form: str) -> str:
    """Every case, one object or row each."""
    out = io.StringIO()
    write(_cases(stores), CASES, form, out)
    return out.getvalue()


def export_events(stores: Stores, form: str) -> str:
    """Every line of every log, with what proves that none was altered, left out or displaced: `storage.chain`."""
    out = io.StringIO()
    write(_events(stores), EVENTS, form, out)
    return out.getvalue()


def export_bulletin(stores: Stores, form: str) -> str:
    """Every entry of the bulletin: the unit that is named, for which case and what, and since when it owes that."""
    out = io.StringIO()
    write(_bulletin(stores), BULLETIN, form, out)
    return out.getvalue()


def _bulletin(stores: Stores) -> Iterator[dict[str, Any]]:
    for row in Reports(stores.connection, stores.city).bulletin():
        unit = stores.units.find(row["unit"])
        named = {"fault": row["fault"].value, "unit": row["unit"], "unit_name": unit.name if unit else ""}
        instants = {name: _when(stores, row[name]) for name in ("since_at", "entered_at")}
        yield {"number": row["number"], **named, **instants}


def _cases(stores: Stores) -> Iterator[dict[str, Any]]:
    for case, text in Reports(stores.connection, stores.city).cases():
        yield as_row(stores, case, text)


def as_row(stores: Stores, case: Case, text: str) -> dict[str, Any]:
    """One case as an export shows it: free text masked, and none of a report made in private or in confidence.

    No rule finds every name that somebody writes; before neighbours they knew who reads along, in private they did not.
    """
    unseen = case.confidential or case.channel is Channel.PRIVATE
    matter = stores.catalogue.matters.get(case.matter)
    return {
        "number": case.number,
        "status": case.status.value,
        "stage": stages.STAGE_OF[case.status].value,
        "grid": case.grid,
        "unit": case.unit,
        "holder": _name(stores, case.holder),
        "category": case.matter,
        "category_name": matter.zh if matter else "",
        "kind": case.kind,
        "urgency": case.urgency.value,
        "channel": case.channel.value,
        "building": "" if case.confidential else case.place.building,
        "text": "" if unseen else _masked(stores, case, text),
        "filed_at": _when(stores, case.filed_at),
        "due_at": _when(stores, case.due_at),
        "provisional": case.provisional,
        "responded_at": _when(stores, case.responded_at),
        "resolved_at": _when(stores, case.resolved_at),
        "archived_at": _when(stores, case.archived_at),
        "overdue": case.overdue,
        "reopened": case.reopened,
        "me_too": case.me_too,
        "rating_first": case.rating_first and case.rating_first.value,
        "rating_final": case.rating_final and case.rating_final.value,
        "told_by_phone": case.told and case.told.value,
        "rule": case.rule,
        "policy": case.policy,
    }


def _masked(stores: Stores, case: Case, text: str) -> str:
    """The text without whatever leads to a person, the reporter's own name included."""
    reporter = stores.people.get(case.reporter) if case.reporter is not None else None
    return mask_text(mask_names(text, [reporter.name] if reporter else []))


def _events(stores: Stores) -> Iterator[dict[str, Any]]:
    for case, _ in Reports(stores.connection, stores.city).cases():
        lines = stores.log.lines(case.id)
        for line in lines:
            event = entry(line).event
            yield {
                "number": case.number,
                "case": case.id,
                "seq": line.seq,
                "of": len(lines),
                "event": line.event,
                "at": _when(stores, event.at),
                "instant": encode(event.at),
                "by": None if _hidden(case, event) else _name(stores, event.by),
                "unit": event.unit,
                "post": event.post and event.post.value,
                "digest": digested(line),
                "hash": line.hash,
            }


def _hidden(case: Case, event: Event) -> bool:
    """Whether nobody may know who did it: whoever tipped us off, staff or not, did it in no post."""
    return case.kind == TIP_OFF and event.post is None


def export_readings(stores: Stores, form: str) -> str:
    """Who read what as an observer, or opened how a reporter can be reached."""
    out = io.StringIO()
    write(_readings(stores), READINGS, form, out)
    return out.getvalue()


def _readings(stores: Stores) -> Iterator[dict[str, Any]]:
    for case, _ in Reports(stores.connection, stores.city).cases():
        for one in stores.readings.of(case.id):
            yield {
                "number": case.number,
                "at": _when(stores, one.at),
                "by": _name(stores, one.person),
                "unit": one.unit,
                "post": one.post.value,
                "what": one.kind.value,
                "why": mask_text(one.reason),
            }


def _when(stores: Stores, instant: datetime | None) -> str | None:
    return stores.calendar.local(instant).isoformat(timespec="seconds") if instant else None


def _name(stores: Stores, person: PersonId | None) -> str | None:
    """Staff by their published name, residents masked."""
    if person is None:
        return None
    posts = stores.people.posts_of(person)
    known = stores.people.get(person)
    return posts[0].name if posts else mask_name(known.name) if known else None


EXPORTS: Final[Mapping[str, Callable[[Stores, str], str]]] = {
    "cases": export_cases,
    "events": export_events,
    "readings": export_readings,
    "bulletin": export_bulletin,
    "months": export_months,
    "late": export_late,
    "broadcasts": export_broadcasts,
}
