"""The section `[buttons]`: which buttons a town does without, and which stand on the card though they are rare."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from routing.checked import Checked
from routing.events import (
    Conferred,
    Event,
    ExtensionAsked,
    HandedOver,
    Merged,
    Released,
    ReturnAsked,
    Split,
    Supervised,
    Suspended,
    Transferred,
    Whistled,
)

OPTIONAL: Final[Mapping[str, type[Event]]] = {
    "release": Released,
    "hand_over": HandedOver,
    "transfer": Transferred,
    "return": ReturnAsked,
    "extend": ExtensionAsked,
    "suspend": Suspended,
    "whistle": Whistled,
    "meet": Conferred,
    "split": Split,
    "merge": Merged,
    "supervise": Supervised,
}
"""Buttons that a town may do without, and what each of them causes: a case comes to its end all the same."""
RARE: Final = (
    "release", "hand_over", "transfer", "return", "extend", "suspend", "meet", "split", "merge", "skip", "strike",
    "ask", "note", "correct", "conflict", "refuse",
)  # fmt: skip
"""Buttons that stand behind 更多 on a card with many, at least in some statuses."""


@dataclass(frozen=True, slots=True)
class Buttons:
    """The section.

    Args:
        off: Not shown, and refused whoever presses them on an older card.
        first: Never folded away.
    """

    off: frozenset[str] = field(default_factory=frozenset)
    first: frozenset[str] = field(default_factory=frozenset)

    @property
    def barred(self) -> frozenset[type[Event]]:
        """What nobody may do here; what the clock does by itself it goes on doing."""
        return frozenset(OPTIONAL[name] for name in self.off)


def read(toml: Checked) -> Buttons:
    """The section, or what holds when the file has none.

    Raises:
        BadPolicy: a button is unknown, can't be done without, is never folded away, or is off and first at once.
    """
    section = toml.section("buttons", {"off": list, "first": list}, optional=("off", "first"))
    found = {}
    for key, known in (("off", tuple(OPTIONAL)), ("first", RARE)):
        found[key] = frozenset(map(str, section.get(key, [])))
        if unknown := sorted(found[key].difference(known)):
            raise section.bad(key, f"must be of {', '.join(known)}, and {unknown[0]} is not")
    if both := sorted(found["off"] & found["first"]):
        raise section.bad("first", f"{both[0]} is off")
    return Buttons(found["off"], found["first"])
