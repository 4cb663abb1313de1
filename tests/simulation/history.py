"""Living a history from its seed, and asking afterwards whether everything that was promised is true."""

import asyncio
import gc
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from tests.simulation import frozen
from tests.simulation.laws import broken, doubles
from tests.simulation.loop import Standstill
from tests.simulation.people import People
from tests.simulation.world import World, scratch

DEEDS: Final = (25, 70)
LONGEST_DRAIN_S: Final = 900.0
"""So long after the last trouble everything must be done, in virtual time."""
LOOK_S: Final = 1.0


@dataclass
class Outcome:
    """What a history was, and what was wrong with it."""

    seed: int
    wrong: list[str] = field(default_factory=list)
    trace: str = ""
    events: int = 0
    deeds: int = 0
    updates: int = 0
    calls: int = 0
    commits: int = 0
    faults: int = 0
    crashes: int = 0
    stops: int = 0
    falls: int = 0
    jumps: int = 0
    cases: int = 0
    doubles: int = 0
    lateness_s: list[float] = field(default_factory=list)
    """Of every clock that rang: since it was due, or if that is shorter since the last start or leap of the clock."""
    waits_s: list[float] = field(default_factory=list)
    """From the promise of a message to its arrival, outages included; none where clocks leapt."""

    def report(self) -> str:
        """What was wrong, and the command that lives the same again."""
        lines = "\n".join(f"  {line}" for line in self.wrong)
        return f"seed {self.seed}:\n{lines}\n  again: python -m tests.simulation {self.seed} --tell"


def live(seed: int, tell: Callable[[str], None] | None = None) -> Outcome:
    """Live the history of *seed*."""
    outcome = Outcome(seed)
    with scratch() as folder, frozen.read_once():
        frozen.furnished()
        world = World(seed, folder, tell)
        try:
            with world.entered():
                asyncio.set_event_loop(world.loop)
                try:
                    outcome.wrong = world.loop.run_until_complete(world.loop.begin(None, _live(world)))
                except Standstill as error:
                    outcome.wrong = [f"standstill: {error}"]
                _note(world, outcome)
        finally:
            with _burial():
                world.close()
                del world
                gc.collect()
    return outcome


@contextmanager
def _burial() -> Iterator[None]:
    """Coroutines of the dead that are thrown away complain; and what lives for good need not be looked at each time."""
    hook, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            yield
    finally:
        sys.unraisablehook = hook
    if not gc.get_freeze_count():
        gc.freeze()


async def _live(world: World) -> list[str]:
    """People live while the program is killed; then everything calms down, and must come right."""
    rng = world.rng("people")
    people = People(world, rng)
    keeper = world.loop.begin(None, world.keep_alive())
    people.greet()
    await people.live(rng.randint(*DEEDS))
    world.calm()
    people.go_home()
    drained = await _drained(world)
    left = _left(world)
    world.over = True
    if world.alive is not None:
        world.stop()
        await asyncio.wait([keeper], timeout=60)
    if not drained:
        return [f"not done after {LONGEST_DRAIN_S:.0f} s: {left}"]
    return await broken(world)


async def _drained(world: World) -> bool:
    """Whether everything was done in time."""
    end = world.loop.now_s + LONGEST_DRAIN_S
    quiet = 0
    while world.loop.now_s < end:
        await asyncio.sleep(LOOK_S)
        quiet = 0 if any(_left(world).values()) else quiet + 1
        if quiet >= 3:
            world.figures.drained_s = LONGEST_DRAIN_S - (end - world.loop.now_s)
            return True
    return False


def _left(world: World) -> dict[str, int]:
    """What is still to be done."""
    now = int((world.wall_s() + 60) * 1_000_000)
    (inbox,) = world.query("SELECT count(*) FROM inbox WHERE state = 'pending'")[0]
    waiting = f"state = 'ready' AND (ready_at <= {now} OR attempt > 0 OR ready_at - created_at < 60000000)"
    (outbox,) = world.query(f"SELECT count(*) FROM outbox WHERE state = 'sending' OR ({waiting})")[0]  # noqa: S608 - numbers of ours
    (due,) = world.query(f"SELECT count(*) FROM timers WHERE next_at <= {now - 60_000_000}")[0]  # noqa: S608 - a number of ours
    queue = world.exchange.queue(world.town.bot)
    return {
        "program down": int(world.program is None),
        "updates at Telegram": sum(1 for _ in queue.alive()) + len(queue.held) + len(queue._again),
        "updates": inbox,
        "messages": outbox,
        "timers due": due,
        "spooled": len(list((world.folder / "spool").glob("*.json"))),
    }


def _note(world: World, outcome: Outcome) -> None:
    figures = world.figures
    outcome.trace, outcome.events = world.trace, world.events
    outcome.deeds, outcome.crashes, outcome.jumps = figures.deeds, figures.crashes, figures.jumps
    outcome.stops, outcome.falls = figures.stops, figures.falls
    outcome.lateness_s = figures.lateness_s + figures.soon_s
    outcome.calls, outcome.commits = world.wire.calls, world.disk.commits
    outcome.faults = world.disk.faults + world.wire.doubts + world.wire.refusals
    outcome.updates = world.query("SELECT count(*) FROM inbox")[0][0]
    outcome.cases = world.query("SELECT count(*) FROM cases")[0][0]
    outcome.doubles = doubles(world)
    if not figures.jumps:
        rows = world.query("SELECT finished_at - created_at FROM outbox WHERE state = 'sent'")
        outcome.waits_s = [micros / 1e6 for (micros,) in rows]
