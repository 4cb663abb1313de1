"""Stores that were asked for many reports at once: units, people, chats and shifts, which no report changes.

What was not foreseen is asked as ever, once; an attempt to write ends in `LongWay`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import Connection, Select

from routing.model import Appointment, Chat, ChatId, ChatKind, Household, PersonId, UnitCode
from routing.ports import Ids
from routing.ports.gathering import LongWay
from routing.records import Shift
from storage.chats import SqlChats
from storage.duty import SqlBulletin, SqlShifts
from storage.erasures import SqlErasures
from storage.part import Held, Part
from storage.people import SqlPeople
from storage.prepared import Outcome
from storage.readings import SqlReadings
from storage.units import SqlUnits


class Foreseen(Part):
    """Answers each question once; changes nothing."""

    def __init__(self, connection: Connection, city: str, *others: Any) -> None:
        super().__init__(connection, city, *others)
        self._outcomes: dict[Any, tuple[Any, Outcome]] = {}
        """With the statement, which must live on for its id to stand for it alone."""

    def _run(self, statement: Any, changes: Mapping[str, Any] = {}, /, **values: Any) -> Outcome:
        if changes or not isinstance(statement, Select | Held):
            raise LongWay
        key = (id(statement), *(tuple(one) if isinstance(one, list) else one for one in values.values()))
        if key not in self._outcomes:
            self._outcomes[key] = statement, super()._run(statement, **values)
        return self._outcomes[key][1]

    def _put(self, *_: Any) -> NoReturn:
        raise LongWay

    def _each(self, *_: Any) -> NoReturn:
        raise LongWay


class ForeseenUnits(Foreseen, SqlUnits):
    """The tree."""


class ForeseenPeople(Foreseen, SqlPeople):
    """Persons, posts, households."""

    def __init__(self, connection: Connection, city: str, ids: Ids) -> None:
        super().__init__(connection, city, ids)
        self._staff: dict[UnitCode, Sequence[Appointment]] = {}
        self._homeless: set[PersonId] = set()

    def learn(self, units: Sequence[UnitCode], reporters: Sequence[PersonId]) -> None:
        """Read the staff of *units*, and which of *reporters* are bound to no home."""
        self._staff |= self.staff_among(units)
        self._homeless |= set(reporters) - self.homes_of(reporters).keys()

    def staff_of(self, unit: UnitCode) -> Sequence[Appointment]:
        """Everybody with a post in that unit, workers first."""
        if unit not in self._staff:
            self._staff[unit] = super().staff_of(unit)
        return self._staff[unit]

    def household_of(self, person: PersonId) -> Household | None:
        """Their home."""
        return None if person in self._homeless else super().household_of(person)


class ForeseenChats(Foreseen, SqlChats):
    """Telegram chats."""

    def __init__(self, connection: Connection, city: str, *others: Any) -> None:
        super().__init__(connection, city, *others)
        self.known: dict[ChatId, Chat] = {}
        self._of_units: dict[tuple[UnitCode, ChatKind], Chat | None] = {}
        self._private: dict[PersonId, Chat | None] = {}

    def learn(self, chats: Sequence[ChatId]) -> None:
        """Read these chats."""
        self._keep(self.among(chats))

    def learn_of(self, units: Sequence[UnitCode], people: Sequence[PersonId]) -> None:
        """Read the chats of *units*, and the private ones of *people*."""
        of_units = self.of_units(units)
        self._of_units |= {(unit, kind): None for unit in units for kind in (ChatKind.RESIDENTS, ChatKind.DESK)}
        self._of_units |= {(chat.unit, chat.kind): chat for chat in of_units if chat.unit is not None}
        private = self.private_among(people)
        self._private |= {person: private.get(person) for person in people}
        self._keep([*of_units, *private.values()])

    def get(self, chat: ChatId) -> Chat:
        """The chat, or `LookupError`."""
        if chat not in self.known:
            self._keep([super().get(chat)])
        return self.known[chat]

    def private(self, person: PersonId) -> Chat | None:
        """Their private chat, if they ever opened one and the bot may write there."""
        if person not in self._private:
            self._private[person] = super().private(person)
        return self._private[person]

    def of_unit(self, unit: UnitCode, kind: ChatKind) -> Chat | None:
        """The residents' chat of a grid, or the desk chat of a unit above."""
        if (unit, kind) not in self._of_units:
            self._of_units[unit, kind] = super().of_unit(unit, kind)
        return self._of_units[unit, kind]

    def _keep(self, chats: Sequence[Chat]) -> None:
        self.known |= {chat.id: chat for chat in chats}


class ForeseenShifts(Foreseen, SqlShifts):
    """The duty roster at one hour."""

    def __init__(self, connection: Connection, city: str, at: datetime) -> None:
        super().__init__(connection, city)
        self._at, self._learned = at, frozenset[UnitCode]()
        self._running: Sequence[Shift] = ()

    def learn(self, units: Sequence[UnitCode]) -> None:
        """Read the shifts of *units* that are running."""
        self._running, self._learned = super().among(units, self._at), frozenset(units)

    def among(self, units: Sequence[UnitCode], at: datetime) -> Sequence[Shift]:
        """Shifts of any of the units that are running at *at*, earliest start first."""
        if at != self._at or not self._learned.issuperset(units):
            return super().among(units, at)
        return [shift for shift in self._running if shift.unit in units] if self._running else ()


class ForeseenBulletin(Foreseen, SqlBulletin):
    """Units named for what they owe."""


class ForeseenReadings(Foreseen, SqlReadings):
    """Who read what."""


class ForeseenErasures(Foreseen, SqlErasures):
    """What was erased."""
