"""Leases that run out unless they are kept.

The epoch fences whoever had one before: a program that was paused for a minute and wakes up can commit nothing more.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert, select, text, update

from storage.errors import Fenced
from storage.part import Held, Part, given, mine
from storage.tables import leases


@dataclass(frozen=True, slots=True)
class Lease:
    """What a program holds.

    Args:
        name: Of the work that only one does.
        holder: The program.
        epoch: Counted up at every change of hands.
    """

    name: str
    holder: str
    epoch: int


_THE_ONE = (mine(leases), leases.c.lease == given("lease"))
_AND_MINE = (leases.c.holder == given("holder"), leases.c.epoch == given("epoch"))
_LOOK = Held(select(leases.c.holder, leases.c.epoch, leases.c.expires_at).where(*_THE_ONE))
_CHECK = Held(select(leases.c.epoch).where(*_THE_ONE, *_AND_MINE), read=True)
_FIRST = insert(leases)
_TAKE = update(leases).where(*_THE_ONE)
_KEEP = update(leases).where(*_THE_ONE, *_AND_MINE).values(expires_at=given("until"))


class Leases(Part):
    """Leases, over one transaction."""

    def now(self) -> datetime:
        """The server's time, which all programs share, whatever their machines' clocks say."""
        if self._connection.dialect.name == "sqlite":
            return datetime.now(UTC)
        told: datetime = self._connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        return told.astimezone(UTC)

    def take(self, name: str, holder: str, now: datetime, span: timedelta) -> Lease | None:
        """Take a lease that nobody holds, or whose holder let it run out; ``None`` while another one has it.

        Whatever its last holder is committing is waited for.
        """
        row = self._first(_LOOK, lease=name)
        if row is not None and row.holder != holder and row.expires_at > now:
            return None
        epoch = row.epoch + 1 if row else 1
        values = {"lease": name, "holder": holder, "epoch": epoch, "expires_at": now + span}
        if row is None:
            self._put(_FIRST, values)
        else:
            self._run(_TAKE, values, lease=name)
        return Lease(name, holder, epoch)

    def keep(self, lease: Lease, until: datetime) -> None:
        """Hold it until then; an instant that has passed gives it up.

        Raises:
            Fenced: another program has it.
        """
        if not self._run(_KEEP, lease=lease.name, holder=lease.holder, epoch=lease.epoch, until=until).rowcount:
            raise Fenced(lease.name)

    def check(self, lease: Lease) -> None:
        """Let nobody take the lease before this transaction has ended.

        Raises:
            Fenced: another program has it.
        """
        if self._first(_CHECK, lease=lease.name, holder=lease.holder, epoch=lease.epoch) is None:
            raise Fenced(lease.name)
