"""The tree, the people in it, and the chats where they meet."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from routing.model import (
    Appointment,
    Chat,
    ChatId,
    ChatKind,
    ChatState,
    Household,
    Person,
    PersonId,
    Unit,
    UnitCode,
)
from routing.moves.step import Tree


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

    def children(self, code: UnitCode) -> Sequence[Unit]:
        """The units right below it, departments included."""
        ...

    def put(self, unit: Unit) -> None:
        """Write or replace it."""
        ...


class Seen(NamedTuple):
    """Somebody as Telegram shows them with an update."""

    telegram_id: int
    name: str
    lang: str | None


class People(Protocol):
    """Persons, posts, households."""

    def meet(self, telegram_id: int, name: str, lang: str | None) -> Person:
        """The person with that Telegram id, created at the first sight; name and language are kept fresh."""
        ...

    def meet_all(self, seen: Sequence[Seen]) -> Sequence[Person]:
        """The same for many at once, in their order."""
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

    def joined_in(self, grid: UnitCode) -> Mapping[str, int]:
        """How many people are bound to each home of a grid, by its code; homes without any are left out."""
        ...

    def settled(self, grids: Sequence[UnitCode]) -> Mapping[UnitCode, tuple[int, int, int]]:
        """Of each grid: its homes, how many of them somebody is bound to, and how many people that are.

        Grids without homes are left out.
        """
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

    def homes_of(self, people: Sequence[PersonId]) -> Mapping[PersonId, str]:
        """The codes of many people's homes; who has none is left out."""
        ...

    def members_of(self, household: str) -> frozenset[PersonId]:
        """Who is bound to it."""
        ...

    def traces(self, person: PersonId) -> Mapping[str, Any]:
        """What they left beside cases, ready for JSON: answers to broadcasts and roll-calls, pleas, me-toos."""
        ...

    def erase(self, person: PersonId, at: datetime) -> Mapping[str, int]:
        """Delete name, Telegram id, posts and bindings: the number stays and means nobody.

        Returns how many rows that were, by table.
        """
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

    def privates(self, person: PersonId) -> Sequence[Chat]:
        """Those with every bot of the town that they met and that may write to them."""
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
