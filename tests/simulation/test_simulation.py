"""R20: whatever a seed draws, nothing is lost or done twice, every clock rings in time, and all comes right.

The short form lives a few histories. The long form: ``HUYING_SEEDS=2000 pytest tests/simulation -s``, beginning at
``HUYING_FIRST_SEED``. A history that went wrong is named with the command that lives it again.
"""

import ast
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.simulation.history import live

pytestmark = [  # what a life had under way when it was killed is thrown away, and complains
    pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
SEEDS = int(os.environ.get("HUYING_SEEDS", "8"))
ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = ("bot", "handlers", "routing", "storage", "broadcasts")
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
    """To the microsecond, here and in another process whose sets have another order, however busy the machine is.

    In both Telegram posts a crowd of updates; in the first one the program dies while it does.
    """
    died, rushed = 3_029_658_406, 3_029_658_397
    first, here = live(died), live(rushed)
    assert min(first.events, here.events) > 300
    assert live(died).trace == first.trace != here.trace

    command = [sys.executable, "-m", "tests.simulation", str(rushed)]
    there = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONHASHSEED": "7"}, timeout=300
    )
    assert f"trace {here.trace}" in there.stdout


def test_no_clock_is_bound_where_a_history_does_not_reach_it() -> None:
    """A clock that is the default of an argument is bound when its module is read: the world puts its own there."""
    files = [file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py")]
    bound = {
        (str(file.relative_to(ROOT)), function.name)
        for file in files
        if "time." in (text := file.read_text("utf-8"))
        for function in ast.walk(ast.parse(text))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        if any(_is_clock(default) for default in (*function.args.defaults, *function.args.kw_defaults))
    }
    assert bound == {("bot/clock.py", "__init__"), ("bot/courier.py", "__init__"), ("bot/rush.py", "__init__")}


def _is_clock(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "time"
