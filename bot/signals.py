"""What the system tells a process by signals."""

import asyncio
import contextlib
import signal
from collections.abc import Callable


def heed(stop: Callable[[], None]) -> None:
    """Call *stop* at SIGTERM and SIGINT from now on."""
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows has no such handlers; Ctrl-C still works
            asyncio.get_running_loop().add_signal_handler(number, stop)
