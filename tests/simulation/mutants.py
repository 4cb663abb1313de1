"""Mistakes to plant in the program, which the histories must find: ``python -m tests.simulation --mutant NAME 1-50``.

A mutant is a context in which the program is wrong in one way. None is easy to see: every one of them works as long as
nothing fails, or nothing comes twice.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from typing import Any, Final
from unittest.mock import patch

from bot.courier import Courier
from bot.ingress import Intake
from bot.letters import Letter, take_up
from bot.settlement import Result, settle
from handlers._kit import context
from handlers._kit.services import current_update
from storage.inbox import Inbox
from storage.sendings import Head

Planted = AbstractContextManager[Any]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A mistake.

    Attributes:
        plant: Makes the program wrong while the context lasts.
        law: What is said of a history that found it.
        first: A seed whose history finds it.
    """

    plant: Callable[[], Planted]
    law: str
    first: int


def acknowledged_before_the_commit() -> Planted:
    """Telegram is told before the rows are there."""
    keep, tasks = Intake.keep, set()

    async def soon(self: Intake, updates: Sequence[Mapping[str, Any]], offset: int | None = None) -> None:
        async def later() -> None:
            await asyncio.sleep(2)
            await keep(self, updates, offset)

        task = asyncio.create_task(later())
        tasks.add(task)

    return patch.object(Intake, "keep", soon)


def forgotten_in_flight() -> Planted:
    """A message whose mark "being sent" was written, and whose answer was lost, is left alone."""
    return patch("bot.courier.put_back", lambda *_: None)


def left_in_flight() -> Planted:
    """What a dead life was just sending is never settled."""
    return patch("bot.courier.recover", lambda *_: (0, {}))


def ids_not_remembered() -> Planted:
    """An update that comes again is taken for a new one."""
    receive = Inbox.receive

    def again(self: Inbox, bot: int, update_id: int, queue: str, raw: bytes, at: Any) -> bool:
        if not receive(self, bot, update_id, queue, raw, at):
            self._connection.exec_driver_sql(
                "UPDATE inbox SET state = 'pending', queue = ?, raw = ?, finished_at = NULL "
                "WHERE bot = ? AND update_id = ? AND state = 'done'",
                (queue, raw, bot, update_id),
            )
        return True

    return patch.object(Inbox, "receive", again)


@contextmanager
def handled_apart() -> Any:
    """The work is one transaction, and the mark that it was done another one, a moment later."""
    work, settling = context.GridContext.work, context.settling

    async def apart(self: Any, use_case: Any, *args: Any, **kwargs: Any) -> Any:
        receipt = current_update.get()
        try:
            return await work(self, use_case, *args, **kwargs)
        finally:
            if receipt is not None:
                await asyncio.sleep(0.2)
                receipt.settled = False  # so that the worker marks it

    def unmarked(uow: Any, receipt: Any, *args: Any) -> Any:
        done = uow.inbox.done
        uow.inbox.done = lambda *_: None
        try:
            return settling(uow, receipt, *args)
        finally:
            uow.inbox.done = done

    with ExitStack() as stack:
        stack.enter_context(patch.object(context.GridContext, "work", apart))
        stack.enter_context(patch.object(context, "settling", unmarked))
        yield


def every(number: int, wrong: Callable[..., Any], right: Callable[..., Any]) -> Callable[..., Any]:
    """Do it wrong every so many-th time."""
    turn = count(1)

    def sometimes(*args: Any, **kwargs: Any) -> Any:
        return (right if next(turn) % number else wrong)(*args, **kwargs)

    return sometimes


def sent_again() -> Planted:
    """Now and then a message that was sent is not known to be."""

    def forgetting(stores: Any, letter: Any, _delivery: Any, now: Any) -> Result:
        stores.sending.retry(letter.sending.id, now, "")
        return Result.RETRY

    return patch("bot.courier.settle", every(4, forgetting, settle))


class _Undone(Exception):
    """A transaction that only looked."""


def sent_before_the_commit() -> Planted:
    """What is taken up leaves at once, and is marked as being sent just afterwards."""

    async def early(self: Courier, heads: Sequence[Head]) -> None:
        places, letters = {head.id: head for head in heads}, dict[int, Letter]()
        marking = (list(places), self._clock.now(), self._locale)

        def look(stores: Any) -> None:
            letters.update(take_up(stores, *marking))
            raise _Undone

        with suppress(_Undone):
            await self._store.work(look)
        self._ready += [(places[number], letter) for number, letter in letters.items()]
        self._loaded.set()
        await self._store.work(take_up, *marking)

    return patch.object(Courier, "_take_up", early)


MUTANTS: Final[Mapping[str, Mutant]] = {
    mutant.plant.__name__: mutant
    for mutant in (
        Mutant(acknowledged_before_the_commit, "acknowledged and lost", 1),
        Mutant(forgotten_in_flight, "not done after", 35),
        Mutant(left_in_flight, "not done after", 1),
        Mutant(ids_not_remembered, "had its effects", 6),
        Mutant(handled_apart, "had its effects", 1),
        Mutant(sent_again, "doubles", 1),
        Mutant(sent_before_the_commit, "before the commit", 1),
    )
}
