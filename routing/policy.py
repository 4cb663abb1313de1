"""How a town works, as data: levels, classes, limits, reminders. Bad policies are refused with file, key and reason."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from routing.limits import Limit
from routing.model import Case, TimerKind, Urgency

CLOCKS: Final = tuple(kind for kind in TimerKind if kind is not TimerKind.RESUME)
"""Clocks that need a limit; a suspension carries its own date."""


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

    def fits(self, clock: TimerKind, *, top: str, level: str, urgency: Urgency, same_day: bool) -> bool:
        """Whether this line speaks of such a case."""
        return (
            self.clock is clock
            and self.top in (None, top)
            and self.level in (None, level)
            and self.urgency in (None, urgency)
            and (same_day or not self.same_day)
        )


@dataclass(frozen=True, slots=True)
class Policy:
    """One city's way of working. ``levels`` runs from the top down; the last one is the grid."""

    name: str
    version: str
    levels: tuple[str, ...]
    public_stages: Literal["four", "six"]
    starts_at: Mapping[str, str]
    limits: tuple[LimitLine, ...]
    reminder_parts: tuple[float, ...]
    repeat: Limit
    question_pauses: bool
    review_required: bool
    rating_by: Literal["reporter", "household"]
    rating_reminders: int
    evidence: bool
    return_within: Limit
    most_handovers: int
    most_extensions: int
    most_suspensions: int
    longest_suspension: Limit
    offers_per_hour: int
    reports_per_hour: int

    @property
    def stamp(self) -> str:
        """Name and version, as stored with every decision (law 14)."""
        return f"{self.name}@{self.version}"

    def limit(self, clock: TimerKind, *, top: str, level: str, urgency: Urgency, same_day: bool) -> Limit:
        """The limit of *clock* for such a case at *level*.

        Raises:
            LookupError: no line fits; a policy that was loaded has a line for everything.
        """
        for line in self.limits:
            if line.fits(clock, top=top, level=level, urgency=urgency, same_day=same_day):
                return line.limit
        raise LookupError(f"{self.stamp} has no limit for {clock} at {level}, {top}, {urgency}")

    def limit_for(self, clock: TimerKind, case: Case, level: str, *, same_day: bool) -> Limit:
        """The limit of *clock* for *case* while a unit of *level* holds it."""
        return self.limit(clock, top=case.top, level=level, urgency=case.urgency, same_day=same_day)

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
    return str(path), path.read_text("utf-8")


class _Reader:
    """Turns a parsed TOML document into a `Policy`; every key must be known and of the right type."""

    def __init__(self, source: str, data: dict[str, Any]) -> None:
        self._source, self._data = source, data

    def policy(self) -> Policy:
        top = self._table(
            "",
            self._data,
            {
                "name": str, "version": str, "levels": list, "public_stages": str, "classes": dict, "limits": list,
                "reminders": dict, "question": dict, "review": dict, "rating": dict, "closing": dict, "returns": dict,
                "extension": dict, "suspension": dict, "offer": dict, "limits_of_reports": dict,
            },
        )  # fmt: skip
        levels = tuple(self._strings("levels", top["levels"]))
        if len(levels) < 2 or len(set(levels)) != len(levels):
            raise self._bad("levels", "give at least two different levels, the top one first")
        starts = {
            name: self._start(name, self._table(f"classes.{name}", body, {"starts_at": str}), levels)
            for name, body in top["classes"].items()
        }
        limits = tuple(self._line(i, body, levels, set(starts)) for i, body in enumerate(top["limits"], start=1))
        reminders = self._table("reminders", top["reminders"], {"parts": list, "repeat": str})
        rating = self._table("rating", top["rating"], {"by": str, "reminders": int})
        returns = self._table("returns", top["returns"], {"within": str, "hand_overs": int})
        suspension = self._table("suspension", top["suspension"], {"most": int, "longest": str})
        policy = Policy(
            name=top["name"],
            version=top["version"],
            levels=levels,
            public_stages=self._choice("public_stages", top["public_stages"], ("four", "six")),
            starts_at=starts,
            limits=limits,
            reminder_parts=self._parts(reminders["parts"]),
            repeat=self._limit("reminders.repeat", reminders["repeat"]),
            question_pauses=self._table("question", top["question"], {"pauses_handling": bool})["pauses_handling"],
            review_required=self._table("review", top["review"], {"required": bool})["required"],
            rating_by=self._choice("rating.by", rating["by"], ("reporter", "household")),
            rating_reminders=self._count("rating.reminders", rating["reminders"]),
            evidence=self._table("closing", top["closing"], {"evidence": bool})["evidence"],
            return_within=self._limit("returns.within", returns["within"]),
            most_handovers=self._count("returns.hand_overs", returns["hand_overs"]),
            most_extensions=self._count(
                "extension.most", self._table("extension", top["extension"], {"most": int})["most"]
            ),
            most_suspensions=self._count("suspension.most", suspension["most"]),
            longest_suspension=self._limit("suspension.longest", suspension["longest"]),
            offers_per_hour=self._count(
                "offer.per_hour", self._table("offer", top["offer"], {"per_hour": int})["per_hour"]
            ),
            reports_per_hour=self._count(
                "limits_of_reports.per_person_per_hour",
                self._table("limits_of_reports", top["limits_of_reports"], {"per_person_per_hour": int})[
                    "per_person_per_hour"
                ],
            ),
        )
        self._complete(policy)
        return policy

    def _bad(self, key: str, reason: str) -> BadPolicy:
        return BadPolicy(self._source, key, reason)

    def _table(self, where: str, body: Any, keys: Mapping[str, type], *, partial: bool = False) -> dict[str, Any]:
        if not isinstance(body, dict):
            raise self._bad(where, "must be a table")
        prefix = f"{where}." if where else ""
        for key, value in body.items():
            if key not in keys:
                raise self._bad(prefix + key, f"unknown key (known here: {', '.join(keys)})")
            if not isinstance(value, keys[key]) or (keys[key] is int and isinstance(value, bool)):
                raise self._bad(prefix + key, f"must be {_WORD[keys[key]]}")
        for key in keys:
            if key not in body and not partial:
                raise self._bad(prefix + key, "is missing")
        return body

    def _strings(self, key: str, values: list[Any]) -> list[str]:
        if not all(isinstance(value, str) and value for value in values):
            raise self._bad(key, "must be a list of names")
        return values

    def _choice(self, key: str, value: str, choices: tuple[str, ...]) -> Any:
        if value not in choices:
            raise self._bad(key, f"must be one of {', '.join(choices)}")
        return value

    def _count(self, key: str, value: int) -> int:
        if value < 0:
            raise self._bad(key, "must not be negative")
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

    def _start(self, name: str, body: dict[str, Any], levels: tuple[str, ...]) -> str:
        return str(self._choice(f"classes.{name}.starts_at", body["starts_at"], levels))

    def _line(self, index: int, body: Any, levels: tuple[str, ...], classes: set[str]) -> LimitLine:
        where = f"limits[{index}]"
        keys: dict[str, type] = {
            "clock": str,
            "limit": str,
            "class": str,
            "level": str,
            "urgency": str,
            "same_day": bool,
        }
        line = self._table(where, body, keys, partial=True)
        for needed in ("clock", "limit"):
            if needed not in line:
                raise self._bad(f"{where}.{needed}", "is missing")
        top, level, urgency = (None if line.get(key) == "*" else line.get(key) for key in ("class", "level", "urgency"))
        return LimitLine(
            clock=TimerKind(self._choice(f"{where}.clock", line["clock"], tuple(CLOCKS))),
            limit=self._limit(f"{where}.limit", line["limit"]),
            top=top and self._choice(f"{where}.class", top, tuple(sorted(classes))),
            level=level and self._choice(f"{where}.level", level, (*levels, "department")),
            urgency=Urgency(self._choice(f"{where}.urgency", urgency, tuple(Urgency))) if urgency else None,
            same_day=line.get("same_day", False),
        )

    def _complete(self, policy: Policy) -> None:
        for clock in CLOCKS:
            for level in policy.levels:
                for top in policy.starts_at:
                    for urgency in Urgency:
                        try:
                            policy.limit(clock, top=top, level=level, urgency=urgency, same_day=False)
                        except LookupError as error:
                            raise self._bad("limits", f"no line fits {clock}, {top}, {level}, {urgency}") from error


_WORD: Final[Mapping[type, str]] = {
    str: "a text", int: "a whole number", bool: "true or false", list: "a list", dict: "a table",
}  # fmt: skip
