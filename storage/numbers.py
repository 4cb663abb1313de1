"""Public numbers of cases: 1, 2, 3 … in each city, and none left out."""

import heapq
import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, Engine

from storage.notebook import Counters

_COUNTER: Final = "case number"
_SINCE: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CountedNumbers:
    """Counted in the transaction of the filing: it gives its number back by being rolled back."""

    def next(self, connection: Connection, city: str) -> int:
        """The next number of the city."""
        return self.several(connection, city, 1)[0]

    def several(self, connection: Connection, city: str, count: int) -> list[int]:
        """The next *count* numbers of the city."""
        last = Counters(connection, city).count(_COUNTER, _SINCE, by=count)
        return list(range(last - count + 1, last + 1))

    def unused(self, connection: Connection, city: str, numbers: Sequence[int]) -> None:
        """Take back the last ones that this same transaction was given."""
        Counters(connection, city).uncount(_COUNTER, by=len(numbers))


class DrawnNumbers:
    """Drawn in a transaction of their own, so that two filings at once do not wait for, or undo, each other.

    What a failed work has drawn is given to the next one of this process. Only a process that dies in the middle of a
    filing, or a COMMIT of which nobody knows the outcome, leaves a gap.

    Args:
        engine: Its connections commit each statement.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine, self._lock = engine, threading.Lock()
        self._free: defaultdict[str, list[int]] = defaultdict(list)
        self._drawn = threading.local()

    def next(self, connection: Connection, city: str) -> int:
        """The next number of the city."""
        return self.several(connection, city, 1)[0]

    def several(self, connection: Connection, city: str, count: int) -> list[int]:  # noqa: ARG002 - a work's own transaction is not used
        """The next *count* numbers of the city; those that were given back come first."""
        with self._lock:
            free = self._free[city]
            numbers = [heapq.heappop(free) for _ in range(min(count, len(free)))]
        missing = count - len(numbers)
        if missing:
            with self._engine.connect() as apart:
                last = Counters(apart, city).count(_COUNTER, _SINCE, by=missing)
            numbers += range(last - missing + 1, last + 1)
        self._mine().extend((city, number) for number in numbers)
        return numbers

    def unused(self, connection: Connection, city: str, numbers: Sequence[int]) -> None:  # noqa: ARG002 - as above
        """Give back some that this work had drawn, whatever becomes of it."""
        with self._lock:
            for number in numbers:
                self._mine().remove((city, number))
                heapq.heappush(self._free[city], number)

    def spent(self) -> None:
        """The work of this thread was committed, or may have been: its numbers are never given again."""
        self._mine().clear()

    def give_back(self) -> None:
        """The work of this thread has left no trace: what it had drawn is free again."""
        with self._lock:
            for city, number in self._mine():
                heapq.heappush(self._free[city], number)
        self._mine().clear()

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def _mine(self) -> list[tuple[str, int]]:
        """What the work of this thread has drawn."""
        if not hasattr(self._drawn, "numbers"):
            self._drawn.numbers = []
        drawn: list[tuple[str, int]] = self._drawn.numbers
        return drawn
