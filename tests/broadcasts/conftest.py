"""A village with a broadcast to its street."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.routing.village import Village, village


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Village]:
    """The sample town over a real database; its first grid has a residents' chat."""
    async with village(tmp_path) as made:
        yield made
