"""What time it is: the machine's time, or in a rehearsal a time that runs faster and never jumps back."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

SETTING: Final = "clock.anchor"


class Clock:
    """Tells the town's time in aware UTC, running *speed* times as fast as *wall* (seconds since 1970)."""

    def __init__(self, speed: float = 1.0, *, wall: Callable[[], float] = time.time) -> None:
        self.speed = speed
        self._wall = wall
        self._real = self._town = 0.0 if speed == 1.0 else wall()

    def resume(self, kept: str | None) -> None:
        """Go on from *kept*, what an earlier clock's `anchor` said; the time it slept passed at its own speed.

        So a restart, even with another speed, never shows an earlier time than was shown before.
        """
        if kept is None:
            return
        before = json.loads(kept)
        self._real = self._wall()
        town = before["town_s"] + (self._real - before["real_s"]) * before["speed"]
        self._town = max(town, before["town_s"])

    @property
    def anchor(self) -> str | None:
        """What `resume` needs; ``None`` for the machine's own time, which needs nothing."""
        if self.speed == 1.0 and self._real == self._town:
            return None
        return json.dumps({"real_s": self._real, "town_s": self._town, "speed": self.speed})

    def now(self) -> datetime:
        """The town's time."""
        return datetime.fromtimestamp(self._town + (self._wall() - self._real) * self.speed, UTC)

    def wall(self) -> datetime:
        """The machine's time: Telegram's limits and pauses are counted in it, whatever the speed."""
        return datetime.fromtimestamp(self._wall(), UTC)

    def after(self, seconds: float) -> datetime:
        """The town's time when *seconds* of real time will have passed."""
        return self.now() + timedelta(seconds=seconds * self.speed)
