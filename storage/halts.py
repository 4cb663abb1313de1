"""How long Telegram wants silence, and where: pauses that survive a restart."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, case, or_, select, type_coerce, update

from storage.part import Part, given, mine
from storage.portable import Colliding, Insert, key_of
from storage.prepared import Statement
from storage.tables import halts
from storage.types import micros


def _halt(insert: Insert) -> Statement:
    """The one that lasts longer stays, counted from now: one that ends late because it was asked late is no longer."""
    new = insert.excluded
    longer = or_(new.until >= halts.c.until, new.length >= halts.c.length)
    kept = {name: case((longer, new[name]), else_=halts.c[name]) for name in ("until", "length")}
    return insert.on_conflict_do_update(index_elements=key_of(halts), set_=kept)


_HALT = Colliding(halts, _halt)
_FULL = halts.c.length + given("now")
_SHORTEN = update(halts).where(mine(halts), type_coerce(halts.c.until, BigInteger) > _FULL).values(until=_FULL)
_HALTS = select(halts.c.scope, halts.c.until).where(mine(halts), halts.c.until > given("now"))


class Halts(Part):
    """The pauses, over one transaction."""

    def halt(self, scope: str, until: datetime, length: timedelta) -> None:
        """Send nothing in *scope* ("bot:<id>" or "chat:<id>") before *until*, which is *length* from now.

        A longer halt stays as it is.
        """
        self._put(_HALT, {"scope": scope, "until": until, "length": length // timedelta(microseconds=1)})

    def shorten_halts(self, now: datetime) -> None:
        """Let none last longer from now on than it was to last: the clock may have been set back meanwhile."""
        self._run(_SHORTEN, now=micros(now))

    def halts(self, now: datetime) -> Mapping[str, datetime]:
        """Halts in force, and when each ends."""
        return {row.scope: row.until for row in self._all(_HALTS, now=now)}
