"""Take a warning in as CAP 1.2, check one, or write a broadcast as one.

  huying cap FILE              a draft at the desk, or straight out when the policy trusts its sender
  huying cap FILE --check      says what is wrong with it and takes nothing
  huying cap --export NUMBER   writes that broadcast as a CAP message (to a file with --out)

An Update or a Cancel finds the warning that it is about. A message that came before changes nothing. FILE may be - for
the standard input.
"""

import argparse
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bot.cli._common import opened, settings, write_new
from broadcasts import relay
from broadcasts.cap.faults import BadCap
from broadcasts.cap.inward import for_everybody
from broadcasts.cap.model import Message
from broadcasts.cap.outward import exported
from broadcasts.cap.reading import as_text, read
from broadcasts.cap.writing import write
from broadcasts.refusals import NoDesk, NoSuchBroadcast, OutOfScope, UnknownFirst
from broadcasts.relay import Fate, Taken
from routing.model import UnitCode
from routing.refusals import Refusal
from storage.stores import Stores

WORDS: dict[type[Refusal], str] = {
    OutOfScope: "There is no such unit. Give the code of one with --unit.",
    NoDesk: "No desk chat is bound at that unit, above it or below it; bind one, so that somebody sees the draft.",
    UnknownFirst: "The warning that this one is about never came. Take that one in first.",
    NoSuchBroadcast: "There is no broadcast of that number.",
}
"""Refusals that the command line can meet, as sentences."""
_FATES: dict[Fate, str] = {
    Fate.DRAFTED: "#{number} is a draft at its desk now",
    Fate.RELEASED: "#{number} is on its way: the policy trusts its sender",
    Fate.CANCELLED: "#{number} is cancelled",
    Fate.CANCEL_ASKED: "#{number}: the policy does not trust the sender, so its desk was told of the cancellation",
    Fate.KNOWN: "#{number} stands for it already; nothing changed",
    Fate.NOT_FOR_PEOPLE: (
        "not meant for everybody (a scope that is not Public, a test, a draft, an Ack or the like); nothing was taken"
    ),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a CAP 1.2 message")
    what.add_argument("--export", type=int, metavar="NUMBER", help="the broadcast to write")
    parser.add_argument("--check", action="store_true", help="only say what is wrong with FILE")
    parser.add_argument("--unit", metavar="CODE", help="in whose name it is relayed; the top of the tree if not given")
    parser.add_argument("--out", type=Path, metavar="PATH", help="write the export to this file")


async def main(args: argparse.Namespace) -> int:
    """Do it."""
    try:
        return await (_export(args) if args.export is not None else _take(args))
    except BadCap as bad:
        for fault in bad.faults:
            print(fault, file=sys.stderr)
        print(f"{len(bad.faults)} wrong; nothing was taken.", file=sys.stderr)
    except tuple(WORDS) as refusal:
        print(f"huying: {WORDS[type(refusal)]}", file=sys.stderr)
    except OSError as error:
        if args.export is None:
            print(f"huying: {args.file} cannot be read: {error.strerror}.", file=sys.stderr)
        else:
            print(f"huying: {args.out} cannot be written: {error.strerror}. Nothing is overwritten.", file=sys.stderr)
    return 1


async def _take(args: argparse.Namespace) -> int:
    content = sys.stdin.buffer.read() if str(args.file) == "-" else args.file.read_bytes()
    message, advice = read(content)
    for one in advice:
        print(f"advice: {one}", file=sys.stderr)
    if args.check:
        able = "can be taken" if for_everybody(message) else "is valid but not meant for everybody: it is not taken"
        print(f"{args.file}: {message.msg_type}, {able}")
        return 0
    async with opened(settings(args)) as store:
        unit = UnitCode(args.unit) if args.unit else None
        taken = await store.work(relay.take, message, as_text(content), unit, datetime.now(UTC))
    print(said(taken))
    return 0


def said(taken: Taken) -> str:
    """What became of it, as a sentence."""
    return _FATES[taken.fate].format(number=taken.broadcast.number if taken.broadcast is not None else "")


async def _export(args: argparse.Namespace) -> int:
    async with opened(settings(args), read_only=True) as store:
        content = write(await store.read(export, args.export))
    if args.out is None:
        sys.stdout.write(content.decode())
        return 0
    write_new(args.out, content)
    print(f"wrote {args.out}")
    return 0


def export(stores: Stores, number: int) -> Message:
    """That broadcast as a message.

    Raises:
        NoSuchBroadcast: there is none of that number.
    """
    broadcast = stores.broadcasts.by_number(number)
    updated = stores.broadcasts.get(broadcast.updates) if broadcast.updates is not None else None
    local: Callable[[datetime], datetime] = stores.calendar.local
    return exported(broadcast, stores.units.get(broadcast.unit).name, local, updated)
