"""Updates as they came, kept until they are done, so that what was acknowledged is never lost and never done twice."""

from collections import defaultdict, deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import orjson
from sqlalchemy import Select, and_, delete, func, insert, literal_column, null, select, union, update

from storage.many import Many
from storage.part import Part, given, mine
from storage.portable import unless_there
from storage.states import Handling
from storage.tables import IS_PENDING, fixed, inbox
from storage.types import micros

MOST_ATTEMPTS: Final = 3
"""An update that failed so often is poison: set aside and acknowledged, so that the others go on."""
_ERROR_LENGTH: Final = 500


class AlreadyHandled(Exception):
    """The update is not pending: it was done before, or set aside. The transaction must leave no trace."""

    def __init__(self, bot: int, *updates: int) -> None:
        which = "update " + str(updates[0]) if len(updates) == 1 else f"one of {len(updates)} updates"
        super().__init__(f"{which} of bot {bot} is not pending")


@dataclass(frozen=True, slots=True)
class Received:
    """An update that waits.

    Args:
        queue: Updates of the same queue are handled one after another.
        raw: Its JSON as Telegram sent it.
        attempts: How often it has failed.
    """

    bot: int
    update_id: int
    queue: str
    raw: bytes
    received_at: datetime
    attempts: int


@dataclass(frozen=True, slots=True)
class SetAside:
    """An update that was set aside as poison.

    Args:
        raw: Its JSON as Telegram sent it: it may hold what somebody wrote.
        finished_at: Since when it stands aside.
        error: The kind of error, no person's words.
    """

    bot: int
    update_id: int
    queue: str
    raw: bytes
    received_at: datetime
    finished_at: datetime
    error: str


_THE_ONE = and_(mine(inbox), inbox.c.bot == given("bot"), inbox.c.update_id == given("update_id"))
_IS_POISON = inbox.c.state == fixed(Handling.POISON)[0]
_RECEIVE = unless_there(inbox)
_RECEIVE_DONE = Many(
    insert(inbox).values(state=fixed(Handling.DONE)[0], attempts=literal_column("0")),
    *("bot", "update_id", "queue", "received_at", "finished_at"),
)
_DONE = (
    update(inbox)
    .where(_THE_ONE, IS_PENDING)
    .values(state=Handling.DONE, queue="", raw=null(), error=null(), finished_at=given("at"))
)
_ALL_DONE = Many(
    update(inbox)
    .where(_THE_ONE, IS_PENDING)
    .values(
        state=fixed(Handling.DONE)[0], queue=literal_column("''"), raw=null(), error=null(), finished_at=given("at")
    ),
    *("bot", "update_id", "at"),
)
_FAILED = (
    update(inbox)
    .where(_THE_ONE, IS_PENDING)
    .values(attempts=inbox.c.attempts + 1, error=given("error"))
    .returning(inbox.c.attempts)
)
_SET_ASIDE = update(inbox).where(_THE_ONE).values(state=Handling.POISON, finished_at=given("at"))
_GIVE_UP = (
    update(inbox)
    .where(mine(inbox), IS_PENDING, inbox.c.bot == given("bot"))
    .values(state=Handling.POISON, attempts=inbox.c.attempts + 1, error=given("error"), finished_at=given("at"))
)
_REVIVE = (
    update(inbox)
    .where(_THE_ONE, _IS_POISON)
    .values(state=Handling.PENDING, attempts=0, error=null(), finished_at=null())
)
_GONE = {"state": Handling.DONE, "queue": "", "raw": null(), "error": null()}
_DISMISS = update(inbox).where(_THE_ONE, _IS_POISON).values(_GONE)
_DISMISS_BEFORE = update(inbox).where(mine(inbox), _IS_POISON, inbox.c.finished_at < given("before")).values(_GONE)
_PURGE = delete(inbox).where(
    mine(inbox), inbox.c.state == fixed(Handling.DONE)[0], inbox.c.finished_at < given("before")
)


def _select(condition: Any) -> Select[Any]:
    columns = [inbox.c[name] for name in ("bot", "update_id", "queue", "raw", "received_at", "attempts")]
    return (
        select(*columns)
        .where(mine(inbox), condition)
        .order_by(inbox.c.received_at, inbox.c.update_id)
        .limit(given("limit"))
    )


def _overtaken() -> Select[Any]:
    """What came at a given instant or later by the clock, and before something of its chat that came until then.

    For each chat without any there is a row of nothing: this sort of join makes SQLite go by the chats.
    """
    seen, at = inbox.alias("seen"), given("at")
    last = (
        select(seen.c.city_id, seen.c.bot, seen.c.queue, func.max(seen.c.update_id).label("update_id"))
        .where(mine(seen), seen.c.state == fixed(Handling.PENDING)[0], seen.c.received_at <= at)
        .group_by(seen.c.city_id, seen.c.bot, seen.c.queue)
        .subquery("last")
    )
    before = and_(
        inbox.c.city_id == last.c.city_id,
        inbox.c.bot == last.c.bot,
        inbox.c.queue == last.c.queue,
        inbox.c.update_id < last.c.update_id,
    )
    columns = [inbox.c[field.name] for field in fields(Received)]
    return select(*columns).select_from(
        last.join(inbox, and_(before, IS_PENDING, inbox.c.received_at >= at), isouter=True)
    )


_PENDING = _select(IS_PENDING)
_OVERTAKEN = _overtaken()
_POISONED = _select(_IS_POISON)
_ASIDE = (
    select(*(inbox.c[field.name] for field in fields(SetAside)))
    .where(mine(inbox), _IS_POISON)
    .order_by(inbox.c.received_at, inbox.c.update_id)
    .limit(given("limit"))
)
_BOTS = select(
    union(*(select(inbox.c.bot).where(mine(inbox), state) for state in (IS_PENDING, _IS_POISON))).subquery().c.bot
)
_BUSY = select(inbox.c.queue).where(mine(inbox), IS_PENDING, inbox.c.queue.in_(given("queues", many=True))).distinct()
_WAITING = select(func.count()).select_from(inbox).where(mine(inbox), IS_PENDING)
_SET_ASIDE_COUNT = select(func.count()).select_from(inbox).where(mine(inbox), _IS_POISON)
_OLDEST = select(inbox.c.received_at).where(mine(inbox), IS_PENDING).order_by(inbox.c.received_at).limit(1)


class Inbox(Part):
    """What Telegram told, over one transaction."""

    def receive(self, bot: int, update_id: int, queue: str, raw: bytes, at: datetime) -> bool:
        """Keep an update; False when it was seen before. Telegram may be told only after the commit."""
        row = {
            "bot": bot,
            "update_id": update_id,
            "queue": queue,
            "raw": raw,
            "received_at": at,
            "state": Handling.PENDING,
            "attempts": 0,
        }
        return self._put(_RECEIVE, row).rowcount > 0

    def receive_done(self, bot: int, updates: Sequence[tuple[int, str]], at: datetime) -> None:
        """Keep the ids, each with its queue, of updates that had their effects in this transaction.

        Raises:
            sqlalchemy.exc.IntegrityError: one of them was seen before; this transaction must leave no trace.
        """
        now = micros(at)
        self._each(_RECEIVE_DONE, [(bot, update_id, queue, now, now) for update_id, queue in updates])

    def busy(self, queues: Collection[str]) -> frozenset[str]:
        """Those of *queues* whose updates wait or are being handled."""
        return frozenset(row.queue for row in self._all(_BUSY, queues=list(queues)))

    def done(self, bot: int, update_id: int, at: datetime) -> None:
        """It has had its effects, in this same transaction; its bytes are dropped, its id is kept.

        Raises:
            AlreadyHandled: it is not pending, so this transaction is a repetition.
        """
        if not self._run(_DONE, bot=bot, update_id=update_id, at=at).rowcount:
            raise AlreadyHandled(bot, update_id)

    def all_done(self, bot: int, updates: Collection[int], at: datetime) -> None:
        """The same as `done` for many.

        Raises:
            AlreadyHandled: one of them is not pending, so this transaction is a repetition.
        """
        now = micros(at)
        if self._each(_ALL_DONE, [(bot, update_id, now) for update_id in updates]) != len(updates):
            raise AlreadyHandled(bot, *updates)

    def failed(self, bot: int, update_id: int, error: str, at: datetime, *, for_good: bool = False) -> bool:
        """Handling it raised; returns whether it is poison from now on.

        Args:
            bot: Whose update.
            update_id: Which.
            error: The kind of error for whoever looks into it; no person's words. Cut at 500 characters.
            at: Now.
            for_good: However often it failed, it need not be tried again.
        """
        attempts = self._scalar(_FAILED, bot=bot, update_id=update_id, error=error[:_ERROR_LENGTH])
        if attempts is None or (attempts < MOST_ATTEMPTS and not for_good):
            return False
        self._run(_SET_ASIDE, bot=bot, update_id=update_id, at=at)
        return True

    def give_up(self, bot: int, error: str, at: datetime) -> int:
        """Set everything that waits of *bot* aside, whose updates nobody will handle; returns how many."""
        return self._run(_GIVE_UP, bot=bot, error=error[:_ERROR_LENGTH], at=at).rowcount

    def bots(self) -> set[int]:
        """The bots of which something waits or stands aside."""
        return {row.bot for row in self._all(_BOTS)}

    def pending(self, limit: int) -> Sequence[Received]:
        """Updates that wait: in the order of time, except that those of one chat come by their ids.

        The clock may have been set back between two of them, and ids rise. Telegram begins them anew, at random, after
        a week in which a bot had nothing to hear; so two of one chat come in the wrong order only if the first one has
        waited for such a week, in which nothing was handled at all. Then both are late, and both still come.

        Returns:
            *limit* of them, where there are so many, and besides any that come before one of these in its chat.
        """
        rows = [Received(*row) for row in self._all(_PENDING, limit=limit)]
        if rows and len(rows) == limit:
            late = [Received(*row) for row in self._all(_OVERTAKEN, at=rows[-1].received_at) if row.queue is not None]
            rows = list(dict.fromkeys([*rows, *late]))
        chats: dict[tuple[int, str], deque[Received]] = defaultdict(deque)
        for one in sorted(rows, key=attrgetter("update_id")):
            chats[one.bot, one.queue].append(one)
        return [chats[one.bot, one.queue].popleft() for one in rows]

    def poisoned(self, limit: int = 1000) -> Sequence[Received]:
        """Updates set aside, oldest first."""
        return [Received(*row) for row in self._all(_POISONED, limit=limit)]

    def aside(self, limit: int = 1000) -> Sequence[SetAside]:
        """The same with what became of them."""
        return [SetAside(*row) for row in self._all(_ASIDE, limit=limit)]

    def waiting(self) -> int:
        """How many updates are not done yet."""
        return int(self._scalar(_WAITING))

    def set_aside(self) -> int:
        """How many were set aside as poison."""
        return int(self._scalar(_SET_ASIDE_COUNT))

    def revive(self, bot: int, update_id: int) -> bool:
        """Let a poisoned update be tried anew; False when it is none."""
        return self._run(_REVIVE, bot=bot, update_id=update_id).rowcount > 0

    def dismiss(self, bot: int, update_id: int) -> bool:
        """Give a poisoned update up: its bytes are dropped, its id is kept; False when it is none."""
        return self._run(_DISMISS, bot=bot, update_id=update_id).rowcount > 0

    def dismiss_before(self, before: datetime) -> int:
        """Give up what was set aside before that instant; returns how many."""
        return self._run(_DISMISS_BEFORE, before=before).rowcount

    def dismiss_of(self, telegram_id: int) -> int:
        """Give up what was set aside of what that person did; returns how many."""
        theirs = [one for one in self.poisoned(max(self.set_aside(), 1)) if _author(one.raw) == telegram_id]
        return sum(self.dismiss(one.bot, one.update_id) for one in theirs)

    def purge(self, before: datetime) -> int:
        """Forget updates done before that instant; returns how many.

        Keep eight days: Telegram redelivers for one day and starts its numbers anew after a week of silence.
        """
        return self._run(_PURGE, before=before).rowcount

    def oldest_pending(self) -> datetime | None:
        """Since when the oldest one waits."""
        oldest: datetime | None = self._scalar(_OLDEST)
        return oldest


def _author(raw: bytes) -> object:
    """Telegram's number of whoever did what an update tells of; ``None`` where its bytes do not say."""
    try:
        update = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    whats = update.values() if isinstance(update, dict) else ()
    whos = [what.get("from") or what.get("user") for what in whats if isinstance(what, dict)]
    return next((who.get("id") for who in whos if isinstance(who, dict)), None)
