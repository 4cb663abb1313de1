"""How the town of the tests is furnished, and what it asks the database about itself."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot import life
from bot.sample.town import SampleTown
from bot.sandbox import Sandbox
from routing.model import Case
from routing.ports import UnitOfWork
from routing.town import load
from storage.stores import Stores

SECOND_TOKEN: Final = "7000000002:SECOND-BOT-OF-HUYING"


LAST: Final = 40
"""So much of what went to and fro a failed test tells."""


def transcript(sandbox: Sandbox) -> str:
    """The last updates that bots got, the last calls that they made, and what presses were answered."""
    updates = [f"{bot} <- {update}" for bot, queue in sandbox.exchange.queues.items() for update in list(queue.recent)]
    calls = [
        f"{one.time:.3f} {one.bot} -> {one.method} {one.params} {'' if one.ok else one.answer}"
        for one in sandbox.calls
        if one.method.lower() != "getupdates"
    ]
    lines = [*updates[-LAST:], *calls[-LAST:], *(f"toast {toast}" for toast in sandbox.toasts[-LAST:])]
    return "\n".join(line[:400] for line in lines)


def serve_by_another(sandbox: Sandbox, sample: SampleTown, units: Collection[str]) -> None:
    """Let a second bot take the place of the first one in the chats of some units."""
    bot = sandbox.add_bot("呼应 2", "huying_second_bot", SECOND_TOKEN, privacy=False)
    for code in units:
        sandbox.seat(sample.chats[code], bot, admin=True)
        del sample.chats[code].members[sample.bot.id]


def load_town(uow: UnitOfWork, sample: SampleTown, bots: Sequence[int], second: Collection[str]) -> None:
    """Load the tables of the sample, each chat as that of the bot that serves it."""
    units, *others = sample.sheets
    theirs = tuple(row for row in units.rows if row.cells["code"] in second)
    load(uow, [replace(units, rows=tuple(row for row in units.rows if row not in theirs))], bot=bots[0])
    if theirs:
        load(uow, [replace(units, rows=theirs)], bot=bots[1])
    load(uow, others, bot=bots[0])


def case_by_number(stores: Stores, number: int) -> Case:
    """A case by its number."""
    return stores.cases.by_number(number)


def count_of_cases(stores: Stores) -> int:
    """How many cases there are."""
    return int(stores.connection.exec_driver_sql("SELECT count(*) FROM cases").scalar_one())


def is_busy(stores: Stores, now: datetime) -> bool:
    """Whether an update waits, or a message that may leave, or cards are to be shown anew after a downtime."""
    run = stores.connection.exec_driver_sql
    waiting = run("SELECT count(*) FROM inbox WHERE state = 'pending'").scalar_one()
    soon = int(now.timestamp() * 1_000_000)
    leaving = run(f"SELECT count(*) FROM outbox WHERE state = 'sending' OR (state = 'ready' AND ready_at <= {soon})")  # noqa: S608 - a number of ours
    return bool(waiting or leaving.scalar_one()) or life.owed_anew(stores) is not None
