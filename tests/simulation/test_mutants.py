"""The histories can fail: each of these mistakes, planted in the program, is found within a few seeds."""

import logging
from collections.abc import Iterator

import pytest

from tests.simulation.history import live
from tests.simulation.mutants import MUTANTS, Mutant

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


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_a_planted_mistake_is_found(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.simulation.history.LONGEST_DRAIN_S", 150.0)  # what is not done by then never will be
    with mutant.plant():
        found = (live(seed).wrong for seed in range(mutant.first, mutant.first + MOST_SEEDS))
        assert any(mutant.law in line for wrong in found for line in wrong)
