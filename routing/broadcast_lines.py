"""How a town broadcasts: how long people have to answer, when the silent are chased, and its own ready-made texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Final

from routing.checked import Checked, Shape
from routing.limits import Measure
from routing.quiet import Quiet

KINDS: Final = ("alert", "notice", "reminder", "exercise")
"""The classes of a broadcast, as templates name them."""
NIGHT: Final = Quiet(time(22), time(7))
"""When only red and orange leave, where a policy names no quiet hours."""
WINDOW: Final = timedelta(hours=4)
SHORTEST: Final = timedelta(minutes=10)
LONGEST: Final = timedelta(days=7)
STEPS: Final = {"group_at": 0.3, "private_at": 0.5, "doors_at": 0.8}
"""The steps of the chase in order, each at a part of the window, where a policy has no section `[broadcasts]`."""
_SECTION: Final[Shape] = {"window": str, "group_at": float, "private_at": float, "doors_at": float}
_TEMPLATE: Final[Shape] = {
    "code": str, "class": str, "name": dict, "text": dict, "matter": dict, "action": dict, "emergency": bool,
}  # fmt: skip
_WORDS: Final[Shape] = {"zh": str, "en": str}
_CODE_LENGTH: Final = 16
_LONGEST_TEXT: Final = 1000

Words = Mapping[str, str]
"""The same in each language."""


@dataclass(frozen=True, slots=True)
class Template:
    """A ready-made text.

    Args:
        code: By which a button names it; one of a text that comes with the program takes that one's place.
        kind: One of `KINDS`.
        name: On the button; of an alert the hazard, too.
        text: What it says; empty for an alert.
        matter: Of an alert: what may happen.
        action: Of an alert: what to do.
        emergency: It is offered only while the unit is in emergency mode, and then first.
    """

    code: str
    kind: str
    name: Words
    text: Words
    matter: Words
    action: Words
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class Broadcasting:
    """What a policy says of broadcasts.

    Args:
        window: How long households have to answer when the author does not say.
        group_at: At which part of the window the group is reminded; ``None``: never.
        private_at: When silent households are reminded in private.
        doors_at: When workers get the list of doors.
        templates: The town's own.
        quiet: When nothing leaves but red and orange; ``None``: they leave at any hour.
    """

    window: timedelta = WINDOW
    group_at: float | None = STEPS["group_at"]
    private_at: float | None = STEPS["private_at"]
    doors_at: float | None = STEPS["doors_at"]
    templates: tuple[Template, ...] = ()
    quiet: Quiet | None = NIGHT


def read(toml: Checked, quiet: Quiet | None) -> Broadcasting:
    """The sections `[broadcasts]` and `[[templates]]`.

    Raises:
        BadPolicy: the window is too short or too long, a step comes before an earlier one, a template lacks words.
    """
    templates, quiet = _templates(toml), quiet or NIGHT
    if "broadcasts" not in toml:
        return Broadcasting(templates=templates, quiet=quiet)
    section = toml.section("broadcasts", _SECTION, optional=tuple(_SECTION))
    parts = {key: float(section[key]) for key in STEPS if key in section}
    for key, part in parts.items():
        if not 0 < part < 1:
            raise section.bad(key, "is a part of the window, between 0 and 1, as in 0.5")
    for (earlier, before), (later, after) in zip(list(parts.items()), list(parts.items())[1:], strict=False):
        if after <= before:
            raise section.bad(later, f"must come later than {earlier}: the group, then in private, then the doors")
    return Broadcasting(_window(section), **{key: parts.get(key) for key in STEPS}, templates=templates, quiet=quiet)


def _window(section: Checked) -> timedelta:
    if "window" not in section:
        return WINDOW
    limit = section.limit("window")
    if limit.measure is not Measure.CLOCK_HOURS or not SHORTEST <= timedelta(hours=limit.amount) <= LONGEST:
        raise section.bad("window", 'is clock time between ten minutes and seven days, as in "4 clock_hours"')
    return timedelta(hours=limit.amount)


def _templates(toml: Checked) -> tuple[Template, ...]:
    entries = toml.entries("templates", _TEMPLATE, optional=("text", "matter", "action", "emergency"))
    found: dict[str, Template] = {}
    for entry in entries:
        code = entry.word("code")
        if len(code) > _CODE_LENGTH or ":" in code or not code.isascii():
            raise entry.bad("code", f"must be up to {_CODE_LENGTH} ASCII characters without a colon: buttons carry it")
        if code in found:
            raise entry.bad("code", f"{code} stands in an earlier entry, too")
        found[code] = _template(entry, code)
    return tuple(found.values())


def _template(entry: Checked, code: str) -> Template:
    kind = str(entry.choice("class", KINDS))
    wanted = ("matter", "action") if kind == "alert" else ("text",)
    for key in ("text", "matter", "action"):
        if key in entry and key not in wanted:
            raise entry.bad(key, f"has no place in a template of that class, which says {' and '.join(wanted)}")
        if key in wanted and key not in entry:
            raise entry.bad(key, f"is missing: a template of that class says {' and '.join(wanted)}")
    said = {key: _words(entry, key) if key in entry else {} for key in ("name", "text", "matter", "action")}
    return Template(code, kind, **said, emergency=bool(entry.get("emergency", False)))


def _words(entry: Checked, key: str) -> Words:
    section = entry.section(key, _WORDS)
    words = {lang: str(section[lang]).strip() for lang in _WORDS}
    for lang, text in words.items():
        if not 0 < len(text) <= _LONGEST_TEXT:
            raise section.bad(lang, f"must have words, up to {_LONGEST_TEXT} characters")
    return words
