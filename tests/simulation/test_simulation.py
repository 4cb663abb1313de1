"""R20: whatever a seed draws, nothing is lost or done twice, every clock rings in time, and all comes right.

The short form lives a few histories. The long form: ``HUYING_SEEDS=2000 pytest tests/simulation -s``, beginning at
``HUYING_FIRST_SEED``. A history that went wrong is named with the command that lives it again.
"""

import logging
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.simulation.history import live

pytestmark = [  # what a life had under way when it was killed is thrown away, and complains
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
SEEDS = int(os.environ.get("HUYING_SEEDS", "8"))
FIRST = int(os.environ.get("HUYING_FIRST_SEED", "1"))


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    """Troubles are what these histories are made of; the program's word on each would fill the terminal."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_every_history_comes_right() -> None:
    outcomes = [live(seed) for seed in range(FIRST, FIRST + SEEDS)]

    wrong = [outcome for outcome in outcomes if outcome.wrong]
    assert not wrong, "\n".join(outcome.report() for outcome in wrong)
    assert sum(outcome.crashes for outcome in outcomes) > SEEDS // 4, "the program hardly ever died"
    assert sum(outcome.faults for outcome in outcomes) > SEEDS, "hardly anything ever failed"
    assert sum(outcome.cases for outcome in outcomes) > SEEDS, "hardly anybody reported anything"


def test_the_same_seed_is_the_same_history() -> None:
    """To the microsecond, here and in another process whose sets have another order."""
    here = live(2)
    assert here.events > 300
    assert live(2).trace == here.trace
    assert live(3).trace != here.trace

    command = [sys.executable, "-m", "tests.simulation", "2"]
    there = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}, timeout=300
    )
    assert f"trace {here.trace}" in there.stdout
