"""Persons, posts, households."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, UpdateBase, and_, delete, func, select, update

from routing.model import Appointment, ChatKind, Household, Person, PersonId, Post, UnitCode
from routing.ports import Ids, Seen
from storage.inbox import Inbox
from storage.many import Among, Many
from storage.notebook import Counters
from storage.part import Part, columns, given, mine
from storage.portable import or_replace, unless_there
from storage.states import Delivery
from storage.tables import (
    IS_READY,
    appointments,
    carriers,
    chats,
    drafts,
    households,
    members,
    outbox,
    people,
    prompts,
    shifts,
    summaries,
)
from storage.traces import FORGET, Traces
from storage.types import Sealed

_ORDER: Final = {post: place for place, post in enumerate([Post.WORKER, *(one for one in Post if one != Post.WORKER)])}
_HOME_FIELDS: Final = tuple(field.name for field in fields(Household))

_PERSON = [people.c.id, people.c.telegram_id, people.c.name, func.coalesce(people.c.chosen_lang, people.c.lang)]
_SEEN = select(*_PERSON, people.c.lang.label("said")).where(mine(people), people.c.telegram_id == given("telegram_id"))
_SEEN_ALL = Among(
    select(people.c.telegram_id, people.c.id, people.c.name, people.c.lang, people.c.chosen_lang).where(mine(people)),
    people.c.telegram_id,
)
_GET = select(*_PERSON).where(mine(people), people.c.id == given("id"))
_NAME: Final[Sealed] = people.c.name.type  # type: ignore[assignment]  # so the table says
_MEET = unless_there(people)
_FRESHEN = update(people).where(mine(people), people.c.id == given("id")).values(name=given("name"), lang=given("lang"))
_MEET_ALL = Many(_MEET, "id", "telegram_id", "name", "lang")
_FRESHEN_ALL = Many(_FRESHEN, "id", "name", "lang")
_SET_LANG = update(people).where(mine(people), people.c.id == given("id")).values(chosen_lang=given("lang"))

_POST = columns(appointments)
_APPOINT = or_replace(appointments)
_DISMISS = delete(appointments).where(
    mine(appointments), appointments.c.person == given("person"), appointments.c.unit == given("unit")
)
_POSTS_OF = (
    select(*_POST)
    .where(mine(appointments), appointments.c.person == given("person"))
    .order_by(appointments.c.unit, appointments.c.post)
)
_STAFF_OF = select(*_POST).where(mine(appointments), appointments.c.unit == given("unit"))

_STAFF_AMONG = select(*_POST).where(mine(appointments), appointments.c.unit.in_(given("units", many=True)))

_HOME = columns(households)
_PUT_HOME = or_replace(households)
_HOME_BY_CODE = select(*_HOME).where(mine(households), households.c.code == given("code"))
_HOME_BY_DOOR = select(*_HOME).where(mine(households), households.c.door_code == given("door_code"))
_HOMES_IN = (
    select(*_HOME)
    .where(mine(households), households.c.grid == given("grid"))
    .order_by(households.c.building, households.c.unit_no, households.c.room, households.c.code)
)
_BOUND = and_(mine(members), members.c.city_id == households.c.city_id, members.c.household == households.c.code)
_JOINED_IN = (
    select(households.c.code, func.count().label("people"))
    .join(members, _BOUND)
    .where(mine(households), households.c.grid == given("grid"))
    .group_by(households.c.code)
)
_SETTLED = (
    select(
        households.c.grid,
        func.count(households.c.code.distinct()),
        func.count(members.c.household.distinct()),
        func.count(members.c.person),
    )
    .join(members, _BOUND, isouter=True)
    .where(mine(households), households.c.grid.in_(given("grids", many=True)))
    .group_by(households.c.grid)
)
_MOST_AT_ONCE: Final = 500
"""Grids in one question: a statement holds only so many values."""
_HOLD_HOME = (
    update(households).where(mine(households), households.c.code == given("code")).values(grid=households.c.grid)
)
_JOIN = or_replace(members)
_LEAVE = delete(members).where(mine(members), members.c.person == given("person"))
_HOME_OF = select(*_HOME).where(
    mine(households),
    households.c.code
    == select(members.c.household).where(mine(members), members.c.person == given("person")).scalar_subquery(),
)
_HOMES_OF = Among(select(members.c.person, members.c.household).where(mine(members)), members.c.person)
_MEMBERS_OF = select(members.c.person).where(mine(members), members.c.household == given("code"))

_THEIR_ID = select(people.c.telegram_id).where(mine(people), people.c.id == given("person")).scalar_subquery()
_PRIVATE = and_(mine(chats), chats.c.kind == ChatKind.PRIVATE, chats.c.telegram_id == _THEIR_ID)
_THEIR_CHATS = select(chats.c.id).where(_PRIVATE)
_WRITTEN = and_(mine(outbox), outbox.c.chat.in_(_THEIR_CHATS))
_UNSAY = (
    update(outbox).where(_WRITTEN, IS_READY).values(state=Delivery.REJECTED, reason="erased", finished_at=given("now"))
)
_FORGET: Final[Mapping[str, UpdateBase]] = {
    **FORGET,
    "outbox": update(outbox).where(_WRITTEN).values(params={}),
    "carriers": delete(carriers).where(mine(carriers), carriers.c.chat.in_(_THEIR_CHATS)),
    "summaries": delete(summaries).where(mine(summaries), summaries.c.chat.in_(_THEIR_CHATS)),
    "chats": delete(chats).where(_PRIVATE),
    "appointments": delete(appointments).where(mine(appointments), appointments.c.person == given("person")),
    "shifts": delete(shifts).where(mine(shifts), shifts.c.person == given("person")),
    "members": _LEAVE,
    "drafts": delete(drafts).where(mine(drafts), drafts.c.person == given("person")),
    "prompts": delete(prompts).where(mine(prompts), prompts.c.person == given("person")),
    "people": delete(people).where(mine(people), people.c.id == given("person")),
}
"""In this order: the chats are found by the person's Telegram id."""


class SqlPeople(Part):
    """`routing.ports.People` over one transaction."""

    def __init__(self, connection: Connection, city: str, ids: Ids) -> None:
        super().__init__(connection, city)
        self._ids = ids

    def meet(self, telegram_id: int, name: str, lang: str | None) -> Person:
        """The person with that Telegram id, created at the first sight; name and language are kept fresh.

        An empty name or no language says nothing new, as when an import knows only the number.
        """
        row = self._first(_SEEN, telegram_id=telegram_id)
        if row is None:
            self._put(_MEET, {"id": self._ids.new(), "telegram_id": telegram_id, "name": name, "lang": lang})
            row = self._first(_SEEN, telegram_id=telegram_id)
        if row is None:
            raise LookupError("a person vanished while being met")
        name, lang = name or row.name, lang or row.said
        if (row.name, row.said) != (name, lang):
            self._run(_FRESHEN, id=row.id, name=name, lang=lang)
            row = self._first(_SEEN, telegram_id=telegram_id) or row
        return Person(*row[:-1])

    def meet_all(self, seen: Sequence[Seen]) -> Sequence[Person]:
        """The same for many at once, in their order."""
        rows = self._seen([one.telegram_id for one in seen])
        new = {one.telegram_id: one for one in seen if one.telegram_id not in rows}
        if new:
            self._each(
                _MEET_ALL,
                [(self._ids.new(), one.telegram_id, _NAME.shut(one.name), one.lang) for one in new.values()],
            )
            rows |= self._seen(list(new))
        now = {row[1]: (row[2], row[3]) for row in rows.values()}
        people = []
        for one in seen:
            _, id_, _, _, chosen = rows[one.telegram_id]
            name, lang = now[id_] = one.name or now[id_][0], one.lang or now[id_][1]
            people.append(Person(id_, one.telegram_id, name, chosen or lang))
        news = [(row[1], *now[row[1]]) for row in rows.values() if now[row[1]] != (row[2], row[3])]
        self._each(_FRESHEN_ALL, [(id_, _NAME.shut(name), lang) for id_, name, lang in news])
        return people

    def _seen(self, telegram_ids: Sequence[int]) -> dict[int, Sequence[Any]]:
        return {row[0]: (*row[:2], _NAME.opened(row[2]), *row[3:]) for row in self._among(_SEEN_ALL, telegram_ids)}

    def get(self, person: PersonId) -> Person | None:
        """The person; ``None`` when erased."""
        row = self._first(_GET, id=person)
        return Person(*row) if row else None

    def set_lang(self, person: PersonId, lang: str) -> None:
        """Their own choice, stronger than Telegram's ``language_code``."""
        self._run(_SET_LANG, id=person, lang=lang)
        Counters(self._connection, self._city).unlearn()

    def appoint(self, appointment: Appointment) -> None:
        """Give a post (idempotent); name, phone and place of the same post are overwritten."""
        self._put(_APPOINT, {field.name: getattr(appointment, field.name) for field in fields(appointment)})

    def dismiss(self, person: PersonId, unit: UnitCode) -> None:
        """Take all posts in that unit away."""
        self._run(_DISMISS, person=person, unit=unit)

    def posts_of(self, person: PersonId) -> Sequence[Appointment]:
        """Every post of theirs."""
        return [_appointment(row) for row in self._all(_POSTS_OF, person=person)]

    def staff_of(self, unit: UnitCode) -> Sequence[Appointment]:
        """Everybody with a post in that unit, workers first."""
        return _in_order(self._recall(_STAFF_OF, unit=unit))

    def staff_among(self, units: Sequence[UnitCode]) -> Mapping[UnitCode, Sequence[Appointment]]:
        """The same for many units at once."""
        rows: dict[UnitCode, list[Any]] = {unit: [] for unit in units}
        for row in self._all(_STAFF_AMONG, units=list(units)):
            rows[row.unit].append(row)
        return {unit: _in_order(staff) for unit, staff in rows.items()}

    def put_household(self, household: Household) -> None:
        """Write or replace it."""
        self._put(_PUT_HOME, {name: getattr(household, name) for name in _HOME_FIELDS})

    def household(self, code: str) -> Household | None:
        """By its code."""
        return _home(self._first(_HOME_BY_CODE, code=code))

    def household_by_door_code(self, door_code: str) -> Household | None:
        """By what the slip says."""
        return _home(self._first(_HOME_BY_DOOR, door_code=door_code))

    def households_in(self, grid: UnitCode) -> Sequence[Household]:
        """All homes of a grid."""
        return [Household(*row) for row in self._all(_HOMES_IN, grid=grid)]

    def joined_in(self, grid: UnitCode) -> Mapping[str, int]:
        """How many people are bound to each home of a grid, by its code; homes without any are left out."""
        return {row.code: row.people for row in self._all(_JOINED_IN, grid=grid)}

    def settled(self, grids: Sequence[UnitCode]) -> Mapping[UnitCode, tuple[int, int, int]]:
        """Of each grid: its homes, how many of them somebody is bound to, and how many people that are."""
        chunks = [grids[start : start + _MOST_AT_ONCE] for start in range(0, len(grids), _MOST_AT_ONCE)]
        rows = [row for chunk in chunks for row in self._all(_SETTLED, grids=list(chunk))]
        return {UnitCode(grid): (homes, bound, people) for grid, homes, bound, people in rows}

    def join_household(self, person: PersonId, household: str, at: datetime) -> None:
        """Bind the person to the home (idempotent); a person has one home, the last one joined.

        On a server the home's row is written, too, as it is: with whoever clears the home at that moment one comes
        first, and the other sees it.
        """
        if self._connection.dialect.name != "sqlite":
            self._run(_HOLD_HOME, code=household)
        self._put(_JOIN, {"person": person, "household": household, "at": at})

    def leave_household(self, person: PersonId) -> None:
        """Unbind."""
        self._run(_LEAVE, person=person)

    def household_of(self, person: PersonId) -> Household | None:
        """Their home."""
        return _home(self._first(_HOME_OF, person=person))

    def homes_of(self, people: Sequence[PersonId]) -> Mapping[PersonId, str]:
        """The codes of many people's homes; who has none is left out."""
        return {PersonId(person): home for person, home in self._among(_HOMES_OF, people)}

    def members_of(self, household: str) -> frozenset[PersonId]:
        """Who is bound to it."""
        return frozenset(PersonId(row.person) for row in self._all(_MEMBERS_OF, code=household))

    def traces(self, person: PersonId) -> Mapping[str, Any]:
        """What they left beside cases, ready for JSON: answers to broadcasts and roll-calls, pleas, me-toos."""
        return Traces(self._connection, self._city).of(person)

    def erase(self, person: PersonId, at: datetime) -> Mapping[str, int]:
        """Delete name, Telegram id, posts, bindings, drafts and questions: the number stays and means nobody.

        Answers to broadcasts and roll-calls stay as those of their homes, or as figures, without who gave them.

        Their private chats go with them, since a private chat has the id of its person, and what was still to be said
        there stays unsaid, and what is on its way there is not tried again; so does what could not be handled of what
        they did. Returns how many rows that were, by table.
        """
        known = self._first(_GET, id=person)
        self._run(_UNSAY, person=person, now=at)
        Counters(self._connection, self._city).unlearn()
        aside = Inbox(self._connection, self._city).dismiss_of(known.telegram_id) if known else 0
        gone = {table: self._run(statement, person=person).rowcount for table, statement in _FORGET.items()}
        return {"inbox": aside, **gone}


def _appointment(row: Any) -> Appointment:
    return Appointment(*row)


def _in_order(rows: Iterable[Any]) -> Sequence[Appointment]:
    return sorted(map(_appointment, rows), key=lambda one: (_ORDER[one.post], one.person))


def _home(row: Any) -> Household | None:
    return Household(*row) if row else None
