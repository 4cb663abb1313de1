"""The inbox shared by several programs: one chat's updates are with one of them at a time, in their order."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import delete, exists, func, literal, select

from storage.inbox import Received
from storage.leases import Lease, Leases
from storage.part import given, mine
from storage.tables import IS_PENDING, holdings, inbox

_COLUMNS: Final = [inbox.c[name] for name in ("bot", "update_id", "queue", "raw", "received_at", "attempts")]
_CHAT: Final = "chat "
"""So begins the name under which a chat is held; what follows is its queue in the inbox."""
_HELD: Final = exists().where(holdings.c.city_id == inbox.c.city_id, holdings.c.thing == literal(_CHAT) + inbox.c.queue)
_FREE = (
    select(inbox.c.queue)
    .where(mine(inbox), IS_PENDING, inbox.c.bot.in_(given("bots", many=True)), ~_HELD)
    .order_by(inbox.c.received_at, inbox.c.update_id)
    .limit(given("limit"))
    .with_for_update(of=inbox, skip_locked=True)
)


def _first_of_each() -> Any:
    """The oldest updates of some chats. Ids rise within a chat, whichever program took the update in, and when."""
    turn = func.row_number().over(partition_by=inbox.c.queue, order_by=inbox.c.update_id).label("turn")
    oldest = (
        select(*_COLUMNS, turn)
        .where(mine(inbox), IS_PENDING, inbox.c.queue.in_(given("queues", many=True)))
        .subquery("oldest")
    )
    return (
        select(*(oldest.c[column.name] for column in _COLUMNS))
        .where(oldest.c.turn <= given("each"))
        .order_by(oldest.c.update_id)
    )


_FIRST_OF_EACH = _first_of_each()
_LET_GO_BUT = delete(holdings).where(
    mine(holdings),
    holdings.c.epoch == given("epoch"),
    holdings.c.thing.startswith(_CHAT),
    holdings.c.thing.not_in(given("things", many=True)),
)
_LOOKED_AT: Final = 4
"""So many waiting updates are looked at for each chat that is wanted: several may be of one chat."""


class Sharing(Leases):
    """What a program needs to handle its share of the updates, over one transaction."""

    def take(self, lease: Lease, bots: Collection[int], chats: int, each: int) -> Sequence[Received]:
        """Hold the chats whose updates wait longest and that nobody holds; returns their first updates in order.

        Two programs that take at once pass over each other's rows. Should both want the same chat after all, the
        engine refuses the second one, whose work is run again.

        Args:
            lease: In whose name.
            bots: Whose updates.
            chats: So many at most.
            each: So many updates of each chat at most; what is left over waits until the chat is let go.
        """
        found = self._all(_FREE, bots=list(bots), limit=chats * _LOOKED_AT)
        queues = list(dict.fromkeys(row.queue for row in found))[:chats]
        held = [queue for queue in queues if self.hold(lease, _CHAT + queue)]
        if not held:
            return []
        rows = [Received(*row) for row in self._all(_FIRST_OF_EACH, queues=held, each=each)]
        self.let_go(lease, {_CHAT + queue for queue in set(held) - {row.queue for row in rows}})
        return rows

    def let_go_chats(self, lease: Lease, but: Collection[str]) -> None:
        """Let others have the chats that *lease* holds, *but* those queues."""
        self._run(_LET_GO_BUT, epoch=lease.epoch, things=[_CHAT + queue for queue in but])
