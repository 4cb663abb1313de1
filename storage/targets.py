"""The chats that a broadcast goes to: chosen by one statement, sent in slices, with the figures of their households."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    Text,
    and_,
    cast,
    func,
    insert,
    literal_column,
    null,
    select,
    update,
)

from broadcasts.model import (
    IN_DOUBT,
    Audience,
    Backlog,
    Broadcast,
    BroadcastId,
    Figures,
    Reach,
    Target,
    TargetState,
    carrier_of,
)
from routing.model import ChatId, ChatKind, ChatState
from storage.outbox import SqlCarriers
from storage.part import columns, given, mine
from storage.states import Delivery
from storage.tables import appointments, chats, fixed, households, members, outbox, people, targets, units
from storage.units import subtree

_WAITING, _PROMISED, _FAILED = fixed(TargetState.WAITING, TargetState.PROMISED, TargetState.FAILED)
_OK: Final = fixed(ChatState.OK)[0]
_MISSING: Final = targets.c.households - targets.c.moved - targets.c.pressed - targets.c.told
_CHANGED: Final[ColumnElement[bool]] = literal_column("pressed + told <> shown")
"""As the partial index spells it."""
_OUTCOMES: Final = {
    Delivery.SENT: TargetState.SENT,
    Delivery.EXPIRED: TargetState.WAITING,
    Delivery.REJECTED: TargetState.FAILED,
    Delivery.BLOCKED: TargetState.FAILED,
    Delivery.IN_DOUBT: TargetState.FAILED,
}


def _grids(*wanted: Any) -> Select[Any]:
    """Grids of an audience, each beside its residents' chat, if there is one."""
    return (
        select(*wanted)
        .select_from(
            units.outerjoin(
                chats,
                and_(
                    chats.c.city_id == units.c.city_id,
                    chats.c.unit == units.c.code,
                    chats.c.kind == fixed(ChatKind.RESIDENTS)[0],
                ),
            )
        )
        .where(mine(units), units.c.code.in_(subtree("unit")), units.c.kind.in_(given("kinds", many=True)))
    )


def _staff(*wanted: Any) -> Select[Any]:
    """Everybody with a post in an audience, once, beside the newest private chat that can be written to."""
    chat = (
        select(func.max(chats.c.id))
        .where(
            chats.c.city_id == people.c.city_id,
            chats.c.telegram_id == people.c.telegram_id,
            chats.c.kind == fixed(ChatKind.PRIVATE)[0],
            chats.c.state == _OK,
        )
        .scalar_subquery()
    )
    held = (
        select(appointments.c.person, func.min(appointments.c.unit).label("grid"))
        .where(
            mine(appointments),
            appointments.c.unit.in_(subtree("unit")),
            appointments.c.post == given("post"),
        )
        .group_by(appointments.c.person)
        .subquery("held")
    )
    named = select(people.c.id, held.c.grid, chat.label("chat")).join(held, people.c.id == held.c.person)
    found = named.where(mine(people)).subquery("found")
    return select(*(found.c[name] for name in wanted) if wanted else (found,)).select_from(found)


_ZEROES: Final = [literal_column("0", Integer)] * 9
_AIM_COLUMNS: Final = [
    "city_id", "broadcast", "place", "grid", "chat", "state", "reason", "message_id", "households", "pressed", "told",
    "moved", "unbound", "helps", "shown", "step", "round",
]  # fmt: skip


_FRESH: Final = [_WAITING, literal_column("''"), null()]
"""State, reason and message of a fresh row."""


_ID = given("id")
_CITY = cast(given("city"), Text)
_NUMBER = cast(_ID, BigInteger)
_TO_GRIDS = insert(targets).from_select(
    _AIM_COLUMNS,
    _grids(_CITY, _NUMBER, units.c.code, units.c.code, chats.c.id, *_FRESH, *_ZEROES),
)
_PERSONS = _staff()
_FOUND = _PERSONS.get_final_froms()[0].c
_TO_STAFF = insert(targets).from_select(
    _AIM_COLUMNS,
    _PERSONS.with_only_columns(
        _CITY,
        _NUMBER,
        literal_column("'person:'") + cast(_FOUND.id, Text),
        _FOUND.grid,
        _FOUND.chat,
        *_FRESH,
        *_ZEROES,
    ),
)
_REACH = _grids(func.count(), func.count().filter(chats.c.state == _OK))
_BEYOND = _grids(func.count().filter(chats.c.state == _OK, chats.c.bot != given("bot")))
_HOMES = (
    select(func.count()).select_from(households).where(mine(households), households.c.grid.in_(_grids(units.c.code)))
)
_DWELLERS = (
    select(func.count())
    .select_from(
        members.join(
            households,
            and_(households.c.city_id == members.c.city_id, households.c.code == members.c.household),
        )
    )
    .where(mine(members), households.c.grid.in_(_grids(units.c.code)))
)
_REACH_STAFF = _PERSONS.with_only_columns(func.count(), func.count(_FOUND.chat))

_OF = select(*columns(targets)).where(mine(targets), targets.c.broadcast == _ID)
_THERE = select(func.count()).select_from(targets).where(mine(targets), targets.c.broadcast == _ID)
_ONE = and_(mine(targets), targets.c.broadcast == _ID, targets.c.place == given("place"))
_GET = _OF.where(targets.c.place == given("place"))
_AT = _OF.where(targets.c.state == given("state")).order_by(targets.c.place).limit(given("limit"))
_SERVED = _OF.select_from(
    targets.outerjoin(chats, and_(chats.c.city_id == targets.c.city_id, chats.c.id == targets.c.chat))
)
_BACKLOGS = (
    _SERVED.with_only_columns(
        chats.c.bot,
        func.count().filter(targets.c.state == _WAITING).label("waiting"),
        func.count().filter(targets.c.state == _PROMISED).label("promised"),
    )
    .where(targets.c.state.in_((_WAITING, _PROMISED)))
    .group_by(chats.c.bot)
    .order_by(chats.c.bot)
)
_NEXT = (
    _SERVED.where(targets.c.state == _WAITING, chats.c.bot.is_not_distinct_from(given("bot")))
    .order_by(targets.c.place)
    .limit(given("limit"))
)
_MOVE = update(targets).where(_ONE).values(state=given("state"), reason=given("reason"))
_KEY: Final[ColumnElement[str]] = (
    literal_column("'broadcast:'")
    + cast(targets.c.broadcast, Text)
    + literal_column("':'")
    + targets.c.place
    + literal_column("':'")
    + cast(targets.c.round, Text)
)
_NEWS = (
    select(targets.c.place, targets.c.chat, outbox.c.state, outbox.c.message_id, outbox.c.reason)
    .select_from(targets.join(outbox, and_(outbox.c.city_id == targets.c.city_id, outbox.c.key == _KEY)))
    .where(
        mine(targets), targets.c.broadcast == _ID, targets.c.state == _PROMISED, outbox.c.state.in_(fixed(*_OUTCOMES))
    )
)
_SETTLE = (
    update(targets)
    .where(_ONE)
    .values(
        state=given("state"),
        reason=given("reason"),
        message_id=given("message_id"),
        round=targets.c.round + given("more"),
    )
)
_RETRY = (
    update(targets)
    .where(mine(targets), targets.c.broadcast == _ID, targets.c.state == _FAILED, targets.c.place == targets.c.grid)
    .where(
        select(chats.c.id)
        .where(
            chats.c.city_id == targets.c.city_id,
            chats.c.unit == targets.c.grid,
            chats.c.kind == fixed(ChatKind.RESIDENTS)[0],
            chats.c.state == _OK,
        )
        .exists()
    )
    .values(
        state=TargetState.WAITING,
        reason="",
        round=targets.c.round + 1,
        chat=select(chats.c.id)
        .where(
            chats.c.city_id == targets.c.city_id,
            chats.c.unit == targets.c.grid,
            chats.c.kind == fixed(ChatKind.RESIDENTS)[0],
        )
        .scalar_subquery(),
    )
)
_BEHIND = _OF.where(targets.c.step < given("step"), _MISSING > 0).order_by(targets.c.place).limit(given("limit"))
_CHASED = update(targets).where(_ONE).values(step=given("step"))
_STALE = select(*columns(targets)).where(mine(targets), _CHANGED).limit(given("limit"))
_SHOWN = update(targets).where(_ONE).values(shown=given("shown"))
_WORST = (
    _OF.where(_MISSING > 0).order_by(_MISSING.desc(), targets.c.place).limit(given("limit")).offset(given("offset"))
)
_BY_STATE = (
    select(targets.c.state, func.count()).where(mine(targets), targets.c.broadcast == _ID).group_by(targets.c.state)
)
_SUMMED: Final = ("households", "pressed", "told", "moved", "unbound", "helps")
_SUMS = select(*(func.coalesce(func.sum(targets.c[name]), 0).label(name) for name in _SUMMED)).where(
    mine(targets), targets.c.broadcast == _ID
)


class SqlTargets(SqlCarriers):
    """`broadcasts.ports.Targets` over one transaction."""

    def reach(self, audience: Audience) -> Reach:
        """How far an audience reaches; of staff, each person counts as a household."""
        if audience.post is not None:
            all_, open_ = self._first(_REACH_STAFF, unit=audience.unit, post=audience.post)
            return Reach(open_, all_ - open_, all_, all_)
        where = {"unit": audience.unit, "kinds": list(audience.kinds)}
        all_, open_ = self._first(_REACH, **where)
        return Reach(open_, all_ - open_, self._scalar(_HOMES, **where), self._scalar(_DWELLERS, **where))

    def beyond(self, audience: Audience, bot: int) -> int:
        """How many chats of an audience another bot than *bot* serves; of staff, who choose their bot, none."""
        if audience.post is not None:
            return 0
        return int(self._scalar(_BEYOND, unit=audience.unit, kinds=list(audience.kinds), bot=bot))

    def aim(self, broadcast: Broadcast) -> int:
        """Write a waiting row for each chat of the audience; returns how many. Doing it twice adds nothing."""
        audience = broadcast.audience
        if not self._scalar(_THERE, id=broadcast.id):
            if audience.post is not None:
                self._run(_TO_STAFF, id=broadcast.id, unit=audience.unit, post=audience.post)
            else:
                self._run(_TO_GRIDS, id=broadcast.id, unit=audience.unit, kinds=list(audience.kinds))
        return int(self._scalar(_THERE, id=broadcast.id))

    def get(self, broadcast: BroadcastId, place: str) -> Target | None:
        """One row."""
        row = self._first(_GET, id=broadcast, place=place)
        return _made(row) if row else None

    def at(self, broadcast: BroadcastId, state: TargetState, limit: int) -> Sequence[Target]:
        """Rows at *state*, in the order of their places."""
        return [_made(row) for row in self._all(_AT, id=broadcast, state=state, limit=limit)]

    def backlogs(self, broadcast: BroadcastId) -> Sequence[Backlog]:
        """For each bot how much it still has to send."""
        return [Backlog(row.bot, row.waiting, row.promised) for row in self._all(_BACKLOGS, id=broadcast)]

    def next(self, broadcast: BroadcastId, bot: int | None, limit: int) -> Sequence[Target]:
        """Waiting rows of the chats that *bot* serves (``None``: rows without a chat), in the order of their places."""
        return [_made(row) for row in self._all(_NEXT, id=broadcast, bot=bot, limit=limit)]

    def move(self, target: Target, state: TargetState, reason: str = "") -> None:
        """Write how far it is there."""
        self._run(_MOVE, id=target.broadcast, place=target.place, state=state, reason=reason)

    def settle(self, broadcast: BroadcastId) -> int:
        """Take over what became of promised messages; returns how many rows had news.

        What Telegram took is from then on the carrier of the broadcast there. What expired in the outbox was not
        wanted at that moment, as during a pause, and waits again.
        """
        news = self._all(_NEWS, id=broadcast)
        for row in news:
            state = _OUTCOMES[row.state]
            why = IN_DOUBT if row.state is Delivery.IN_DOUBT else row.reason or row.state.value
            self._run(
                _SETTLE,
                id=broadcast,
                place=row.place,
                state=state,
                reason=why if state is TargetState.FAILED else "",
                message_id=row.message_id,
                more=int(state is TargetState.WAITING),
            )
            if state is TargetState.SENT and row.message_id is not None:
                self.adopt(carrier_of(broadcast), ChatId(row.chat), row.message_id)
        return len(news)

    def retry(self, broadcast: BroadcastId) -> int:
        """Let failed rows whose grid has a chat that can be written to now wait again; returns how many."""
        return self._run(_RETRY, id=broadcast).rowcount

    def behind(self, broadcast: BroadcastId, step: int, limit: int) -> Sequence[Target]:
        """Rows with missing households where fewer than *step* steps of the chase are done."""
        return [_made(row) for row in self._all(_BEHIND, id=broadcast, step=step, limit=limit)]

    def chased(self, target: Target, step: int) -> None:
        """That many steps are done there."""
        self._run(_CHASED, id=target.broadcast, place=target.place, step=step)

    def changed(self, limit: int) -> Sequence[Target]:
        """Rows of any broadcast whose message, if there is one, shows an old figure."""
        return [_made(row) for row in self._all(_STALE, limit=limit)]

    def shown(self, target: Target) -> None:
        """The message there shows the figure that *target* has."""
        self._run(_SHOWN, id=target.broadcast, place=target.place, shown=target.confirmed)

    def figures(self, broadcast: BroadcastId) -> Figures:
        """All rows summed up."""
        by_state: Mapping[TargetState, int] = dict(tuple(row) for row in self._all(_BY_STATE, id=broadcast))
        sums = self._first(_SUMS, id=broadcast)
        return Figures(
            chats=sum(by_state.values()),
            waiting=by_state.get(TargetState.WAITING, 0),
            promised=by_state.get(TargetState.PROMISED, 0),
            sent=by_state.get(TargetState.SENT, 0) + by_state.get(TargetState.CLOSED, 0),
            failed=by_state.get(TargetState.FAILED, 0),
            **{name: int(getattr(sums, name)) for name in _SUMMED},
        )

    def worst(self, broadcast: BroadcastId, limit: int, offset: int = 0) -> Sequence[Target]:
        """Rows with missing households, those with the most first."""
        return [_made(row) for row in self._all(_WORST, id=broadcast, limit=limit, offset=offset)]


def _made(row: Any) -> Target:
    return Target(**row._asdict())
