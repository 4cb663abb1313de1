"""What becomes of a debt that nobody settles: after a multiple of its limit it is published, or taken a level up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from routing.checked import Checked
from routing.events import Fault
from routing.model import TimerKind

FAULTS: Final[Mapping[TimerKind, Fault]] = {
    TimerKind.RESPOND: Fault.UNANSWERED,
    TimerKind.HANDLE: Fault.LATE,
    TimerKind.REVIEW: Fault.UNREVIEWED,
    TimerKind.RULING: Fault.UNRULED,
}
"""The clocks whose debts come onto the bulletin, and as what."""
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Overdue:
    """Multiples of a limit, both greater than 1; ``None``: never.

    Args:
        bulletin_at: When the unit that owes comes onto the bulletin.
        escalate_at: When a case that is not solved goes up a level by itself.
    """

    bulletin_at: float | None = None
    escalate_at: float | None = None

    def multiples(self, kind: TimerKind) -> Sequence[float]:
        """The multiples of its limit at which a clock of *kind* rings once more, in order."""
        bulletin = self.bulletin_at if kind in FAULTS else None
        escalation = self.escalate_at if kind is TimerKind.HANDLE else None
        return sorted({one for one in (bulletin, escalation) if one is not None})


def read(toml: Checked) -> Overdue:
    """The section `[overdue]`.

    Raises:
        BadPolicy: a multiple is not between 1 and `MOST`.
    """
    section = toml.section(
        "overdue", {"bulletin_at": float, "escalate_at": float}, optional=("bulletin_at", "escalate_at")
    )
    for key in ("bulletin_at", "escalate_at"):
        if key in section and not 1 < section[key] <= MOST:
            raise section.bad(key, f"is a multiple of the limit, more than 1 and at most {MOST}, as in 2.0")
    bulletin, escalation = section.get("bulletin_at"), section.get("escalate_at")
    return Overdue(bulletin and float(bulletin), escalation and float(escalation))
