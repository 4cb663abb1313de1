"""Fixtures that every part of the tests may ask for."""

from collections.abc import AsyncIterator, Generator, Iterator
from itertools import groupby
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import databases
from tests.straight import chosen
from tests.town import Town, town_in
from tests.town_parts import transcript

# A busy machine makes no law untrue: how long a machine takes to think of an example decides nothing.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Spread what starts and kills processes among the other modules: it waits much, side by side even more."""
    slow = [item for item in items if "crash" in item.keywords]
    others = [item for item in items if "crash" not in item.keywords]
    modules = [list(module) for _, module in groupby(others, key=lambda item: item.path)]
    every = max(1, len(modules) // max(1, len(slow)))
    items.clear()
    for number, module in enumerate(modules):
        if number % every == 0 and slow:
            items.append(slow.pop(0))
        items += module
    items += slow


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A story that fails tells what went to and fro between the bot and Telegram."""
    report = yield
    town = getattr(item, "funcargs", {}).get("town")
    if report.when == "call" and report.failed and isinstance(town, Town):
        report.sections.append(("to and fro", transcript(town.sandbox)))
    return report


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, running."""
    async with town_in(tmp_path) as running:
        yield running


@pytest.fixture
def straight() -> Iterator[None]:
    """Whoever asks for it has towns whose bots call the local Telegram without a network between."""
    with chosen():
        yield


@pytest.fixture(params=databases.ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Whoever asks for it runs once on each engine: a module by ``pytestmark = pytest.mark.usefixtures("engine")``."""
    with databases.on(request.param):
        yield request.param
