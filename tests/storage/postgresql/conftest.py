from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.databases import POSTGRESQL
from tests.routing.village import Village, village


@pytest.fixture
def engine() -> Iterator[str]:
    """Everything here is about the server."""
    with databases.on(POSTGRESQL):
        yield POSTGRESQL


@pytest.fixture
async def town(engine: str, tmp_path: Path) -> AsyncIterator[Village]:
    """The sample town, lived in through use-cases alone."""
    async with village(tmp_path) as made:
        yield made
