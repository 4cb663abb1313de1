"""The transaction that takes updates in: what can be heard at once is, the rest waits in the inbox for the worker."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple

import orjson

from bot.worker import Taken
from handlers import Crowd, Hasty, Plain, Spoken


class Quick(NamedTuple):
    """A press or a command that is heard together with others, and where it came from."""

    heard: Hasty | Plain
    queue: str
    update: Mapping[str, Any]

    def as_row(self, bot: int, *, by_itself: bool) -> Taken:
        """The same for the worker; *by_itself* when hearing it was tried."""
        return Taken(bot, self.update["update_id"], self.queue, orjson.dumps(self.update), by_itself=by_itself)


Kept = Taken | Spoken | Literal[True]
"""What became of an update: it is the worker's, its presser is told something, or it is done."""


def receive(
    stores: Any,
    updates: Sequence[Taken | Quick],
    bot: int,
    now: datetime,
    crowd: Crowd | None,
    setting: str,
    offset: int | None,
    *,
    alone: bool,
) -> list[Kept | None]:
    """Store updates and hear what can be heard at once; returns what became of each, ``None`` of one seen before."""
    quick = [one for one in updates if isinstance(one, Quick)]
    heard = iter(_hear(stores, crowd, quick, bot, now, alone=alone) if quick and crowd is not None else ())
    kept: list[Kept | None] = []
    for one in updates:
        outcome = one if isinstance(one, Taken) else next(heard)
        if isinstance(outcome, Taken):
            fresh = stores.inbox.receive(outcome.bot, outcome.update_id, outcome.queue, outcome.raw, now)
            kept.append(outcome if fresh else None)
        else:
            kept.append(outcome)
    if offset is not None:
        stores.notebook.set_setting(setting, str(offset))
    return kept


def _hear(stores: Any, crowd: Crowd, quick: Sequence[Quick], bot: int, now: datetime, *, alone: bool) -> list[Kept]:
    """Hear presses and commands and keep their ids in the inbox; what is not heard is left to the worker.

    So is, where this program is not *alone*, what comes from a chat whose updates wait: it must wait behind them.

    Raises:
        sqlalchemy.exc.IntegrityError: one of them came before; nothing is written then.
    """
    busy = frozenset() if alone else stores.inbox.busy({one.queue for one in quick})
    at_once = [one.heard for one in quick if one.queue not in busy]
    presses = iter(crowd.hear(stores, [one for one in at_once if isinstance(one, Hasty)], now))
    commands = iter(crowd.chorus.hear(stores, [one for one in at_once if isinstance(one, Plain)], now))
    outcomes = [
        None if one.queue in busy else next(presses if isinstance(one.heard, Hasty) else commands) for one in quick
    ]
    both = list(zip(quick, outcomes, strict=True))
    stores.inbox.receive_done(bot, [(one.update["update_id"], one.queue) for one, outcome in both if outcome], now)
    return [outcome or one.as_row(bot, by_itself=one.queue not in busy) for one, outcome in both]
