"""Telling systemd how it is: a datagram to the socket that ``Type=notify`` names. Elsewhere nothing is told."""

import asyncio
import logging
import os
import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from bot import stacks
from bot.health import Check

log = logging.getLogger(__name__)

LEAST_S: Final = 0.05


class Systemd:
    """The manager that started this process, if it wants to be told.

    Args:
        environ: Where ``NOTIFY_SOCKET``, ``WATCHDOG_USEC`` and ``WATCHDOG_PID`` may stand.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        env = os.environ if environ is None else environ
        self._address = env.get("NOTIFY_SOCKET", "")
        for_us = env.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self.watchdog_s = int(env.get("WATCHDOG_USEC", "0")) / 1e6 if for_us and self._address else 0.0

    def tell(self, *words: str) -> bool:
        """Say ``READY=1`` and the like; returns whether it could be said."""
        if not self._address:
            return False
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.setblocking(False)
                line.sendto("\n".join(words).encode(), address)
        except OSError as error:
            log.warning("systemd not told", extra={"error": type(error).__name__})
            return False
        return True

    async def feed(self, vital: Callable[[], Sequence[Check]]) -> None:
        """Feed the watchdog three times in its span, but only while every check of *vital* is well; for ever.

        When one is not, nothing is said any more, and systemd ends and restarts the process: a writer that hangs is not
        kept alive by a loop that turns.
        """
        if not self.watchdog_s:
            return
        starved = False
        while True:
            ill = [one for one in vital() if not one.well]
            if not ill:
                self.tell("WATCHDOG=1")
            elif not starved:
                log.critical("watchdog not fed", extra={"says": " ".join(one.says for one in ill)})
                self.tell("STATUS=" + " ".join(one.says for one in ill))
                stacks.tell()
            starved = bool(ill)
            await asyncio.sleep(max(self.watchdog_s / 3, LEAST_S))
