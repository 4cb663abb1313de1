"""Public numbers of cases: 1, 2, 3 … in each city, and none left out."""

import heapq
import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Connection, Engine, func, select, update

from storage.notebook import Counters
from storage.tables import cases, counters

NUMBER_KEY: Final = "uq_cases_number"
"""What the database names when a number is another case's."""
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

    A draw is not flushed to the disk, so a server that dies may forget the last ones, and count them again although
    they are cases by then, or are kept here for the next work. Whoever meets such a number calls `mend`.

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

    def mend(self) -> None:
        """A number that the work of this thread drew is another case's: it is nobody's any more.

        From now on the counter goes on behind the largest number of any case, too.
        """
        drawn = set(self._mine())
        with self._engine.connect() as apart:
            for city in {city for city, _ in drawn}:
                of_city = cases.c.city_id == city
                numbers = [number for of, number in drawn if of == city]
                taken = apart.scalars(select(cases.c.number).where(of_city, cases.c.number.in_(numbers)))
                drawn -= {(city, number) for number in taken}
                largest = select(func.max(cases.c.number)).where(of_city).scalar_subquery()
                apart.execute(
                    update(counters)
                    .where(counters.c.city_id == city, counters.c.counter == _COUNTER)
                    .values({counters.c["count"]: func.greatest(counters.c["count"], largest)})
                )
        self._mine()[:] = drawn

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    def _mine(self) -> list[tuple[str, int]]:
        """What the work of this thread has drawn."""
        if not hasattr(self._drawn, "numbers"):
            self._drawn.numbers = []
        drawn: list[tuple[str, int]] = self._drawn.numbers
        return drawn
