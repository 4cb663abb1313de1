"""How a town works, as data: levels, classes, limits, reminders. Bad policies are refused with file, key and reason."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal

from routing.catalogue import Catalogue
from routing.limits import Limit
from routing.model import Case, TimerKind, Urgency

CLOCKS: Final = tuple(kind for kind in TimerKind if kind is not TimerKind.RESUME)
"""Clocks that need a limit; a suspension carries its own date."""
CLASSES: Final = ("livelihood", "enforcement", "development")
"""The classes of the catalogue; a policy says where each of them starts, and may know more."""
BESIDE: Final = ("department", "partner")
"""Levels of units beside the tree; they hold cases too, so limits must cover them."""
MOST_EXTENSIONS: Final = 2
MOST_SUSPENSIONS: Final = 1
"""What the laws of a case allow at most (law 6); a policy may be stricter."""


class BadPolicy(ValueError):
    """The policy file cannot be used; the text says which file, which key and why."""

    def __init__(self, source: str, key: str, reason: str) -> None:
        super().__init__(f"{source}: {key}: {reason}")
        self.source, self.key, self.reason = source, key, reason


@dataclass(frozen=True, slots=True)
class LimitLine:
    """One line of the table of limits; ``None`` fits everything."""

    clock: TimerKind
    limit: Limit
    top: str | None = None
    level: str | None = None
    urgency: Urgency | None = None
    same_day: bool = False
    legal: bool = False

    def fits(
        self, clock: TimerKind, *, top: str, level: str, urgency: Urgency, same_day: bool, legal: bool = False
    ) -> bool:
        """Whether this line speaks of such a case."""
        return (
            self.clock is clock
            and self.top in (None, top)
            and self.level in (None, level)
            and self.urgency in (None, urgency)
            and (same_day or not self.same_day)
            and (legal or not self.legal)
        )

    def covers(self, other: "LimitLine") -> bool:
        """Whether every case that *other* speaks of is one that this line speaks of, too."""
        return (
            self.clock is other.clock
            and self.top in (None, other.top)
            and self.level in (None, other.level)
            and self.urgency in (None, other.urgency)
            and (other.same_day or not self.same_day)
            and (other.legal or not self.legal)
        )


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
        limits: Read from top to bottom; the first line that fits decides.
        reminder_parts: Fractions of a limit at which a clock reminds before it runs out.
        repeat: How often a deadline that has passed rings again.
        question_pauses: Whether the handling clock waits for the reporter's answer.
        review_required: Whether a reply reaches the resident only after review.
        review_at: The level that reviews; ``None``: the one above the handler.
        rating_by: Who may rate.
        rating_reminders: How often before silence archives a case as unrated.
        evidence: Whether classes that the catalogue marks need a photo.
        return_within: Of the dispatch.
        most_handovers: Between units, before whoever gets the case is designated.
        most_extensions: For one case.
        most_suspensions: For one case.
        longest_suspension: From the day it is made.
        legal: Matters that go by law (案件类), each with the statutory body that decides; no due time is promised.
        offers_per_hour: Quiet offers in one residents' chat.
        reports_per_hour: By one person.
    """

    name: str
    version: str
    levels: tuple[str, ...]
    grid: str
    public_stages: Literal["four", "six"]
    starts_at: Mapping[str, str]
    limits: tuple[LimitLine, ...]
    reminder_parts: tuple[float, ...]
    repeat: Limit
    question_pauses: bool
    review_required: bool
    review_at: str | None
    rating_by: Literal["reporter", "household"]
    rating_reminders: int
    evidence: bool
    return_within: Limit
    most_handovers: int
    most_extensions: int
    most_suspensions: int
    longest_suspension: Limit
    legal: Mapping[str, str]
    offers_per_hour: int
    reports_per_hour: int

    @property
    def stamp(self) -> str:
        """Name and version, as stored with every decision (law 14)."""
        return f"{self.name}@{self.version}"

    def below_grid(self, level: str) -> bool:
        """Whether units of *level* lie within a grid, as micro-grids do."""
        return level in self.levels[self.levels.index(self.grid) + 1 :]

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
        return _Reader(source, data).policy()


def presets() -> Sequence[str]:
    """Names of the policies that come with the program."""
    folder = files("routing") / "policies"
    return sorted(entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))


def _read(name_or_path: str) -> tuple[str, str]:
    if name_or_path in presets():
        entry = files("routing") / "policies" / f"{name_or_path}.toml"
        return entry.name, entry.read_text("utf-8")
    path = Path(name_or_path)
    if not path.is_file():
        raise BadPolicy(
            name_or_path, "HUYING_POLICY", f"no such file, and no preset (there are: {', '.join(presets())})"
        )
    try:
        return str(path), path.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise BadPolicy(str(path), "syntax", "the file is not UTF-8 text") from error


Shape = Mapping[str, type]
_TOP: Final[Shape] = {
    "name": str, "version": str, "levels": list, "grid": str, "public_stages": str, "classes": dict, "limits": list,
    "reminders": dict, "question": dict, "review": dict, "rating": dict, "closing": dict, "returns": dict,
    "extension": dict, "suspension": dict, "offer": dict, "limits_of_reports": dict, "legal": list,
}  # fmt: skip
_LINE: Final[Shape] = {
    "clock": str, "limit": str, "class": str, "level": str, "urgency": str, "same_day": bool, "legal": bool,
}  # fmt: skip
_WORD: Final[Mapping[type, str]] = {
    str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table",
}  # fmt: skip


class _Reader:
    """Turns a parsed TOML document into a `Policy`; every key must be known and of the right type."""

    def __init__(self, source: str, data: dict[str, Any]) -> None:
        self._source, self._top = source, data
        self._table("", data, _TOP, optional=("legal",))

    def policy(self) -> Policy:
        top = self._top
        levels = self._levels(top["levels"])
        starts = {name: self._start(name, body, levels) for name, body in top["classes"].items()}
        reminders = self._section("reminders", {"parts": list, "repeat": str})
        rating = self._section("rating", {"by": str, "reminders": int})
        returns = self._section("returns", {"within": str, "hand_overs": int})
        suspension = self._section("suspension", {"most": int, "longest": str})
        review = self._section("review", {"required": bool, "at": str}, optional=("at",))
        extension = self._section("extension", {"most": int})
        reports = self._section("limits_of_reports", {"per_person_per_hour": int})
        policy = Policy(
            name=self._name("name", top["name"]),
            version=self._name("version", top["version"]),
            levels=levels,
            grid=self._choice("grid", top["grid"], levels[1:]),
            public_stages=self._choice("public_stages", top["public_stages"], ("four", "six")),
            starts_at=starts,
            limits=tuple(self._line(i, body, levels, set(starts)) for i, body in enumerate(top["limits"], start=1)),
            reminder_parts=self._parts(reminders["parts"]),
            repeat=self._limit("reminders.repeat", reminders["repeat"]),
            question_pauses=self._section("question", {"pauses_handling": bool})["pauses_handling"],
            review_required=review["required"],
            review_at=review.get("at"),
            rating_by=self._choice("rating.by", rating["by"], ("reporter", "household")),
            rating_reminders=self._count("rating.reminders", rating["reminders"]),
            evidence=self._section("closing", {"evidence": bool})["evidence"],
            return_within=self._limit("returns.within", returns["within"]),
            most_handovers=self._count("returns.hand_overs", returns["hand_overs"]),
            most_extensions=self._count("extension.most", extension["most"], MOST_EXTENSIONS),
            most_suspensions=self._count("suspension.most", suspension["most"], MOST_SUSPENSIONS),
            longest_suspension=self._limit("suspension.longest", suspension["longest"]),
            legal=self._legal(top.get("legal", [])),
            offers_per_hour=self._count("offer.per_hour", self._section("offer", {"per_hour": int})["per_hour"]),
            reports_per_hour=self._count("limits_of_reports.per_person_per_hour", reports["per_person_per_hour"]),
        )
        self._agree(policy)
        self._complete(policy)
        return policy

    def _bad(self, key: str, reason: str) -> BadPolicy:
        return BadPolicy(self._source, key, reason)

    def _section(self, key: str, shape: Shape, optional: Sequence[str] = ()) -> dict[str, Any]:
        return self._table(key, self._top[key], shape, optional=optional)

    def _table(self, where: str, body: Any, shape: Shape, *, optional: Sequence[str] = ()) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise self._bad(where, "must be a table")
        prefix = f"{where}." if where else ""
        for key, value in body.items():
            if key not in shape:
                raise self._bad(prefix + key, f"unknown key (known here: {', '.join(shape)})")
            if not isinstance(value, shape[key]) or (shape[key] is int and isinstance(value, bool)):
                raise self._bad(prefix + key, f"must be {_WORD[shape[key]]}")
        for key in shape:
            if key not in body and key not in optional:
                raise self._bad(prefix + key, "is missing")
        return body

    def _levels(self, values: list[Any]) -> tuple[str, ...]:
        if not all(isinstance(value, str) and value for value in values):
            raise self._bad("levels", "must be a list of names")
        if len(values) < 2 or len(set(values)) != len(values):
            raise self._bad("levels", "give at least two different levels, the top one first")
        for level in set(values) & set(BESIDE):
            raise self._bad("levels", f"{level} stands beside the tree and is no level of it")
        return tuple(values)

    def _name(self, key: str, text: str) -> str:
        if not text or "@" in text or len(text.split()) != 1:
            raise self._bad(key, "must be one word without @; it is stored with every decision")
        return text

    def _choice(self, key: str, value: str, choices: Sequence[str]) -> Any:
        if value not in choices:
            raise self._bad(key, f"must be one of {', '.join(choices)}")
        return value

    def _count(self, key: str, value: int, most: int | None = None) -> int:
        if value < 0:
            raise self._bad(key, "must not be negative")
        if most is not None and value > most:
            raise self._bad(key, f"must not be more than {most}: that is a law of every case")
        return value

    def _limit(self, key: str, text: str) -> Limit:
        try:
            return Limit.parse(text)
        except ValueError as error:
            raise self._bad(key, str(error)) from error

    def _parts(self, parts: list[Any]) -> tuple[float, ...]:
        ordered = all(isinstance(part, int | float) and 0 < part < 1 for part in parts) and parts == sorted(set(parts))
        if not ordered:
            raise self._bad("reminders.parts", "must rise between 0 and 1, as in [0.5, 0.8]")
        return tuple(float(part) for part in parts)

    def _start(self, name: str, body: Any, levels: tuple[str, ...]) -> str:
        table = self._table(f"classes.{name}", body, {"starts_at": str})
        return str(self._choice(f"classes.{name}.starts_at", table["starts_at"], levels))

    def _line(self, index: int, body: Any, levels: tuple[str, ...], classes: set[str]) -> LimitLine:
        where = f"limits[{index}]"
        line = self._table(where, body, _LINE, optional=("class", "level", "urgency", "same_day", "legal"))
        top, level, urgency = (None if line.get(key) == "*" else line.get(key) for key in ("class", "level", "urgency"))
        return LimitLine(
            clock=TimerKind(self._choice(f"{where}.clock", line["clock"], CLOCKS)),
            limit=self._limit(f"{where}.limit", line["limit"]),
            top=top and self._choice(f"{where}.class", top, sorted(classes)),
            level=level and self._choice(f"{where}.level", level, (*levels, *BESIDE)),
            urgency=Urgency(self._choice(f"{where}.urgency", urgency, tuple(Urgency))) if urgency else None,
            same_day=line.get("same_day", False),
            legal=line.get("legal", False),
        )

    def _legal(self, entries: list[Any]) -> dict[str, str]:
        bodies: dict[str, str] = {}
        known = Catalogue.load().matters if entries else {}
        for index, entry in enumerate(entries, start=1):
            line = self._table(f"legal[{index}]", entry, {"matter": str, "body": str})
            if line["matter"] not in known:
                raise self._bad(f"legal[{index}].matter", f"{line['matter']} is no matter of the catalogue")
            if line["matter"] in bodies:
                raise self._bad(f"legal[{index}].matter", f"{line['matter']} stands in an earlier entry, too")
            bodies[line["matter"]] = line["body"]
        return bodies

    def _agree(self, policy: Policy) -> None:
        """Refuse settings that contradict each other."""
        for name in CLASSES:
            if name not in policy.starts_at:
                raise self._bad(f"classes.{name}", "is missing: the catalogue has matters of that class")
        if policy.review_at is not None and not policy.review_required:
            raise self._bad("review.at", "says who reviews, but review.required is false")
        if policy.review_at is not None:
            self._choice("review.at", policy.review_at, policy.levels[: policy.levels.index(policy.grid)])
        for index, line in enumerate(policy.limits, start=1):
            for number, earlier in enumerate(policy.limits[: index - 1], start=1):
                if earlier.covers(line):
                    raise self._bad(f"limits[{index}]", f"is never reached: limits[{number}] already fits all of it")
        lawful = any(line.legal and line.clock is TimerKind.HANDLE for line in policy.limits)
        if lawful != bool(policy.legal):
            raise self._bad("legal", "matters that go by law and a handle line with legal = true belong together")

    def _complete(self, policy: Policy) -> None:
        """Refuse a case without a limit, and one whose first word may come later than its solution."""
        for level, top, urgency in product((*policy.levels, *BESIDE), policy.starts_at, Urgency):
            given: dict[TimerKind, Limit] = {}
            for clock in CLOCKS:
                try:
                    given[clock] = policy.limit(clock, top=top, level=level, urgency=urgency, same_day=False)
                except LookupError as error:
                    raise self._bad("limits", f"no line fits {clock}, {top}, {level}, {urgency}") from error
            respond, handle = given[TimerKind.RESPOND], given[TimerKind.HANDLE]
            if respond.measure is handle.measure and respond.amount > handle.amount:
                reason = f"{top}, {level}, {urgency}: respond ({respond}) must not be longer than handle ({handle})"
                raise self._bad("limits", reason)
