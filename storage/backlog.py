"""What waits in the outbox as a whole: counted, put right after the clock was set back, and forgotten in the end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, case, delete, exists, func, literal_column, or_, select, type_coerce, update

from routing.ports import Lane
from storage.part import Part, given, mine
from storage.sendings import OutboxStats
from storage.tables import IS_READY, chats, outbox
from storage.types import Instant

IS_THERE = exists().where(chats.c.city_id == outbox.c.city_id, chats.c.id == outbox.c.chat)
"""The chat of a message was not erased."""

_MINUTE: Final[Any] = literal_column("60000000")
_NOW: Final = type_coerce(given("now"), Instant)
_AHEAD = (
    update(outbox)
    .where(
        mine(outbox),
        IS_READY,
        outbox.c.bot > literal_column("0"),  # any: so that SQLite sees the index
        or_(
            and_(
                outbox.c.created_at > _NOW,
                outbox.c.ready_at - outbox.c.created_at < _MINUTE,  # what is held for later stays held
            ),
            and_(outbox.c.attempt > 0, outbox.c.ready_at - _MINUTE > _NOW),  # no second try waits so long
        ),
    )
    .values(
        ready_at=_NOW,
        created_at=case((outbox.c.created_at > _NOW, _NOW), else_=outbox.c.created_at),
    )
)
_PURGE = delete(outbox).where(mine(outbox), outbox.c.finished_at < given("before"))
_PURGE_LOST = delete(outbox).where(mine(outbox), IS_READY, outbox.c.bot > literal_column("0"), ~IS_THERE)  # as above
_BY_STATE = select(outbox.c.state, func.count()).where(mine(outbox)).group_by(outbox.c.state)
_SINCE: Final = case((outbox.c.attempt == 0, outbox.c.ready_at), else_=outbox.c.created_at)
"""Since when a message waits: one that is held for later does not wait yet."""
_READY_BY_LANE = (
    select(outbox.c.lane, func.count().label("waiting"), func.min(_SINCE).label("oldest"))
    .where(mine(outbox), IS_READY, outbox.c.bot > literal_column("0"))  # any: so that SQLite sees the index
    .group_by(outbox.c.lane)
)


class Backlog(Part):
    """All of it, over one transaction."""

    def hasten(self, now: datetime) -> int:
        """Let leave now what was promised, or put back, later than now; returns how many.

        The clock was set back meanwhile. What is held for the morning is held for it by the new time, too.
        """
        return self._run(_AHEAD, now=now).rowcount

    def purge(self, before: datetime) -> int:
        """Forget messages settled before that instant; returns how many. Their keys can be promised again then.

        So are those that were promised in the very moment in which their chat was erased: nothing else ends them.
        """
        return self._run(_PURGE, before=before).rowcount + self._run(_PURGE_LOST).rowcount

    def waiting(self) -> Mapping[Lane, tuple[int, datetime]]:
        """How many messages are ready in each lane, and since when the oldest waits; empty lanes are missing.

        Costs what waits, not what is stored.
        """
        return {row.lane: (row.waiting, row.oldest) for row in self._all(_READY_BY_LANE)}

    def stats(self) -> OutboxStats:
        """How many rows there are by outcome, how many are ready in each lane, and since when the oldest waits.

        Counts every row that is stored.
        """
        ready = self.waiting()
        return OutboxStats(
            by_state={state.value: count for state, count in self._all(_BY_STATE)},
            ready_by_lane={lane: count for lane, (count, _) in ready.items()},
            oldest_by_lane={lane: oldest for lane, (_, oldest) in ready.items()},
        )
