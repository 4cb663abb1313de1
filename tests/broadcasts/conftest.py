"""A village with a broadcast to its street, and tables in memory."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from storage.tables import metadata
from tests.routing.village import Village, village


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    """The sample town over a real database; its first grid has a residents' chat."""
    async with village(tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    """The tables of one town, empty; whoever changes them rolls that back."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()
