"""What everybody will do: drawn from a seed for each report by itself, whatever happens at the same time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

from routing.model import Rating

T = TypeVar("T")


class Road(StrEnum):
    """How a report is filed."""

    COMMAND = "command"
    MENTION = "mention"
    PHOTO = "photo"
    PRIVATE = "private"


ROADS: Final = {Road.COMMAND: 35, Road.MENTION: 25, Road.PHOTO: 20, Road.PRIVATE: 20}
FIRST_RATINGS: Final[Mapping[Rating | None, int]] = {
    Rating.SATISFIED: 60,
    Rating.FAIR: 16,
    Rating.NOT_SATISFIED: 16,
    None: 8,
}
LATER_RATINGS: Final[Mapping[Rating | None, int]] = {
    Rating.SATISFIED: 50,
    Rating.FAIR: 20,
    Rating.NOT_SATISFIED: 24,
    None: 6,
}
CLOSINGS: Final = 4
"""So often a report is closed at most: whoever was never content is after the last one."""


@dataclass(frozen=True, slots=True)
class Habits:
    """What somebody is like.

    Args:
        grid: Which of the town's grids they live in, counted from 0.
        talks: Whether they open a private chat with the bot.
        language: Of their Telegram.
    """

    grid: int
    talks: bool
    language: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What happens to one report.

    Args:
        road: How it is filed.
        rivals: Two workers press Claim at once.
        in_group: The worker claims on the group's card rather than on their own.
        asks: The worker asks the reporter something first.
        notes: The worker writes a note first.
        complains: Who is not satisfied says why when asked.
        ratings: One per closing, ``None``: they never rate.
        stands: One per judgement: whether the street lets the closing stand.
    """

    road: Road
    rivals: bool
    in_group: bool
    asks: bool
    notes: bool
    complains: bool
    ratings: tuple[Rating | None, ...]
    stands: tuple[bool, ...]


def plan_of(seed: int, report: str) -> Plan:
    """The plan for the report with that id."""
    dice = Random(f"{seed}:report:{report}")  # noqa: S311 - a repeatable game, no secret
    ratings = [_drawn(dice, FIRST_RATINGS), *(_drawn(dice, LATER_RATINGS) for _ in range(CLOSINGS - 2))]
    return Plan(
        road=_drawn(dice, ROADS),
        rivals=dice.random() < 0.2,
        in_group=dice.random() < 0.5,
        asks=dice.random() < 0.1,
        notes=dice.random() < 0.1,
        complains=dice.random() < 0.5,
        ratings=(*ratings, Rating.SATISFIED),
        stands=tuple(dice.random() < 0.7 for _ in range(CLOSINGS)),
    )


def habits_of(seed: int, author: str, grids: int) -> Habits:
    """The habits of the author of that name in a town of *grids* grids."""
    dice = Random(f"{seed}:author:{author}")  # noqa: S311 - a repeatable game, no secret
    return Habits(dice.randrange(grids), dice.random() < 0.7, "en" if dice.random() < 0.1 else "zh")


def _drawn(dice: Random, weights: Mapping[T, int]) -> T:
    return dice.choices(list(weights), list(weights.values()))[0]
