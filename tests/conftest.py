"""Fixtures that every part of the tests may ask for."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import databases
from tests.town import Town, town_in

# A busy machine makes no law untrue: how long a machine takes to think of an example decides nothing.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts and kills processes comes first: it waits much, and at the end nothing is left to run beside it."""
    items.sort(key=lambda item: "crash" not in item.keywords)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, running."""
    async with town_in(tmp_path) as running:
        yield running


@pytest.fixture(params=databases.ENGINES)
def engine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Whoever asks for it runs once on each engine: a module by ``pytestmark = pytest.mark.usefixtures("engine")``."""
    with databases.on(request.param):
        yield request.param
