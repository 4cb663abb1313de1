"""Where everything stands: every task and every thread, for whoever must know why a program stands still.

``kill -USR1`` asks for it; it is told by itself when the watchdog is no longer fed. A loop that does not turn cannot
tell of its tasks, but the threads are told of even then, and when systemd ends the process (SIGABRT). Only places in
the program are named, nothing of what it works on.
"""

import asyncio
import faulthandler
import logging
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import PurePath
from types import CodeType, FrameType
from typing import Any, Final

log = logging.getLogger(__name__)

INNERMOST: Final = 12
"""So many places of a stack are told, those that it is in now."""


def heed() -> None:
    """Tell at SIGUSR1 from now on, and of the threads whenever the process is ended by a fault."""
    if sys.__stderr__ is None:
        return
    faulthandler.enable(sys.__stderr__)
    if hasattr(signal, "SIGUSR1"):  # Windows has none
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)
        faulthandler.register(signal.SIGUSR1, sys.__stderr__, chain=True)


def tell() -> None:
    """Log where every task and every thread stands."""
    for task in sorted(asyncio.all_tasks(), key=lambda task: task.get_name()):
        log.warning("task stands", extra={"part": task.get_name(), "at": _line(_awaited(task.get_coro()))})
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for number, frame in sys._current_frames().items():  # noqa: SLF001 - documented, for this purpose
        log.warning("thread stands", extra={"part": names.get(number, str(number)), "at": _line(_called(frame))})


def _line(places: Iterator[tuple[CodeType, int]]) -> str:
    """Places, the innermost last."""
    some = [f"{PurePath(code.co_filename).name}:{line} {code.co_name}" for code, line in places]
    return " > ".join(some[-INNERMOST:])


def _awaited(coroutine: Any) -> Iterator[tuple[CodeType, int]]:
    """Where a coroutine is, and what it waits for is, and so on."""
    while coroutine is not None:
        kind = next((kind for kind in ("cr", "gi", "ag") if hasattr(coroutine, f"{kind}_frame")), None)
        frame = kind and getattr(coroutine, f"{kind}_frame")
        if not frame:
            return
        yield frame.f_code, frame.f_lineno
        coroutine = getattr(coroutine, {"gi": "gi_yieldfrom"}.get(str(kind), f"{kind}_await"))


def _called(frame: FrameType | None) -> Iterator[tuple[CodeType, int]]:
    stack = []
    while frame is not None:
        stack.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    yield from reversed(stack)
