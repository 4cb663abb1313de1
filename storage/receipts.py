"""The answers of households: one row each, made when they are asked, so that the figures can't disagree with them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Text,
    and_,
    cast,
    func,
    insert,
    literal_column,
    null,
    select,
    type_coerce,
    update,
)

from broadcasts.model import CONFIRMED, SPANS_S, Answer, BroadcastId, Door, Receipt, ReceiptState, Target
from routing.model import CaseId, ChatId, Household, PersonId
from storage.carrying import CARRY, HOLD
from storage.many import Among, Many
from storage.part import Part, columns, given, mine
from storage.portable import Colliding, unless_there
from storage.tables import carriers, fixed, helps, households, members, receipts, strangers, targets
from storage.types import micros

STAFF: Final = "person:"
_FIELDS: Final = tuple(field.name for field in fields(Receipt))
_IS_MISSING: Final = receipts.c.state == fixed(ReceiptState.MISSING)[0]
_ID = given("id")
_COLUMNS: Final = columns(receipts)
_OF_ONE = and_(mine(receipts), receipts.c.broadcast == _ID, receipts.c.asked == given("asked"))
_GET = select(*_COLUMNS).where(_OF_ONE)
_NOBODY_YET = [literal_column(f"'{ReceiptState.MISSING}'"), null(), null(), null()]
_ASKED: Final = ["city_id", "broadcast", "asked", "place", "state", "note", "at", "by"]
_HOMES = select(
    cast(given("city"), Text), cast(_ID, BigInteger), households.c.code, households.c.grid, *_NOBODY_YET
).where(mine(households), households.c.grid == given("place"))
_ASK = Colliding(receipts, lambda insert: insert.from_select(_ASKED, _HOMES).on_conflict_do_nothing())
"""A home that was asked in another grid, and has gone to this one since, stays among the answers of that grid."""
_ASK_ONE = insert(receipts)


def _count(*states: ReceiptState) -> Any:
    answered = (
        select(func.count())
        .where(
            receipts.c.city_id == targets.c.city_id,
            receipts.c.broadcast == targets.c.broadcast,
            receipts.c.place == targets.c.place,
        )
        .correlate(targets)
    )
    return (answered.where(receipts.c.state.in_(fixed(*states))) if states else answered).scalar_subquery()


_TARGET = and_(mine(targets), targets.c.broadcast == _ID, targets.c.place == given("place"))
_COUNT = (
    update(targets)
    .where(_TARGET)
    .values(
        households=_count(),
        pressed=_count(ReceiptState.PRESSED),
        told=_count(ReceiptState.TOLD),
        moved=_count(ReceiptState.MOVED),
        shown=_count(ReceiptState.PRESSED, ReceiptState.TOLD),
    )
)
_HOW_MANY = select(targets.c.households).where(_TARGET)
_ANSWERS = Among(
    select(receipts.c.asked, receipts.c.place, receipts.c.state).where(mine(receipts), receipts.c.broadcast == _ID),
    receipts.c.asked,
    "id",
)
_CONFIRM = update(receipts).where(_OF_ONE, _IS_MISSING).values(state=fixed(ReceiptState.PRESSED)[0], at=given("at"))
_CONFIRM_ALL = Many(_CONFIRM, "id", "asked", "at")
_ANSWER = (
    update(receipts)
    .where(_OF_ONE, receipts.c.state == given("was"))
    .values(state=given("state"), note=given("note"), at=given("at"), by=given("by"))
)


def _add(name: str) -> Any:
    return update(targets).where(_TARGET).values({name: targets.c[name] + given("more")})


_ADD = {name: _add(name) for name in ("pressed", "told", "moved", "unbound", "helps")}
_ADD_ALL = {name: Many(change, "id", "place", "more") for name, change in _ADD.items()}
_STATES: Final = {state.value: state for state in ReceiptState}
_COUNTED: Final = {ReceiptState.PRESSED: "pressed", ReceiptState.TOLD: "told", ReceiptState.MOVED: "moved"}
_FOUND: Final = {Door.TOLD: ReceiptState.TOLD, Door.MOVED: ReceiptState.MOVED}
_STRANGERS_COME = Many(unless_there(strangers), "broadcast", "person", "place", "at")
_STRANGERS = Among(
    select(strangers.c.person).where(mine(strangers), strangers.c.broadcast == _ID), strangers.c.person, "id"
)
_HELPED = insert(helps)
_HELPS = select(helps.c.case_id).where(mine(helps), helps.c.broadcast == _ID).order_by(helps.c.at, helps.c.case_id)
_HELPS_OF_ONE = _HELPS.where(helps.c.asker == given("asker"))
_HELP_IN = select(helps.c.broadcast).where(mine(helps), helps.c.case_id == given("case"))
_WITH_HOME = receipts.outerjoin(
    households, and_(households.c.city_id == receipts.c.city_id, households.c.code == receipts.c.asked)
)
_BY_DOOR = (receipts.c.place, households.c.building, households.c.unit_no, households.c.room, receipts.c.asked)
_HOME: Final = columns(households)
_MISSING = (
    select(*_HOME, receipts.c.note)
    .select_from(_WITH_HOME)
    .where(
        mine(receipts),
        receipts.c.broadcast == _ID,
        receipts.c.place == given("place"),
        _IS_MISSING,
        households.c.code.is_not(None),
    )
    .order_by(*_BY_DOOR)
)
_NOTED = (
    select(*_HOME, receipts.c.note)
    .select_from(_WITH_HOME)
    .where(
        mine(receipts),
        receipts.c.broadcast == _ID,
        receipts.c.place == given("place"),
        receipts.c.by == given("by"),
        receipts.c.note.is_not(None),
        receipts.c.state != fixed(ReceiptState.PRESSED)[0],
        households.c.code.is_not(None),
    )
    .order_by(receipts.c.at.desc(), receipts.c.asked)
    .limit(given("most"))
)
_EVERY = (
    select(*_COLUMNS, *_HOME)
    .select_from(_WITH_HOME)
    .where(mine(receipts), receipts.c.broadcast == _ID)
    .order_by(*_BY_DOOR)
)


_KEPT = select(receipts.c.asked).where(mine(receipts), receipts.c.broadcast == _ID).limit(1)
_SILENT_HOMES = select(receipts.c.asked).where(
    mine(receipts), receipts.c.broadcast == _ID, receipts.c.place == given("place"), _IS_MISSING
)
_SILENT = select(members.c.person).where(mine(members), members.c.household.in_(_SILENT_HOMES))
_REMINDER: Final[ColumnElement[str]] = (
    literal_column("'broadcast:'") + cast(receipts.c.broadcast, Text) + literal_column("':private:'")
)
_REMINDED = (
    select(members.c.person, carriers.c.chat)
    .select_from(
        receipts.join(
            members, and_(members.c.city_id == receipts.c.city_id, members.c.household == receipts.c.asked)
        ).join(
            carriers,
            and_(
                carriers.c.city_id == receipts.c.city_id,
                carriers.c.carrier == _REMINDER + cast(members.c.person, Text),
            ),
        )
    )
    .where(mine(receipts), receipts.c.broadcast == _ID, receipts.c.place == given("place"))
    .order_by(members.c.person)
)
_REMINDED_ALONE = select(carriers.c.chat).where(mine(carriers), carriers.c.carrier == given("carrier"))
_CONFIRMED_AT = (
    select(receipts.c.at)
    .where(
        mine(receipts),
        receipts.c.broadcast == _ID,
        receipts.c.state.in_(fixed(ReceiptState.PRESSED, ReceiptState.TOLD)),
    )
    .order_by(receipts.c.at)
    .limit(1)
    .offset(given("offset"))
)


def _by_span(seconds: int) -> Any:
    span = type_coerce(receipts.c.at, BigInteger) // (seconds * 1_000_000)
    return (
        select(span, receipts.c.state, func.count())
        .where(
            mine(receipts),
            receipts.c.broadcast == _ID,
            receipts.c.state.in_(fixed(ReceiptState.PRESSED, ReceiptState.TOLD)),
        )
        .group_by(span, receipts.c.state)
        .order_by(span, receipts.c.state)
    )


_BY_SPAN: Final = {seconds: _by_span(seconds) for seconds in SPANS_S}


class SqlReceipts(Part):
    """`broadcasts.ports.Receipts` over one transaction.

    Attributes:
        counted: How many answers have come so far, by what they are.
    """

    def __init__(self, connection: Connection, city: str) -> None:
        super().__init__(connection, city)
        self.counted: Counter[str] = Counter()

    def ask(self, target: Target, *carried: BroadcastId) -> int:
        """Write a missing answer for each household of the place, once; what it answered to *carried* counts again.

        Of several, the newest first, that of the newest counts for which it was asked. How nothing is lost on the way
        says `storage.carrying`.
        """
        where: dict[str, Any] = {"id": target.broadcast, "place": target.place}
        if target.place.startswith(STAFF):
            row = Receipt(broadcast=target.broadcast, asked=target.place, place=target.place)
            self._put(_ASK_ONE, {name: getattr(row, name) for name in _FIELDS})
        else:
            self._run(_ASK.on(self._connection.dialect.name), **where)
        for turn, before in enumerate(carried):
            if self._connection.dialect.name != "sqlite":
                self._run(HOLD, **where, before=before)
            self._run(CARRY, **where, before=before, newer=list(carried[:turn]))
        self._run(_COUNT, **where)
        return int(self._scalar(_HOW_MANY, **where) or 0)

    def get(self, broadcast: BroadcastId, asked: str) -> Receipt | None:
        """One answer."""
        row = self._first(_GET, id=broadcast, asked=asked)
        return Receipt(**row._asdict()) if row else None

    def answers(self, broadcast: BroadcastId, asked: Sequence[str]) -> Mapping[str, Answer]:
        """How the answers of *asked* stand, by whose they are; who was not asked is left out."""
        rows = self._among(_ANSWERS, asked, broadcast)
        return {home: Answer(home, place, _STATES[state]) for home, place, state in rows}

    def confirm(self, broadcast: BroadcastId, pressed: Sequence[Answer], at: datetime) -> None:
        """Somebody pressed for each of those, which stood as given and were not confirmed. The figures follow.

        Who was thought to have moved away has not. Who was told at the door has answered for themselves from then on,
        and knew of it since. Who of the household it was is written nowhere.
        """
        missing = [answer for answer in pressed if answer.state is ReceiptState.MISSING]
        now = micros(at)
        self.counted[ReceiptState.PRESSED.value] += len(missing)
        self._each(_CONFIRM_ALL, [(broadcast, answer.asked, now) for answer in missing])
        self._count_more("pressed", broadcast, [answer.place for answer in missing])
        for answer in pressed:
            if answer.state is ReceiptState.MOVED:
                self._change(broadcast, answer.asked, ReceiptState.PRESSED, None, None, at)
            elif answer.state is ReceiptState.TOLD and (known := self.get(broadcast, answer.asked)) is not None:
                self._write(replace(known, state=ReceiptState.PRESSED, note=None, by=None), known)

    def door(self, broadcast: BroadcastId, asked: str, found: Door, by: PersonId, at: datetime) -> bool:
        """Somebody went there; False when it is confirmed already. The figures follow."""
        return self._change(broadcast, asked, _FOUND.get(found, ReceiptState.MISSING), found, by, at)

    def take_back(self, broadcast: BroadcastId, asked: str, by: PersonId) -> bool:
        """What *by* noted at that door counts no more; False when it does not stand so. The figures follow."""
        known = self.get(broadcast, asked)
        if known is None or known.note is None or known.by != by or known.state is ReceiptState.PRESSED:
            return False
        return self._write(replace(known, state=ReceiptState.MISSING, note=None, at=None, by=None), known)

    def noted(self, broadcast: BroadcastId, place: str, by: PersonId, most: int) -> Sequence[tuple[Household, Door]]:
        """The doors of a place where a finding of *by* stands, the latest *most* first."""
        rows = self._all(_NOTED, id=broadcast, place=place, by=by, most=most)
        return [(Household(*row[:-1]), row[-1]) for row in rows]

    def strangers(self, broadcast: BroadcastId, pressed: Sequence[tuple[PersonId, str]], at: datetime) -> int:
        """People of no asked household pressed, each at a place; returns how many had not before."""
        if not pressed:
            return 0
        known = {person for (person,) in self._among(_STRANGERS, [person for person, _ in pressed], broadcast)}
        new = {person: place for person, place in pressed if person not in known}
        now = micros(at)
        self._each(_STRANGERS_COME, [(broadcast, person, place, now) for person, place in new.items()])
        self._count_more("unbound", broadcast, list(new.values()))
        return len(new)

    def missing(self, broadcast: BroadcastId, place: str) -> Sequence[tuple[Household, Door | None]]:
        """Households of a place that have not confirmed, by building, with the last finding at their door."""
        return [(Household(*row[:-1]), row[-1]) for row in self._all(_MISSING, id=broadcast, place=place)]

    def silent(self, broadcast: BroadcastId, place: str) -> Sequence[PersonId]:
        """People bound to a missing household of a place; of staff the person who was asked."""
        if place.startswith(STAFF):
            known = self.get(broadcast, place)
            missing = known is not None and known.state is ReceiptState.MISSING
            return [PersonId(int(place.removeprefix(STAFF)))] if missing else []
        return sorted(PersonId(row.person) for row in self._all(_SILENT, id=broadcast, place=place))

    def reminded(self, broadcast: BroadcastId, place: str) -> Sequence[tuple[PersonId, ChatId]]:
        """Whoever has a reminder of it in their private chat, of the households asked there."""
        if place.startswith(STAFF):
            person = PersonId(int(place.removeprefix(STAFF)))
            rows = self._all(_REMINDED_ALONE, carrier=f"broadcast:{broadcast}:private:{person}")
            return [(person, ChatId(row.chat)) for row in rows]
        return [(PersonId(person), ChatId(chat)) for person, chat in self._all(_REMINDED, id=broadcast, place=place)]

    def of(self, broadcast: BroadcastId) -> Sequence[tuple[Receipt, Household | None]]:
        """Every answer with its household, by place and building; for the summary."""
        width = len(_COLUMNS)
        return [
            (_receipt(row[:width]), Household(*row[width:]) if row[width] is not None else None)
            for row in self._all(_EVERY, id=broadcast)
        ]

    def kept(self, broadcast: BroadcastId) -> bool:
        """Whether there are answers: some time after its end they are erased, and the figures stay."""
        return self._first(_KEPT, id=broadcast) is not None

    def help_of(self, broadcast: BroadcastId, asker: str) -> CaseId | None:
        """The last case that a household, or ``person:<number>``, opened by asking for help."""
        cases = self._all(_HELPS_OF_ONE, id=broadcast, asker=asker)
        return CaseId(cases[-1].case_id) if cases else None

    def helped(self, broadcast: BroadcastId, asker: str, place: str, case: CaseId, at: datetime) -> None:
        """Keep that case; the figures follow."""
        turn = len(self._all(_HELPS_OF_ONE, id=broadcast, asker=asker))
        row = {"broadcast": broadcast, "asker": asker, "turn": turn, "place": place, "case_id": case, "at": at}
        self._put(_HELPED, row)
        self._run(_ADD["helps"], id=broadcast, place=place, more=1)

    def helps(self, broadcast: BroadcastId) -> Sequence[CaseId]:
        """Every case of need, oldest first."""
        return [CaseId(row.case_id) for row in self._all(_HELPS, id=broadcast)]

    def broadcast_of(self, case: CaseId) -> BroadcastId | None:
        """The broadcast under which that case was opened."""
        found: BroadcastId | None = self._scalar(_HELP_IN, case=case)
        return found

    def by_span(self, broadcast: BroadcastId, seconds: int) -> Sequence[tuple[datetime, ReceiptState, int]]:
        """How many pressed, and how many were told, in each of `SPANS_S` in which anybody did; earliest first."""
        rows = self._all(_BY_SPAN[seconds], id=broadcast)
        return [(datetime.fromtimestamp(int(span) * seconds, UTC), state, count) for span, state, count in rows]

    def confirmed_at(self, broadcast: BroadcastId, nth: int) -> datetime | None:
        """When the *nth* household had confirmed, counted from 1."""
        found: datetime | None = self._scalar(_CONFIRMED_AT, id=broadcast, offset=nth - 1)
        return found

    def _change(
        self,
        broadcast: BroadcastId,
        asked: str,
        state: ReceiptState,
        note: Door | None,
        by: PersonId | None,
        at: datetime,
    ) -> bool:
        """Write another answer down unless it is confirmed already."""
        known = self.get(broadcast, asked)
        if known is None or known.state in CONFIRMED:
            return False
        if not self._write(replace(known, state=state, note=note, by=by, at=at), known):
            return False
        if state in _COUNTED:
            self.counted[state.value] += 1
        return True

    def _write(self, now: Receipt, known: Receipt) -> bool:
        """Write an answer in the place of *known*, unless that is no longer so; the figures follow."""
        values = {"state": now.state, "note": now.note, "at": now.at, "by": now.by}
        if not self._run(_ANSWER, id=known.broadcast, asked=known.asked, was=known.state, **values).rowcount:
            return False
        for counted, more in ((known.state, -1), (now.state, 1)):
            if counted in _COUNTED:
                self._run(_ADD[_COUNTED[counted]], id=known.broadcast, place=known.place, more=more)
        return True

    def _count_more(self, figure: str, broadcast: BroadcastId, places: Sequence[str]) -> None:
        """Add one to a figure of each place for every time that it is named."""
        rows = [(broadcast, place, more) for place, more in sorted(Counter(places).items())]
        self._each(_ADD_ALL[figure], rows)


def _receipt(row: Sequence[Any]) -> Receipt:
    names = [column.name for column in _COLUMNS]
    return Receipt(**dict(zip(names, row, strict=True)))
