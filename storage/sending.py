"""The courier's side of the outbox: what to send next, and what became of it.

A row is ready, then sending, then has one of five final outcomes: sent, rejected, expired, blocked, in doubt. In one
chat at most one message is in flight, and within a lane messages leave in the order of their promises.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Connection,
    and_,
    delete,
    exists,
    null,
    or_,
    select,
    update,
)

from routing.model import Chat, ChatId, ChatState
from routing.ports import Doubt, Lane, Promise
from storage.backlog import IS_THERE, Backlog
from storage.chats import COLUMNS, WITH_PERSON
from storage.halts import Halts
from storage.outbox import SqlCarriers
from storage.part import given, mine
from storage.prepared import Statement
from storage.sendings import Head, Sending
from storage.states import Delivery
from storage.tables import IS_READY, IS_SENDING, carriers, chats, fixed, outbox

MOST_DOUBTS: Final = 5
"""So often an edit, or a message that may be repeated, is tried anew when nobody knows whether it arrived."""

_LIVE: Final = fixed(Delivery.READY, Delivery.SENDING)
_SENDING: Final = _LIVE[1]
_THE_ROW = and_(mine(outbox), outbox.c.id == given("id"))
_PROMISED = [
    outbox.c[name]
    for name in ("key", "chat", "view", "params", "lane", "carrier", "not_after", "doubt", "reply_to", "pin")
]  # in the order of `Promise`
_COALESCED: Final = ("key", "view", "params", "lane", "not_after", "doubt", "reply_to", "pin")


def _heads() -> Statement:
    earlier, flying = outbox.alias("earlier"), outbox.alias("flying")
    return (
        select(outbox.c.id, outbox.c.chat, chats.c.telegram_id, outbox.c.lane, outbox.c.created_at)
        .join(chats, and_(chats.c.city_id == outbox.c.city_id, chats.c.id == outbox.c.chat))
        .where(
            mine(outbox),
            IS_READY,
            outbox.c.bot == given("bot"),
            outbox.c.lane == given("lane"),
            outbox.c.ready_at <= given("now"),
            outbox.c.chat.not_in(given("skip", many=True)),
            chats.c.state == ChatState.OK,
            ~exists().where(
                earlier.c.city_id == outbox.c.city_id,
                earlier.c.chat == outbox.c.chat,
                earlier.c.lane == outbox.c.lane,
                earlier.c.state.in_(_LIVE),
                earlier.c.id < outbox.c.id,
                or_(
                    earlier.c.attempt > 0, earlier.c.ready_at <= given("now")
                ),  # what is held for later holds up nobody
            ),
            ~exists().where(
                flying.c.city_id == outbox.c.city_id,
                flying.c.chat == outbox.c.chat,
                flying.c.state == _SENDING,
            ),
        )
        .order_by(outbox.c.id)
        .limit(given("limit"))
    )


def _start() -> Statement:
    flying = outbox.alias("flying")
    return (
        update(outbox)
        .where(
            _THE_ROW,
            IS_READY,
            ~exists().where(
                flying.c.city_id == outbox.c.city_id,
                flying.c.chat == outbox.c.chat,
                flying.c.state == _SENDING,
            ),
        )
        .values(state=Delivery.SENDING, attempt=outbox.c.attempt + 1, started_at=given("now"))
    )


_HEADS = _heads()
_START = _start()
_STARTED = (
    select(
        outbox.c.id, outbox.c.attempt, outbox.c.doubts, outbox.c.created_at, carriers.c.message_id, *_PROMISED, *COLUMNS
    )
    .select_from(
        outbox.join(WITH_PERSON, and_(chats.c.city_id == outbox.c.city_id, chats.c.id == outbox.c.chat)).outerjoin(
            carriers,
            and_(
                carriers.c.city_id == outbox.c.city_id,
                carriers.c.carrier == outbox.c.carrier,
                carriers.c.chat == outbox.c.chat,
            ),
        )
    )
    .where(_THE_ROW)
)
_SETTLE = (
    update(outbox)
    .where(_THE_ROW, IS_SENDING)
    .values(state=given("state"), reason=given("reason"), finished_at=given("now"))
)
_SENT = (
    update(outbox)
    .where(_THE_ROW, IS_SENDING)
    .values(state=Delivery.SENT, reason=null(), finished_at=given("now"), message_id=given("message_id"), params={})
    .returning(outbox.c.carrier, outbox.c.chat)
)
_BLOCK = (
    update(outbox)
    .where(mine(outbox), IS_READY, outbox.c.chat == given("chat"))
    .values(state=Delivery.BLOCKED, reason=given("reason"), finished_at=given("now"))
)
_SET_CHAT_STATE = update(chats).where(mine(chats), chats.c.id == given("chat")).values(state=given("state"))
_EXPIRE = (
    update(outbox)
    .where(mine(outbox), IS_READY, outbox.c.not_after.is_not(None), outbox.c.not_after < given("now"))
    .values(state=Delivery.EXPIRED, reason="too late", finished_at=given("now"))
)
_DEAD_CHATS = select(chats.c.id, chats.c.state).where(
    mine(chats),
    chats.c.state != ChatState.OK,
    exists().where(outbox.c.city_id == chats.c.city_id, outbox.c.chat == chats.c.id, outbox.c.state.in_(_LIVE)),
)
_FLYING = select(outbox.c.chat, outbox.c.carrier, outbox.c.doubt, outbox.c.doubts).where(_THE_ROW, IS_SENDING)
_NEWER = select(outbox.c.id, *(outbox.c[name] for name in _COALESCED)).where(
    mine(outbox), IS_READY, outbox.c.carrier == given("carrier"), outbox.c.chat == given("chat")
)
_DELETE = delete(outbox).where(_THE_ROW)
_AGAIN = (
    update(outbox)
    .where(_THE_ROW, IS_SENDING)
    .values(state=Delivery.READY, ready_at=given("ready_at"), reason=given("reason"), doubts=given("doubts"))
)
_CARRIED = select(carriers.c.message_id).where(
    mine(carriers), carriers.c.carrier == given("carrier"), carriers.c.chat == given("chat")
)
_FORGET = delete(carriers).where(
    mine(carriers),
    carriers.c.carrier == given("carrier"),
    carriers.c.chat == given("chat"),
    carriers.c.message_id == given("message_id"),
)
_LEADS_NOWHERE = select(outbox.c.id).where(_THE_ROW, ~IS_THERE)
_IN_FLIGHT = select(outbox.c.id).where(mine(outbox), IS_SENDING, outbox.c.bot == given("bot"))
_ALLOWED: Final = {Doubt.DROP: 0, Doubt.RESEND: 1, Doubt.REPEAT: MOST_DOUBTS}


class Outgoing(Halts, Backlog):
    """What the courier sees of the outbox, over one transaction. Every method takes the instant at which it runs.

    Attributes:
        dropped: How many messages have been settled so far without having been sent, by outcome.
    """

    def __init__(self, connection: Connection, city: str) -> None:
        super().__init__(connection, city)
        self.dropped: dict[str, int] = {}

    def ready_heads(
        self, bot: int, now: datetime, per_lane: int, skip: Collection[ChatId] = ()
    ) -> Mapping[Lane, Sequence[Head]]:
        """What could be sent now: in each lane the first messages of different chats, oldest first.

        Left out are chats in *skip*, chats to which something is in flight, and chats where the bot may not write. The
        same chat may appear in several lanes. Lanes in which nothing waits are missing.
        """
        found: dict[Lane, Sequence[Head]] = {}
        for lane in Lane:
            rows = self._all(_HEADS, bot=bot, lane=lane, now=now, skip=list(skip), limit=per_lane)
            if rows:
                found[lane] = [Head(*row) for row in rows]
        return found

    def start(self, ids: Sequence[int], now: datetime) -> list[Sending]:
        """Mark messages as in flight and return them in the same order; commit before anything leaves.

        Left out is what is no longer ready, has just expired, or would be the second in flight to its chat.
        """
        self.expire(now)
        started = [id_ for id_ in ids if self._run(_START, id=id_, now=now).rowcount]
        return [_sending(self._first(_STARTED, id=id_)) for id_ in started]

    def sent(self, id_: int, message_id: int | None, now: datetime, *, edited: bool = False) -> None:
        """Telegram took it; with a carrier its message is edited from now on. What it showed is not kept.

        An edit changes nothing about that: while it was under way another copy may have become the one that is edited.
        """
        row = self._first(_SENT, id=id_, now=now, message_id=message_id)
        if row is not None and row.carrier is not None and message_id is not None and not edited:
            SqlCarriers(self._connection, self._city).adopt(row.carrier, row.chat, message_id)

    def rejected(self, id_: int, reason: str, now: datetime) -> None:
        """Telegram said no to this message, for good."""
        self._settle(id_, Delivery.REJECTED, reason, now)

    def needless(self, id_: int, now: datetime) -> None:
        """Nothing was left to say when its text was made: a question had been answered, or its case was over."""
        self._settle(id_, Delivery.EXPIRED, "nothing left to say", now)
        self._dropped("needless", 1)

    def blocked(self, id_: int, reason: str, chat_state: ChatState, now: datetime) -> None:
        """The bot may not write to that chat: this message and all that wait for the chat are settled."""
        row = self._first(_FLYING, id=id_)
        if row is None:
            return
        self._settle(id_, Delivery.BLOCKED, reason, now)
        self._run(_SET_CHAT_STATE, chat=row.chat, state=chat_state)
        self._drop(row.chat, reason, now)

    def retry(self, id_: int, ready_at: datetime, reason: str) -> None:
        """It was certainly not sent; try again from *ready_at* on. The chat's later messages wait for it.

        What was to go to somebody who was erased meanwhile is rejected.
        """
        row = self._first(_FLYING, id=id_)
        if row is not None:
            self._again(id_, row, ready_at, reason, row.doubts)

    def in_doubt(self, id_: int, now: datetime, reason: str = "no answer") -> bool:
        """Nobody knows whether it was sent; returns whether it is tried again, a little later.

        An edit can be done twice without harm and is tried again whatever the promise says. The first message of a
        carrier has to stand, since everything later is an edit of it, and a press on a copy makes that one the
        carrier; it is tried as often as what may be repeated: `MOST_DOUBTS` times. What else is to be resent is
        resent once. The rest stays in doubt, and what was to go to somebody who was erased meanwhile is rejected.
        """
        row = self._first(_FLYING, id=id_)
        if row is None:
            return False
        if row.doubts >= self._most_doubts(row):
            self._settle(id_, Delivery.IN_DOUBT, reason, now)
            return False
        return self._again(id_, row, now + timedelta(seconds=2**row.doubts), reason, row.doubts + 1)

    def interrupted(self, bot: int, now: datetime) -> int:
        """The process stopped in the middle of sending: whatever was in flight is in doubt. Call once at the start."""
        flying = sorted(row.id for row in self._all(_IN_FLIGHT, bot=bot))
        for id_ in flying:
            self.in_doubt(id_, now, "interrupted")
        return len(flying)

    def forget_carrier(self, carrier: str, chat: ChatId, message_id: int) -> None:
        """That message is gone or too old to edit; if it still carries it there, the next promise sends a new one."""
        self._run(_FORGET, carrier=carrier, chat=chat, message_id=message_id)

    def expire(self, now: datetime) -> int:
        """Settle what waits in vain: past its time, or for a chat where the bot may not write; returns how many."""
        settled = self._run(_EXPIRE, now=now).rowcount
        self._dropped(Delivery.EXPIRED.value, settled)
        for chat, state in self._all(_DEAD_CHATS):
            settled += self._drop(chat, state.value, now)
        return settled

    def _drop(self, chat: ChatId, reason: str, now: datetime) -> int:
        """Settle what waits for a chat where the bot may not write; returns how many."""
        settled = self._run(_BLOCK, chat=chat, reason=reason, now=now).rowcount
        self._dropped(Delivery.BLOCKED.value, settled)
        return settled

    def _dropped(self, outcome: str, count: int) -> None:
        if count:
            self.dropped[outcome] = self.dropped.get(outcome, 0) + count

    def _settle(self, id_: int, state: Delivery, reason: str, now: datetime) -> None:
        self._run(_SETTLE, id=id_, state=state, reason=reason, now=now)

    def _most_doubts(self, row: Any) -> int:
        if row.carrier is not None and (
            row.doubt is not Doubt.DROP or self._scalar(_CARRIED, carrier=row.carrier, chat=row.chat) is not None
        ):
            return MOST_DOUBTS
        return _ALLOWED[row.doubt]

    def _again(self, id_: int, row: Any, ready_at: datetime, reason: str, doubts: int) -> bool:
        """Put a row back, unless its chat was erased meanwhile; returns whether it waits again.

        A newer promise of the same carrier to the same chat falls together with it.
        """
        if self._first(_LEADS_NOWHERE, id=id_) is not None:
            self._settle(id_, Delivery.REJECTED, "erased", ready_at)
            return False
        changes: dict[str, Any] = {}
        if row.carrier is not None:
            newer = self._first(_NEWER, carrier=row.carrier, chat=row.chat)
            if newer is not None:
                self._run(_DELETE, id=newer.id)
                changes = {name: getattr(newer, name) for name in _COALESCED}
        self._run(_AGAIN, changes, id=id_, ready_at=ready_at, reason=reason, doubts=doubts)
        return True


def _sending(row: Any) -> Sending:
    id_, attempt, doubts, created_at, carrier_message = row[:5]
    promised = 5 + len(_PROMISED)
    return Sending(
        id=id_,
        promise=Promise(*row[5:promised]),
        chat=Chat(*row[promised:]),
        carrier_message=carrier_message,
        attempt=attempt,
        repeat=doubts > 0,
        created_at=created_at,
    )
