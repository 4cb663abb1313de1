"""The histories can fail: either of these mistakes, planted in the program, is found within a few seeds."""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import pytest

from bot.ingress import Intake
from tests.simulation.history import live

pytestmark = [  # what a life had under way when it was killed is thrown away, and complains
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
MOST_SEEDS = 5


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Troubles are what these histories are made of."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def acknowledged_before_the_commit() -> AbstractContextManager[Any]:
    """Telegram is told before the rows are there."""
    keep, tasks = Intake.keep, set()

    async def soon(self: Intake, updates: Sequence[Mapping[str, Any]], offset: int | None = None) -> None:
        async def later() -> None:
            await asyncio.sleep(2)
            await keep(self, updates, offset)

        task = asyncio.create_task(later())
        tasks.add(task)

    return patch.object(Intake, "keep", soon)


def forgotten_in_flight() -> AbstractContextManager[Any]:
    """A message whose mark "being sent" was written, and whose answer was lost, is left alone."""
    return patch("bot.courier.put_back", lambda *_: None)


@pytest.mark.parametrize(
    ("planted", "first", "law"),
    [
        (acknowledged_before_the_commit, 1, "acknowledged and lost"),
        (forgotten_in_flight, 35, "not done after"),
    ],
)
def test_a_planted_mistake_is_found(planted: Callable[[], AbstractContextManager[Any]], first: int, law: str) -> None:
    with planted():
        found = (live(seed).wrong for seed in range(first, first + MOST_SEEDS))
        assert any(law in line for wrong in found for line in wrong)
