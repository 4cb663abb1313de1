"""List the policies, check a file of one, or show what one says and how a case lives under it."""

import argparse
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from bot.cli._common import settings
from bot.settings import SettingsError
from routing import picture, stages
from routing.limit_lines import BESIDE, clocks
from routing.model import Status, TimerKind, Urgency
from routing.policy import Policy, presets

GAP: Final = "  "
Row = Sequence[str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of the command."""
    deeds = parser.add_subparsers(title="deeds", metavar="DEED", dest="deed", required=True)
    deeds.add_parser("list", help="the policies that come with the program")
    check = deeds.add_parser("check", help="say whether a file can be used, else which key is wrong and why")
    check.add_argument("policy", metavar="FILE", help="a .toml file, or the name of a policy")
    show = deeds.add_parser("show", help="limits, receivers, switches and the lifecycle under a policy")
    show.add_argument(
        "policy",
        metavar="NAME",
        nargs="?",
        help="the name of a policy or the path of a .toml file; by default what HUYING_POLICY names",
    )


def run(args: argparse.Namespace) -> int:
    """Do it; a policy that can't be used ends the command with its file, key and reason."""
    if args.deed == "list":
        loaded = [Policy.load(name) for name in presets()]
        print(_columns([[one.name, one.version, " > ".join(one.levels)] for one in loaded]))
        return 0
    name = args.policy or settings(args).policy
    if name not in presets() and not Path(name).is_file():
        raise SettingsError(f"There is no file {name}, and no policy of that name: {', '.join(presets())}.")
    policy = Policy.load(name)
    print(f"{policy.stamp} can be used." if args.deed == "check" else shown(policy))
    return 0


def shown(policy: Policy) -> str:
    """Everything that *policy* says, for reading."""
    owners = policy.departments.items()
    parts = {
        f"{policy.stamp}": _columns(list(_shape(policy))),
        "Who gets a new case: the first line that fits and finds a unit": _columns(list(_receivers(policy))),
        "Where a new case starts that no line fits": _columns(list(policy.starts_at.items())),
        "Who is asked first": _columns([[key, ", ".join(posts)] for key, posts in policy.asked.items()]),
        "Who owns a matter, where names do not say so": _columns([[key, ", ".join(names)] for key, names in owners]),
        "Limits": _columns([_head(policy), *_limits(policy)]),
        "Limits in emergency mode, before all others": _columns(list(_emergency(policy))),
        "By law, without a due time": _columns(list(policy.legal.items())),
        "Switches": _columns(list(_switches(policy))),
        "Texts for broadcasts, beside those that come with the program": _columns(list(_templates(policy))),
        "The life of a case": picture.mermaid(policy),
    }
    return "\n\n".join(f"{title}\n\n{text}" for title, text in parts.items() if text)


def _shape(policy: Policy) -> Iterator[Row]:
    yield "levels", " > ".join(policy.levels)
    yield "residents' chats", policy.grid
    yield "public stages", " · ".join(part.value for part in stages.chain(policy.public_stages))
    for status in Status:
        yield f"  {status}", stages.reached(policy.public_stages, status).value


def _receivers(policy: Policy) -> Iterator[Row]:
    """Each line with its name, which cases it fits, and why in words."""
    for line in policy.receivers:
        fits = {"class": line.top, "kind": line.kind, "matter": line.matter, "grid": line.grid, "urgency": line.urgency}
        narrowed = [f"{name} {value}" for name, value in fits.items() if value]
        narrowed += [name for name, wanted in (("same day", line.same_day), ("large", line.large)) if wanted]
        yield line.name, ", ".join(narrowed) or "every case", f"to {line.to}", line.en


def _head(policy: Policy) -> Row:
    return ["clock", "level", "class", "ordinary", "urgent", "same day", *(["by law"] if policy.legal else [])]


def _limits(policy: Policy) -> Iterator[Row]:
    """A row for each clock, level and class; levels and classes with the same limits share one."""
    levels = (*policy.levels, *BESIDE)
    for clock in clocks(called=policy.call_back is not None):
        cells = {level: {top: tuple(_cells(policy, clock, level, top)) for top in policy.starts_at} for level in levels}
        for among in _alike(levels, cells):
            by_class = cells[among[0]]
            for classes in _alike(tuple(by_class), by_class):
                yield [clock.value, _all(among, levels), _all(classes, by_class), *by_class[classes[0]]]


def _emergency(policy: Policy) -> Iterator[Row]:
    """The lines that come first in an emergency, in their order; a star fits everything."""
    for line in policy.emergency:
        which = [line.level or "*", line.top or "*", (line.urgency or "*"), "same day" if line.same_day else "*"]
        yield [line.clock.value, *which, str(line.limit)]


def _cells(policy: Policy, clock: TimerKind, level: str, top: str) -> Iterator[str]:
    """The limits of the clock in the columns of `_head`."""
    limit = partial(policy.limit, clock, top=top, level=level)
    yield str(limit(urgency=Urgency.ORDINARY, same_day=False))
    yield str(limit(urgency=Urgency.URGENT, same_day=False))
    yield str(limit(urgency=Urgency.ORDINARY, same_day=True))
    if policy.legal:
        yield str(limit(urgency=Urgency.ORDINARY, same_day=False, legal=True))


def _all(some: Sequence[str], known: Collection[str]) -> str:
    return "all" if len(some) == len(known) else ", ".join(some)


def _alike(names: Sequence[str], values: Mapping[str, object]) -> list[list[str]]:
    """The names, those with equal values together, in the order in which they come first."""
    groups: list[list[str]] = []
    for name in names:
        group = next((one for one in groups if values[one[0]] == values[name]), None)
        if group is None:
            groups.append([name])
        else:
            group.append(name)
    return groups


def _switches(policy: Policy) -> Iterator[Row]:
    reviewer = policy.review_at or "the level above"
    yield "review before the reply", f"by {reviewer}" if policy.review_required else "no"
    yield "reminders at", ", ".join(f"{part:.0%}" for part in policy.reminder_parts) or "the deadline only"
    yield "after the deadline again every", str(policy.repeat)
    order = " > ".join(policy.contacts.order) or "to all who may claim"
    yield "reminders go", f"{order} ({', '.join(sorted(policy.contacts.levels))})" if policy.contacts.levels else order
    yield "what nobody takes in time", "is given to them, in that order" if policy.contacts.assign else "waits for them"
    overdue = policy.overdue
    yield "on the bulletin at", f"{overdue.bulletin_at:g} times the limit" if overdue.bulletin_at else "never"
    yield "up a level by itself at", f"{overdue.escalate_at:g} times the limit" if overdue.escalate_at else "never"
    yield "a question to the reporter pauses the clock", _yes(policy.question_pauses)
    yield "photo for classes that need one", _yes(policy.evidence)
    yield "who rates", f"the {policy.rating_by}"
    yield "reminders to rate", str(policy.rating_reminders)
    tries = f"by {policy.call_back}, up to {policy.call_tries} times"
    yield "silent reporters are called back", tries if policy.call_back else "no"
    yield "return within", str(policy.return_within)
    yield "hand-overs after which the level above rules for good", str(policy.most_handovers)
    skipping, rungs = ", ".join(sorted(policy.rungs.skip_by)) or "nobody", policy.rungs
    yield "who may skip a level, with a reason", skipping
    yield "what goes up with a case", "words and a photo" if rungs.record == "evidence" else "words"
    yield "strikes off who does not come", "the caller, or a unit above" if rungs.caller_strikes else "a unit above"
    yield "buttons that are not in use", ", ".join(sorted(policy.buttons.off)) or "none"
    yield "buttons that are never folded away", ", ".join(sorted(policy.buttons.first)) or "the usual ones"
    yield "extensions", str(policy.most_extensions)
    yield "suspensions", f"{policy.most_suspensions}, of {policy.longest_suspension} at most"
    yield "the office is open", ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in policy.office)
    quiet = policy.quiet
    yield "quiet hours", f"{quiet.begins:%H:%M}-{quiet.ends:%H:%M}" if quiet else "none"
    yield from _broadcasts(policy)
    yield "quiet offers in a chat per hour", str(policy.offers_per_hour)
    yield "reports of one person per hour", str(policy.reports_per_hour)
    yield "texts and reporter are erased", f"{policy.keeps_words.days} days after a case's end"


def _broadcasts(policy: Policy) -> Iterator[Row]:
    said = policy.broadcasting
    yield "households have to answer a broadcast", f"{said.window.total_seconds() / 3600:g} hours"
    steps = {"the group": said.group_at, "in private": said.private_at, "list of doors": said.doors_at}
    parts = [f"{name} {part:.0%}" for name, part in steps.items() if part is not None]
    yield "the silent are chased at", ", ".join(parts) or "never"
    yield "warning centres that are trusted", ", ".join(policy.cap_trusted) or "none"


def _templates(policy: Policy) -> Iterator[Row]:
    for one in policy.broadcasting.templates:
        yield one.kind, one.code, one.name["en"], one.name["zh"], "in an emergency" if one.emergency else ""


def _yes(switch: bool) -> str:
    return "yes" if switch else "no"


def _columns(rows: Sequence[Row]) -> str:
    """The rows with their cells under one another."""
    if not rows:
        return ""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        GAP.join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
