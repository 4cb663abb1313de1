"""Every target for a moment; by hand `python -m tests.fuzz NAME --seconds 600` goes on for as long as you like."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.targets import TARGETS
from tests.fuzz.town import town

COMMAND = [sys.executable, "-m", "tests.fuzz", "callbacks", "--seconds", "3"]
LONG = int(os.environ.get("HUYING_FUZZ", "1"))
"""How many times as many examples as usual."""


@pytest.fixture(scope="module", autouse=True)
def _one_town() -> Iterator[None]:
    yield
    if town.cache_info().currsize:
        town().close()
        town.cache_clear()


@pytest.mark.parametrize("name", TARGETS)
def test_whatever_comes_in_nothing_breaks(name: str) -> None:
    target = TARGETS[name]
    chosen = settings(
        max_examples=target.examples * LONG,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # a town remembers, so a smaller failure would not be the same one
        suppress_health_check=list(HealthCheck),
    )
    chosen(given(target.inputs)(target.check))()


def test_the_fuzzer_that_sees_coverage_runs_too() -> None:
    pytest.importorskip("atheris", reason="atheris comes for Linux on x86-64 and Python before 3.14")
    ran = subprocess.run(COMMAND, capture_output=True, text=True, timeout=120, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert int(ran.stderr.split("callbacks: ")[1].split()[0]) > 100
