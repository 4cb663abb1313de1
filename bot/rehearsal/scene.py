"""The town on stage: who is there, and the two things that everybody does: press a button, answer a question."""

import asyncio
import base64
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from bot.rehearsal.feed import About, Feed, Message, Private, Stuck
from bot.rehearsal.figures import Figures, Stop
from bot.rehearsal.people import NotAllowed, People
from bot.rehearsal.phrases import is_refusal, key_of
from bot.rehearsal.plan import Habits, habits_of
from bot.sample.town import GRID, SampleTown
from bot.sandbox.files import sample_photo
from handlers._kit.asking import PromptCancelled
from handlers._kit.presses import name_of
from routing.model import Post
from routing.policy import Policy

GONE: Final = "refusal.stale_button"
"""What counts as the answer when the button has gone before somebody could press it."""


class Outcome(NamedTuple):
    """How a conversation ended: the key of what the bot said last, and when the person had said their part."""

    key: str | None
    at: float

    @property
    def refused(self) -> bool:
        """Whether the bot said no."""
        return is_refusal(self.key)


class Author:
    """Somebody who reports: made at their first report."""

    def __init__(self, name: str, habits: Habits) -> None:
        self.name, self.habits = name, habits
        self.id = 0
        self.talks = False
        self.arriving = asyncio.Lock()


class Scene:
    """What all reports share.

    Args:
        town: The sample town, furnished.
        people: Lets people act.
        feed: Shows what happens.
        figures: Where things are counted.
        seed: Of everybody's habits.
        folder: Takes the transcripts of whatever got stuck.
        lapse_s: How many real seconds the town takes to archive an unrated case; ``None``: too long to wait for.
        policy: How the town works.
        rosters: Telegram ids of those who are asked to claim, by unit.
        speed: How many times faster than life its clock runs.
    """

    def __init__(
        self,
        town: SampleTown,
        people: People,
        feed: Feed,
        figures: Figures,
        *,
        seed: int,
        folder: Path,
        lapse_s: float | None,
        policy: Policy,
        rosters: Mapping[str, Sequence[int]],
        speed: float,
    ) -> None:
        self.town, self.people, self.feed, self.figures = town, people, feed, figures
        self.lapse_s, self.policy, self.speed = lapse_s, policy, speed
        self.photo = base64.b64encode(sample_photo(1, 320, 240)).decode()
        self.links: dict[str, str] = {}
        """What follows /start in the link to a private draft, by grid."""
        self._seed, self._folder = seed, folder
        self._rosters = rosters
        self._units = {
            **{person: unit for unit in town.levels for person in self.staff(unit)},
            **{group.id: unit for unit, group in town.chats.items()},
        }
        self._authors: dict[str, Author] = {}
        self._busy: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    def author(self, name: str) -> Author:
        """The one person behind that name."""
        if name not in self._authors:
            self._authors[name] = Author(name, habits_of(self._seed, name, len(self.town.grids)))
        return self._authors[name]

    def chat(self, unit: str) -> int:
        """The group of a unit; 0 for a micro-grid, which has none."""
        group = self.town.chats.get(unit)
        return group.id if group else 0

    def staff(self, unit: str) -> Sequence[int]:
        """Whoever is asked to claim in a unit."""
        return self._rosters[unit]

    def unit_of(self, chat: int) -> str | None:
        """Whose chat that is: a group's unit, or the one in which that person works."""
        return self._units.get(chat)

    def path(self, unit: str) -> list[str]:
        """The units above, the nearest first."""
        return sorted((code for code in self.town.levels if unit.startswith(code) and code != unit), key=len)[::-1]

    def above(self, unit: str) -> str:
        """The unit above; at the top the same one."""
        return next(iter(self.path(unit)), unit)

    def leading(self, unit: str) -> str:
        """The unit whose leader may call others about a case of *unit*: itself or the nearest one above with a desk."""
        return next(
            code
            for code in (unit, *self.path(unit))
            if self.town.levels[code] != GRID and code in self.town.chats and self.town.staff(code, Post.LEADER)
        )

    def leader(self, unit: str) -> int:
        """Who leads a unit."""
        return self.town.staff(unit, Post.LEADER)[0].id

    def reviewer(self, unit: str) -> int:
        """Who reviews there: a reviewer, else the leader."""
        return next(iter(self.town.staff(unit, Post.REVIEWER)), self.town.staff(unit, Post.LEADER)[0]).id

    def busy(self, person: int) -> asyncio.Lock:
        """Held while somebody is in a conversation with the bot: people do one thing at a time."""
        return self._busy[person]

    async def press(self, person: int, message: Message, data: str) -> str | None:
        """Press a button and wait for the answer; returns its key if it is a known sentence."""
        try:
            query = await self.people.press(person, message.chat, message.id, data)
        except NotAllowed:
            return GONE
        return key_of(await self.feed.answer(query))

    async def converse(self, person: int, number: int, message: Message, data: str, **answer: Any) -> Outcome:
        """Press, and answer the bot's private question.

        Args:
            person: Who.
            number: Of the case.
            message: Where the button is.
            data: What it sends.
            **answer: ``text``, and ``photo=True`` to send it under a picture.
        """
        async with self.busy(person):
            before = self.feed.newest(person)
            key = await self.press(person, message, data)
            if is_refusal(key):
                return Outcome(key, time.monotonic())
            return await self.reply(person, number, before, **answer)

    async def reply(self, person: int, number: int, before: int, *, text: str, photo: bool = False) -> Outcome:
        """Answer the question that the bot has put in private after message *before*."""
        question = await self.feed.wait(
            About(number),
            lambda one: one.chat == person and one.id > before and _asks(one),
            "the bot's question",
            person,
        )
        at = time.monotonic()
        if photo:
            sent = await self.people.send_photo(person, person, text, self.photo, reply_to=question.id)
        else:
            sent = await self.people.write(person, person, text, reply_to=question.id)
        said = await self.feed.wait(
            Private(person),
            lambda one: one.id > sent and key_of(one.text) is not None,
            "a word on the answer",
            person,
        )
        return Outcome(key_of(said.text), at)

    async def note_stuck(self, report: str, stuck: Stuck, chats: Sequence[int], number: int) -> None:
        """Keep what the chats showed when a report got stuck; *number* is its case's, 0 when it has none yet."""
        shown = [await self.people.transcript(chat) for chat in dict.fromkeys((*stuck.where, *chats))]
        file = self._folder / f"stuck-{len(self.figures.stuck) + 1}.txt"
        about = f"#{number}: " if number else ""
        file.write_text(f"{about}waited for {stuck.what}\n\n" + "\n\n".join(shown), encoding="utf-8")
        self.figures.stuck.append(Stop(report, number, stuck.what, str(file)))


def data_of(message: Message, payload: type[Any], ending: str = "") -> str:
    """What the button for *payload* under the message sends; empty when it has none."""
    start = f"{name_of(payload)}:"
    found = (one for one in message.data if f"{one}:".startswith(start) and one.endswith(ending))
    return next(found, "")


def _asks(message: Message) -> bool:
    """Whether the bot puts a question: one that can be cancelled, or one that need not be answered."""
    return bool(data_of(message, PromptCancelled)) or key_of(message.text) == "ask.why"
