"""Fixtures that every part of the tests may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.town import Town, town_in


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    """The sample town, running."""
    async with town_in(tmp_path) as running:
        yield running
