"""All stores over one transaction: what a use-case is given as its unit of work."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from routing.calendar import Calendar
from routing.catalogue import Catalogue
from routing.model import ChatId
from routing.policy import Policy
from routing.ports import Ids
from routing.ports.gathering import Expected
from storage import sealing
from storage.broadcasts import SqlBroadcasts
from storage.cases import SqlCases
from storage.chats import SqlChats
from storage.duty import SqlBulletin, SqlShifts, SqlSummaries
from storage.engines import NumberStore
from storage.erasures import SqlErasures
from storage.inbox import Inbox
from storage.log import SqlLog
from storage.notebook import SqlNotebook
from storage.outbox import SqlOutbox
from storage.people import SqlPeople
from storage.plans import SqlEmergencies, SqlPlans, SqlRollCalls, SqlTasks
from storage.readings import SqlReadings
from storage.receipts import SqlReceipts
from storage.sending import Outgoing
from storage.sharing import Sharing
from storage.targets import SqlTargets
from storage.timers import SqlTimers
from storage.units import SqlUnits
from storage.words import SqlWords

if TYPE_CHECKING:
    from storage.gathered import Gathered


@dataclass(frozen=True, slots=True)
class Setting:
    """What every transaction of a store has in common.

    Args:
        city: Whose rows; no transaction crosses it.
        clock: The aware UTC instant, for since when a promise waits; use-cases are told the time as an argument.
        numbers: Where the public numbers of cases come from.
        ring: With what personal fields are sealed; ``None`` where they stand as they are.
    """

    city: str
    policy: Policy
    calendar: Calendar
    catalogue: Catalogue
    ids: Ids
    clock: Callable[[], datetime]
    numbers: NumberStore
    ring: sealing.Ring | None = None


class Stores:
    """All stores over one connection in a transaction.

    It is `routing.ports.UnitOfWork` and `broadcasts.ports.UnitOfWork`, with the inbox and the courier's side.
    """

    def __init__(self, connection: Connection, setting: Setting) -> None:
        self.connection, self._setting = connection, setting
        sealing.use(setting.ring)
        self.here: ChatId | None = None

    def gathered(self, reports: Sequence[Expected], at: datetime) -> "Gathered":
        """The same transaction for many plain reports, with what they need asked for all of them at once."""
        from storage.gathered import Gathered

        return Gathered(self.connection, self._setting, reports, at, self.log.written)

    @property
    def happened(self) -> tuple[Sequence[str], Mapping[str, int], Mapping[str, int]]:
        """What these stores have done so far that an onlooker counts; see `storage.watching.Watch.happened`."""
        used = self.__dict__
        return (
            self.log.written if "log" in used else (),
            self.receipts.counted if "receipts" in used else {},
            self.sending.dropped if "sending" in used else {},
        )

    @property
    def city(self) -> str:
        """Whose rows these are."""
        return self._setting.city

    @property
    def clock(self) -> Callable[[], datetime]:
        """Tells the aware UTC instant, where nobody handed one over."""
        return self._setting.clock

    @property
    def ids(self) -> Ids:
        """Makes numbers and secrets."""
        return self._setting.ids

    @property
    def policy(self) -> Policy:
        """How the town works."""
        return self._setting.policy

    @property
    def calendar(self) -> Calendar:
        """Its working days."""
        return self._setting.calendar

    @property
    def catalogue(self) -> Catalogue:
        """What a report can be about."""
        return self._setting.catalogue

    @cached_property
    def cases(self) -> SqlCases:
        """The cases."""
        return SqlCases(self.connection, self.city, self._setting.numbers)

    @cached_property
    def log(self) -> SqlLog:
        """What happened to them."""
        return SqlLog(self.connection, self.city)

    @cached_property
    def words(self) -> SqlWords:
        """What people wrote about them."""
        return SqlWords(self.connection, self.city, self.ids)

    @cached_property
    def timers(self) -> SqlTimers:
        """Deadline rows."""
        return SqlTimers(self.connection, self.city)

    @cached_property
    def units(self) -> SqlUnits:
        """The tree."""
        return SqlUnits(self.connection, self.city)

    @cached_property
    def people(self) -> SqlPeople:
        """Persons, posts, households."""
        return SqlPeople(self.connection, self.city, self.ids)

    @cached_property
    def chats(self) -> SqlChats:
        """Telegram chats."""
        return SqlChats(self.connection, self.city, self.ids, self._setting.clock)

    @cached_property
    def shifts(self) -> SqlShifts:
        """The duty roster."""
        return SqlShifts(self.connection, self.city)

    @cached_property
    def summaries(self) -> SqlSummaries:
        """What is said together."""
        return SqlSummaries(self.connection, self.city)

    @cached_property
    def bulletin(self) -> SqlBulletin:
        """Units named for what they owe."""
        return SqlBulletin(self.connection, self.city)

    @cached_property
    def tasks(self) -> SqlTasks:
        """What workers are to do."""
        return SqlTasks(self.connection, self.city)

    @cached_property
    def rollcalls(self) -> SqlRollCalls:
        """Forms that every household answers."""
        return SqlRollCalls(self.connection, self.city)

    @cached_property
    def plans(self) -> SqlPlans:
        """Plan files and their runs."""
        return SqlPlans(self.connection, self.city)

    @cached_property
    def emergencies(self) -> SqlEmergencies:
        """Which units are in emergency mode."""
        return SqlEmergencies(self.connection, self.city)

    @cached_property
    def outbox(self) -> SqlOutbox:
        """What will be said."""
        return SqlOutbox(self.connection, self.city, self.ids, self._setting.clock)

    @cached_property
    def sending(self) -> Outgoing:
        """The same from the courier's side."""
        return Outgoing(self.connection, self.city)

    @cached_property
    def inbox(self) -> Inbox:
        """What Telegram told."""
        return Inbox(self.connection, self.city)

    @cached_property
    def leases(self) -> Sharing:
        """Who of several programs does what."""
        return Sharing(self.connection, self.city)

    @cached_property
    def notebook(self) -> SqlNotebook:
        """Drafts, prompts, codes, marks, counters."""
        return SqlNotebook(self.connection, self.city)

    @cached_property
    def broadcasts(self) -> SqlBroadcasts:
        """What is told to many."""
        return SqlBroadcasts(self.connection, self.city)

    @cached_property
    def targets(self) -> SqlTargets:
        """The chats that it goes to."""
        return SqlTargets(self.connection, self.city)

    @cached_property
    def receipts(self) -> SqlReceipts:
        """What households answer."""
        return SqlReceipts(self.connection, self.city)

    @cached_property
    def readings(self) -> SqlReadings:
        """Who read what."""
        return SqlReadings(self.connection, self.city)

    @cached_property
    def erasures(self) -> SqlErasures:
        """What was erased."""
        return SqlErasures(self.connection, self.city)
