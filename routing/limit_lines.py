"""The table of limits of a policy: read from top to bottom, the first line that fits decides."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from typing import Final

from routing.checked import Checked, Shape
from routing.limits import LEAST_OF_A_DAY, Limit, Measure
from routing.model import TimerKind, Urgency

CLOCKS: Final = tuple(kind for kind in TimerKind if kind is not TimerKind.RESUME)
"""Clocks that a limit may be given for; a suspension carries its own date."""
BESIDE: Final = ("department", "partner")
"""Levels of units beside the tree; they hold cases too, so limits must cover them."""
_LINE: Final[Shape] = {
    "clock": str, "limit": str, "class": str, "level": str, "urgency": str, "same_day": bool, "legal": bool,
}  # fmt: skip


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

    @property
    def lawful(self) -> bool:
        """Whether it says how long the desk watches what the law decides."""
        return self.legal and self.clock is TimerKind.HANDLE

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


def clocks(*, called: bool) -> tuple[TimerKind, ...]:
    """Those that need a limit: the one for calling back only where silent reporters are *called*."""
    return tuple(one for one in CLOCKS if called or one is not TimerKind.CALL_BACK)


def read(toml: Checked, levels: Sequence[str], classes: Collection[str]) -> tuple[LimitLine, ...]:
    """The lines of `[[limits]]`.

    Raises:
        BadPolicy: a line can't be read or is never reached, a case has no limit, or its first word may come later
            than its solution.
    """
    entries = toml.entries("limits", _LINE, optional=("class", "level", "urgency", "same_day", "legal"))
    lines = tuple(_line(entry, levels, classes) for entry in entries)
    for index, line in enumerate(lines, start=1):
        for number, earlier in enumerate(lines[: index - 1], start=1):
            if earlier.covers(line):
                raise toml.bad(f"limits[{index}]", f"is never reached: limits[{number}] already fits all of it")
    called = toml.get("call_back") is not None
    if not called and any(line.clock is TimerKind.CALL_BACK for line in lines):
        raise toml.bad("limits", "a limit for call_back needs the section [call_back], which says who calls")
    _complete(toml, lines, levels, classes, clocks(called=called))
    return lines


def emergency(toml: Checked, levels: Sequence[str], classes: Collection[str]) -> tuple[LimitLine, ...]:
    """The lines of `[[emergency]]`, read before those of `[[limits]]` while a unit is in emergency mode.

    How long what the law decides is watched is read before both.

    Raises:
        BadPolicy: a line can't be read, or is never reached.
    """
    entries = toml.entries("emergency", _LINE, optional=("class", "level", "urgency", "same_day", "legal"))
    lines = tuple(_line(entry, levels, classes) for entry in entries)
    for index, line in enumerate(lines, start=1):
        if any(earlier.covers(line) for earlier in lines[: index - 1]):
            raise toml.bad(f"emergency[{index}]", "is never reached: an earlier line fits all of it")
    return lines


def _line(entry: Checked, levels: Sequence[str], classes: Collection[str]) -> LimitLine:
    narrowed = {key for key in ("class", "level", "urgency") if entry.get(key, "*") != "*"}
    return LimitLine(
        clock=TimerKind(entry.choice("clock", CLOCKS)),
        limit=entry.limit("limit"),
        top=entry.choice("class", sorted(classes)) if "class" in narrowed else None,
        level=entry.choice("level", (*levels, *BESIDE)) if "level" in narrowed else None,
        urgency=Urgency(entry.choice("urgency", tuple(Urgency))) if "urgency" in narrowed else None,
        same_day=entry.get("same_day", False),
        legal=entry.get("legal", False),
    )


def _complete(
    toml: Checked,
    lines: Sequence[LimitLine],
    levels: Sequence[str],
    classes: Collection[str],
    clocks: Collection[TimerKind],
) -> None:
    """Refuse a case without a limit, and one whose first word may come later than its solution."""
    for level, top, urgency, same_day in product((*levels, *BESIDE), classes, Urgency, (False, True)):
        given: dict[TimerKind, Limit] = {}
        for clock in clocks:
            fit = (line for line in lines if line.fits(clock, top=top, level=level, urgency=urgency, same_day=same_day))
            line = next(fit, None)
            if line is None:
                raise toml.bad("limits", f"no line fits {clock}, {top}, {level}, {urgency}")
            given[clock] = line.limit
        respond, handle = given[TimerKind.RESPOND], given[TimerKind.HANDLE]
        if _outlasts(respond, handle):
            reason = f"{top}, {level}, {urgency}: respond ({respond}) must not be longer than handle ({handle})"
            raise toml.bad("limits", reason)


def _outlasts(respond: Limit, handle: Limit) -> bool:
    """Whether *respond* may run out after *handle*, as far as their measures can be compared."""
    if handle.measure is Measure.SAME_DAY and respond.measure is not Measure.SAME_DAY:
        return respond.measure is not Measure.CLOCK_HOURS or timedelta(hours=respond.amount) > LEAST_OF_A_DAY
    return respond.measure is handle.measure and respond.amount > handle.amount
