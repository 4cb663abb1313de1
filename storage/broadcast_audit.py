"""The laws of broadcasts as far as rows show them: figures agree with answers, and what runs has a clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, and_, exists, func, or_, select

from broadcasts.model import Level, ReceiptState, State
from routing.policy import LEAST_KEPT_DAYS
from storage.part import Part, given, mine
from storage.tables import broadcasts, cases, fixed, helps, receipts, targets

_COUNTED: Final = (
    ("pressed", ReceiptState.PRESSED),
    ("told", ReceiptState.TOLD),
    ("moved", ReceiptState.MOVED),
)


def _figures() -> Any:
    answered = (
        select(
            receipts.c.broadcast,
            receipts.c.place,
            func.count().label("households"),
            *(func.count().filter(receipts.c.state == fixed(state)[0]).label(name) for name, state in _COUNTED),
        )
        .where(mine(receipts))
        .group_by(receipts.c.broadcast, receipts.c.place)
        .subquery("answered")
    )
    names = ("households", *(name for name, _ in _COUNTED))
    differs = [targets.c[name] != func.coalesce(answered.c[name], 0) for name in names]
    let_go = and_(
        answered.c.broadcast.is_(None),
        exists().where(
            mine(broadcasts), broadcasts.c.id == targets.c.broadcast, broadcasts.c.ended_at <= given("let_go")
        ),
    )
    beside = and_(answered.c.broadcast == targets.c.broadcast, answered.c.place == targets.c.place)
    return (
        select(targets.c.broadcast, targets.c.place, *(answered.c[name].label(name) for name in names))
        .select_from(targets.outerjoin(answered, beside))
        .where(mine(targets), or_(*differs), ~let_go)
    )


_FIGURES = _figures()
_LIVING = fixed(State.DRAFT, State.APPROVING, State.SCHEDULED, State.SENDING, State.PAUSED, State.CHASING)
_WITHOUT_CLOCK = select(broadcasts.c.number, broadcasts.c.state).where(
    mine(broadcasts), broadcasts.c.state.in_(_LIVING), broadcasts.c.next_at.is_(None)
)
_ALONE = select(broadcasts.c.number).where(
    mine(broadcasts),
    broadcasts.c.level.in_(fixed(Level.ORANGE, Level.RED)),
    broadcasts.c.begun_at.is_not(None),
    broadcasts.c.author.is_not(None),
    or_(broadcasts.c.approver.is_(None), broadcasts.c.approver == broadcasts.c.author),
)
_HELP_LOST = select(helps.c.broadcast, helps.c.case_id).where(
    mine(helps), ~exists().where(cases.c.city_id == helps.c.city_id, cases.c.id == helps.c.case_id)
)


class BroadcastAudit(Part):
    """Looks for what must not be among the broadcasts."""

    def __init__(self, connection: Connection, city: str, now: datetime) -> None:
        super().__init__(connection, city)
        self._now = now

    def found(self) -> Iterator[tuple[str, str]]:
        """Each finding: the law in one word, and what was found; no person's words."""
        for row in self._all(_FIGURES, let_go=self._now - timedelta(days=LEAST_KEPT_DAYS)):
            yield "receipts", f"the figures of broadcast {row.broadcast} at {row.place} are not those of its answers"
        for row in self._all(_WITHOUT_CLOCK):
            yield "broadcast", f"no. {row.number} is {row.state.value} and no clock of it will ever ring"
        for row in self._all(_ALONE):
            yield "approval", f"no. {row.number} is red or orange and no second person has approved it"
        for row in self._all(_HELP_LOST):
            yield "help", f"case {row.case_id} was opened under broadcast {row.broadcast} and is not there"
