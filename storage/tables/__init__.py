"""Every table. ``city_id`` comes first in each primary key, unique key and index, and nothing points across cities.

Ids are made by the application. Free text, attachments and what identifies a person stand only in ``words``,
``people``, ``appointments``, ``households``, ``members``, ``drafts``, ``prompts`` and ``inbox`` (and the Telegram id of
a private chat in ``chats``), so that erasing somebody means those tables and the marks that `storage.traces` names.
What an office broadcasts is published and no personal text.
"""

from storage.tables.broadcasts import broadcasts, helps, receipts, strangers, targets
from storage.tables.cases import ARE_KEPT, ENDED_WITH_REPORTER, IS_JUDGED, IS_OPEN, IS_RULED, cases, log, timers, words
from storage.tables.columns import fixed, metadata
from storage.tables.delivery import IS_PENDING, IS_READY, IS_SENDING, carriers, halts, inbox, outbox
from storage.tables.duty import bulletin, shifts, summaries
from storage.tables.erasures import erasures
from storage.tables.leases import holdings, leases
from storage.tables.notebook import codes, counters, drafts, marks, prompts, settings
from storage.tables.plans import doers, emergencies, plans, rollcalls, runs, seats, tasks
from storage.tables.readings import readings
from storage.tables.town import appointments, chat_aliases, chats, households, members, people, units

__all__ = [
    "ARE_KEPT",
    "ENDED_WITH_REPORTER",
    "IS_JUDGED",
    "IS_OPEN",
    "IS_PENDING",
    "IS_READY",
    "IS_RULED",
    "IS_SENDING",
    "appointments",
    "broadcasts",
    "bulletin",
    "carriers",
    "cases",
    "chat_aliases",
    "chats",
    "codes",
    "counters",
    "doers",
    "drafts",
    "emergencies",
    "erasures",
    "fixed",
    "halts",
    "helps",
    "holdings",
    "households",
    "inbox",
    "leases",
    "log",
    "marks",
    "members",
    "metadata",
    "outbox",
    "people",
    "plans",
    "prompts",
    "readings",
    "receipts",
    "rollcalls",
    "runs",
    "seats",
    "settings",
    "shifts",
    "strangers",
    "summaries",
    "targets",
    "tasks",
    "timers",
    "units",
    "words",
]
