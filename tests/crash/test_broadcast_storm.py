"""Killed in a storm of presses, or while it chases the silent, the bot counts each household once and goes on.

The long form, for a night: ``HUYING_KILLS=200 pytest tests/crash/test_broadcast_storm.py -s``.
"""

import os
import random
import secrets
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest

from bot.sandbox import Chat, Person
from bot.telegram import IN_FLIGHT
from broadcasts.model import State
from tests.crash.warned import COMMUNITIES, GRIDS, HELP, HOMES, RECEIVED, STREET, Warned, warned

KILLS = int(os.environ.get("HUYING_KILLS", "3"))
SEED = int(os.environ.get("HUYING_CRASH_SEED", "0")) or secrets.randbelow(1_000_000)
MOST_ANSWERS = 40
"""A life in the storm ends after so many answers at most."""
OPENERS = 60
"""Households where somebody can be reminded in private."""
PER_STEP = max(1, KILLS // 3)
ANSWER = "answercallbackquery"
NUDGE, REMINDER, SUMMARY = "户没有确认。看到的邻居", "您家还没有确认这条消息", "第 1 号总结"
Marks = Mapping[str, tuple[Chat | Person, str]]
"""What a step of the chase is known by: where, and by which words."""
pytestmark = pytest.mark.crash


async def test_killed_in_a_storm_of_presses_it_loses_none_and_counts_none_twice(tmp_path: Path) -> None:
    rng = _seeded()
    async with warned(tmp_path) as here:
        await here.until_sent()
        homes = rng.sample(sorted(here.homes), len(here.homes))
        silent, storm, helped = homes[:HOMES], homes[HOMES:], homes[-HOMES:]
        strangers, unanswered = here.town.residents(here.town.grids[0])[:3], 0
        for kill in range(KILLS):
            wave = storm[kill % len(storm) :: min(KILLS, len(storm))]
            asked = await _press_all(here, wave, rng, helped)
            goal = _answers(here) + rng.randrange(1, min(MOST_ANSWERS, len(wave)) + 1)
            await here.until(partial(_some_answers, here, goal))
            await here.program.kill()
            unanswered += len(asked - _answered(here))
            await _press_all(here, [home for home in wave if rng.random() < 0.3], rng, ())  # nobody is there
            await here.program.start()
        for who in strangers:
            await here.press(who, here.town.chats[here.town.grids[0]], RECEIVED, again=True)
        await _figures_shown(here, set(storm))
        await here.until(lambda: not here.sandbox.exchange.queue(here.town.bot).pending)
        assert await here.program.stop() == 0
        assert await here.program.audit() == (0, "All laws hold.\n")
        state, figures, pressed = await here.answers()

    print(f"{unanswered} presses were not answered when the program died")  # noqa: T201 - of a long run
    assert unanswered
    assert pressed == sorted(storm)
    assert (state, figures.pressed, figures.told, figures.moved) == (State.CHASING, len(storm), 0, 0)
    assert (figures.target, figures.missing) == (GRIDS * HOMES, len(silent))
    assert (figures.unbound, figures.helps) == (len(strangers), len(helped))


async def test_killed_while_it_chases_it_leaves_nobody_out_and_goes_on_to_the_end(tmp_path: Path) -> None:
    rng = _seeded()
    async with warned(tmp_path, private=OPENERS) as here:
        await here.until_sent()
        homes = sorted(here.homes)
        prompt, late = homes[::3], [home for home in homes if home not in homes[::3]]
        await _press_all(here, prompt, rng, ())
        await _figures_shown(here, set(prompt))
        openers = {home: here.homes[home][0] for home in list(here.homes)[:OPENERS]}
        silent = {home: who for home, who in openers.items() if home in late}
        desks = {grid: here.town.chats[unit] for unit in COMMUNITIES for grid in here.grids if grid.startswith(unit)}
        steps: list[Marks] = [
            {grid: (chat, NUDGE) for grid, chat in here.grids.items()},
            {home: (who, REMINDER) for home, who in silent.items()},
            {grid: (desks[grid], f"{chat.title}：还有") for grid, chat in here.grids.items()},
        ]
        for number, marks in enumerate(steps, 1):
            await here.chase(number)
            await _killed_meanwhile(here, marks, rng)
        copies = [len(here.seen(*mark)) for marks in steps for mark in marks.values()]
        unasked = [who for home, who in openers.items() if home in prompt and here.seen(who, REMINDER)]

        for home in late:
            in_private = home in silent
            await here.press(here.homes[home][0], here.chat_of(home), RECEIVED, private=in_private)
        await here.until(lambda: bool(here.seen(here.town.chats[STREET], SUMMARY)))
        await _figures_shown(here, set(homes))
        assert await here.program.stop() == 0
        assert await here.program.audit() == (0, "All laws hold.\n")
        state, figures, pressed = await here.answers()

    print(f"{len(copies)} reminders, {sum(copies) - len(copies)} doubled by {3 * PER_STEP} kills")  # noqa: T201
    assert min(copies) == 1
    assert sum(copies) - len(copies) <= 3 * PER_STEP * IN_FLIGHT
    assert unasked == []
    assert (state, pressed) == (State.DONE, homes)
    assert (figures.pressed, figures.missing, figures.target) == (len(homes), 0, GRIDS * HOMES)


async def _killed_meanwhile(here: Warned, marks: Marks, rng: random.Random) -> None:
    """Kill the program again and again while a step is under way; return when it has reached everybody."""
    for kill in range(PER_STEP):
        wanted = max(1, len(marks) * (kill + 1) // (PER_STEP + 2) + rng.randrange(-2, 3))
        await here.until(partial(_reached, here, marks, wanted))
        if rng.random() < 0.5:
            await _a_send_in_flight(here)
        await here.die()
    await here.until(partial(_reached, here, marks, len(marks)))


def _reached(here: Warned, marks: Marks, wanted: int) -> bool:
    return sum(bool(here.seen(*mark)) for mark in marks.values()) >= wanted


async def _a_send_in_flight(here: Warned) -> None:
    """Return when Telegram has carried a send out and keeps its answer back, or there is nothing to send."""
    here.sandbox.fail_next(method="sendMessage", how="slow", seconds=60)
    await here.sandbox.exchange.hub.until(lambda: not here.sandbox.exchange.faults.orders, 2.0)


async def _press_all(here: Warned, homes: Sequence[str], rng: random.Random, helped: Sequence[str]) -> set[str]:
    """Everybody of *homes* presses, some twice, those of *helped* for help; returns the numbers of the presses."""
    asked = set()
    for home in homes:
        button = HELP if home in helped else RECEIVED
        for person in here.homes[home]:
            asked.add(await here.press(person, here.chat_of(home), button, again=rng.random() < 0.2))
    return asked


def _answered(here: Warned) -> set[str]:
    """The presses that the program answered, though perhaps after people had waited too long for it."""
    calls = [call for call in here.sandbox.calls if call.method.lower() == ANSWER]
    return {str(call.params["callback_query_id"]) for call in calls}


def _answers(here: Warned) -> int:
    return sum(count for name, count in here.sandbox.tally.items() if name.startswith(ANSWER))


def _some_answers(here: Warned, wanted: int) -> bool:
    return _answers(here) >= wanted


async def _figures_shown(here: Warned, pressed: set[str]) -> None:
    """Return when every chat shows how many of its households have pressed."""
    for grid, chat in here.grids.items():
        known = sum(home.startswith(f"{grid}-") for home in pressed)
        await here.until(partial(_shows, here, chat, f"已确认 {known}/{HOMES} 户"))


def _shows(here: Warned, chat: Chat, words: str) -> bool:
    return bool(here.seen(chat, words))


def _seeded() -> random.Random:
    print(f"HUYING_CRASH_SEED={SEED} HUYING_KILLS={KILLS}")  # noqa: T201 - to repeat it
    return random.Random(SEED)
