"""The line before a writer: what takes updates in goes first, and whatever else waits still gets on.

Why: Telegram and its users wait for what is taken in; under a flood hundreds of works are in the line before it.
"""

import threading
from collections import deque
from collections.abc import Sequence
from typing import Final, Generic, TypeVar

W = TypeVar("W")

FEW: Final = 8
"""So many works of a group are done at least, even when somebody waits to be taken in meanwhile."""


class Line(Generic[W]):
    """Two lanes, the first and the usual one; within each, what came first is done first.

    They take turns while something waits in both. A group of the usual lane ends early when something comes into the
    first one. So what comes there waits for `FEW` works and one group of its own lane at most, and after each group of
    the first lane `FEW` works get on at least.
    """

    def __init__(self) -> None:
        self._first: deque[W] = deque()
        self._usual: deque[W] = deque()
        self._came = threading.Condition()
        self._ended = False
        self._first_had_its_turn = False

    def __len__(self) -> int:
        return len(self._first) + len(self._usual)

    def put(self, work: W, *, first: bool = False) -> None:
        """Let it wait at the end of its lane."""
        with self._came:
            (self._first if first else self._usual).append(work)
            self._came.notify()

    def put_back(self, works: Sequence[W]) -> None:
        """Let what a group left undone wait at the head of the usual lane, in its order."""
        with self._came:
            self._usual.extendleft(reversed(works))

    def end(self) -> None:
        """Nothing comes any more: `wait` returns when everything is done."""
        with self._came:
            self._ended = True
            self._came.notify()

    def wait(self) -> bool:
        """Return as soon as something waits, or False once nothing ever will."""
        with self._came:
            self._came.wait_for(lambda: len(self) or self._ended)
        return len(self) > 0

    def group(self, most: int) -> list[W]:
        """What is done next, at most so many; nothing when nothing waits."""
        self._first_had_its_turn = bool(self._first) and not (self._first_had_its_turn and self._usual)
        lane = self._first if self._first_had_its_turn else self._usual
        return [lane.popleft() for _ in range(min(most, len(lane)))]

    def hurries(self, done: int) -> bool:
        """Whether the group that was given last should end, of which so many are done."""
        return done >= FEW and bool(self._first) and not self._first_had_its_turn
