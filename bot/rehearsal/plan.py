"""What everybody will do: drawn from a seed for each report by itself, whatever happens at the same time."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

from routing.model import Rating, Told

T = TypeVar("T")


class Road(StrEnum):
    """How a report is filed."""

    COMMAND = "command"
    MENTION = "mention"
    PHOTO = "photo"
    PRIVATE = "private"


class Course(StrEnum):
    """What becomes of a case before its first handler resolves it."""

    STRAIGHT = "straight"
    ESCALATE = "escalate"
    RETURN = "return"
    TRANSFER = "transfer"
    WHISTLE = "whistle"
    EXTEND = "extend"
    SUSPEND = "suspend"
    UNANSWERED = "unanswered"  # nobody claims it until the response clock has rung
    OVERDUE = "overdue"  # nobody claims it until its time is up


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
COURSES: Final[Mapping[Course, int]] = {
    Course.STRAIGHT: 46,
    Course.ESCALATE: 18,
    Course.RETURN: 7,
    Course.TRANSFER: 4,
    Course.WHISTLE: 7,
    Course.EXTEND: 6,
    Course.SUSPEND: 4,
    Course.UNANSWERED: 4,
    Course.OVERDUE: 4,
}
TOLD: Final[Mapping[Told, int]] = {
    Told.SATISFIED: 45,
    Told.FAIR: 15,
    Told.NOT_SATISFIED: 20,
    Told.NOT_REACHED: 20,
}
"""What a reporter who did not rate says on the telephone."""
CALLS: Final = 3
"""So often a reporter is called at most."""
CLIMBS: Final = 3
"""So many levels a case is carried up at most."""
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
        stands: One per judgement: whether the level above lets the closing stand.
        course: What happens before it is resolved the first time.
        climbs: How many levels up it is carried, if it is.
        granted: Whether the level above agrees to what is asked of it: a return, an extension, a reply to review.
        told: One per call to a reporter who did not rate, where the town calls them: what is heard.
        comes: One per department that is called: whether it reports in before it has done its part.
    """

    road: Road
    rivals: bool
    in_group: bool
    asks: bool
    notes: bool
    complains: bool
    ratings: tuple[Rating | None, ...]
    stands: tuple[bool, ...]
    course: Course = Course.STRAIGHT
    climbs: int = 1
    granted: bool = True
    told: tuple[Told, ...] = (Told.NOT_REACHED,) * CALLS
    comes: tuple[bool, ...] = (True, True)


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
        course=_drawn(dice, COURSES),
        climbs=dice.randint(1, CLIMBS),
        granted=dice.random() < 0.8,
        comes=(dice.random() < 0.8, dice.random() < 0.8),
        told=tuple(_drawn(dice, TOLD) for _ in range(CALLS)),
    )


def habits_of(seed: int, author: str, grids: int) -> Habits:
    """The habits of the author of that name in a town of *grids* grids."""
    dice = Random(f"{seed}:author:{author}")  # noqa: S311 - a repeatable game, no secret
    return Habits(dice.randrange(grids), dice.random() < 0.7, "en" if dice.random() < 0.1 else "zh")


def _drawn(dice: Random, weights: Mapping[T, int]) -> T:
    return dice.choices(list(weights), list(weights.values()))[0]
