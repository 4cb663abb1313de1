"""What will be said, and which message carries what: the side of the use-cases. The courier's side is `sending`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, or_, select, union

from routing.model import ChatId, ChatState
from routing.ports import Ids, Promise
from storage.part import Part, given, mine
from storage.portable import Colliding, Insert, or_replace, unless_there
from storage.states import Delivery
from storage.tables import IS_READY, IS_SENDING, carriers, chats, outbox

_CHAT = select(chats.c.bot, chats.c.state).where(mine(chats), chats.c.id == given("chat"))
_PROMISE = unless_there(outbox)


def _coalesce(insert: Insert) -> Insert:
    """The unsent row keeps its place and its attempts, and takes what is to be shown now.

    One that is held for later, and was not tried yet, leaves as soon as any of them may.
    """
    new: dict[Any, Any] = {
        name: insert.excluded[name] for name in ("key", "view", "params", "not_after", "doubt", "pin")
    }
    new["reply_to"] = func.coalesce(insert.excluded.reply_to, outbox.c.reply_to)
    sooner = and_(outbox.c.attempt == 0, insert.excluded.ready_at < outbox.c.ready_at)
    new["ready_at"] = case((sooner, insert.excluded.ready_at), else_=outbox.c.ready_at)
    new["lane"] = case((insert.excluded.lane < outbox.c.lane, insert.excluded.lane), else_=outbox.c.lane)
    return insert.on_conflict_do_update(
        index_elements=["city_id", "carrier", "chat"],
        index_where=and_(IS_READY, outbox.c.carrier.is_not(None)),
        set_=new,
    )


_PROMISE_CARRIED = Colliding(outbox, _coalesce)
_CARRIERS = (
    select(carriers.c.chat, carriers.c.message_id)
    .where(mine(carriers), carriers.c.carrier == given("carrier"))
    .order_by(carriers.c.chat)
)
_CARRIER_IN = select(carriers.c.message_id).where(
    mine(carriers), carriers.c.carrier == given("carrier"), carriers.c.chat == given("chat")
)
_CARRIER_OF = select(carriers.c.carrier).where(
    mine(carriers), carriers.c.chat == given("chat"), carriers.c.message_id == given("message_id")
)
_CARRIED_IN = (
    select(carriers.c.carrier)
    .where(mine(carriers), carriers.c.chat == given("chat"))
    .order_by(carriers.c.message_id.desc())
    .limit(given("limit"))
)
_RECORD = or_replace(carriers)
_OF_CARRIER = outbox.c.carrier == given("carrier")
_DUE = or_(outbox.c.attempt > 0, outbox.c.ready_at <= given("now"))  # what is held for later is not made yet
_REACHED = select(
    union(  # one question: a message that arrives between two would be in the answer to neither
        select(carriers.c.chat).where(mine(carriers), carriers.c.carrier == given("carrier")),
        select(outbox.c.chat).where(mine(outbox), IS_SENDING, _OF_CARRIER),
        select(outbox.c.chat).where(mine(outbox), IS_READY, _OF_CARRIER, _DUE),
    )
    .subquery()
    .c.chat
)
_UNSEAT = delete(carriers).where(
    mine(carriers),
    carriers.c.chat == given("chat"),
    carriers.c.message_id == given("message_id"),
    carriers.c.carrier != given("carrier"),
)


class SqlCarriers(Part):
    """Which message carries what in which chat."""

    def carriers(self, carrier: str) -> Mapping[ChatId, int]:
        """Message ids of the carrier by chat."""
        return {ChatId(row.chat): row.message_id for row in self._all(_CARRIERS, carrier=carrier)}

    def adopt(self, carrier: str, chat: ChatId, message_id: int) -> int | None:
        """Record a message as the carrier's; returns the one that was recorded before, if another (R10)."""
        before: int | None = self._scalar(_CARRIER_IN, carrier=carrier, chat=chat)
        if before == message_id:
            return None
        self._run(_UNSEAT, chat=chat, message_id=message_id, carrier=carrier)
        self._put(_RECORD, {"carrier": carrier, "chat": chat, "message_id": message_id})
        return before

    def carrier_of(self, chat: ChatId, message_id: int) -> str | None:
        """Which carrier that message of ours is."""
        carrier: str | None = self._scalar(_CARRIER_OF, chat=chat, message_id=message_id)
        return carrier

    def carried_in(self, chat: ChatId, limit: int) -> Sequence[str]:
        """The carriers that have a message in that chat, the newest message first."""
        return [row.carrier for row in self._all(_CARRIED_IN, chat=chat, limit=limit)]


class SqlOutbox(SqlCarriers):
    """`routing.ports.Outbox` over one transaction.

    Args:
        connection: The transaction.
        city: Whose rows.
        ids: Makes the numbers by which messages are put in order.
        clock: Tells since when a promise waits; an aware UTC instant.
    """

    def __init__(self, connection: Connection, city: str, ids: Ids, clock: Callable[[], datetime]) -> None:
        super().__init__(connection, city)
        self._ids, self._clock = ids, clock
        self._chats: dict[ChatId, Any] = {}

    def promise(self, promise: Promise) -> None:
        """Keep it until the courier has an outcome; a key that was promised before changes nothing.

        A promise with a carrier replaces the unsent one for the same carrier and chat: it takes its place in the queue
        and the more urgent of the two lanes. To a chat where the bot may not write nothing is promised for later: the
        row is `blocked` at once, for the record.

        Raises:
            LookupError: there is no such chat.
        """
        row = self._row(promise)
        if promise.carrier is None:
            self._put(_PROMISE, row)
        else:
            row["key"] = f"{promise.key}#{row['id']}"
            self._put(_PROMISE_CARRIED, row)

    def reached(self, carrier: str) -> Collection[ChatId]:
        """The chats that have the carrier's message, or to which it may be on its way, saying what was true before."""
        return {ChatId(row.chat) for row in self._all(_REACHED, carrier=carrier, now=self._clock())}

    def _row(self, promise: Promise) -> dict[str, Any]:
        now = self._clock()
        chat = self._chat(promise.chat)
        blocked = chat.state is not ChatState.OK
        return {
            "id": self._ids.new(),
            "key": promise.key,
            "bot": chat.bot,
            "chat": promise.chat,
            "lane": promise.lane,
            "view": promise.view,
            "params": promise.params,
            "carrier": promise.carrier,
            "not_after": promise.not_after,
            "doubt": promise.doubt,
            "reply_to": promise.reply_to,
            "pin": promise.pin,
            "state": Delivery.BLOCKED if blocked else Delivery.READY,
            "attempt": 0,
            "doubts": 0,
            "ready_at": max(now, promise.not_before or now),
            "created_at": now,
            "finished_at": now if blocked else None,
            "reason": chat.state.value if blocked else None,
        }

    def _chat(self, chat: ChatId) -> Any:
        if chat not in self._chats:
            row = self._first(_CHAT, chat=chat)
            if row is None:
                raise LookupError(f"there is no chat {chat}")
            self._chats[chat] = row
        return self._chats[chat]
