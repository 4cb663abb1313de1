"""What runs beside everything else until the program stops; a part that ends by itself ends the program."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any

log = logging.getLogger(__name__)


class Parts:
    """The parts of one program.

    Args:
        stack: Ends each of them in its turn.
        failed: Told of what ended a part that should have gone on.
    """

    def __init__(self, stack: AsyncExitStack, failed: Callable[[BaseException], None]) -> None:
        self._stack, self._failed = stack, failed
        self._finishing: set[asyncio.Task[None]] = set()

    def keep(self, work: Coroutine[Any, Any, None], name: str, *, ends: bool = False) -> None:
        """Run *work* beside everything else until the stop; unless it *ends* by itself, its end is the program's."""
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(lambda done: self._ended(done, ends=ends))
        self._stack.push_async_callback(self._finish, task)

    def _ended(self, task: "asyncio.Task[None]", *, ends: bool) -> None:
        error: BaseException | None = None
        if not task.cancelled():
            error = task.exception()
        elif task not in self._finishing:  # what it waited for was cancelled, and it with that
            error = RuntimeError(f"{task.get_name()} was broken off, and nobody had asked for that")
        if error is not None:
            log.critical("part ended", exc_info=error, extra={"part": task.get_name()})
            if not ends:
                self._failed(error)

    async def _finish(self, task: "asyncio.Task[None]") -> None:
        """End a task that has been asked to stop; one that waits for the network is cancelled."""
        self._finishing.add(task)
        task.cancel()
        await asyncio.wait([task])
