"""How a town works, as data: levels, classes, limits, reminders. Bad policies are refused with file, key and reason.

A section of the file is a field of `Policy`, read in `_policy`; one with rules of its own is read beside them, as
`routing.limit_lines` does.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

from routing import broadcast_lines, buttons, departments, in_line, limit_lines, overdue, quiet, receiver_lines, rungs
from routing.broadcast_lines import Broadcasting
from routing.buttons import Buttons
from routing.calendar import OFFICE_HOURS, Hours, office_hours
from routing.catalogue import Catalogue
from routing.checked import BadPolicy, Checked, Shape
from routing.in_line import Contacts
from routing.limit_lines import LimitLine
from routing.limits import Limit
from routing.model import Case, Post, TimerKind, Unit, Urgency
from routing.overdue import Overdue
from routing.quiet import Quiet
from routing.receiver_lines import ReceiverLine
from routing.rungs import Rungs

CLASSES: Final = ("livelihood", "enforcement", "development")
"""The classes of the catalogue; a policy says where each of them starts, and may know more."""
REST: Final = "*"
"""Stands for the classes that have no table of their own."""
ASKED: Final = frozenset({Post.WORKER, Post.LEADER, Post.DISPATCHER})
"""Who is asked to claim where the policy does not say otherwise; helpers come after them."""
_ALONE: Final = {post: frozenset({post}) for post in Post}
EMERGENCY: Final = "+emergency"
"""How the version ends while a unit is in emergency mode."""
MOST_EXTENSIONS: Final = 2
MOST_SUSPENSIONS: Final = 1
"""What the laws of a case allow at most (law 6); a policy may be stricter."""
KEPT_DAYS: Final = 365
LEAST_KEPT_DAYS: Final = 30
MOST_KEPT_DAYS: Final = 3650
_TOP: Final[Shape] = {
    "name": str, "version": str, "levels": list, "grid": str, "public_stages": str, "classes": dict, "limits": list,
    "reminders": dict, "question": dict, "review": dict, "rating": dict, "closing": dict, "returns": dict,
    "extension": dict, "suspension": dict, "offer": dict, "limits_of_reports": dict, "legal": list, "receivers": list,
    "asked": dict, "departments": dict, "office": dict, "quiet": dict, "rungs": dict, "overdue": dict,
    "contacts": dict, "emergency": list, "cap": dict, "broadcasts": dict, "templates": list, "retention": dict,
    "buttons": dict, "call_back": dict,
}  # fmt: skip
_OPTIONAL: Final = (
    "legal", "receivers", "asked", "departments", "office", "quiet", "rungs", "overdue", "contacts", "emergency", "cap",
    "broadcasts", "templates", "retention", "buttons", "call_back",
)  # fmt: skip
"""What a file may leave out; everything else must be decided."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One city's way of working.

    Args:
        name: Of the city.
        version: Of this text; stored with every decision.
        levels: From the top down.
        grid: The level that has residents' chats and households; levels below it (micro-grids) speak in its chats.
        public_stages: Which chain of names the public sees, see `routing.stages`.
        starts_at: For each class the level that gets a new case first.
        receivers: What overrules that, see `routing.receiver_lines`.
        asked: By sort of grid or by level the posts that are asked first, one after the other.
        departments: By key or matter the units that own it, see `routing.departments`.
        limits: Read from top to bottom; the first line that fits decides.
        reminder_parts: Fractions of a limit at which a clock reminds before it runs out.
        repeat: How often a deadline that has passed rings again.
        question_pauses: Whether the handling clock waits for the reporter's answer.
        review_required: Whether a reply reaches the resident only after review.
        review_at: The level that reviews; ``None``: the one above the handler.
        rating_by: Who may rate.
        rating_reminders: How often before silence archives a case as unrated, or has its reporter called.
        call_back: The level that calls a silent reporter; ``None``: nobody does.
        call_tries: How often, if they are not reached.
        evidence: Whether classes that the catalogue marks need a photo.
        return_within: Of the dispatch.
        most_handovers: Between units; then none passes it on, and on a return the level above has the last word.
        most_extensions: For one case.
        most_suspensions: For one case.
        longest_suspension: From the day it is made.
        legal: Matters that go by law (案件类), each with the statutory body that decides; no due time is promised.
        office: When offices are open on a working day.
        quiet: The hours in which people are left alone; ``None``: there are none.
        rungs: What one level owes another, see `routing.rungs`.
        overdue: What becomes of a debt that nobody settles.
        contacts: Whom reminders go to, one after the other.
        buttons: Which ones the town does without, and which are never folded away.
        emergency: Lines that come before all others while a unit is in emergency mode.
        broadcasting: How long households have to answer, and how they are chased.
        cap_trusted: Senders of CAP warnings that are let out without anybody's word.
        offers_per_hour: Quiet offers in one residents' chat.
        reports_per_hour: By one person.
        keeps_words: How long after its end a case keeps texts, attachments and its reporter.
    """

    name: str
    version: str
    levels: tuple[str, ...]
    grid: str
    public_stages: Literal["four", "six"]
    starts_at: Mapping[str, str]
    receivers: tuple[ReceiverLine, ...]
    asked: Mapping[str, tuple[Post, ...]]
    departments: Mapping[str, tuple[str, ...]]
    limits: tuple[LimitLine, ...]
    reminder_parts: tuple[float, ...]
    repeat: Limit
    question_pauses: bool
    review_required: bool
    review_at: str | None
    rating_by: Literal["reporter", "household"]
    rating_reminders: int
    call_back: str | None
    call_tries: int
    evidence: bool
    return_within: Limit
    most_handovers: int
    most_extensions: int
    most_suspensions: int
    longest_suspension: Limit
    legal: Mapping[str, str]
    office: Hours
    quiet: Quiet | None
    emergency: tuple[LimitLine, ...]
    broadcasting: Broadcasting
    cap_trusted: tuple[str, ...]
    rungs: Rungs
    overdue: Overdue
    contacts: Contacts
    buttons: Buttons
    offers_per_hour: int
    reports_per_hour: int
    keeps_words: timedelta

    @property
    def stamp(self) -> str:
        """Name and version, as stored with every decision (law 14)."""
        return f"{self.name}@{self.version}"

    def in_emergency(self) -> "Policy":
        """The policy in force while a unit is in emergency mode: its lines come first, and no night holds news up.

        Only how long the law has stays as it is: no emergency shortens that.
        """
        lines = sorted((*self.emergency, *self.limits), key=lambda line: not line.lawful)
        return replace(self.without_nights(), version=f"{self.version}{EMERGENCY}", limits=tuple(lines))

    def without_nights(self) -> "Policy":
        """The same where no hours are quiet."""
        return replace(self, quiet=None, broadcasting=replace(self.broadcasting, quiet=None))

    def below_grid(self, level: str) -> bool:
        """Whether units of *level* lie within a grid, as micro-grids do."""
        return level in self.levels[self.levels.index(self.grid) + 1 :]

    def asking(self, unit: Unit) -> Sequence[frozenset[Post]]:
        """The posts that are asked to claim in *unit*: one set after the other, until somebody holds one."""
        sorts = [sort for sort in (unit.venue, unit.kind, unit.level) if sort in self.asked]
        first = [_ALONE[post] for sort in sorts for post in self.asked[sort or ""]]
        return (*first, ASKED, _ALONE[Post.HELPER])

    def limit(
        self, clock: TimerKind, *, top: str, level: str, urgency: Urgency, same_day: bool, legal: bool = False
    ) -> Limit:
        """The limit of *clock* for such a case at *level*.

        Raises:
            LookupError: no line fits; a policy that was loaded has a line for everything.
        """
        for line in self.limits:
            if line.fits(clock, top=top, level=level, urgency=urgency, same_day=same_day, legal=legal):
                return line.limit
        raise LookupError(f"{self.stamp} has no limit for {clock} at {level}, {top}, {urgency}")

    def limit_for(self, clock: TimerKind, case: Case, level: str, *, same_day: bool) -> Limit:
        """The limit of *clock* for *case* while a unit of *level* holds it."""
        legal = case.matter in self.legal
        return self.limit(clock, top=case.top, level=level, urgency=case.urgency, same_day=same_day, legal=legal)

    @classmethod
    def load(cls, name_or_path: str = "default") -> "Policy":
        """Read a preset by name or a TOML file by path.

        Raises:
            BadPolicy: unknown key, wrong type, contradiction, or a case for which no limit is given.
        """
        source, text = _read(name_or_path)
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise BadPolicy(source, "syntax", str(error)) from error
        return _policy(Checked(source, data, _TOP, optional=_OPTIONAL))


def presets() -> Sequence[str]:
    """Names of the policies that come with the program."""
    folder = files("routing") / "policies"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _read(name_or_path: str) -> tuple[str, str]:
    if name_or_path in presets():
        entry = files("routing") / "policies" / f"{name_or_path}.toml"
        return entry.name, entry.read_text("utf-8")
    path = Path(name_or_path)
    try:
        if not path.is_file():
            raise BadPolicy(
                name_or_path, "HUYING_POLICY", f"no such file, and no preset (there are: {', '.join(presets())})"
            )
        return str(path), path.read_text("utf-8")
    except OSError as error:
        raise BadPolicy(str(path), "HUYING_POLICY", f"the file cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadPolicy(str(path), "syntax", "the file is not UTF-8 text") from error


def _calling(toml: Checked, levels: Sequence[str]) -> Checked | None:
    """The section `[call_back]`; the level must be one above the residents' chats.

    Raises:
        BadPolicy: it names another level, or nobody would ever be called.
    """
    if toml.get("call_back") is None:
        return None
    section = toml.section("call_back", {"by": str, "tries": int})
    section.choice("by", levels[: levels.index(toml["grid"])])
    if section.count("tries") < 1:
        raise section.bad("tries", "must be at least 1; leave the section out if nobody calls")
    return section


def _starts(toml: Checked, levels: Sequence[str]) -> Mapping[str, str]:
    """The level where each class starts; `[classes."*"]` speaks, when it is there, of those that have no table.

    Raises:
        BadPolicy: a level is unknown, or with `REST` a class is none of the catalogue, or none is left for it.
    """
    tables = toml.sections("classes", {"starts_at": str})
    named = {name: str(table.choice("starts_at", levels)) for name, table in tables.items()}
    if REST not in named:
        return named
    rest = named.pop(REST)
    for name in named:
        if name not in CLASSES:
            known = ", ".join(CLASSES)
            raise toml.bad(f"classes.{name}", f"is no class of the catalogue ({known}); {REST} would hide the slip")
    if len(named) == len(CLASSES):
        raise toml.bad(f"classes.{REST}", "is never reached: each class of the catalogue has a table")
    return {name: named.get(name, rest) for name in CLASSES}


def _policy(toml: Checked) -> Policy:
    """Put a policy together from its sections."""
    levels = _levels(toml)
    starts_at = _starts(toml, levels)
    reminders = toml.section("reminders", {"parts": list, "repeat": str})
    review = toml.section("review", {"required": bool, "at": str}, optional=("at",))
    rating = toml.section("rating", {"by": str, "reminders": int})
    calling = _calling(toml, levels)
    returns = toml.section("returns", {"within": str, "hand_overs": int})
    suspension = toml.section("suspension", {"most": int, "longest": str})
    policy = Policy(
        name=toml.word("name"),
        version=toml.word("version"),
        levels=levels,
        grid=toml.choice("grid", levels[1:]),
        public_stages=toml.choice("public_stages", ("four", "six")),
        starts_at=starts_at,
        receivers=receiver_lines.read(toml, levels, starts_at, Catalogue.load().matters),
        asked=receiver_lines.asked(toml, levels),
        departments=departments.read(toml, Catalogue.load().matters),
        limits=limit_lines.read(toml, levels, starts_at),
        reminder_parts=reminders.parts("parts"),
        repeat=reminders.limit("repeat"),
        question_pauses=toml.section("question", {"pauses_handling": bool})["pauses_handling"],
        review_required=review["required"],
        review_at=review.get("at"),
        rating_by=rating.choice("by", ("reporter", "household")),
        rating_reminders=rating.count("reminders"),
        call_back=calling["by"] if calling else None,
        call_tries=calling.count("tries") if calling else 0,
        evidence=toml.section("closing", {"evidence": bool})["evidence"],
        return_within=returns.limit("within"),
        most_handovers=returns.count("hand_overs"),
        most_extensions=toml.section("extension", {"most": int}).count("most", MOST_EXTENSIONS),
        most_suspensions=suspension.count("most", MOST_SUSPENSIONS),
        longest_suspension=suspension.limit("longest"),
        legal=_legal(toml),
        office=_office(toml),
        quiet=quiet.read(toml),
        broadcasting=broadcast_lines.read(toml, quiet.read(toml)),
        cap_trusted=_trusted(toml),
        emergency=limit_lines.emergency(toml, levels, starts_at),
        rungs=rungs.read(toml),
        overdue=overdue.read(toml),
        contacts=in_line.read(toml, levels),
        buttons=buttons.read(toml),
        offers_per_hour=toml.section("offer", {"per_hour": int}).count("per_hour"),
        reports_per_hour=toml.section("limits_of_reports", {"per_person_per_hour": int}).count("per_person_per_hour"),
        keeps_words=_retention(toml),
    )
    _agree(toml, review, policy)
    return policy


def _levels(toml: Checked) -> tuple[str, ...]:
    values = toml["levels"]
    if not all(isinstance(value, str) and value for value in values):
        raise toml.bad("levels", "must be a list of names")
    if len(values) < 2 or len(set(values)) != len(values):
        raise toml.bad("levels", "give at least two different levels, the top one first")
    for level in values:
        if level in limit_lines.BESIDE:
            raise toml.bad("levels", f"{level} stands beside the tree and is no level of it")
    return tuple(values)


def _legal(toml: Checked) -> dict[str, str]:
    bodies: dict[str, str] = {}
    entries = toml.entries("legal", {"matter": str, "body": str})
    known = Catalogue.load().matters if entries else {}
    for entry in entries:
        if entry["matter"] not in known:
            raise entry.bad("matter", f"{entry['matter']} is no matter of the catalogue")
        if entry["matter"] in bodies:
            raise entry.bad("matter", f"{entry['matter']} stands in an earlier entry, too")
        bodies[entry["matter"]] = entry["body"]
    return bodies


def _trusted(toml: Checked) -> tuple[str, ...]:
    section = toml.section("cap", {"trusted": list}, optional=("trusted",))
    senders = section.get("trusted", [])
    if not all(isinstance(sender, str) and sender and not set(sender) & set(" ,<&") for sender in senders):
        raise section.bad("trusted", "must be senders as they stand in the sender element of a CAP message")
    return tuple(senders)


def _retention(toml: Checked) -> timedelta:
    section = toml.section("retention", {"case_days": int}, optional=("case_days",))
    days = int(section.get("case_days", KEPT_DAYS))
    if not LEAST_KEPT_DAYS <= days <= MOST_KEPT_DAYS:
        why = "somebody may still ask about what has just ended, and nothing is kept for ever"
        raise section.bad("case_days", f"must be from {LEAST_KEPT_DAYS} to {MOST_KEPT_DAYS}: {why}")
    return timedelta(days=days)


def _office(toml: Checked) -> Hours:
    section = toml.section("office", {"hours": list}, optional=("hours",))
    try:
        return office_hours(section["hours"]) if "hours" in section else OFFICE_HOURS
    except ValueError as error:
        raise section.bad("hours", str(error)) from error


def _agree(toml: Checked, review: Checked, policy: Policy) -> None:
    """Refuse settings that contradict each other."""
    for name in CLASSES:
        if name not in policy.starts_at:
            raise toml.bad(f"classes.{name}", "is missing: the catalogue has matters of that class")
    if policy.review_at is not None and not policy.review_required:
        raise review.bad("at", "says who reviews, but review.required is false")
    if policy.review_at is not None:
        review.choice("at", policy.levels[: policy.levels.index(policy.grid)])
    lawful = any(line.lawful for line in policy.limits)
    if lawful != bool(policy.legal):
        raise toml.bad("legal", "matters that go by law and a handle line with legal = true belong together")
