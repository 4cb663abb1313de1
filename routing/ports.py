"""What the use-cases need from the world, as Protocols. `storage` implements them; tests may too.

Everything is sync and belongs to one transaction; leaving it by an exception leaves no trace.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.events import Event
from routing.model import (
    Appointment,
    Case,
    CaseId,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    Household,
    Media,
    Person,
    PersonId,
    Timer,
    TimerKind,
    Unit,
    UnitCode,
    Words,
    WordsId,
    WordsKind,
)
from routing.moves.step import Tree
from routing.policy import Policy
from routing.records import Code, Doubt, Draft, Entry, Lane, Promise, Prompt

__all__ = [
    "Cases",
    "Chats",
    "Code",
    "Doubt",
    "Draft",
    "Entry",
    "Ids",
    "Lane",
    "Log",
    "Notebook",
    "Outbox",
    "People",
    "Promise",
    "Prompt",
    "Timers",
    "UnitOfWork",
    "Units",
    "WordsStore",
]


class Cases(Protocol):
    """The cases."""

    def add(self, case: Case) -> None:
        """Write a new case."""
        ...

    def get(self, case: CaseId) -> Case:
        """Read it, or raise `NoSuchCase`."""
        ...

    def by_number(self, number: int) -> Case:
        """Read it by its public number, or raise `NoSuchCase`."""
        ...

    def save(self, case: Case) -> Case:
        """Write it with its version counted up, unless it moved since it was read.

        Raises:
            Stale: another transaction wrote it first.
        """
        ...

    def next_number(self) -> int:
        """The next public number, without gaps in one city except for rolled-back filings."""
        ...

    def reported_by(self, person: PersonId, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """What they reported, newest first."""
        ...

    def owed_by(self, person: PersonId, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases that they hold, most urgent deadline first."""
        ...

    def offered_in(self, units: Sequence[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Unclaimed cases of these units, most urgent deadline first."""
        ...

    def open_in(self, units: Sequence[UnitCode], *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases held by these units, most urgent deadline first."""
        ...

    def open_of(self, grid: UnitCode, *, limit: int, offset: int = 0) -> Sequence[Case]:
        """Open cases that arose in *grid*, whoever holds them, most urgent deadline first."""
        ...

    def open_ids(self) -> Sequence[CaseId]:
        """Every open case, most urgent deadline first; to be gone through in slices."""
        ...

    def open_parts(self, case: CaseId) -> int:
        """How many split parts of it are not at an end."""
        ...

    def by_message(self, chat: ChatId, message_id: int) -> Case | None:
        """The case whose report, or any later words, is that message of the chat; also by a carrier message of ours."""
        ...


class Log(Protocol):
    """The append-only, hash-chained log of events."""

    def append(self, case: CaseId, event: Event, change: Mapping[str, object]) -> Entry:
        """Write the next line of the case's chain."""
        ...

    def of(self, case: CaseId) -> Sequence[Entry]:
        """All lines, oldest first, as stored (hashes are not checked here)."""
        ...


class WordsStore(Protocol):
    """Free texts and media, apart from the log so that they can be erased."""

    def put(
        self,
        case: CaseId,
        kind: WordsKind,
        author: PersonId | None,
        at: datetime,
        text: str,
        media: Sequence[Media] = (),
        chat: ChatId | None = None,
        message_id: int | None = None,
    ) -> WordsId:
        """Keep a text; returns its number."""
        ...

    def of(self, case: CaseId, kind: WordsKind | None = None) -> Sequence[Words]:
        """Texts of a case, oldest first."""
        ...

    def get(self, words: WordsId) -> Words | None:
        """One text; ``None`` when it was erased."""
        ...

    def at(self, chat: ChatId, message_id: int) -> Words | None:
        """The text that came as that message."""
        ...

    def rewrite(self, words: WordsId, text: str) -> None:
        """Its author edited the message."""
        ...

    def by(self, author: PersonId) -> Sequence[Words]:
        """Every text of theirs, oldest first."""
        ...

    def erase_of(self, person: PersonId) -> int:
        """Blank every text of theirs and drop its media; returns how many."""
        ...


class Timers(Protocol):
    """Deadline rows; one per (case, kind, unit)."""

    def put(self, timer: Timer) -> None:
        """Write or replace the row."""
        ...

    def stop(self, case: CaseId, kinds: Sequence[TimerKind], unit: UnitCode | None = None) -> None:
        """Delete rows; with *unit* only that unit's."""
        ...

    def of(self, case: CaseId) -> Sequence[Timer]:
        """All rows of a case."""
        ...

    def due(self, now: datetime, limit: int) -> Sequence[Timer]:
        """Rows whose ``next_at`` has come, earliest first."""
        ...


class Units(Tree, Protocol):
    """The tree of units."""

    def find(self, code: UnitCode) -> Unit | None:
        """The unit, if there is one."""
        ...

    def all(self) -> Sequence[Unit]:
        """Every unit, parents before children."""
        ...

    def below(self, code: UnitCode) -> Sequence[Unit]:
        """The unit and all its descendants."""
        ...

    def put(self, unit: Unit) -> None:
        """Write or replace it."""
        ...


class People(Protocol):
    """Persons, posts, households."""

    def meet(self, telegram_id: int, name: str, lang: str | None) -> Person:
        """The person with that Telegram id, created at the first sight; name and language are kept fresh."""
        ...

    def get(self, person: PersonId) -> Person | None:
        """The person; ``None`` when erased."""
        ...

    def set_lang(self, person: PersonId, lang: str) -> None:
        """Their own choice, stronger than Telegram's ``language_code``."""
        ...

    def appoint(self, appointment: Appointment) -> None:
        """Give a post (idempotent)."""
        ...

    def dismiss(self, person: PersonId, unit: UnitCode) -> None:
        """Take all posts in that unit away."""
        ...

    def posts_of(self, person: PersonId) -> Sequence[Appointment]:
        """Every post of theirs."""
        ...

    def staff_of(self, unit: UnitCode) -> Sequence[Appointment]:
        """Everybody with a post in that unit, workers first."""
        ...

    def put_household(self, household: Household) -> None:
        """Write or replace it."""
        ...

    def household(self, code: str) -> Household | None:
        """By its code."""
        ...

    def household_by_door_code(self, door_code: str) -> Household | None:
        """By what the slip says."""
        ...

    def households_in(self, grid: UnitCode) -> Sequence[Household]:
        """All homes of a grid."""
        ...

    def join_household(self, person: PersonId, household: str, at: datetime) -> None:
        """Bind the person to the home (idempotent)."""
        ...

    def leave_household(self, person: PersonId) -> None:
        """Unbind."""
        ...

    def household_of(self, person: PersonId) -> Household | None:
        """Their home."""
        ...

    def members_of(self, household: str) -> frozenset[PersonId]:
        """Who is bound to it."""
        ...

    def erase(self, person: PersonId) -> None:
        """Delete name, Telegram id, posts and bindings: the number stays and means nobody."""
        ...


class Chats(Protocol):
    """Telegram chats, by our own numbers."""

    def get(self, chat: ChatId) -> Chat:
        """The chat, or `LookupError`."""
        ...

    def find(self, bot: int, telegram_id: int) -> Chat | None:
        """By the pair that Telegram uses; old ids of migrated groups are followed."""
        ...

    def meet(self, bot: int, telegram_id: int, kind: ChatKind, title: str, state: ChatState) -> Chat:
        """The chat with that id, created at the first sight."""
        ...

    def private(self, person: PersonId) -> Chat | None:
        """Their private chat, if they ever opened one and the bot may write there (state OK)."""
        ...

    def of_unit(self, unit: UnitCode, kind: ChatKind) -> Chat | None:
        """The residents' chat of a grid, or the desk chat of a unit above."""
        ...

    def bind(self, chat: ChatId, kind: ChatKind, unit: UnitCode | None) -> None:
        """Make it the unit's chat of that kind; ``unit=None`` unbinds."""
        ...

    def set_state(self, chat: ChatId, state: ChatState) -> None:
        """Follow what Telegram told."""
        ...

    def set_lang(self, chat: ChatId, lang: str) -> None:
        """The language of a group."""
        ...

    def migrate(self, bot: int, old: int, new: int) -> Chat | None:
        """Give the chat its new Telegram id; bindings and promises stay. ``None`` if the old one is unknown.

        Every number of an old message is forgotten, because messages are counted anew there.
        """
        ...

    def all(self) -> Sequence[Chat]:
        """Every chat."""
        ...


class Outbox(Protocol):
    """What will be said, and what has been said where."""

    def promise(self, promise: Promise) -> None:
        """Keep it until the courier has an outcome; a key that was promised before changes nothing.

        A promise with a carrier replaces the unsent one for the same carrier and chat.
        """
        ...

    def carriers(self, carrier: str) -> Mapping[ChatId, int]:
        """Message ids of the carrier by chat."""
        ...

    def adopt(self, carrier: str, chat: ChatId, message_id: int) -> int | None:
        """Record a message as the carrier's; returns the one that was recorded before, if another (R10)."""
        ...

    def carrier_of(self, chat: ChatId, message_id: int) -> str | None:
        """Which carrier that message of ours is."""
        ...


class Notebook(Protocol):
    """Small things that must survive a restart: drafts, prompts, codes, once-only marks, counters."""

    def draft(self, key: str) -> Draft | None:
        """A draft in the making."""
        ...

    def keep_draft(self, draft: Draft) -> None:
        """Write or replace it."""
        ...

    def drop_draft(self, key: str) -> None:
        """It was submitted or cancelled."""
        ...

    def drafts_of(self, person: PersonId) -> Sequence[Draft]:
        """All drafts of theirs, oldest first."""
        ...

    def drafts_in(self, chat: ChatId) -> Sequence[Draft]:
        """All drafts of a chat, oldest first."""
        ...

    def drafts_due(self, step: str, before: datetime, limit: int) -> Sequence[Draft]:
        """Drafts at *step* untouched since *before*, oldest first."""
        ...

    def ask(self, prompt: Prompt) -> None:
        """Remember a question by the bot; the same key replaces it."""
        ...

    def prompt_for(self, chat: ChatId, person: PersonId, reply_to: int | None) -> Prompt | None:
        """The question that a message answers: by the message replied to, else in private the newest open one."""
        ...

    def unplaced_prompt(self, chat: ChatId, person: PersonId) -> Prompt | None:
        """The newest question to that person whose message is not recorded, as while it is still being sent."""
        ...

    def answered(self, key: str) -> None:
        """The question is done."""
        ...

    def issue_code(self, secret: str, code: Code) -> None:
        """Keep a code by its digest."""
        ...

    def code(self, secret: str) -> Code | None:
        """Look a code up."""
        ...

    def spend_code(self, secret: str, at: datetime) -> None:
        """Mark a once-only code as used."""
        ...

    def once(self, mark: str, at: datetime) -> bool:
        """True for the first caller with that mark, False ever after."""
        ...

    def count(self, counter: str, window_start: datetime) -> int:
        """Count one more in the window; returns the new count. An older window starts again at one."""
        ...

    def setting(self, key: str) -> str | None:
        """A small value, such as a polling offset."""
        ...

    def set_setting(self, key: str, value: str | None) -> None:
        """Write or delete it."""
        ...


class Ids(Protocol):
    """Makes time-ordered 63-bit numbers and secrets."""

    def new(self) -> int:
        """A number that was never given before and is larger than those given earlier."""
        ...

    def secret(self) -> str:
        """22 characters of base64url: 128 random bits."""
        ...

    def door_code(self) -> str:
        """Eight characters that are easy to read out and type, without 0 O 1 I L."""
        ...


class UnitOfWork(Protocol):
    """One transaction's view of the stores, with the rules in force."""

    @property
    def cases(self) -> Cases: ...  # noqa: D102 - the Protocol named says it

    @property
    def log(self) -> Log: ...  # noqa: D102

    @property
    def words(self) -> WordsStore: ...  # noqa: D102

    @property
    def timers(self) -> Timers: ...  # noqa: D102

    @property
    def units(self) -> Units: ...  # noqa: D102

    @property
    def people(self) -> People: ...  # noqa: D102

    @property
    def chats(self) -> Chats: ...  # noqa: D102

    @property
    def outbox(self) -> Outbox: ...  # noqa: D102

    @property
    def notebook(self) -> Notebook: ...  # noqa: D102

    @property
    def ids(self) -> Ids: ...  # noqa: D102

    @property
    def policy(self) -> Policy: ...  # noqa: D102

    @property
    def calendar(self) -> Calendar: ...  # noqa: D102

    @property
    def catalogue(self) -> Catalogue: ...  # noqa: D102
