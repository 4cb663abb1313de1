"""What households answered to a broadcast counts for the one that takes its place.

Where that one had not asked a household yet when something took its own place, the answer before it counts.

On a server an answer may be on its way meanwhile, of a work that saw the old broadcast before it ended; no row that it
writes is one that the taking over writes. So that also writes, as they are, the figures of the places where the
answers stand: every answer that counts changes those, and of two works that change a row the engine refuses the later
one. Either the taking over is run again and finds the answer, or the answer is, and finds that all is over. A press
that begins after the end is refused anyhow; so the two meet seldom, if the old broadcast has ended in a work before.
"""

from typing import Any, Final

from sqlalchemy import and_, exists, select, update

from broadcasts.model import ReceiptState
from storage.part import given, mine
from storage.tables import fixed, receipts, targets

_BEFORE: Final = receipts.alias("before")
_SAME: Final = and_(
    _BEFORE.c.city_id == receipts.c.city_id,
    _BEFORE.c.broadcast == given("before"),
    _BEFORE.c.asked == receipts.c.asked,
)
_NEWER: Final = receipts.alias("newer")
_ASKED_SINCE: Final = exists().where(
    _NEWER.c.city_id == receipts.c.city_id,
    _NEWER.c.broadcast.in_(given("newer", many=True)),
    _NEWER.c.asked == receipts.c.asked,
)
_HERE: Final = and_(mine(receipts), receipts.c.broadcast == given("id"), receipts.c.place == given("place"))


def _old(name: str) -> Any:
    return select(_BEFORE.c[name]).where(_SAME).scalar_subquery()


CARRY: Final = (
    update(receipts)
    .where(_HERE, ~_ASKED_SINCE)
    .where(exists().where(_SAME, _BEFORE.c.state != fixed(ReceiptState.MISSING)[0]))
    .values({name: _old(name) for name in ("state", "note", "at", "by")})
)
"""Copy what households asked at *place* for *id* answered to *before*, but of those asked for one of *newer* since."""
_ANSWERED_AT: Final = select(_BEFORE.c.place).select_from(receipts.join(_BEFORE, _SAME)).where(_HERE)
HOLD: Final = (
    update(targets)
    .where(mine(targets), targets.c.broadcast == given("before"), targets.c.place.in_(_ANSWERED_AT))
    .values(step=targets.c.step)
)
"""Write the figures of *before* as they are, wherever the same households were asked for it."""
