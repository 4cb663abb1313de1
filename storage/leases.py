"""Which programs work on a database that bears several, and what each of them holds meanwhile.

A program enters with a lease, renews it as long as it lives, and takes what only one may do (the clock, the pump of a
bot, a chat whose updates it handles) in its name. When a lease runs out whoever notices drops it, and everything held
in its name is free. The epoch of a lease is counted up and never used again: it fences. A program that was paused for a
minute and wakes up can commit nothing more.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select, text, update

from storage.errors import Fenced, Unusable
from storage.neighbours import has_ended
from storage.notebook import Counters
from storage.part import Held, given, mine
from storage.portable import unless_there
from storage.tables import counters, holdings, leases

SPAN: Final = timedelta(seconds=8)
"""So long after its last sign of life a program is held for dead."""
NODES: Final = 256
_COUNTER: Final = "lease epoch"
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Lease:
    """The right of one program to write.

    Args:
        epoch: Larger than that of every program that entered before.
        node: 0 to 255, different from that of every other program whose lease has not been dropped.
    """

    epoch: int
    node: int


_MINE = (mine(leases), leases.c.epoch == given("epoch"))
_CHECK = Held(select(leases.c.epoch).where(*_MINE), read=True)
_ENTER = insert(leases)
_KEEP = update(leases).where(*_MINE).values(expires_at=given("until"))
_LEAVE = delete(leases).where(*_MINE)
_SOME = (mine(leases), leases.c.epoch.in_(given("epochs", many=True)))
_SHORTEN = update(leases).where(mine(leases), leases.c.expires_at > given("until")).values(expires_at=given("until"))
_DEAD = (
    select(leases.c.epoch).where(mine(leases), leases.c.expires_at <= given("now")).with_for_update(skip_locked=True)
)
_PROGRAMS = select(leases.c.epoch, leases.c.program).where(mine(leases))
_ENDED = select(leases.c.epoch).where(*_SOME).with_for_update(skip_locked=True)
_DROP = delete(leases).where(*_SOME)
_FREE = delete(holdings).where(mine(holdings), holdings.c.epoch.in_(given("epochs", many=True)))
_NODES_TAKEN = select(leases.c.node).where(mine(leases))
_LIVING = select(func.count()).select_from(leases).where(mine(leases))
_HOLD = unless_there(holdings)
_HELD_BY = select(holdings.c.epoch).where(mine(holdings), holdings.c.thing == given("thing"))
_LET_GO = delete(holdings).where(
    mine(holdings), holdings.c.epoch == given("epoch"), holdings.c.thing.in_(given("things", many=True))
)


class Leases(Counters):
    """Leases and what is held by them, over one transaction."""

    def now(self) -> datetime:
        """The server's time, which all programs share, whatever their machines' clocks say."""
        if self._connection.dialect.name == "sqlite":
            return datetime.now(UTC)
        told: datetime = self._connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return told.astimezone(UTC)

    def enter(self, program: str, now: datetime, span: timedelta = SPAN) -> Lease:
        """Give *program* a lease that runs out after *span* unless it is kept.

        Raises:
            Unusable: all nodes are taken.
        """
        self.drop_dead(now)
        taken = {row.node for row in self._all(_NODES_TAKEN)}
        free = [node for node in range(NODES) if node not in taken]
        if not free:
            raise Unusable(f"{NODES} programs work on this database already; stop some of them first.")
        node = random.choice(free)  # noqa: S311 - so that two that enter at once seldom get in each other's way
        epoch = self.count(_COUNTER, _SINCE)
        values = {"epoch": epoch, "node": node, "program": program, "expires_at": now + span}
        self._put(_ENTER, values)
        return Lease(epoch, node)

    def keep(self, lease: Lease, until: datetime) -> None:
        """Go on until then.

        Raises:
            Fenced: the lease has been dropped.
        """
        if not self._run(_KEEP, epoch=lease.epoch, until=until).rowcount:
            raise Fenced(lease.epoch)

    def check(self, lease: Lease) -> None:
        """Let nobody drop the lease before this transaction has ended.

        Raises:
            Fenced: it has been dropped.
        """
        if self._first(_CHECK, epoch=lease.epoch) is None:
            raise Fenced(lease.epoch)

    def shorten(self, now: datetime) -> None:
        """Let none run out later than if it were kept now: the server's clock may have been set back meanwhile."""
        self._run(_SHORTEN, until=now + SPAN)

    def drop_dead(self, now: datetime) -> Sequence[int]:
        """Drop the leases that have run out or whose program has ended, with what they hold; returns their epochs.

        Left for later is one that is just committing something.
        """
        dead = [row.epoch for row in self._all(_DEAD, now=now)]
        ended = [row.epoch for row in self._all(_PROGRAMS) if row.epoch not in dead and has_ended(row.program)]
        if ended:
            dead += [row.epoch for row in self._all(_ENDED, epochs=ended)]
        if dead:
            self._run(_FREE, epochs=dead)
            self._run(_DROP, epochs=dead)
        return dead

    def leave(self, lease: Lease) -> None:
        """Let others go on at once with everything that is held by *lease*."""
        self._run(_FREE, epochs=[lease.epoch])
        self._run(_LEAVE, epoch=lease.epoch)

    def tell(self, channel: str, topic: str) -> None:
        """Tell whoever listens, at the commit, that there is something of that kind to do in this city."""
        values = {"channel": channel, "payload": f"{self._city}/{topic}"}
        self._connection.execute(text("SELECT pg_notify(:channel, :payload)"), values)

    def living(self) -> int:
        """How many programs there are, the dead ones that nobody has noticed included."""
        return int(self._scalar(_LIVING))

    def hold(self, lease: Lease, thing: str) -> bool:
        """Take *thing* when nobody has it; returns whether it is held by *lease* now."""
        self._put(_HOLD, {"thing": thing, "epoch": lease.epoch})
        return bool(self._scalar(_HELD_BY, thing=thing) == lease.epoch)

    def let_go(self, lease: Lease, things: Collection[str]) -> None:
        """Give back what is held by *lease*; what it does not hold stays as it is."""
        if things:
            self._run(_LET_GO, epoch=lease.epoch, things=list(things))


def alone(connection: Connection, place: str) -> int:
    """See that no program works on the database at *place*, for whichever city, and let none begin in the meantime.

    Those that have ended or give no sign of life are dropped: one that wakes up can write nothing more. Where the
    engine bears one program only, its lock has seen to that already.

    Returns:
        A number that is larger after a program has begun, and may have ended again.

    Raises:
        Unusable: one works there.
    """
    now = datetime.now(UTC)
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE leases IN SHARE ROW EXCLUSIVE MODE"))
        now = connection.execute(text("SELECT clock_timestamp()")).scalar_one().astimezone(UTC)  # not this machine's
    for program in connection.execute(select(leases.c.program).where(leases.c.expires_at > now)).scalars():
        if not has_ended(program):
            raise Unusable(f"The program {program} is working on {place}. Stop it first.")
    connection.execute(delete(holdings))
    connection.execute(delete(leases))
    begun = select(func.sum(counters.c.count)).where(counters.c.counter == _COUNTER)
    return int(connection.execute(begun).scalar() or 0)
