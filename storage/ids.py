"""Time-ordered numbers and secrets, made here and not by the database, so that cities can be split and merged."""

import secrets
import time
from collections.abc import Callable
from threading import Lock
from typing import Final

EPOCH_MS: Final = 1_735_689_600_000
"""2025-01-01T00:00:00Z in milliseconds: 41 bits of them last until 2094."""
_NODE_BITS: Final = 8
_SEQUENCE_BITS: Final = 14
_DOOR_LETTERS: Final = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


class ClockIds:
    """63-bit numbers: 41 bits of milliseconds, 8 of the process, 14 that count.

    Every number is larger than all earlier ones of this object, whatever the clock does; after a burst or a step back
    it runs ahead of the clock until the clock has caught up.

    Args:
        node: 0 to 255; different for processes that share a database.
        after: A number that everything new must exceed, such as the largest one stored.
        clock_ms: Milliseconds since 1970.
    """

    def __init__(
        self, node: int = 0, after: int = 0, clock_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    ) -> None:
        if not 0 <= node < 1 << _NODE_BITS:
            raise ValueError(f"a node is a number from 0 to {(1 << _NODE_BITS) - 1}, not {node}")
        self._node, self._clock_ms, self._lock = node, clock_ms, Lock()
        self._ticks = (after >> _NODE_BITS + _SEQUENCE_BITS) + 1 << _SEQUENCE_BITS if after else 0

    def new(self) -> int:
        """A number that was never given before and is larger than those given earlier."""
        with self._lock:
            now = self._clock_ms() - EPOCH_MS << _SEQUENCE_BITS
            self._ticks = max(now, self._ticks + 1)
            moment, count = divmod(self._ticks, 1 << _SEQUENCE_BITS)
        return (moment << _NODE_BITS | self._node) << _SEQUENCE_BITS | count

    def secret(self) -> str:
        """22 characters of base64url: 128 random bits."""
        return secrets.token_urlsafe(16)

    def door_code(self) -> str:
        """Eight characters that are easy to read out and type, without 0 O 1 I L."""
        return "".join(secrets.choice(_DOOR_LETTERS) for _ in range(8))
