"""What is wrong with a CAP message: the element, what it says, and how to mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Rule(StrEnum):
    """Where the rule stands that was broken."""

    SCHEMA = "schema"  # the XML schema says so
    PROSE = "prose"  # only the text of the standard says so: "must"
    ADVICE = "advice"  # the text says "should"; the message is taken all the same


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; *where* is a path such as ``alert/info[1]/area[2]/polygon[1]``."""

    where: str
    what: str
    mend: str
    rule: Rule

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.mend}"


class BadCap(ValueError):
    """The message cannot be used. ``faults`` has everything that is wrong with it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)
