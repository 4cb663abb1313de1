"""What is counted while the town lives, and how the figures are summed up."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

PARTS: Final = ("report_to_card", "claim_to_shown", "resolve_to_asked")


@dataclass(slots=True)
class Sent:
    """A report that was sent, and what its author knows of it.

    Args:
        chat: Where: a group's id or, in private, the reporter's.
        message: The message that carries it, as Telegram numbers it.
        more: Further messages with the rest of a long text: their numbers and what they say.
        number: Of its case, once the bot has told.
        refused: The key of the sentence with which the bot refused it.
    """

    chat: int
    message: int
    more: dict[int, str] = field(default_factory=dict)
    number: int | None = None
    refused: str | None = None


@dataclass(slots=True)
class Stop:
    """A report that got stuck: its case's number, what was waited for, and the file with what the chats showed."""

    report: str
    number: int
    what: str
    transcript: str


@dataclass(slots=True)
class Figures:
    """Counted by the people themselves; times are in real seconds."""

    roads: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    courses: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    sent: list[Sent] = field(default_factory=list)
    stuck: list[Stop] = field(default_factory=list)
    times: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PARTS})
    rivals: int = 0
    judged: int = 0
    carried: int = 0

    def timed(self, part: str, seconds: float) -> None:
        """Note how long something took."""
        self.times[part].append(seconds)

    def summary(self) -> dict[str, Any]:
        """As plain data."""
        return {
            "by_road": dict(self.roads.most_common()),
            "by_course": dict(self.courses.most_common()),
            "told": dict(self.told.most_common()),
            "refusals": dict(self.refused.most_common()),
            "rivals": self.rivals,
            "judged": self.judged,
            "carried": self.carried,
            "stuck": [
                {"report": one.report, "case": one.number, "waited_for": one.what, "see": one.transcript}
                for one in self.stuck
            ],
            "times_s": {name: spread(times) for name, times in self.times.items()},
        }


def spread(times: Sequence[float]) -> dict[str, float | None]:
    """Median and 95th percentile; ``None`` when there is nothing."""
    ordered = sorted(times)
    if not ordered:
        return {"median": None, "p95": None}
    return {"median": round(ordered[len(ordered) // 2], 3), "p95": round(ordered[int(len(ordered) * 0.95)], 3)}
