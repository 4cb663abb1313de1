"""An event loop whose time is a number: it never waits, runs in one thread, and can let a program die at any step."""

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from contextvars import Context, ContextVar
from typing import Any, Final, TypeVar

T = TypeVar("T")

BEGIN_S: Final = 1_000.0
STEP_S: Final = 1e-6
"""A round of the loop takes so long at least, so that whoever asks again and again comes to an end."""
LIFE: Final[ContextVar["Life | None"]] = ContextVar("life", default=None)
"""To which life of the program a step belongs; people and Telegram belong to none."""


class Crashed(BaseException):
    """The life ends at this very step. No `except Exception` holds it up."""


class Standstill(Exception):
    """Everybody waits and nothing will ever wake them."""


class Life:
    """One run of the program, from its start to its end; when it is dead nothing of it runs any more."""

    def __init__(self, number: int) -> None:
        self.number, self.dead = number, False
        self.context = Context()
        self.context.run(LIFE.set, self)
        self.tasks: list[asyncio.Task[Any]] = []


class VirtualLoop(asyncio.SelectorEventLoop):
    """The clock leaps to the next thing that somebody waits for; threads' work is done at once, in its turn."""

    def __init__(self) -> None:
        self.now_s = BEGIN_S
        super().__init__(_Leaps(self))
        self.slow_callback_duration = float("inf")
        self.set_task_factory(_made)

    def time(self) -> float:
        """Virtual seconds."""
        return self.now_s

    def call_soon_threadsafe(  # type: ignore[override]  # asyncio ties the arguments to the callback
        self, callback: Callable[..., Any], *args: Any, context: Context | None = None
    ) -> Any:
        """There is one thread."""
        return self.call_soon(callback, *args, context=context)

    def run_in_executor(self, _executor: Any, func: Callable[..., T], *args: Any) -> "asyncio.Future[T]":  # type: ignore[override]
        """Do it at once."""
        future: asyncio.Future[T] = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            future.set_exception(error)
        return future

    def begin(self, life: Life | None, work: Coroutine[Any, Any, T], name: str | None = None) -> "asyncio.Task[T]":
        """Start *work* as part of a life, or of nobody's."""
        return self.create_task(work, name=name, context=life.context if life else Context())

    def bury(self, life: Life) -> None:
        """End a life at once: no step of it runs any more, not even to clean up behind itself."""
        life.dead = True
        self.sweep(life)
        for task in life.tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]  # asyncio's own

    def sweep(self, life: Life) -> None:
        """Take every step of a dead life out of the line."""
        for handle in (*self._ready, *self._scheduled):  # type: ignore[attr-defined]  # as asyncio keeps them
            if handle._context.get(LIFE) is life:
                handle.cancel()

    def _run_once(self) -> None:
        for handle in self._ready:  # type: ignore[attr-defined]
            life = handle._context.get(LIFE)
            if life is not None and life.dead:
                handle.cancel()
        super()._run_once()  # type: ignore[misc]  # the stubs know nothing of it

    def dispose(self, lives: list[Life]) -> None:
        """Close the coroutines of the dead, in the order in which they began, and the loop."""
        for life in lives:
            for task in life.tasks:
                if not task.done():
                    with suppress(BaseException):
                        life.context.run(task.get_coro().close)
            life.tasks.clear()
        self._ready.clear()  # type: ignore[attr-defined]
        self._scheduled.clear()  # type: ignore[attr-defined]
        self.close()


def _made(loop: asyncio.AbstractEventLoop, coro: Any, *, context: Context | None = None) -> "asyncio.Task[Any]":
    """A task that knows to which life it belongs."""
    task: asyncio.Task[Any] = asyncio.Task(coro, loop=loop, context=context)
    life = context.get(LIFE) if context is not None else LIFE.get()
    if life is not None:
        life.tasks.append(task)
    return task


class _Leaps(selectors.BaseSelector):
    """Nothing ever comes from outside; to wait is to let time pass."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._keys: dict[Any, selectors.SelectorKey] = {}

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        key = selectors.SelectorKey(fileobj, 0, events, data)
        self._keys[fileobj] = key
        return key

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys.pop(fileobj)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise Standstill("everybody waits")
        self._loop.now_s += max(STEP_S, timeout)
        return []

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        return self._keys

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        return self._keys[fileobj]
