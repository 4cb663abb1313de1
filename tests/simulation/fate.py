"""Chance: how often things fail, and when the program dies."""

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from tests.simulation.loop import Crashed, Life

if TYPE_CHECKING:
    from tests.simulation.world import World

SOON_S: Final = (0.2, 5.0)
LONG_S: Final = (160.0, 400.0)
"""Longer than a press lives at Telegram."""


@dataclass(frozen=True, slots=True)
class Weather:
    """How often a call, a statement or a commit fails: 0 to 1."""

    calls: float = 0.0
    statements: float = 0.0
    commits: float = 0.0

    @classmethod
    def drawn(cls, rng: Random) -> "Weather":
        """Mostly one kind of trouble, sometimes all of them."""
        return cls(
            calls=rng.choice((0.0, 0.02, 0.1, 0.3)),
            statements=rng.choice((0.0, 0.0, 0.0005, 0.003)),
            commits=rng.choice((0.0, 0.0, 0.005, 0.03)),
        )


class Fuse:
    """When a life ends: at a statement, before or after a commit, around a call, or at some second."""

    def __init__(self, world: "World", rng: Random) -> None:
        self._world, self._rng = world, rng
        self._at, self._left, self._armed = "", 0, True
        self.burnt: set[str] = set()

    def arm(self, life: Life) -> None:
        """Draw how this life will end; most of those that nothing ends live until the end."""
        self._at, self._left = "", 0
        if not self._armed or not self._world.stormy or self._rng.random() < 0.15:
            return
        self._at = self._rng.choice(("statement", "commit", "committed", "calling", "answered", "second"))
        if self._at == "second":
            wait_s = self._rng.uniform(0.0, 40.0)
            self._world.loop.call_later(wait_s, self._strike, life)
        else:
            most = {"statement": 6_000, "commit": 400, "committed": 400, "calling": 120, "answered": 120}[self._at]
            self._left = self._rng.randrange(1, most)

    def _strike(self, life: Life) -> None:
        if self._armed:
            self.burnt.add("second")
            self._world.crash(life, "second")

    def disarm(self) -> None:
        """No life ends any more."""
        self._armed, self._at = False, ""

    def statement(self, life: Life, sql: str) -> None:
        """A statement is about to run."""
        self._burn(life, "commit" if sql == "COMMIT" else "statement")

    def committed(self, life: Life) -> None:
        """A transaction is durable, and nobody knows yet."""
        self._burn(life, "committed")

    def calling(self, life: Life, method: str) -> None:
        """A call is about to leave."""
        if method != "getUpdates":
            self._burn(life, "calling")

    def answered(self, life: Life) -> None:
        """An answer has come, and nobody has read it yet."""
        self._burn(life, "answered")

    def pause_s(self, rng: Random) -> float:
        """Until the program is started again."""
        return rng.uniform(*(LONG_S if rng.random() < 0.08 else SOON_S))

    def _burn(self, life: Life, where: str) -> None:
        if self._at != where or life.dead:
            return
        self._left -= 1
        if self._left <= 0:
            self._at = ""
            self.burnt.add(where)
            self._world.crash(life, where)
            raise Crashed
